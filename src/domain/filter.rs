//! Filters as data: they select the objects of a list, a statistic or a subscription.
//!
//! A [`Predicate`] is a tree over one [`Collection`]. Its leaves test a field of the object itself or a relation to other rows.
//! Each collection lists its fields in one enum, and every consumer maps that enum with one exhaustive `match`: here to the
//! value of an object in memory, in `store::filter` to a column, in `graphql::filter` to the name of an input field. So a field
//! that is missing in one of them does not compile.
//!
//! `ne`, `notIn` and `not` are the exact complement of their positive form, so a missing value is "not equal" to everything.
//! `tests/it/filters` checks that evaluation in memory and in SQL give the same result.

mod conversation;
mod customer;
mod event;
mod message;
mod staff;
mod test;
mod ticket;
mod verdict;

pub use self::{
    conversation::{ConversationField, ConversationRelation, ConversationRelationName, Conversations},
    customer::{CustomField, CustomerField, CustomerRelation, CustomerRelationName, Customers},
    event::{EventField, EventHeader, EventRelation, EventRelationName, Events},
    message::{MessageField, MessageRelation, MessageRelationName, Messages},
    staff::{StaffField, StaffMembers, StaffRelation, StaffRelationName},
    test::{Comparison, Number, Pattern, Test, Value},
    ticket::{TicketField, TicketRelation, TicketRelationName, Tickets},
    verdict::Verdict,
};
use std::{fmt::Debug, hash::Hash};

use super::time::Timestamp;

/// A type of object that can be filtered.
pub trait Collection: Copy + Debug + Default + Eq + Hash + Send + Sync + 'static {
    /// The object that is tested in memory.
    type Object;
    /// The fields stored in the object's own row.
    type Field: FieldList;
    /// The conditions on other rows.
    type Relation: RelationList;

    /// The value of a field. `now` is used to decide whether a ticket is overdue.
    fn value(object: &Self::Object, field: Self::Field, now: Timestamp) -> Value<'_>;
}

/// The fields of a collection.
pub trait FieldList: Copy + Debug + Eq + Hash + Send + Sync + 'static {
    /// Every field, in the order of the API.
    const ALL: &'static [Self];

    /// The kind of the field's values.
    fn kind(self) -> Kind;
}

/// The relations of a collection.
pub trait RelationList: Clone + Debug + Eq + Hash + Send + Sync + 'static {
    /// The name of a relation.
    type Name: Copy + 'static;
    /// Every name, in the order of the API.
    const ALL: &'static [Self::Name];
}

/// A condition on an object of a collection.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Predicate<C: Collection> {
    /// All of these hold; true if empty.
    All(Vec<Self>),
    /// At least one of these holds; false if empty.
    Any(Vec<Self>),
    /// This does not hold.
    Not(Box<Self>),
    /// The value of a field passes a test.
    Field(C::Field, Test),
    /// A condition on related rows holds.
    Relation(C::Relation),
}

impl<C: Collection> Default for Predicate<C> {
    /// Matches every object.
    fn default() -> Self {
        Self::All(Vec::new())
    }
}

impl<C: Collection> Predicate<C> {
    /// Whether an object matches, as far as its own row tells.
    pub fn verdict(&self, object: &C::Object, now: Timestamp) -> Verdict {
        match self {
            Self::All(parts) => parts.iter().fold(Verdict::Yes, |all, part| all & part.verdict(object, now)),
            // For any part to hold is the same as for not every part to fail.
            Self::Any(parts) => !parts.iter().fold(Verdict::Yes, |none, part| none & !part.verdict(object, now)),
            Self::Not(part) => !part.verdict(object, now),
            Self::Field(field, test) => test.passes(&C::value(object, *field, now)).into(),
            Self::Relation(_) => Verdict::Unknown,
        }
    }

    /// An equivalent predicate with fewer parts: lists with one element are replaced by that element.
    #[must_use]
    pub fn simplified(self) -> Self {
        let simplify = |parts: Vec<Self>, wrap: fn(Vec<Self>) -> Self| {
            let mut parts: Vec<Self> = parts.into_iter().map(Self::simplified).collect();
            if parts.len() == 1
                && let Some(only) = parts.pop()
            {
                return only;
            }
            parts.shrink_to_fit();
            wrap(parts)
        };
        match self {
            Self::All(parts) => simplify(parts, Self::All),
            Self::Any(parts) => simplify(parts, Self::Any),
            Self::Not(part) => Self::Not(Box::new(part.simplified())),
            Self::Field(..) | Self::Relation(_) => self,
        }
    }

    /// A field and the texts of which it must have one for the predicate to hold, each once, if there is such a field. Ids come
    /// first, since fewest objects share one.
    pub fn pinned(&self) -> Option<(C::Field, Vec<&str>)> {
        match self {
            Self::Field(field, Test::Equal(Value::Text(text))) => Some((*field, vec![text])),
            Self::Field(field, Test::OneOf(values)) => {
                let texts = values.iter().map(|value| match value {
                    Value::Text(text) => Some(text.as_ref()),
                    _ => None,
                });
                let mut texts: Vec<&str> = texts.collect::<Option<_>>()?;
                texts.sort_unstable();
                texts.dedup();
                Some((*field, texts))
            }
            Self::All(parts) => {
                let pinned = || parts.iter().filter_map(Self::pinned);
                pinned().find(|(field, _)| matches!(field.kind(), Kind::Id(_))).or_else(|| pinned().next())
            }
            Self::Any(_) | Self::Not(_) | Self::Field(..) | Self::Relation(_) => None,
        }
    }
}

/// A predicate, with the other arguments that select objects.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Filter<C: Collection> {
    /// Selects the objects.
    pub predicate: Predicate<C>,
    /// Whether a list of customers or tickets includes deleted ones. Does not affect relations in the predicate.
    pub include_deleted: bool,
    /// The time against which tickets are overdue.
    pub now: Timestamp,
}

impl<C: Collection> Default for Filter<C> {
    fn default() -> Self {
        Self::new(Predicate::default(), Timestamp::clamped(0))
    }
}

impl<C: Collection> Filter<C> {
    /// A filter that excludes deleted objects.
    pub fn new(predicate: Predicate<C>, now: Timestamp) -> Self {
        Self { predicate, include_deleted: false, now }
    }
}

/// A filter of customers.
pub type CustomerFilter = Filter<Customers>;
/// A filter of conversations.
pub type ConversationFilter = Filter<Conversations>;
/// A filter of messages.
pub type MessageFilter = Filter<Messages>;
/// A filter of tickets.
pub type TicketFilter = Filter<Tickets>;
/// A filter of staff members.
pub type StaffFilter = Filter<StaffMembers>;
/// A filter of events.
pub type EventFilter = Filter<Events>;

/// A condition on the elements of a to-many relation.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Members<C: Collection> {
    /// How many elements have to match.
    pub quantifier: Quantifier,
    /// The condition on an element.
    pub predicate: Box<Predicate<C>>,
}

/// How many elements of a relation match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Quantifier {
    /// At least one.
    Some,
    /// Not one.
    None,
    /// Every one; true if there are none.
    Every,
}

/// The type of a field's values, which decides how they are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Text, compared exactly or in its folded form.
    Text,
    /// A whole number.
    Int,
    /// A number.
    Float,
    /// A boolean that is never absent.
    Boolean,
    /// An instant.
    Time,
    /// The id of an object of the given type.
    Id(IdOf),
    /// A word from one of the CRM's lists.
    Word(WordList),
}

/// The type of object that an id identifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IdOf {
    /// A customer.
    Customer,
    /// A conversation.
    Conversation,
    /// A message.
    Message,
    /// A ticket.
    Ticket,
    /// A staff member.
    Staff,
}

/// The word lists. A [`Value::Word`] holds the `word()` of the list's enum in `domain::words`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WordList {
    /// Platforms.
    Platform,
    /// Directions of messages. The value is a boolean: whether the message is outbound.
    Direction,
    /// Types of messages.
    MessageType,
    /// Chat modes.
    ChatMode,
    /// Levels of tickets.
    TicketLevel,
    /// Statuses of tickets.
    TicketStatus,
    /// Kinds of events.
    EventKind,
}

/// Declares the fields of a collection, each with the kind of its values.
macro_rules! fields {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $kind:expr,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $(
                $(#[$field_doc])*
                #[doc = concat!("The field `", stringify!($field), "`.")]
                $field,
            )+
        }

        impl $crate::domain::filter::FieldList for $name {
            const ALL: &'static [Self] = &[$(Self::$field,)+];

            fn kind(self) -> $crate::domain::filter::Kind {
                match self { $(Self::$field => $kind,)+ }
            }
        }
    };
}

/// Declares the relations of a collection, and an enum of their names.
macro_rules! relations {
    ($(#[$doc:meta])* $name:ident, named $names:ident { $($(#[$relation_doc:meta])* $relation:ident($of:ty),)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$relation_doc])* $relation($of),)* }

        /// The names of the relations.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $names { $($(#[$relation_doc])* $relation,)* }

        impl $crate::domain::filter::RelationList for $name {
            type Name = $names;
            const ALL: &'static [$names] = &[$($names::$relation,)*];
        }
    };
}

use {fields, relations};
