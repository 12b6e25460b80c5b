//! Looks up the fields of a payload's object by name, and reads them tolerantly.
//!
//! [`Fields`] distinguishes the three cases of [`Field`]: `null`, `""` and `[]` clear a field; a missing or unreadable field is
//! absent; anything else sets it. `loose` and `moment` read the single values.

use serde_json::{Map, Value};

use super::{
    Unreadable,
    loose::{ID_MAX_BYTES, clean, flag, id, integer, is_empty, items, text},
    moment,
};
use crate::domain::{event::Field, text::decode_uri_component, time::Timestamp, zone::Zone};

/// The fields of a JSON object.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a>(&'a Map<String, Value>);

impl<'a> Fields<'a> {
    /// The fields of a value, if it is an object.
    pub(super) fn of(value: &'a Value) -> Option<Self> {
        value.as_object().map(Self)
    }

    /// All fields, in the order of the object.
    pub(super) fn iter(self) -> impl Iterator<Item = (&'a str, &'a Value)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// Whether the field is present, with any value.
    pub(super) fn has(self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// The unparsed value of a field.
    fn carried(self, key: &str) -> Field<&'a Value> {
        match self.0.get(key) {
            None => Field::Absent,
            Some(value) if is_empty(value) => Field::Clear,
            Some(value) => Field::Set(value),
        }
    }

    /// A field parsed by `reader`. A blank string clears, like `""`.
    pub(super) fn read<T>(self, key: &str, reader: impl FnOnce(&'a Value) -> Option<T>) -> Field<T> {
        match self.carried(key) {
            Field::Absent => Field::Absent,
            Field::Clear => Field::Clear,
            Field::Set(Value::String(text)) if text.trim().is_empty() => Field::Clear,
            Field::Set(value) => reader(value).map_or(Field::Absent, Field::Set),
        }
    }

    /// A text, which may be blank.
    pub(super) fn text(self, key: &str) -> Field<String> {
        match self.carried(key) {
            Field::Absent => Field::Absent,
            Field::Clear => Field::Clear,
            Field::Set(value) => text(value).map_or(Field::Absent, Field::Set),
        }
    }

    /// A URL-encoded text.
    pub(super) fn encoded_text(self, key: &str) -> Field<String> {
        self.text(key).map(|text| decode_uri_component(&text))
    }

    /// An optional id, or a word of a list.
    pub(super) fn id(self, key: &str) -> Field<String> {
        self.read(key, id)
    }

    /// The first readable id under the given names.
    pub(super) fn first_id(self, keys: &[&str]) -> Option<String> {
        keys.iter().find_map(|key| self.id(key).set())
    }

    /// The first readable id under the given names. If there is none, the error names the first of them.
    pub(super) fn required_id(self, keys: &[&str]) -> Result<String, Unreadable> {
        self.first_id(keys).ok_or_else(|| {
            let first = keys.first().copied().unwrap_or_default();
            Unreadable::at(format!("$.{first}"), &expected_id(), self.0.get(first))
        })
    }

    /// The first text under the given names that is not blank.
    pub(super) fn first_text(self, keys: &[&str]) -> Option<String> {
        keys.iter().find_map(|key| self.read(key, text).set())
    }

    /// An optional boolean.
    pub(super) fn flag(self, key: &str) -> Field<bool> {
        self.read(key, flag)
    }

    /// A required boolean.
    pub(super) fn required_flag(self, key: &str) -> Result<bool, Unreadable> {
        let unreadable = || Unreadable::at(format!("$.{key}"), "true, false, 0 or 1", self.0.get(key));
        self.flag(key).set().ok_or_else(unreadable)
    }

    /// A time; without an offset it is local to `zone`. The number 0 means "never" and clears.
    pub(super) fn moment(self, key: &str, zone: &Zone) -> Field<Timestamp> {
        match self.read(key, Some) {
            Field::Absent => Field::Absent,
            Field::Clear => Field::Clear,
            Field::Set(value) if integer(value) == Some(0) => Field::Clear,
            Field::Set(value) => moment::read(value, zone).map_or(Field::Absent, Field::Set),
        }
    }

    /// Any JSON except the empty values.
    pub(super) fn json(self, key: &str) -> Field<Value> {
        self.carried(key).map(clean)
    }

    /// The items of a list that `item` can read. A single value counts as a list of one; empty items are skipped.
    pub(super) fn list<T>(self, key: &str, item: impl FnMut(&'a Value) -> Option<T>) -> Field<Vec<T>> {
        match self.read(key, items) {
            Field::Absent => Field::Absent,
            Field::Clear => Field::Clear,
            Field::Set(items) if items.is_empty() => Field::Clear,
            Field::Set(items) => {
                let read: Vec<T> = items.into_iter().filter_map(item).collect();
                if read.is_empty() { Field::Absent } else { Field::Set(read) }
            }
        }
    }

    /// The ids of a list, each of which must be readable; `None` if the list is missing.
    pub(super) fn required_ids(
        self,
        key: &str,
        id_of: impl Fn(&Value) -> Option<String>,
    ) -> Result<Option<Vec<String>>, Unreadable> {
        match self.carried(key) {
            Field::Absent => Ok(None),
            Field::Clear => Ok(Some(Vec::new())),
            Field::Set(Value::Array(items)) => {
                let unreadable = |at, item| Unreadable::at(format!("$.{key}[{at}]"), &expected_id(), Some(item));
                let ids = items.iter().enumerate().map(|(at, item)| id_of(item).ok_or_else(|| unreadable(at, item)));
                ids.collect::<Result<_, _>>().map(Some)
            }
            Field::Set(lone) => match id(lone) {
                Some(id) => Ok(Some(vec![id])),
                None => Err(Unreadable::at(format!("$.{key}"), "an array of ids", Some(lone))),
            },
        }
    }
}

/// The description of an id in the reason of an [`Unreadable`].
fn expected_id() -> String {
    format!("an id (a number, or a string of 1 to {ID_MAX_BYTES} bytes)")
}
