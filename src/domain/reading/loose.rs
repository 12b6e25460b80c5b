//! Loosely typed JSON values, read as what they mean: ids, texts, flags, whole and decimal numbers, lists.
//!
//! A reader of a value answers `None` where the value can't be read. [`Fields`] looks values up in an object and tells the
//! three cases apart that [`Field`] knows: `null`, `""` and `[]` clear, what is missing or unreadable says nothing.

use chrono_tz::Tz;
use serde_json::{Map, Number, Value};

use super::{Unreadable, moment};
use crate::domain::{
    event::Field,
    text::{decode_uri_component, without_nul},
    time::Timestamp,
};

/// The longest an id or a word can be: both are keys of indexes, whose entries are bounded.
pub(super) const ID_MAX_BYTES: usize = 512;

/// The fields of a JSON object.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a>(&'a Map<String, Value>);

impl<'a> Fields<'a> {
    /// The fields of a value that is an object.
    pub(super) fn of(value: &'a Value) -> Option<Self> {
        value.as_object().map(Self)
    }

    /// All fields, in the order of the object.
    pub(super) fn iter(self) -> impl Iterator<Item = (&'a str, &'a Value)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// Whether there is such a field, whatever it holds.
    pub(super) fn has(self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// What a field holds, before anything is read of it.
    fn carried(self, key: &str) -> Field<&'a Value> {
        match self.0.get(key) {
            None => Field::Absent,
            Some(value) if is_empty(value) => Field::Clear,
            Some(value) => Field::Set(value),
        }
    }

    /// A field by the given reader, in which a blank string is as empty as `""`.
    pub(super) fn read<T>(self, key: &str, reader: impl FnOnce(&'a Value) -> Option<T>) -> Field<T> {
        match self.carried(key) {
            Field::Absent => Field::Absent,
            Field::Clear => Field::Clear,
            Field::Set(Value::String(text)) if text.trim().is_empty() => Field::Clear,
            Field::Set(value) => reader(value).map_or(Field::Absent, Field::Set),
        }
    }

    /// A text, blanks included.
    pub(super) fn text(self, key: &str) -> Field<String> {
        match self.carried(key) {
            Field::Absent => Field::Absent,
            Field::Clear => Field::Clear,
            Field::Set(value) => text(value).map_or(Field::Absent, Field::Set),
        }
    }

    /// A text that is sent URL-encoded.
    pub(super) fn encoded_text(self, key: &str) -> Field<String> {
        self.text(key).map(|text| decode_uri_component(&text))
    }

    /// An id that the event can do without, or a word of a list.
    pub(super) fn id(self, key: &str) -> Field<String> {
        self.read(key, id)
    }

    /// The first readable id under the given names.
    pub(super) fn first_id(self, keys: &[&str]) -> Option<String> {
        keys.iter().find_map(|key| self.id(key).set())
    }

    /// The first readable id under the given names, where there must be one: the first name is blamed if there is none.
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

    /// A flag.
    pub(super) fn flag(self, key: &str) -> Field<bool> {
        self.read(key, flag)
    }

    /// A flag that the event can't do without.
    pub(super) fn required_flag(self, key: &str) -> Result<bool, Unreadable> {
        let unreadable = || Unreadable::at(format!("$.{key}"), "true, false, 0 or 1", self.0.get(key));
        self.flag(key).set().ok_or_else(unreadable)
    }

    /// A time; a local one is in `zone`. The number 0 stands for "never" and clears.
    pub(super) fn moment(self, key: &str, zone: Tz) -> Field<Timestamp> {
        match self.read(key, Some) {
            Field::Absent => Field::Absent,
            Field::Clear => Field::Clear,
            Field::Set(value) if integer(value) == Some(0) => Field::Clear,
            Field::Set(value) => moment::read(value, zone).map_or(Field::Absent, Field::Set),
        }
    }

    /// Any JSON but the empty values.
    pub(super) fn json(self, key: &str) -> Field<Value> {
        self.carried(key).map(clean)
    }

    /// The items of a list that the given reader can read. A lone item is a list of one; empty items are none.
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

    /// The ids of a list, each of which must be readable; a list that is missing is `None`.
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

/// How the reason of an [`Unreadable`] describes an id.
fn expected_id() -> String {
    format!("an id (a number, or a string of 1 to {ID_MAX_BYTES} bytes)")
}

/// Whether a value clears its field.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
    }
}

/// The items of a list without the empty ones.
fn items(value: &Value) -> Option<Vec<&Value>> {
    match value {
        Value::Array(items) => Some(items.iter().filter(|item| !is_empty(item)).collect()),
        Value::String(_) | Value::Number(_) | Value::Object(_) => Some(vec![value]),
        Value::Null | Value::Bool(_) => None,
    }
}

/// A string or a number as text.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(without_nul(text)),
        Value::Number(number) => Some(number_text(number)),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A trimmed string or a number as an id.
pub(super) fn id(value: &Value) -> Option<String> {
    let text = text(value)?;
    let id = text.trim();
    (!id.is_empty() && id.len() <= ID_MAX_BYTES).then(|| id.to_owned())
}

/// A number in decimal digits; a float without a fraction is written as the whole number it is.
fn number_text(number: &Number) -> String {
    match number.as_f64() {
        Some(float) if number.is_f64() && float == 0.0 => "0".to_owned(),
        Some(float) if number.is_f64() => float.to_string(),
        _ => number.to_string(),
    }
}

/// 0 or 1, as a number, a boolean or a word.
fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Number(_) => match integer(value)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        },
        Value::String(word) => match word.trim() {
            "0" => Some(false),
            "1" => Some(true),
            word if word.eq_ignore_ascii_case("false") => Some(false),
            word if word.eq_ignore_ascii_case("true") => Some(true),
            _ => None,
        },
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A whole number, as a number or as a string.
pub(super) fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| exactly_whole(number.as_f64()?)),
        Value::String(text) => text.trim().parse().ok().or_else(|| exactly_whole(decimal(text)?)),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A number with or without a fraction, as a number or as a string.
pub(super) fn real(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => decimal(text),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Text in decimal notation; the words that Rust reads as floats, such as `inf`, are not numbers here.
fn decimal(text: &str) -> Option<f64> {
    let text = text.trim();
    let is_decimal = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
    text.parse().ok().filter(|number: &f64| is_decimal && number.is_finite())
}

fn exactly_whole(number: f64) -> Option<i64> {
    if number.fract() == 0.0 { rounded(number) } else { None }
}

/// The nearest whole number, up to where floats stop telling whole numbers apart.
pub(super) fn rounded(number: f64) -> Option<i64> {
    const EXACT_BELOW: f64 = 9_007_199_254_740_992.0;
    #[expect(clippy::cast_possible_truncation, reason = "whole and within 53 bits")]
    (number.abs() < EXACT_BELOW).then(|| number.round() as i64)
}

/// The value with U+0000 replaced in every string and key of it.
pub(super) fn clean(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(without_nul(text)),
        Value::Array(items) => Value::Array(items.iter().map(clean).collect()),
        Value::Object(fields) => Value::Object(fields.iter().map(|(key, value)| (without_nul(key), clean(value))).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}
