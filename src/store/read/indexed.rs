//! Lists that one index has as a whole: all of their rows next to each other, in the order of the list.
//!
//! Walking that index is the best plan for all values of the filter and of the cursor, so PostgreSQL needs to plan such a
//! statement only once. Of itself it plans again for the values of each request, which takes longer than reading the page, and
//! chooses a worse index where it expects many matches.

use crate::domain::{
    filter::{Collection, ConversationField, Conversations, Filter, MessageField, Messages, Predicate, Test, Value},
    page::{ConversationOrder, MessageOrder},
    words::Platform,
};

/// Whether an index has the list of messages as a whole.
pub(in crate::store) fn has_messages(filter: &Filter<Messages>, order: MessageOrder) -> bool {
    let MessageOrder::SentAt = order;
    let is_equality = |field| matches!(field, MessageField::Platform | MessageField::ChannelId);
    is_walk(&filter.predicate, is_equality, |field| field == MessageField::SentAt)
}

/// Whether an index has the list of conversations as a whole.
pub(in crate::store) fn has_conversations(filter: &Filter<Conversations>, order: ConversationOrder) -> bool {
    let is_equality =
        |field| matches!(field, ConversationField::Platform | ConversationField::ChannelId | ConversationField::IsClosed);
    is_walk(&filter.predicate, is_equality, |field| match order {
        ConversationOrder::LastMessageAt => field == ConversationField::LastMessageAt,
        ConversationOrder::StartedAt => field == ConversationField::StartedAt,
        // The number of unread messages is compared in a form that uses no index.
        ConversationOrder::UnreadCount => false,
    })
}

/// Whether a predicate only tests the columns of an index: at most one of those that rows are equal in, and the sorted one.
fn is_walk<C: Collection>(
    predicate: &Predicate<C>,
    is_equality: impl Fn(C::Field) -> bool,
    is_sorted: impl Fn(C::Field) -> bool,
) -> bool {
    fn equalities<C: Collection>(
        predicate: &Predicate<C>,
        is_equality: &impl Fn(C::Field) -> bool,
        is_sorted: &impl Fn(C::Field) -> bool,
    ) -> Option<usize> {
        match predicate {
            Predicate::All(parts) => parts.iter().map(|part| equalities(part, is_equality, is_sorted)).sum(),
            Predicate::Field(field, Test::Equal(value)) if is_equality(*field) && is_single(value) => Some(1),
            Predicate::Field(field, Test::Compare(..)) if is_sorted(*field) => Some(0),
            _ => None,
        }
    }
    equalities(predicate, &is_equality, &is_sorted).is_some_and(|equalities| equalities <= 1)
}

/// Whether a column has one value for this operand. The word for "other" stands for all values outside a list.
fn is_single(value: &Value<'_>) -> bool {
    match value {
        Value::Word(word) => Platform::LISTED.iter().any(|(listed, _)| listed == word),
        Value::Text(_) | Value::Boolean(_) => true,
        Value::Absent | Value::Int(_) | Value::Float(_) | Value::Time(_) => false,
    }
}
