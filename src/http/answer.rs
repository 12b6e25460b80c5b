//! What all GraphQL transports share: the JSON form of a response, and errors that the transport itself reports.
//!
//! Knows the specification's response format and nothing of HTTP or WebSocket.

use async_graphql::{Response, ServerError, Value};
use serde::Serialize;

use crate::graphql::error::code;
pub(super) use crate::graphql::error::coded;

/// Room for what is written around data that is JSON already.
const AROUND_BYTES: usize = 256;

/// A response as JSON, as the specification requires it: `errors` first if there are any, and no `data` after a request error.
///
/// Data that a plan has written is JSON already: it comes as `Value::Binary`, which the schema has no other use for. It is
/// copied and never parsed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer<'r>(pub(super) &'r Response);

impl Answer<'_> {
    /// The response as JSON.
    pub(super) fn to_json(self) -> Vec<u8> {
        let mut json = Vec::with_capacity(self.room());
        self.write(&mut json);
        json
    }

    /// Room for the JSON, so that it is seldom moved while it is written. It is exact enough for data that is JSON already.
    pub(super) fn room(self) -> usize {
        match &self.0.data {
            Value::Binary(data) => data.len() + AROUND_BYTES,
            _ => AROUND_BYTES,
        }
    }

    /// Appends the response. It has no line break, as JSON is written compactly everywhere.
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
        String::from_utf8(Answer(response).to_json()).unwrap()
    }

    #[test]
    fn data_that_is_json_already_is_copied_as_it_is() {
        // With spaces and an end that no parser would let pass, to show that none looks at it.
        let mut response = Response::new(async_graphql::Value::Binary(r#"{ "n" : 1, "#.into()));
        assert_eq!(written(&response), r#"{"data":{ "n" : 1, }"#);
        response.errors.push(coded("INTERNAL", "no").with_path(vec![PathSegment::Field("a".into())]));
        response.extensions.insert("left".to_owned(), value!(1));
        let written = written(&response);
        assert!(written.starts_with(r#"{"errors":[{"#), "{written}");
        assert!(written.ends_with(r#"],"data":{ "n" : 1, ,"extensions":{"left":1}}"#), "{written}");
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
