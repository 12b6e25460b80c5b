//! What all GraphQL transports share: the JSON form of a response, and errors that the transport itself reports.
//!
//! Knows the specification's response format and nothing of HTTP or WebSocket.

use async_graphql::{Response, ServerError, Value};
use serde::{
    Serialize, Serializer,
    ser::{Error as _, SerializeStruct},
};
use serde_json::value::RawValue;

use crate::graphql::error::code;
pub(super) use crate::graphql::error::coded;

/// Serialises a response as the specification requires: `errors` first if there are any, and no `data` after a request error.
/// Data that a plan has written is JSON already: it comes as `Value::Binary`, which the schema has no other use for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer<'r>(pub(super) &'r Response);

impl Serialize for Answer<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(response) = self;
        let mut written = serializer.serialize_struct("Answer", 3)?;
        if !response.errors.is_empty() {
            written.serialize_field("errors", &response.errors)?;
        }
        if !is_request_error(response) {
            match &response.data {
                Value::Binary(json) => {
                    let json: &RawValue = serde_json::from_slice(json).map_err(S::Error::custom)?;
                    written.serialize_field("data", json)?;
                }
                data => written.serialize_field("data", data)?,
            }
        }
        if !response.extensions.is_empty() {
            written.serialize_field("extensions", &response.extensions)?;
        }
        written.end()
    }
}

impl Answer<'_> {
    /// The same as JSON. It copies data that is JSON already, without parsing it.
    pub(super) fn to_json(self) -> Vec<u8> {
        const PLAIN: &str = "a GraphQL response is plain data";
        let Self(response) = self;
        let Value::Binary(data) = &response.data else { return serde_json::to_vec(&self).expect(PLAIN) };
        let mut json = Vec::with_capacity(data.len() + 256);
        json.push(b'{');
        if !response.errors.is_empty() {
            json.extend_from_slice(b"\"errors\":");
            serde_json::to_writer(&mut json, &response.errors).expect(PLAIN);
            json.push(b',');
        }
        json.extend_from_slice(b"\"data\":");
        json.extend_from_slice(data);
        if !response.extensions.is_empty() {
            json.extend_from_slice(b",\"extensions\":");
            serde_json::to_writer(&mut json, &response.extensions).expect(PLAIN);
        }
        json.push(b'}');
        json
    }
}

/// Whether the response is a request error, so that nothing was executed. Only execution errors have a path.
pub(super) fn is_request_error(response: &Response) -> bool {
    response.data == Value::Null && !response.errors.is_empty() && response.errors.iter().all(|error| error.path.is_empty())
}

/// Logs that an operation panicked, and makes the error that the client gets.
pub(super) fn panicked() -> ServerError {
    tracing::error!("operation panicked");
    coded(code::INTERNAL, "Internal error")
}

#[cfg(test)]
mod tests {
    use async_graphql::{PathSegment, value};

    use super::*;

    fn written(response: &Response) -> String {
        serde_json::to_string(&Answer(response)).unwrap()
    }

    #[test]
    fn data_is_there_whenever_something_was_executed() {
        assert_eq!(written(&Response::new(value!({ "head": null }))), r#"{"data":{"head":null}}"#);
        let failed = coded("INTERNAL", "no").with_path(vec![PathSegment::Field("a".into())]);
        let written = written(&Response::from_errors(vec![failed]));
        assert!(written.starts_with(r#"{"errors":"#) && written.ends_with(r#","data":null}"#), "{written}");
    }

    #[test]
    fn data_is_absent_when_nothing_was_executed() {
        let refused = coded("BAD_USER_INPUT", "no");
        assert_eq!(
            written(&Response::from_errors(vec![refused])),
            r#"{"errors":[{"message":"no","extensions":{"code":"BAD_USER_INPUT"}}]}"#
        );
    }
}
