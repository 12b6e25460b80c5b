//! `multipart/mixed` as Apollo's subscription protocol 1.0 has it: each result is the `payload` of a part of its own, `{}` is
//! a sign of life, and an error of the transport stands beside a `payload` of null, after which nothing follows.
//!
//! The boundary goes out behind each part and not before the next one: a client takes a part for complete when it sees the
//! boundary, and would otherwise show each result only when the one after it comes. async-graphql's own writer does that,
//! and leaves out the `payload`, so it is not used here.

use async_graphql::{Response, ServerError};
use serde::Serialize;
use serde_json::json;

use super::stream::{Ending, Step};
use crate::{
    graphql::error::code,
    http::answer::{Answer, coded, panicked},
};

const BOUNDARY: &str = "\r\n--graphql";
const END: &str = "--\r\n";

/// A step in the words of this protocol.
pub(super) fn write(step: Step<'_>) -> String {
    match step {
        Step::Begun => BOUNDARY.into(),
        // The protocol has no word for it.
        Step::At(_) => String::new(),
        Step::Result(response, _) => result(response),
        Step::Alive => part(&json!({})),
        Step::Ended(Ending::Complete) => END.into(),
        Step::Ended(Ending::Stopping) => failed(&coded(code::UNAVAILABLE, "the gateway is stopping")),
        Step::Ended(Ending::Panicked) => failed(&panicked()),
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
