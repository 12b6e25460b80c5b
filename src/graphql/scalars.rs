//! Custom scalars: `DateTime` and `JSON`.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};

use super::error::code;
use crate::domain::time::Timestamp;

/// A point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DateTime(pub(crate) Timestamp);

/// A point in time in RFC 3339 format. Output is in UTC with milliseconds: `2025-09-25T09:10:00.123Z`. Input may have any offset
/// and any number of fractional digits: `2025-09-25T16:10:00+07:00`.
#[Scalar(name = "DateTime")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        if let Value::String(text) = &value
            && let Some(at) = Timestamp::parse_rfc3339(text)
        {
            return Ok(Self(at));
        }
        let expected = "expected an RFC 3339 date and time with an offset, such as 2025-09-25T09:10:00Z";
        Err(InputValueError::custom(expected).with_extension("code", code::BAD_USER_INPUT))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

impl From<Timestamp> for DateTime {
    fn from(at: Timestamp) -> Self {
        Self(at)
    }
}

/// Any JSON value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Json(pub(crate) serde_json::Value);

/// Any JSON value as the CRM sent it: object, array, string, number, boolean or null.
#[Scalar(name = "JSON")]
impl ScalarType for Json {
    fn parse(value: Value) -> InputValueResult<Self> {
        Ok(Self(value.into_json()?))
    }

    fn to_value(&self) -> Value {
        Value::from_json(self.0.clone()).unwrap_or_default()
    }
}

/// Converts a count to GraphQL's 32-bit `Int`, saturating at its bounds.
pub(crate) fn int(count: i64) -> i32 {
    i32::try_from(count).unwrap_or(if count < 0 { i32::MIN } else { i32::MAX })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn any_rfc_3339_time_is_accepted_and_written_in_utc_with_milliseconds() {
        let shown = |text: &str| DateTime::parse(Value::String(text.into())).ok().map(|at| at.to_value());
        assert_eq!(shown("2025-09-25T16:10:00+07:00"), Some(Value::String("2025-09-25T09:10:00.000Z".into())));
        assert_eq!(shown("2025-09-25"), None);
        assert!(DateTime::parse(Value::from(1)).is_err());
    }

    #[test]
    fn json_is_returned_unchanged() {
        let value = json!({"a": [1, 2.5, null, true, "đ"], "big": 9_007_199_254_740_993_i64});
        assert_eq!(Json(value.clone()).to_value().into_json().unwrap(), value);
    }

    #[test]
    fn counts_beyond_32_bits_are_capped() {
        assert_eq!((int(7), int(i64::MAX), int(i64::MIN)), (7, i32::MAX, i32::MIN));
    }
}
