//! Tickets.

use entity::{
    customer,
    ticket::{self, Column},
    ticket_alias,
};
use sea_orm::{
    ColumnTrait,
    sea_query::{Expr, ExprTrait, Query, SelectStatement, SimpleExpr},
};

use super::{
    Dialect, all,
    comparator::{Text, flag, ids, ids_by, times, truth, words},
    logic, one_of, relation,
};
use crate::{
    domain::{filter::TicketFilter, words::TicketStatus},
    store::search::{self, Searched},
};

/// What a list shows: tickets that are seen, and alive unless deleted ones are asked for.
pub(super) fn listed(include_deleted: bool) -> SimpleExpr {
    let seen = Column::VersionAt.is_not_null();
    if include_deleted { seen } else { seen.and(Column::DeletedAt.is_null()) }
}

pub(super) fn condition(filter: &TicketFilter, sql: Dialect) -> Option<SimpleExpr> {
    let column = |column: Column| column.into_expr();
    let mut parts = logic(&filter.logic, |nested| condition(nested, sql));
    parts.extend(filter.id.iter().flat_map(|is| ids_by(is, is_any, &column(Column::Id))));
    parts.extend(filter.customer_id.iter().flat_map(|is| ids(&column(Column::CustomerId), is)));
    parts.extend(filter.assignee_id.iter().flat_map(|is| ids(&column(Column::AssigneeId), is)));
    parts.extend(filter.created_by_id.iter().flat_map(|is| ids(&column(Column::CreatedById), is)));
    parts.extend(filter.level.iter().flat_map(|is| words(&column(Column::LevelKey), is)));
    parts.extend(filter.status.iter().flat_map(|is| words(&column(Column::StatusKey), is)));
    parts.extend(filter.created_at.iter().flat_map(|is| times(&column(Column::CreatedAt), is)));
    parts.extend(filter.due_at.iter().flat_map(|is| times(&column(Column::DueAt), is)));
    parts.extend(filter.updated_at.iter().flat_map(|is| times(&column(Column::UpdatedAt), is)));
    parts.extend(filter.is_reminded.iter().flat_map(|is| flag(Column::IsReminded, is)));
    if let Some((is, now)) = &filter.is_overdue {
        let overdue = column(Column::StatusKey).eq(TicketStatus::Process.word()).and(column(Column::DueAt).lt(now.as_millis()));
        parts.extend(truth(&overdue, is));
    }
    for (is, raw, folded) in [
        (&filter.name, Column::Name, Column::NameFolded),
        (&filter.type_id, Column::TypeId, Column::TypeIdFolded),
        (&filter.level_name, Column::Level, Column::LevelFolded),
        (&filter.status_name, Column::Status, Column::StatusFolded),
        (&filter.store_id, Column::StoreId, Column::StoreIdFolded),
    ] {
        parts.extend(is.iter().flat_map(|is| Text::of(raw, folded).filter(is, sql)));
    }
    parts.extend(filter.search.as_deref().map(|text| search::condition(Searched::Ticket, text, sql)));
    if let Some(of) = &filter.customer {
        let thing = one_of(customer::Entity)
            .and_where(customer::Column::Id.into_expr().eq(column(Column::CustomerId)))
            .and_where(super::customer::listed(true))
            .to_owned();
        parts.push(relation(thing, super::customer::condition(of, sql)));
    }
    all(parts)
}

/// Whether a ticket has one of these ids, under whatever name.
fn is_any(ids: &[String]) -> SimpleExpr {
    if ids.is_empty() {
        return Expr::value(false);
    }
    let named = Query::select()
        .column(ticket_alias::Column::TicketId)
        .from(ticket_alias::Entity)
        .and_where(ticket_alias::Column::Id.is_in(ids.iter().map(String::as_str)))
        .to_owned();
    Column::Id.into_expr().in_subquery(named)
}

/// The tickets of a customer, deleted ones aside, as members of a list relation.
pub(super) fn of_customer() -> SelectStatement {
    one_of(ticket::Entity)
        .and_where(Column::CustomerId.into_expr().eq(customer::Column::Id.into_expr()))
        .and_where(listed(false))
        .to_owned()
}
