//! Stored events.

use entity::{event::Column, event_subject, message, ticket_alias};
use sea_orm::{
    ColumnTrait,
    sea_query::{Alias, Expr, ExprTrait, Query, SimpleExpr, UnionType},
};

use super::{Compiler, Stored, Table, View, any};
use crate::domain::{
    change::SubjectType,
    filter::{EventField, EventRelation, Events},
    id::SubjectIds,
    time::Timestamp,
};

impl Table for Events {
    fn stored(field: EventField, _: Timestamp, _: View) -> Stored {
        match field {
            EventField::Kind => Stored::reading(Column::Kind),
            EventField::ReceivedAt => Stored::plain(Column::ReceivedAt),
        }
    }

    fn related(relation: &EventRelation, compiler: Compiler) -> Option<SimpleExpr> {
        match relation {
            EventRelation::Subject(ids) => Some(about(ids, compiler.view)),
        }
    }
}

/// Whether an event is about one of these subjects. A ticket matches under any of its ids.
fn about(subject: &SubjectIds, view: View) -> SimpleExpr {
    let is = subject.0.iter().map(|(subject_type, id)| {
        let named = event_subject::Column::SubjectId;
        let is_named = if *subject_type == SubjectType::Ticket {
            let (known, other) = (Alias::new("known"), Alias::new("other"));
            let of = |table: &Alias, column: ticket_alias::Column| Expr::col((table.clone(), column));
            let aliases = Query::select()
                .column((other.clone(), ticket_alias::Column::Id))
                .from_as(ticket_alias::Entity, known.clone())
                .join_as(
                    sea_orm::JoinType::InnerJoin,
                    ticket_alias::Entity,
                    other.clone(),
                    of(&other, ticket_alias::Column::TicketId).eq(of(&known, ticket_alias::Column::TicketId)),
                )
                .and_where(of(&known, ticket_alias::Column::Id).eq(id.as_str()))
                .to_owned();
            named.into_expr().in_subquery(aliases)
        } else {
            named.eq(id.as_str())
        };
        event_subject::Column::SubjectType.eq(subject_type.word()).and(is_named)
    });
    let mut seqs = Query::select().column(event_subject::Column::Seq).from(event_subject::Entity).and_where(any(is)).to_owned();
    let keys: Vec<&str> =
        subject.0.iter().filter(|(kind, _)| *kind == SubjectType::Message).map(|(_, key)| key.as_str()).collect();
    if !keys.is_empty() {
        // The first event about a message is recorded in the message.
        let mut first = Query::select().column((message::Entity, message::Column::EventSeq)).to_owned();
        first.from_as(view.all_messages(), message::Entity).and_where(message::Column::Key.is_in(keys));
        seqs.union(UnionType::All, first);
    }
    Column::Seq.into_expr().in_subquery(seqs)
}
