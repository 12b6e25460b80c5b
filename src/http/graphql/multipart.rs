//! Writes a stream as `multipart/mixed`, in Apollo's subscription protocol 1.0: each result is the `payload` of its own part,
//! `{}` is a heartbeat, and a transport error comes with a `payload` of null and ends the stream.
//!
//! The boundary is sent directly after each part. A part is complete only once its boundary was seen, so a boundary before
//! the next part would delay each result until the next one. async-graphql's own writer does that, and leaves out
//! `payload`, so it is not used here.

use async_graphql::{Response, ServerError};
use serde::Serialize;
use serde_json::json;

use super::{
    refusal::Refusal,
    stream::{Ending, Step},
};
use crate::{
    graphql::error::code,
    http::answer::{Answer, coded, panicked},
};

const BOUNDARY: &str = "\r\n--graphql";
const END: &str = "--\r\n";

/// Writes one step of a stream.
pub(super) fn write(step: Step<'_>) -> String {
    match step {
        Step::Start => BOUNDARY.into(),
        // The protocol has no cursors.
        Step::Cursor(_) => String::new(),
        Step::Result(response, _) => result(response),
        Step::Heartbeat => part(&json!({})),
        Step::End(Ending::Complete) => END.into(),
        Step::End(Ending::Stopping) => failed(&coded(code::UNAVAILABLE, "the gateway is stopping")),
        Step::End(Ending::Credential(end)) => failed(&Refusal::from(end).error()),
        Step::End(Ending::Panicked) => failed(&panicked()),
    }
}

fn result(response: &Response) -> String {
    #[derive(Serialize)]
    struct Part<'r> {
        payload: Answer<'r>,
    }
    part(&Part { payload: Answer(response) })
}

fn failed(error: &ServerError) -> String {
    part(&json!({ "payload": null, "errors": [error] })) + END
}

fn part(body: &impl Serialize) -> String {
    let body = serde_json::to_string(body).expect("a GraphQL response is plain data");
    format!("\r\nContent-Type: application/json\r\n\r\n{body}{BOUNDARY}")
}
