//! The rows that relations lead to, as correlated subqueries. Filters of linked types nest in one another through these and
//! the compiler, so that no file of a type needs another's.

use entity::{conversation, customer, message, ticket};
use sea_orm::{
    ColumnTrait,
    sea_query::{ExprTrait, SelectStatement},
};

use super::{Table, one_of};
use crate::domain::filter::{Customers, Tickets};

/// The customer with the id in a column, deleted or not.
pub(super) fn customer(id: impl ColumnTrait) -> SelectStatement {
    one_of(customer::Entity).and_where(customer::Column::Id.into_expr().eq(id.into_expr())).to_owned()
}

/// The customer with the id in a column, if more than a deletion is known of it.
pub(super) fn seen_customer(id: impl ColumnTrait) -> SelectStatement {
    let mut row = customer(id);
    if let Some(seen) = Customers::listed(true) {
        row.and_where(seen);
    }
    row
}

/// The conversation with the id in a column.
pub(super) fn conversation(id: impl ColumnTrait) -> SelectStatement {
    one_of(conversation::Entity).and_where(conversation::Column::Id.into_expr().eq(id.into_expr())).to_owned()
}

/// The conversations of a customer.
pub(super) fn conversations_of_customer() -> SelectStatement {
    let is_of = conversation::Column::CustomerId.into_expr().eq(customer::Column::Id.into_expr());
    one_of(conversation::Entity).and_where(is_of).to_owned()
}

/// The messages of a conversation.
pub(super) fn messages_of_conversation() -> SelectStatement {
    let is_of = message::Column::ConversationId.into_expr().eq(conversation::Column::Id.into_expr());
    one_of(message::Entity).and_where(is_of).to_owned()
}

/// The tickets of a customer, without deleted ones.
pub(super) fn tickets_of_customer() -> SelectStatement {
    let mut rows = one_of(ticket::Entity);
    rows.and_where(ticket::Column::CustomerId.into_expr().eq(customer::Column::Id.into_expr()));
    if let Some(alive) = Tickets::listed(false) {
        rows.and_where(alive);
    }
    rows
}
