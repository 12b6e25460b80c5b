//! Where in a filter one is: for errors that name the place, and for the bounds of a filter as a whole.

use std::cell::Cell;

use async_graphql::MaybeUndefined;

use crate::{
    domain::time::Timestamp,
    graphql::error::{Error, Limit, Result},
};

/// Values in all lists of one filter together.
const MAX_VALUES: usize = 5_000;

/// Filters within filters.
const MAX_DEPTH: usize = 12;

/// Conditions in one filter together; the database bears twice as many in one expression.
const MAX_CONDITIONS: usize = 400;

/// What one filter has asked for so far.
#[derive(Default)]
pub(crate) struct Spent {
    values: Cell<usize>,
    conditions: Cell<usize>,
}

/// A place in a filter.
pub(crate) struct At<'a> {
    path: String,
    depth: usize,
    spent: &'a Spent,
    now: Timestamp,
}

impl<'a> At<'a> {
    /// The start of an argument. `now` is what "overdue" means in it.
    pub(crate) fn argument(name: &str, spent: &'a Spent, now: Timestamp) -> Self {
        Self { path: name.to_owned(), depth: 0, spent, now }
    }

    /// A field here.
    pub(super) fn field(&self, name: &str) -> Self {
        Self { path: format!("{}.{name}", self.path), depth: self.depth, spent: self.spent, now: self.now }
    }

    /// A filter within this one.
    pub(super) fn nested(&self) -> Result<Self> {
        let depth = self.depth + 1;
        self.allow(Limit::FilterDepth, MAX_DEPTH, depth)?;
        Ok(Self { path: self.path.clone(), depth, spent: self.spent, now: self.now })
    }

    /// Counts the values of a list.
    pub(super) fn count(&self, values: usize) -> Result<()> {
        let counted = self.spent.values.get() + values;
        self.spent.values.set(counted);
        self.allow(Limit::FilterValues, MAX_VALUES, counted)
    }

    fn allow(&self, limit: Limit, allowed: usize, requested: usize) -> Result<()> {
        if requested <= allowed {
            return Ok(());
        }
        Err(Error::TooMuch { limit, argument: self.path.clone().into(), allowed, requested })
    }

    /// What the request takes for now.
    pub(super) fn now(&self) -> Timestamp {
        self.now
    }

    /// What was given; an explicit null is refused, so that a forgotten variable never means "all".
    pub(super) fn given<T>(&self, value: MaybeUndefined<T>) -> Result<Option<T>> {
        match value {
            MaybeUndefined::Undefined => Ok(None),
            MaybeUndefined::Value(value) => {
                let conditions = self.spent.conditions.get() + 1;
                self.spent.conditions.set(conditions);
                self.allow(Limit::FilterConditions, MAX_CONDITIONS, conditions)?;
                Ok(Some(value))
            }
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
