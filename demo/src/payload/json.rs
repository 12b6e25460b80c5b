//! Numbers and times as they are written in the CRM's JSON.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

/// A number or flag in one of the types that the CRM sends.
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

/// An instant in milliseconds as a date and time.
pub(super) fn utc(ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(ms).unwrap_or_default()
}

/// ISO 8601 in UTC with milliseconds.
pub(super) fn iso(ms: i64) -> String {
    utc(ms).to_rfc3339_opts(SecondsFormat::Millis, true)
}

pub(super) fn write_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("text, numbers and lists always make JSON")
}
