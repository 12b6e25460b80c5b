//! The orders that lists can be asked for, and the one each has otherwise.

use async_graphql::{Enum, InputObject};

use crate::domain::page;

/// Upwards or downwards. Rows without a value come last either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(name = "OrderDirection", remote = "page::Direction")]
pub(crate) enum OrderDirection {
    /// Ascending: earliest, smallest, or A to Z first.
    Asc,
    /// Descending: latest, greatest, or Z to A first.
    Desc,
}

/// What an order input says: what to sort by, and which way.
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
            /// What to sort by.
            field: $field,
            /// Upwards or downwards.
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
    /// An order of customers. Ties are broken by id.
    CustomerOrder by
    /// What customers can be sorted by.
    CustomerOrderField = "page::CustomerOrder" {
        /// By name, without regard to case and diacritics.
        Name,
        /// By the time the CRM created them.
        CreatedAt,
        /// By the time the CRM changed them last.
        UpdatedAt,
    }
}

order! {
    /// An order of conversations. Ties are broken by id.
    ConversationOrder by
    /// What conversations can be sorted by.
    ConversationOrderField = "page::ConversationOrder" {
        /// By the time of their last message.
        LastMessageAt,
        /// By the time they started.
        StartedAt,
        /// By the number of unread messages.
        UnreadCount,
    }
}

order! {
    /// An order of messages. Ties are broken by id.
    MessageOrder by
    /// What messages can be sorted by.
    MessageOrderField = "page::MessageOrder" {
        /// By the time they were sent.
        SentAt,
    }
}

order! {
    /// An order of tickets. Ties are broken by id.
    TicketOrder by
    /// What tickets can be sorted by.
    TicketOrderField = "page::TicketOrder" {
        /// By the time they were created.
        CreatedAt,
        /// By the time they are due.
        DueAt,
        /// By the time they were changed last.
        UpdatedAt,
        /// By urgency: HIGH ranks above MEDIUM above LOW above OTHER.
        Level,
    }
}
