//! GraphQL over WebSocket: queries, mutations and subscriptions, by the sub-protocols `graphql-transport-ws` and (older)
//! `graphql-ws`. Knows an [`Executor`] and nothing of the schema behind it.
//!
//! ```text
//! upgrade ─ origin, room ─→ Session ─ connection_init ─→ admit
//!                              │  one loop: clock, messages, results
//!                              ├─ protocol    messages as either sub-protocol writes them
//!                              ├─ operations  what runs, in fair turns
//!                              ├─ watch       what is due when
//!                              └─ closing     codes and reasons
//! ```
//!
//! What a client can make the server hold is bounded by [`Limits`]: one outgoing frame, one incoming message, so many
//! operations. What it can make it wait for is, too.

mod closing;
mod limits;
mod operations;
mod protocol;
mod session;
mod watch;

use std::sync::Arc;

use async_graphql::{Data, Executor};
use axum::{
    Json,
    extract::ws::WebSocketUpgrade,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::{
    sync::CancellationToken,
    task::{TaskTracker, task_tracker::TaskTrackerToken},
};

pub use self::limits::Limits;
use self::{protocol::Protocol, session::Session};
use super::{RETRY_AFTER, answer::coded};
use crate::graphql::error::code;

/// The buffer that a socket reads into, and holds while nothing comes; a longer message grows it for its time.
const READ_BUFFER_BYTES: usize = 1024;

/// Room for control frames behind the longest response.
const CONTROL_BYTES: usize = 4 * 1024;

/// Makes what one operation is executed with. Called for each, because loaders live as long as an operation.
pub type OperationData = Arc<dyn Fn() -> Data + Send + Sync>;

/// Why a client may not begin. The text reaches it as the reason of the close frame, of which 123 bytes are kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(pub String);

/// Decides by the headers of the upgrade and the payload of `connection_init` whether a client may begin.
pub type Admit = dyn Fn(&HeaderMap, &Map<String, Value>) -> Result<OperationData, Refused> + Send + Sync;

/// What the server decides about each client.
pub struct Hooks {
    /// Whether a page of this origin may open a socket, by the headers of the upgrade. If not: 403.
    pub allow_origin: Box<dyn Fn(&HeaderMap) -> bool + Send + Sync>,
    /// Whether a client may start operations, by the headers of the upgrade and the payload of `connection_init` (empty when
    /// it has none), and what they are executed with. If not: close code 4403.
    pub admit: Box<Admit>,
}

/// The sockets of one server. Clones are the same.
pub struct Sockets<E>(Arc<Shared<E>>);

impl<E> Clone for Sockets<E> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// The room of one live connection.
#[derive(Debug)]
pub struct Held {
    _room: OwnedSemaphorePermit,
    _token: TaskTrackerToken,
}

/// What all sessions know.
struct Shared<E> {
    executor: E,
    limits: Limits,
    hooks: Hooks,
    stop: CancellationToken,
    room: Arc<Semaphore>,
    sessions: TaskTracker,
}

impl<E: Executor> Sockets<E> {
    /// Sockets that execute on `executor`. Once `stop` is cancelled, each is closed with 1001 and none is opened any more.
    pub fn new(executor: E, limits: Limits, hooks: Hooks, stop: CancellationToken) -> Self {
        let room = Arc::new(Semaphore::new(limits.max_connections.min(Semaphore::MAX_PERMITS)));
        Self(Arc::new(Shared { executor, limits, hooks, stop, room, sessions: TaskTracker::new() }))
    }

    /// How many are open, with the streams that were given room here.
    pub fn open(&self) -> usize {
        self.0.sessions.len()
    }

    /// Waits until every socket is closed. Meant for after the stop, within the time the server has to drain.
    pub async fn closed(&self) {
        self.0.sessions.close();
        self.0.sessions.wait().await;
    }

    /// Room for one more live connection, as long as what is given lives; none when there is no more, or after the stop.
    /// Streams over plain HTTP ask for it too, so that one number bounds them all and one stop waits for them all.
    pub fn hold(&self) -> Option<Held> {
        if self.0.stop.is_cancelled() {
            return None;
        }
        let room = Arc::clone(&self.0.room).try_acquire_owned().ok()?;
        Some(Held { _room: room, _token: self.0.sessions.token() })
    }

    /// Answers an upgrade request.
    ///
    /// A client that offers no sub-protocol of ours is let in and closed with 4406 at once, as the reference server of the
    /// protocol does: a close frame tells it why, where a refused upgrade would not.
    pub fn upgrade(&self, headers: HeaderMap, upgrade: WebSocketUpgrade) -> Response {
        let shared = Arc::clone(&self.0);
        if !(shared.hooks.allow_origin)(&headers) {
            return refusal(StatusCode::FORBIDDEN, code::FORBIDDEN, "Pages of this origin may not connect.").into_response();
        }
        let Some(held) = self.hold() else {
            let refusal = refusal(StatusCode::SERVICE_UNAVAILABLE, code::UNAVAILABLE, "No more sockets can be opened now.");
            return ([(header::RETRY_AFTER, RETRY_AFTER)], refusal).into_response();
        };
        let upgrade = upgrade
            .protocols(Protocol::ALL.map(Protocol::name))
            .read_buffer_size(READ_BUFFER_BYTES)
            .write_buffer_size(0)
            .max_write_buffer_size(shared.limits.max_response_bytes.saturating_add(CONTROL_BYTES))
            .max_message_size(shared.limits.max_message_bytes)
            .max_frame_size(shared.limits.max_message_bytes);
        let chosen = upgrade.selected_protocol();
        let protocol = Protocol::ALL.into_iter().find(|protocol| chosen.is_some_and(|name| name == protocol.name()));
        upgrade.on_upgrade(async move |socket| {
            match protocol {
                Some(protocol) => Session::new(socket, protocol, headers, shared).run().await,
                None => Box::pin(session::refuse(socket)).await,
            }
            drop(held);
        })
    }
}

fn refusal(status: StatusCode, code: &'static str, message: &str) -> impl IntoResponse + use<> {
    (status, Json(serde_json::json!({ "errors": [coded(code, message)] })))
}
