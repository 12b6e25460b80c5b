//! Tickets.

use entity::{ticket::Column, ticket_alias};
use sea_orm::{
    ColumnTrait,
    sea_query::{Expr, ExprTrait, Query, SimpleExpr},
};

use super::{Compiler, Stored, Table, View, all, negation};
use crate::{
    domain::{
        filter::{Test, TicketField, TicketRelation, Tickets, Value},
        time::Timestamp,
        words::TicketStatus,
    },
    store::search::{self, Searched},
};

impl Table for Tickets {
    fn stored(field: TicketField, now: Timestamp, _: View) -> Stored {
        match field {
            TicketField::Name => Stored::text(Column::Name, Column::NameFolded),
            TicketField::TypeId => Stored::text(Column::TypeId, Column::TypeIdFolded),
            TicketField::Level => Stored::reading(Column::LevelKey),
            TicketField::LevelName => Stored::text(Column::Level, Column::LevelFolded),
            TicketField::Status => Stored::reading(Column::StatusKey),
            TicketField::StatusName => Stored::text(Column::Status, Column::StatusFolded),
            TicketField::CustomerId => Stored::plain(Column::CustomerId),
            TicketField::StoreId => Stored::text(Column::StoreId, Column::StoreIdFolded),
            TicketField::AssigneeId => Stored::plain(Column::AssigneeId),
            TicketField::CreatedById => Stored::plain(Column::CreatedById),
            TicketField::CreatedAt => Stored::plain(Column::CreatedAt),
            TicketField::DueAt => Stored::plain(Column::DueAt),
            TicketField::UpdatedAt => Stored::plain(Column::UpdatedAt),
            TicketField::DeletedAt => Stored::plain(Column::DeletedAt),
            TicketField::IsOverdue => {
                let in_process = Column::StatusKey.eq(TicketStatus::Process.word());
                Stored::Condition(in_process.and(Column::DueAt.lt(now.as_millis())))
            }
            TicketField::IsReminded => Stored::flag(Column::IsReminded),
        }
    }

    fn related(relation: &TicketRelation, compiler: Compiler) -> Option<SimpleExpr> {
        match relation {
            TicketRelation::Id(tests) => all(tests.iter().map(has_id)),
            TicketRelation::Search(words) => Some(search::condition(Searched::Ticket, words, compiler.view)),
            TicketRelation::Customer(customer) => Some(compiler.one(compiler.known_customer(Column::CustomerId), customer)),
        }
    }

    /// Excludes tickets of which only the deletion is known.
    fn listed(include_deleted: bool) -> Option<SimpleExpr> {
        let seen = Column::VersionAt.is_not_null();
        Some(if include_deleted { seen } else { seen.and(Column::DeletedAt.is_null()) })
    }
}

/// A test of a ticket's ids; a ticket may have several.
fn has_id(test: &Test) -> SimpleExpr {
    match test {
        Test::Equal(id) => is_any(std::slice::from_ref(id)),
        Test::NotEqual(id) => negation(is_any(std::slice::from_ref(id))),
        Test::OneOf(ids) => is_any(ids),
        Test::NoneOf(ids) => negation(is_any(ids)),
        // Every ticket has an id.
        Test::Null(is_null) => Expr::value(!is_null),
        Test::Compare(..) | Test::Match(..) => Expr::value(false),
    }
}

/// Whether a ticket has one of these ids.
fn is_any(ids: &[Value<'_>]) -> SimpleExpr {
    let texts = ids.iter().filter_map(|id| if let Value::Text(text) = id { Some(text.as_ref()) } else { None });
    let texts: Vec<&str> = texts.collect();
    if texts.is_empty() {
        return Expr::value(false);
    }
    let named = Query::select()
        .column(ticket_alias::Column::TicketId)
        .from(ticket_alias::Entity)
        .and_where(ticket_alias::Column::Id.is_in(texts))
        .to_owned();
    Column::Id.into_expr().in_subquery(named)
}
