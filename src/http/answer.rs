//! The code that all GraphQL transports share: the JSON form of a response, and errors of the transport itself.
//!
//! It knows the specification's response format, but nothing of HTTP or WebSocket.

use async_graphql::{Response, ServerError, Value};
use serde::Serialize;

use crate::graphql::error::code;
pub(super) use crate::graphql::error::coded;

/// Estimated bytes of a response around data that is already JSON.
const AROUND_BYTES: usize = 256;

/// A response as JSON, in the form the specification requires: `errors` first if there are any, and no `data` after a request
/// error.
///
/// Data written by a plan is already JSON: it comes as `Value::Binary`, which the schema does not use otherwise. It is copied
/// without parsing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer<'r>(pub(super) &'r Response);

impl Answer<'_> {
    /// The response as JSON.
    pub(super) fn to_json(self) -> Vec<u8> {
        let mut json = Vec::with_capacity(self.room());
        self.write(&mut json);
        json
    }

    /// The capacity to reserve for the JSON, to avoid reallocation. It is exact enough if the data is already JSON.
    pub(super) fn room(self) -> usize {
        match &self.0.data {
            Value::Binary(data) => data.len() + AROUND_BYTES,
            _ => AROUND_BYTES,
        }
    }

    /// Appends the response. It has no line breaks, since JSON is always written compactly.
    pub(super) fn write(self, json: &mut Vec<u8>) {
        let Self(response) = self;
        let mut opening = b'{';
        let mut name = |json: &mut Vec<u8>, name: &str| {
            json.push(std::mem::replace(&mut opening, b','));
            json.extend_from_slice(name.as_bytes());
        };
        if !response.errors.is_empty() {
            name(json, "\"errors\":");
            append(json, &response.errors);
        }
        if !is_request_error(response) {
            name(json, "\"data\":");
            match &response.data {
                Value::Binary(data) => json.extend_from_slice(data),
                data => append(json, data),
            }
        }
        if !response.extensions.is_empty() {
            name(json, "\"extensions\":");
            append(json, &response.extensions);
        }
        json.push(b'}');
    }
}

/// Appends a value as JSON.
pub(super) fn append(json: &mut Vec<u8>, value: &(impl Serialize + ?Sized)) {
    serde_json::to_writer(json, value).expect("a GraphQL response is plain data");
}

/// Whether the response is a request error, which means that nothing was executed. Only execution errors have a path.
pub(super) fn is_request_error(response: &Response) -> bool {
    response.data == Value::Null && !response.errors.is_empty() && response.errors.iter().all(|error| error.path.is_empty())
}

/// Logs that an operation panicked, and returns the error for the client.
pub(super) fn panicked() -> ServerError {
    tracing::error!("operation panicked");
    coded(code::INTERNAL, "Internal error")
}

#[cfg(test)]
mod tests {
    use async_graphql::{PathSegment, value};

    use super::*;

    fn written(response: &Response) -> String {
        String::from_utf8(Answer(response).to_json()).unwrap()
    }

    #[test]
    fn data_that_is_already_json_is_copied_unchanged() {
        // With spaces and an end that no parser would accept, to show that it is not parsed.
        let mut response = Response::new(async_graphql::Value::Binary(r#"{ "n" : 1, "#.into()));
        assert_eq!(written(&response), r#"{"data":{ "n" : 1, }"#);
        response.errors.push(coded("INTERNAL", "no").with_path(vec![PathSegment::Field("a".into())]));
        response.extensions.insert("left".to_owned(), value!(1));
        let written = written(&response);
        assert!(written.starts_with(r#"{"errors":[{"#), "{written}");
        assert!(written.ends_with(r#"],"data":{ "n" : 1, ,"extensions":{"left":1}}"#), "{written}");
    }

    #[test]
    fn data_is_present_if_something_was_executed() {
        assert_eq!(written(&Response::new(value!({ "head": null }))), r#"{"data":{"head":null}}"#);
        let failed = coded("INTERNAL", "no").with_path(vec![PathSegment::Field("a".into())]);
        let written = written(&Response::from_errors(vec![failed]));
        assert!(written.starts_with(r#"{"errors":"#) && written.ends_with(r#","data":null}"#), "{written}");
    }

    #[test]
    fn data_is_absent_if_nothing_was_executed() {
        let refused = coded("BAD_USER_INPUT", "no");
        assert_eq!(
            written(&Response::from_errors(vec![refused])),
            r#"{"errors":[{"message":"no","extensions":{"code":"BAD_USER_INPUT"}}]}"#
        );
    }
}
