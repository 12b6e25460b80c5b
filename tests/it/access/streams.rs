//! Subscriptions on the three transports, followed until they end.

use std::time::Instant;

use serde_json::{Value, json};
use tokio::time::sleep;

use super::entry_points::{EVENTS, PARTS, post, socket};
use crate::support::{
    fixed::RETRY,
    message,
    streamed::{Events, Parts},
    websocket::Client,
};

const MESSAGES: &str = "subscription { messageAdded { message { sourceId } } }";

/// A subscription to new messages.
pub(super) enum Stream {
    Socket(Box<Client>),
    Events(Events),
    Parts(Parts),
}

/// How a stream ended: its close code and reason, or the code and message of its last error.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ended {
    Closed(u16, String),
    Error(String, String),
}

/// The results of a stream.
pub(super) struct Followed {
    /// The ids of the messages received.
    pub(super) ids: Vec<String>,
    pub(super) ended: Ended,
    pub(super) at: Instant,
}

impl Stream {
    /// One stream over each transport. They are running once [`Self::id`] has returned one.
    pub(super) async fn all(base: &str, credential: &str) -> Vec<Self> {
        let authorization = format!("Bearer {credential}");
        let mut socket = socket(base, "graphql-transport-ws", None, Some(&authorization)).await;
        assert_eq!(socket.receive().await["type"], "connection_ack");
        socket.subscribe("1", MESSAGES).await;
        let post = async |accept| post(base, accept, Some(&authorization), MESSAGES, json!({})).await;
        vec![
            Self::Socket(Box::new(socket)),
            Self::Events(Events::of(post(EVENTS).await)),
            Self::Parts(Parts::of(post(PARTS).await).await),
        ]
    }

    /// The next result, or how the stream ended.
    async fn next(&mut self) -> Result<Value, Ended> {
        let error = |errors: &Value| {
            let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("no text: {errors}")).to_owned();
            Ended::Error(text(&errors[0]["extensions"]["code"]), text(&errors[0]["message"]))
        };
        match self {
            Self::Socket(client) => match client.receive_or_close().await {
                Ok(mut message) => {
                    assert_eq!(message["type"], "next", "{message}");
                    Ok(message["payload"].take())
                }
                Err(close) => {
                    let close = close.expect("a close frame");
                    Err(Ended::Closed(close.code.into(), close.reason.to_string()))
                }
            },
            Self::Events(events) => {
                let result = events.event().await.result();
                if result.get("errors").is_none() {
                    return Ok(result);
                }
                assert!(result.get("data").is_none(), "{result}");
                assert_eq!(events.event().await.name.as_deref(), Some("complete"));
                assert_eq!(events.block().await.unwrap(), None, "nothing follows");
                Err(error(&result["errors"]))
            }
            Self::Parts(parts) => {
                let mut part = parts.payload().await;
                if part.get("errors").is_none() {
                    return Ok(part["payload"].take());
                }
                assert!(part["payload"].is_null(), "{part}");
                assert_eq!(parts.part().await, None, "nothing follows");
                Err(error(&part["errors"]))
            }
        }
    }

    /// Waits until it is running: posts messages until one arrives.
    pub(super) async fn begin(&mut self, base: &str) {
        let client = reqwest::Client::new();
        let posting = async {
            for n in 0.. {
                let payload = message(&format!("begin-{n}"), "c-1", "hi", 1_758_791_400_000);
                client.post(format!("{base}/webhooks/message-sent")).json(&payload).send().await.unwrap();
                sleep(RETRY).await;
            }
        };
        tokio::select! {
            () = posting => {}
            _ = self.id() => {}
        }
    }

    /// The id of the next message.
    pub(super) async fn id(&mut self) -> String {
        let result = self.next().await.expect("a result");
        result["data"]["messageAdded"]["message"]["sourceId"].as_str().unwrap_or_else(|| panic!("{result}")).to_owned()
    }

    /// Follows it to the end.
    pub(super) async fn follow(mut self) -> Followed {
        let mut ids = Vec::new();
        loop {
            match self.next().await {
                Ok(result) => ids.push(result["data"]["messageAdded"]["message"]["sourceId"].as_str().unwrap().to_owned()),
                Err(ended) => return Followed { ids, ended, at: Instant::now() },
            }
        }
    }
}
