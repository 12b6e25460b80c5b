//! Where in a filter one is: for errors that name the place, and for the bounds of a filter as a whole.

use std::cell::Cell;

use async_graphql::MaybeUndefined;

use crate::{
    domain::time::Timestamp,
    graphql::error::{Error, Result},
};

/// Values in all lists of one filter together.
const MAX_VALUES: usize = 5_000;

/// Filters within filters.
const MAX_DEPTH: usize = 12;

/// A place in a filter.
pub(crate) struct At<'a> {
    path: String,
    depth: usize,
    values: &'a Cell<usize>,
    now: Timestamp,
}

impl<'a> At<'a> {
    /// The start of an argument. `now` is what "overdue" means in it.
    pub(crate) fn argument(name: &str, values: &'a Cell<usize>, now: Timestamp) -> Self {
        Self { path: name.to_owned(), depth: 0, values, now }
    }

    /// A field here.
    pub(super) fn field(&self, name: &str) -> Self {
        Self { path: format!("{}.{name}", self.path), depth: self.depth, values: self.values, now: self.now }
    }

    /// A filter within this one.
    pub(super) fn nested(&self) -> Result<Self> {
        let depth = self.depth + 1;
        if depth > MAX_DEPTH {
            return Err(Error::TooMuch {
                limit: "filterDepth",
                argument: self.path.clone().into(),
                allowed: MAX_DEPTH,
                asked: depth,
            });
        }
        Ok(Self { path: self.path.clone(), depth, values: self.values, now: self.now })
    }

    /// Counts the values of a list.
    pub(super) fn count(&self, values: usize) -> Result<()> {
        let counted = self.values.get() + values;
        self.values.set(counted);
        if counted > MAX_VALUES {
            return Err(Error::TooMuch {
                limit: "filterValues",
                argument: self.path.clone().into(),
                allowed: MAX_VALUES,
                asked: counted,
            });
        }
        Ok(())
    }

    /// What the request takes for now.
    pub(super) fn now(&self) -> Timestamp {
        self.now
    }

    /// What was given; an explicit null is refused, so that a forgotten variable never means "all".
    pub(super) fn given<T>(&self, value: MaybeUndefined<T>) -> Result<Option<T>> {
        match value {
            MaybeUndefined::Undefined => Ok(None),
            MaybeUndefined::Value(value) => Ok(Some(value)),
            MaybeUndefined::Null => {
                let path = &self.path;
                let message = format!(
                    "`{path}` is null: leave it out to ask for nothing there, or use `isNull` to ask for what has no value"
                );
                Err(self.wrong(message))
            }
        }
    }

    /// Something here is not what was expected.
    pub(super) fn wrong(&self, message: String) -> Error {
        Error::BadInput { argument: self.path.clone().into(), message }
    }
}
