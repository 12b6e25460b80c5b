//! A path within a filter: names the place in errors, and counts towards the limits of the whole filter.

use std::cell::Cell;

use async_graphql::Value;

use crate::graphql::error::{Error, Limit, Result};

/// The largest number of values in all lists of one filter.
const MAX_VALUES: usize = 5_000;

/// The deepest nesting of filters.
const MAX_DEPTH: usize = 12;

/// The largest number of conditions in one filter. Databases accept twice as many in one expression.
const MAX_CONDITIONS: usize = 400;

/// The amount of each limit that a filter has used so far.
#[derive(Default)]
pub(super) struct Spent {
    values: Cell<usize>,
    conditions: Cell<usize>,
}

/// A path within a filter. It is formatted only for an error.
pub(super) struct At<'a> {
    parent: Option<&'a Self>,
    name: &'a str,
    depth: usize,
    spent: &'a Spent,
}

impl<'a> At<'a> {
    /// The path of a whole argument.
    pub(super) fn argument(name: &'a str, spent: &'a Spent) -> Self {
        Self { parent: None, name, depth: 0, spent }
    }

    /// Enters a filter nested at this path.
    pub(super) fn nested(&self) -> Result<Self> {
        let depth = self.depth + 1;
        self.allow(Limit::FilterDepth, MAX_DEPTH, depth)?;
        Ok(Self { parent: self.parent, name: self.name, depth, spent: self.spent })
    }

    /// A field of the object at this path and the field's own path, if it is present. An explicit null is refused, so that a
    /// forgotten variable never means "all".
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

    /// Counts the values of a list towards the limit.
    pub(super) fn count(&self, values: usize) -> Result<()> {
        let counted = self.spent.values.get() + values;
        self.spent.values.set(counted);
        self.allow(Limit::FilterValues, MAX_VALUES, counted)
    }

    /// The error for an invalid value at this path.
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

/// The items of a list. A single value counts as a list of one (GraphQL specification, section 3.11).
pub(super) fn items(value: &Value) -> &[Value] {
    match value {
        Value::List(items) => items,
        single => std::slice::from_ref(single),
    }
}
