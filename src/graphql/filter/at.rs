//! A place in a filter: for errors that name it, and for the limits of a filter as a whole.

use std::cell::Cell;

use async_graphql::Value;

use crate::graphql::error::{Error, Limit, Result};

/// Values in all lists of one filter together.
const MAX_VALUES: usize = 5_000;

/// Filters within filters.
const MAX_DEPTH: usize = 12;

/// Conditions in one filter together; the database bears twice as many in one expression.
const MAX_CONDITIONS: usize = 400;

/// What one filter has used of its limits so far.
#[derive(Default)]
pub(super) struct Spent {
    values: Cell<usize>,
    conditions: Cell<usize>,
}

/// A place in a filter. Its path is spelled out only for an error.
pub(super) struct At<'a> {
    parent: Option<&'a Self>,
    name: &'a str,
    depth: usize,
    spent: &'a Spent,
}

impl<'a> At<'a> {
    /// An argument as a whole.
    pub(super) fn argument(name: &'a str, spent: &'a Spent) -> Self {
        Self { parent: None, name, depth: 0, spent }
    }

    /// The filter that is at this place.
    pub(super) fn nested(&self) -> Result<Self> {
        let depth = self.depth + 1;
        self.allow(Limit::FilterDepth, MAX_DEPTH, depth)?;
        Ok(Self { parent: self.parent, name: self.name, depth, spent: self.spent })
    }

    /// A field of the object at this place, with its place, if it was given. An explicit null is refused, so that a variable
    /// that was forgotten never means "all".
    pub(super) fn given<'s, 'v>(&'s self, object: &'v Value, name: &'s str) -> Result<Option<(&'v Value, At<'s>)>>
    where
        'a: 's,
    {
        let Value::Object(fields) = object else { return Err(self.wrong("expected an object".to_owned())) };
        let Some(value) = fields.get(name) else { return Ok(None) };
        let at = At { parent: Some(self), name, depth: self.depth, spent: self.spent };
        if *value == Value::Null {
            let path = at.path();
            return Err(at.wrong(format!(
                "`{path}` is null: leave it out to set no condition, or use `isNull` to find what has no value"
            )));
        }
        let conditions = self.spent.conditions.get() + 1;
        self.spent.conditions.set(conditions);
        at.allow(Limit::FilterConditions, MAX_CONDITIONS, conditions)?;
        Ok(Some((value, at)))
    }

    /// Counts the values of a list.
    pub(super) fn count(&self, values: usize) -> Result<()> {
        let counted = self.spent.values.get() + values;
        self.spent.values.set(counted);
        self.allow(Limit::FilterValues, MAX_VALUES, counted)
    }

    /// The error that the value at this place is not what was expected.
    pub(super) fn wrong(&self, message: String) -> Error {
        Error::BadInput { argument: self.path().into(), message }
    }

    fn allow(&self, limit: Limit, allowed: usize, requested: usize) -> Result<()> {
        if requested <= allowed {
            return Ok(());
        }
        Err(Error::TooMuch { limit, argument: self.path().into(), allowed, requested })
    }

    fn path(&self) -> String {
        self.parent.map_or_else(|| self.name.to_owned(), |parent| format!("{}.{}", parent.path(), self.name))
    }
}

/// The items of a list; a single value stands for a list of itself (GraphQL specification, section 3.11).
pub(super) fn items(value: &Value) -> &[Value] {
    match value {
        Value::List(items) => items,
        single => std::slice::from_ref(single),
    }
}
