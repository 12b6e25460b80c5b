//! Encodes and decodes the messages of both sub-protocols: `graphql-transport-ws`, and the older `graphql-ws` of
//! subscriptions-transport-ws, which many clients still use.
//!
//! Both have the same messages under different names. So the rest of the module uses one [`Incoming`] and one [`Outgoing`], and
//! only this file knows the syntax.
//!
//! Decoding checks every field that the protocol defines, and ignores others. It never panics, and recurses no deeper than
//! `serde_json` allows.

use async_graphql::{Extensions, Request, Response, ServerError, Variables};
use serde_json::{Map, Value};

use crate::{
    graphql::persisted,
    http::answer::{Answer, append},
};

/// The maximum length of an operation's id, in bytes. Every result repeats the id.
const MAX_ID_BYTES: usize = 1024;

/// A JSON object.
pub(super) type Object = Map<String, Value>;

/// A sub-protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    /// `graphql-transport-ws`
    Transport,
    /// `graphql-ws`, the older one
    Legacy,
}

/// A message of a client.
#[derive(Debug)]
pub(super) enum Incoming {
    /// `connection_init`, with its payload.
    Init(Object),
    /// `ping`, with its payload.
    Ping(Option<Object>),
    /// `pong`.
    Pong,
    /// Starts an operation.
    Start {
        /// The id of the operation on this connection.
        id: String,
        /// The operation.
        request: Box<Request>,
    },
    /// Stops an operation.
    Stop {
        /// The id of the operation.
        id: String,
    },
    /// `connection_terminate`.
    Terminate,
}

/// A message of the server.
#[derive(Debug)]
pub(super) enum Outgoing<'a> {
    /// `connection_ack`: the client may start operations.
    Ack,
    /// The response to a ping, with the same payload.
    Pong(Option<Object>),
    /// A keep-alive message, which needs no response.
    KeepAlive,
    /// A ping that reports how far operations have read without a match. Only the current protocol has such a message.
    Progress {
        /// The ids of operations, each with its cursor.
        cursors: &'a [(&'a str, &'a str)],
    },
    /// One result of an operation.
    Next {
        /// The id of the operation.
        id: &'a str,
        /// The result.
        response: &'a Response,
    },
    /// The operation failed; nothing follows.
    Error {
        /// The id of the operation.
        id: &'a str,
        /// The errors; at least one.
        errors: &'a [ServerError],
    },
    /// The operation is complete; nothing follows.
    Complete {
        /// The id of the operation.
        id: &'a str,
    },
    /// A message of the client is refused; only the older protocol has such a message.
    Refusal {
        /// The id of the operation concerned, if it could be read.
        id: Option<&'a str>,
        /// The reason.
        message: &'a str,
    },
}

/// A message that is not valid in the sub-protocol.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Invalid {
    /// The id of the operation concerned, if it could be read.
    pub(super) id: Option<String>,
    /// What is invalid.
    pub(super) reason: String,
}

impl Invalid {
    pub(super) fn new(reason: impl Into<String>) -> Self {
        Self { id: None, reason: reason.into() }
    }
}

impl Protocol {
    /// All sub-protocols, the preferred one first.
    pub(super) const ALL: [Self; 2] = [Self::Transport, Self::Legacy];

    /// The name in `Sec-WebSocket-Protocol`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Transport => "graphql-transport-ws",
            Self::Legacy => "graphql-ws",
        }
    }

    /// Decodes a client's message.
    pub(super) fn decode(self, text: &str) -> Result<Incoming, Invalid> {
        let Ok(Value::Object(mut message)) = serde_json::from_str(text) else {
            return Err(Invalid::new("not a JSON object"));
        };
        let id = match message.remove("id") {
            Some(Value::String(id)) if (1..=MAX_ID_BYTES).contains(&id.len()) => Some(id),
            _ => None,
        };
        let Some(Value::String(kind)) = message.remove("type") else {
            return Err(Invalid { id, reason: "\"type\" is not a string".into() });
        };
        let payload = message.remove("payload");
        self.incoming(&kind, id.clone(), payload).map_err(|why| Invalid { id, reason: why.into() })
    }

    fn incoming(self, kind: &str, id: Option<String>, payload: Option<Value>) -> Result<Incoming, &'static str> {
        const NO_ID: &str = "\"id\" is not a string of 1 to 1024 bytes";
        const NO_PAYLOAD: &str = "\"payload\" is neither an object nor absent";
        Ok(match (self, kind) {
            (_, "connection_init") => Incoming::Init(object(payload, NO_PAYLOAD)?.unwrap_or_default()),
            (Self::Transport, "ping") => Incoming::Ping(object(payload, NO_PAYLOAD)?),
            (Self::Transport, "pong") => object(payload, NO_PAYLOAD).map(|_| Incoming::Pong)?,
            (Self::Transport, "subscribe") | (Self::Legacy, "start") => {
                Incoming::Start { id: id.ok_or(NO_ID)?, request: Box::new(request(payload)?) }
            }
            (Self::Transport, "complete") | (Self::Legacy, "stop") => Incoming::Stop { id: id.ok_or(NO_ID)? },
            (Self::Legacy, "connection_terminate") => Incoming::Terminate,
            _ => return Err("unknown \"type\""),
        })
    }

    /// Appends an encoded message of the server.
    pub(super) fn encode(self, message: Outgoing<'_>, out: &mut Vec<u8>) {
        let legacy = self == Self::Legacy;
        match message {
            Outgoing::Ack => write("connection_ack", None, out, None::<Nothing>),
            Outgoing::Pong(payload) => write("pong", None, out, payload.map(|payload| move |out: &mut _| append(out, &payload))),
            Outgoing::KeepAlive => write("ka", None, out, None::<Nothing>),
            Outgoing::Progress { cursors } => write("ping", None, out, Some(|out: &mut _| progress(cursors, out))),
            Outgoing::Next { id, response } => {
                let kind = if legacy { "data" } else { "next" };
                write(kind, Some(id), out, Some(|out: &mut _| Answer(response).write(out)));
            }
            Outgoing::Error { id, errors } => write(
                "error",
                Some(id),
                out,
                Some(|out: &mut _| match errors {
                    // The older protocol allows one error only.
                    [error, ..] if legacy => append(out, error),
                    errors => append(out, errors),
                }),
            ),
            Outgoing::Complete { id } => write("complete", Some(id), out, None::<Nothing>),
            Outgoing::Refusal { id, message } => {
                let kind = if id.is_some() { "error" } else { "connection_error" };
                write(kind, id, out, Some(|out: &mut _| append(out, &serde_json::json!({ "message": message }))));
            }
        }
    }
}

/// Estimated bytes of a message around its payload, without the id.
const AROUND_BYTES: usize = 64;

impl Outgoing<'_> {
    /// The capacity to reserve for the message, to avoid reallocation.
    pub(super) fn room(&self) -> usize {
        match self {
            Self::Next { id, response } => id.len() + Answer(response).room() + AROUND_BYTES,
            _ => AROUND_BYTES,
        }
    }
}

type Nothing = fn(&mut Vec<u8>);

fn write(kind: &'static str, id: Option<&str>, out: &mut Vec<u8>, payload: Option<impl FnOnce(&mut Vec<u8>)>) {
    out.push(b'{');
    if let Some(id) = id {
        out.extend_from_slice(b"\"id\":");
        append(out, id);
        out.push(b',');
    }
    for part in ["\"type\":\"", kind, "\""] {
        out.extend_from_slice(part.as_bytes());
    }
    if let Some(payload) = payload {
        out.extend_from_slice(b",\"payload\":");
        payload(out);
    }
    out.push(b'}');
}

fn progress(cursors: &[(&str, &str)], out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"cursors\":");
    let mut opening = b'{';
    for (id, cursor) in cursors {
        out.push(std::mem::replace(&mut opening, b','));
        append(out, id);
        out.push(b':');
        append(out, cursor);
    }
    out.extend_from_slice(b"}}");
}

/// A value that is an object, or absent, or null (`None`).
fn object(value: Option<Value>, otherwise: &'static str) -> Result<Option<Object>, &'static str> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(object)) => Ok(Some(object)),
        Some(_) => Err(otherwise),
    }
}

fn request(payload: Option<Value>) -> Result<Request, &'static str> {
    const NO_QUERY: &str = "\"query\" is not a string";
    let mut payload = object(payload, "\"payload\" is not an object")?.ok_or("\"payload\" is not an object")?;
    let query = match payload.remove("query") {
        Some(Value::String(query)) => Some(query),
        None | Some(Value::Null) => None,
        Some(_) => return Err(NO_QUERY),
    };
    let is_text = query.is_some();
    let mut request = Request::new(query.unwrap_or_default());
    request.operation_name = match payload.remove("operationName") {
        None | Some(Value::Null) => None,
        Some(Value::String(name)) => Some(name),
        Some(_) => return Err("\"operationName\" is neither a string nor null"),
    };
    if let Some(variables) = object(payload.remove("variables"), "\"variables\" is neither an object nor null")? {
        request.variables = Variables::from_json(Value::Object(variables));
    }
    if let Some(extensions) = object(payload.remove("extensions"), "\"extensions\" is neither an object nor null")? {
        let read = |(key, value)| Ok((key, async_graphql::Value::from_json(value)?));
        let read: serde_json::Result<_> = extensions.into_iter().map(read).collect();
        request.extensions = Extensions(read.map_err(|_| "\"extensions\" cannot be read")?);
    }
    match payload.remove("documentId") {
        None | Some(Value::Null) => {}
        Some(Value::String(id)) => persisted::set_document_id(&mut request, id),
        Some(_) => return Err("\"documentId\" is neither a string nor null"),
    }
    if is_text || persisted::is_named(&request) { Ok(request) } else { Err(NO_QUERY) }
}

#[cfg(test)]
mod tests {
    use async_graphql::Value;

    use super::*;

    fn encoded(protocol: Protocol, message: Outgoing<'_>) -> String {
        let mut out = Vec::new();
        protocol.encode(message, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_result_that_is_already_json_is_copied_into_its_message() {
        // No parser would accept it.
        let response = Response::new(Value::Binary("{ not JSON".into()));
        let next = encoded(Protocol::Transport, Outgoing::Next { id: "a\"b", response: &response });
        assert_eq!(next, r#"{"id":"a\"b","type":"next","payload":{"data":{ not JSON}}"#);
        let data = encoded(Protocol::Legacy, Outgoing::Next { id: "1", response: &response });
        assert_eq!(data, r#"{"id":"1","type":"data","payload":{"data":{ not JSON}}"#);
    }

    #[test]
    fn progress_is_a_ping_with_the_cursor_of_each_operation() {
        let cursors = [("1", "bGl2ZQ"), ("a\"b", "x")];
        let ping = encoded(Protocol::Transport, Outgoing::Progress { cursors: &cursors });
        assert_eq!(ping, r#"{"type":"ping","payload":{"cursors":{"1":"bGl2ZQ","a\"b":"x"}}}"#);
    }
}
