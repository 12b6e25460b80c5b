//! Filters as SQL: the one place where a filter becomes a condition. Its in-memory counterpart is `domain::filter`, and
//! a property test holds the two equal.
//!
//! SQL's logic has three values: a comparison with NULL is neither true nor false. Conditions here may be NULL where a
//! value is missing, which `WHERE`, `AND` and `OR` read as false; a complement is therefore always [`negation`], which
//! reads it so too. Relations are correlated subqueries; a table's name in one means the nearest around it, and no
//! relation leads from a table to itself.

mod comparator;
mod conversation;
mod customer;
mod event;
mod message;
mod staff;
mod ticket;

use sea_orm::{
    Condition,
    sea_query::{Expr, ExprTrait, Func, Query, SelectStatement, SimpleExpr},
};

use super::dialect::Dialect;
use crate::domain::filter::{
    ConversationFilter, CustomerFilter, EventFilter, ListFilter, Logic, MessageFilter, StaffFilter, TicketFilter,
};

/// Customers that are seen and, unless asked for otherwise, alive.
pub(super) fn customers(filter: &CustomerFilter, sql: Dialect) -> Condition {
    Condition::all().add(customer::listed(filter.include_deleted)).add_option(customer::condition(filter, sql))
}

/// Tickets that are seen and, unless asked for otherwise, alive.
pub(super) fn tickets(filter: &TicketFilter, sql: Dialect) -> Condition {
    Condition::all().add(ticket::listed(filter.include_deleted)).add_option(ticket::condition(filter, sql))
}

/// Conversations.
pub(super) fn conversations(filter: &ConversationFilter, sql: Dialect) -> Condition {
    Condition::all().add_option(conversation::condition(filter, sql))
}

/// Messages.
pub(super) fn messages(filter: &MessageFilter, sql: Dialect) -> Condition {
    Condition::all().add_option(message::condition(filter, sql))
}

/// Staff members.
pub(super) fn staff(filter: &StaffFilter, sql: Dialect) -> Condition {
    Condition::all().add_option(staff::condition(filter, sql))
}

/// Events.
pub(super) fn events(filter: &EventFilter) -> Condition {
    Condition::all().add_option(event::condition(filter))
}

/// True where the condition is not true: also where it is NULL.
fn negation(condition: SimpleExpr) -> SimpleExpr {
    settled(condition).not()
}

/// The condition with NULL read as false, and as an expression that no index serves.
fn settled(condition: SimpleExpr) -> SimpleExpr {
    Expr::expr(Func::coalesce([condition, Expr::value(false)]))
}

/// All of the parts; `None` where there are none, which is true.
fn all(parts: impl IntoIterator<Item = SimpleExpr>) -> Option<SimpleExpr> {
    parts.into_iter().reduce(ExprTrait::and)
}

/// Any of the parts; false where there are none.
fn any(parts: impl IntoIterator<Item = SimpleExpr>) -> SimpleExpr {
    parts.into_iter().reduce(ExprTrait::or).unwrap_or_else(|| Expr::value(false))
}

/// The nesting of a filter.
fn logic<F>(logic: &Logic<F>, condition: impl Fn(&F) -> Option<SimpleExpr>) -> Vec<SimpleExpr> {
    let mut parts: Vec<SimpleExpr> = logic.and.iter().filter_map(&condition).collect();
    if let Some(alternatives) = &logic.or {
        let alternatives: Vec<Option<SimpleExpr>> = alternatives.iter().map(&condition).collect();
        // An alternative that is always true makes the whole so.
        if alternatives.iter().all(Option::is_some) {
            parts.push(any(alternatives.into_iter().flatten()));
        }
    }
    if let Some(not) = &logic.not {
        parts.push(condition(not).map_or_else(|| Expr::value(false), negation));
    }
    parts
}

/// A list relation: `members` selects the rows that belong to the thing. They are found by whose they are and then looked
/// at: a planner without statistics takes the index of any other condition for as good, and would read everyone's.
fn list<F>(filter: &ListFilter<F>, members: &SelectStatement, condition: impl Fn(&F) -> Option<SimpleExpr>) -> Vec<SimpleExpr> {
    let with = |part: Option<SimpleExpr>| {
        let mut members = members.clone();
        if let Some(part) = part {
            members.and_where(settled(part));
        }
        Expr::exists(members)
    };
    let mut parts = Vec::new();
    if let Some(some) = &filter.some {
        parts.push(with(condition(some)));
    }
    if let Some(none) = &filter.none {
        parts.push(with(condition(none)).not());
    }
    if let Some(every) = filter.every.as_deref().and_then(&condition) {
        parts.push(with(Some(negation(every))).not());
    }
    parts
}

/// A relation to one thing, which must be there: `thing` selects it.
fn relation(thing: SelectStatement, part: Option<SimpleExpr>) -> SimpleExpr {
    let mut thing = thing;
    if let Some(part) = part {
        thing.and_where(part);
    }
    Expr::exists(thing)
}

/// The start of a correlated subquery.
fn one_of(table: impl sea_orm::sea_query::IntoTableRef) -> SelectStatement {
    Query::select().expr(Expr::value(1)).from(table).to_owned()
}
