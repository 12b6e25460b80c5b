//! Reads loosely typed JSON values: ids, texts, booleans, whole and decimal numbers, lists.
//!
//! Each function returns `None` if the value is unreadable.

use serde_json::{Number, Value};

use crate::domain::text::without_nul;

/// The longest id or word, in bytes. Both are index keys, whose size is limited.
pub(super) const ID_MAX_BYTES: usize = 512;

/// Whether a value clears its field.
pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
    }
}

/// The non-empty items of a list.
pub(super) fn items(value: &Value) -> Option<Vec<&Value>> {
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

/// A number in decimal digits; a float without a fraction is written as an integer.
fn number_text(number: &Number) -> String {
    match number.as_f64() {
        Some(float) if number.is_f64() && float == 0.0 => "0".to_owned(),
        Some(float) if number.is_f64() => float.to_string(),
        _ => number.to_string(),
    }
}

/// A boolean, from 0 or 1, a boolean or a word.
pub(super) fn flag(value: &Value) -> Option<bool> {
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

/// A whole number, from a number or a string.
pub(super) fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| exactly_whole(number.as_f64()?)),
        Value::String(text) => text.trim().parse().ok().or_else(|| exactly_whole(decimal(text)?)),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A decimal number, from a number or a string.
pub(super) fn real(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => decimal(text),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Parses decimal notation; words that Rust parses as floats, such as `inf`, are refused.
fn decimal(text: &str) -> Option<f64> {
    let text = text.trim();
    let is_decimal = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
    text.parse().ok().filter(|number: &f64| is_decimal && number.is_finite())
}

fn exactly_whole(number: f64) -> Option<i64> {
    if number.fract() == 0.0 { rounded(number) } else { None }
}

/// The nearest integer; `None` beyond 53 bits, where floats can't represent every integer.
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
