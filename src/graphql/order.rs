//! The order inputs of lists.

use async_graphql::{Enum, InputObject};

use crate::domain::page;

/// The direction of an order. Items without a value come last in both directions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(name = "OrderDirection", remote = "page::Direction")]
pub(crate) enum OrderDirection {
    /// Ascending: earliest first, smallest first, A to Z.
    Asc,
    /// Descending: latest first, largest first, Z to A.
    Desc,
}

/// The value of an order input: field and direction.
pub(crate) type Choice<O> = (O, page::Direction);

macro_rules! order {
    ($(#[$doc:meta])* $order:ident by $(#[$field_doc:meta])* $field:ident = $remote:literal { $($(#[$value_doc:meta])* $value:ident,)+ }) => {
        $(#[$field_doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
        #[graphql(remote = $remote)]
        pub(crate) enum $field {
            $($(#[$value_doc])* $value,)+
        }

        $(#[$doc])*
        #[derive(Clone, Copy, Debug, InputObject)]
        pub(crate) struct $order {
            /// The field to sort by.
            field: $field,
            /// The direction to sort in.
            #[graphql(default_with = "OrderDirection::Desc")]
            direction: OrderDirection,
        }

        impl From<$order> for Choice<page::$order> {
            fn from(order: $order) -> Self {
                (order.field.into(), order.direction.into())
            }
        }
    };
}

order! {
    /// The order of a list of customers. Ties are broken by id.
    CustomerOrder by
    /// The fields that customers can be sorted by.
    CustomerOrderField = "page::CustomerOrder" {
        /// By `name`, ignoring case and diacritics.
        Name,
        /// By `createdAt`.
        CreatedAt,
        /// By `updatedAt`.
        UpdatedAt,
    }
}

order! {
    /// The order of a list of conversations. Ties are broken by id.
    ConversationOrder by
    /// The fields that conversations can be sorted by.
    ConversationOrderField = "page::ConversationOrder" {
        /// By `lastMessageAt`.
        LastMessageAt,
        /// By `startedAt`.
        StartedAt,
        /// By `unreadCount`.
        UnreadCount,
    }
}

order! {
    /// The order of a list of messages. Ties are broken by id.
    MessageOrder by
    /// The fields that messages can be sorted by.
    MessageOrderField = "page::MessageOrder" {
        /// By `sentAt`.
        SentAt,
    }
}

order! {
    /// The order of a list of tickets. Ties are broken by id.
    TicketOrder by
    /// The fields that tickets can be sorted by.
    TicketOrderField = "page::TicketOrder" {
        /// By `createdAt`.
        CreatedAt,
        /// By `dueAt`.
        DueAt,
        /// By `updatedAt`.
        UpdatedAt,
        /// By `level`, from least to most urgent: `OTHER`, `LOW`, `MEDIUM`, `HIGH`.
        Level,
    }
}
