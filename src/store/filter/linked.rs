//! The related rows of relations, as correlated subqueries. Filters of linked types are nested through these functions, so
//! that no type's file depends on another's.

use entity::{conversation, customer, message, ticket};
use sea_orm::{
    ColumnTrait,
    sea_query::{ExprTrait, SelectStatement},
};

use super::{Compiler, Table};
use crate::domain::filter::{Customers, Tickets};

impl Compiler {
    /// The customer linked to a conversation or message, deleted or not.
    pub(super) fn linked_customer(self, link: impl ColumnTrait) -> SelectStatement {
        let link = self.view.customer_link(link);
        self.one_of(customer::Entity).and_where(customer::Column::Id.into_expr().eq(link)).to_owned()
    }

    /// The customer whose id is in a column, unless only its deletion is known.
    pub(super) fn known_customer(self, id: impl ColumnTrait) -> SelectStatement {
        let mut row = self.one_of(customer::Entity);
        row.and_where(customer::Column::Id.into_expr().eq(id.into_expr()));
        if let Some(seen) = Customers::listed(true) {
            row.and_where(seen);
        }
        row
    }

    /// The conversation whose id is in a column.
    pub(super) fn conversation(self, id: impl ColumnTrait) -> SelectStatement {
        self.one_of(conversation::Entity).and_where(conversation::Column::Id.into_expr().eq(id.into_expr())).to_owned()
    }

    /// The conversations of a customer.
    pub(super) fn conversations_of_customer(self) -> SelectStatement {
        let link = self.view.customer_link(conversation::Column::CustomerId);
        self.one_of(conversation::Entity).and_where(link.eq(customer::Column::Id.into_expr())).to_owned()
    }

    /// The messages of a conversation.
    pub(super) fn messages_of_conversation(self) -> SelectStatement {
        let is_of = message::Column::ConversationId.into_expr().eq(conversation::Column::Id.into_expr());
        self.one_of(message::Entity).and_where(is_of).to_owned()
    }

    /// The tickets of a customer, without deleted ones.
    pub(super) fn tickets_of_customer(self) -> SelectStatement {
        let mut rows = self.one_of(ticket::Entity);
        rows.and_where(ticket::Column::CustomerId.into_expr().eq(customer::Column::Id.into_expr()));
        if let Some(alive) = Tickets::listed(false) {
            rows.and_where(alive);
        }
        rows
    }
}
