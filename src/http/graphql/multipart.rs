//! Writes a stream as `multipart/mixed`, in Apollo's subscription protocol 1.0: each result is the `payload` of its own part,
//! `{}` is a heartbeat, and a transport error has a `payload` of null and ends the stream.
//!
//! The boundary is sent directly after each part. A client considers a part complete only when it has seen the following
//! boundary, so writing the boundary before the next part would delay each result until the next one. async-graphql's own
//! writer does that, and omits `payload`, so it is not used here.

use async_graphql::{Response, ServerError};

use super::{
    refusal::Refusal,
    stream::{Ending, Step},
};
use crate::{
    graphql::error::code,
    http::answer::{Answer, append, coded, panicked},
};

const HEAD: &[u8] = b"\r\nContent-Type: application/json\r\n\r\n";
const BOUNDARY: &[u8] = b"\r\n--graphql";
const END: &[u8] = b"--\r\n";

/// Writes one step of a stream.
pub(super) fn write(step: Step<'_>, out: &mut Vec<u8>) {
    match step {
        Step::Start => out.extend_from_slice(BOUNDARY),
        // The protocol has no cursors.
        Step::Cursor(_) => {}
        Step::Result(response, _) => result(response, out),
        Step::Heartbeat(_) => part(out, |out| out.extend_from_slice(b"{}")),
        Step::End(Ending::Complete) => out.extend_from_slice(END),
        Step::End(Ending::Stopping) => failed(&coded(code::UNAVAILABLE, "the gateway is stopping"), out),
        Step::End(Ending::Credential(end)) => failed(&Refusal::from(end).error(), out),
        Step::End(Ending::Panicked) => failed(&panicked(), out),
    }
}

fn result(response: &Response, out: &mut Vec<u8>) {
    part(out, |out| {
        out.extend_from_slice(b"{\"payload\":");
        Answer(response).write(out);
        out.push(b'}');
    });
}

fn failed(error: &ServerError, out: &mut Vec<u8>) {
    part(out, |out| {
        out.extend_from_slice(b"{\"payload\":null,\"errors\":");
        append(out, std::slice::from_ref(error));
        out.push(b'}');
    });
    out.extend_from_slice(END);
}

fn part(out: &mut Vec<u8>, body: impl FnOnce(&mut Vec<u8>)) {
    out.extend_from_slice(HEAD);
    body(out);
    out.extend_from_slice(BOUNDARY);
}
