//! Filters as clients write them, and what they become in `domain`. An explicit null is refused everywhere inside a filter,
//! so that a forgotten variable never means "all"; ids are taken apart here; what is too much is refused by name.

mod at;
mod comparators;
mod inputs;

pub(crate) use self::{
    at::{At, Spent},
    inputs::{ConversationFilter, CustomerFilter, EventFilter, MessageFilter, StaffFilter, TicketFilter},
};
use super::error::Result;
use crate::domain::{filter, time::Timestamp};

/// An argument `filter`.
pub(crate) trait FilterInput: Sized {
    /// What it becomes.
    type Filter: Default;

    /// What it means. `now` is what "overdue" means in it.
    fn meaning(self, now: Timestamp) -> Result<Self::Filter>;

    /// The meaning of an argument that may be left out.
    fn of(given: Option<Self>, now: Timestamp) -> Result<Self::Filter> {
        given.map_or_else(|| Ok(Self::Filter::default()), |filter| filter.meaning(now))
    }
}

macro_rules! filter_input {
    ($($name:ident),+) => {$(
        impl FilterInput for $name {
            type Filter = filter::$name;

            fn meaning(self, now: Timestamp) -> Result<filter::$name> {
                self.read(&At::argument("filter", &Spent::default(), now))
            }
        }
    )+};
}

filter_input!(ConversationFilter, CustomerFilter, EventFilter, MessageFilter, StaffFilter, TicketFilter);
