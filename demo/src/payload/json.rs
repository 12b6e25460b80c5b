//! Numbers and times in the forms used in the CRM's JSON.

use jiff::{SignedDuration, civil::DateTime};
use serde::Serialize;

/// A number or flag in one of the types used by the CRM.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Loose {
    Number(i64),
    Text(String),
    Flag(bool),
}

impl Loose {
    /// The number, or its digits as text.
    pub(super) fn number(value: i64, is_text: bool) -> Self {
        if is_text { Self::Text(value.to_string()) } else { Self::Number(value) }
    }
}

/// An instant in milliseconds as its date and time in UTC.
pub(super) fn utc(ms: i64) -> DateTime {
    DateTime::constant(1970, 1, 1, 0, 0, 0, 0).saturating_add(SignedDuration::from_millis(ms))
}

/// ISO 8601 in UTC with milliseconds.
pub(super) fn iso(ms: i64) -> String {
    format!("{:.3}Z", utc(ms))
}

pub(super) fn write_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("text, numbers and lists always make JSON")
}
