//! GraphQL over WebSocket: queries, mutations and subscriptions, in the sub-protocols `graphql-transport-ws` and (older)
//! `graphql-ws`. It knows an [`Executor`], but not the schema behind it.
//!
//! ```text
//! upgrade ─ origin, permit ─→ Session ─ connection_init ─→ admit
//!    │                          │  one loop: timers, messages, results
//!    └─ upgrade ─→ Socket ──────┼─ socket      reads messages, gathers frames and sends them
//!                               ├─ protocol    reads and writes the messages of both sub-protocols
//!                               ├─ operations  the running operations, polled in turn
//!                               ├─ timers      time-outs and keep-alive pings
//!                               └─ closing     codes and reasons of close frames
//! ```
//!
//! [`Limits`] bounds the memory that a client can claim (some outgoing frames, one incoming message, a number of operations)
//! and the time it can make the server wait.

mod closing;
mod limits;
mod operations;
mod protocol;
mod session;
mod socket;
mod timers;
mod upgrade;

use std::sync::Arc;

use async_graphql::{Data, Executor};
use axum::{
    Json,
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use futures_util::future::{BoxFuture, Either};
use serde_json::{Map, Value};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::{
    sync::CancellationToken,
    task::{TaskTracker, task_tracker::TaskTrackerToken},
};
use tungstenite::protocol::WebSocketConfig;

use self::session::Session;
pub use self::{
    limits::Limits,
    upgrade::{NotAnUpgrade, Upgrade},
};
use super::{RETRY_AFTER, answer::coded};
use crate::graphql::error::code;

/// The read buffer of a socket. It is small since every idle socket has one; it grows for longer messages.
const READ_BUFFER_BYTES: usize = 256;

/// Room for pongs and close frames while a client does not read.
const CONTROL_BYTES: usize = 4 * 1024;

/// Creates the context data of an operation. Called for each operation, since loaders must not outlive it.
pub type OperationData = Arc<dyn Fn() -> Data + Send + Sync>;

/// Why a client is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is not authenticated: close code 4401.
    #[error("Unauthorized")]
    Unauthorized,
    /// It is not allowed to connect: close code 4403. The text becomes the reason, cut to 123 bytes.
    #[error("{0}")]
    Forbidden(String),
    /// Its credential has its maximum number of connections: close code 1013.
    #[error("Too many connections")]
    Limited,
    /// It can't be authenticated at the moment: close code 1013, after which clients retry.
    #[error("Try again later")]
    Unavailable,
}

/// An authenticated client.
pub struct Admitted {
    /// Creates the context data of its operations.
    pub operation_data: OperationData,
    /// Resolves with the reason when the client's credential ends. After that, only the close frame is sent.
    pub ended: BoxFuture<'static, Refused>,
}

/// Authenticates a client by the head of the upgrade and the payload of `connection_init`.
pub type Admit = dyn Fn(Box<Parts>, Map<String, Value>) -> BoxFuture<'static, Result<Admitted, Refused>> + Send + Sync;

/// The server's decisions about each client.
pub struct Hooks {
    /// Whether the origin may open a socket, by the headers of the upgrade. If not: 403.
    pub allow_origin: Box<dyn Fn(&HeaderMap) -> bool + Send + Sync>,
    /// Authenticates the client by the head of the upgrade and the payload of `connection_init` (empty if there is none).
    pub admit: Box<Admit>,
}

/// The live connections of one server. Clones share them.
pub struct Sockets<E>(Arc<Shared<E>>);

impl<E> Clone for Sockets<E> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// Counts as one live connection until dropped.
#[derive(Debug)]
pub struct Permit {
    _permit: OwnedSemaphorePermit,
    _token: TaskTrackerToken,
}

/// The state that all sessions share.
struct Shared<E> {
    executor: E,
    limits: Limits,
    hooks: Hooks,
    stop: CancellationToken,
    permits: Arc<Semaphore>,
    sessions: TaskTracker,
}

impl<E: Executor> Sockets<E> {
    /// Executes operations on `executor`. Once `stop` is cancelled, all sockets are closed with 1001 and new ones are refused.
    pub fn new(executor: E, limits: Limits, hooks: Hooks, stop: CancellationToken) -> Self {
        let permits = Arc::new(Semaphore::new(limits.max_connections.min(Semaphore::MAX_PERMITS)));
        Self(Arc::new(Shared { executor, limits, hooks, stop, permits, sessions: TaskTracker::new() }))
    }

    /// The number of live connections, including streams over HTTP.
    pub fn open(&self) -> usize {
        self.0.sessions.len()
    }

    /// Waits until all live connections are closed. Call it with a time limit, after cancelling `stop`.
    pub async fn closed(&self) {
        self.0.sessions.close();
        self.0.sessions.wait().await;
    }

    /// A permit for one more live connection; `None` at the limit, or after `stop` was cancelled. Streams over HTTP take one
    /// too, so that one limit covers all live connections and stopping waits for all of them.
    pub fn acquire(&self) -> Option<Permit> {
        if self.0.stop.is_cancelled() {
            return None;
        }
        let permit = Arc::clone(&self.0.permits).try_acquire_owned().ok()?;
        Some(Permit { _permit: permit, _token: self.0.sessions.token() })
    }

    /// Answers an upgrade request.
    ///
    /// A client that offers no supported sub-protocol is upgraded and then closed with 4406, as by the protocol's reference
    /// server: browsers expose a close code to the page, but not the status of a refused upgrade.
    pub fn upgrade(&self, head: Parts, upgrade: Upgrade) -> Response {
        let shared = Arc::clone(&self.0);
        if !(shared.hooks.allow_origin)(&head.headers) {
            return refusal(StatusCode::FORBIDDEN, code::FORBIDDEN, "This origin is not allowed to connect.").into_response();
        }
        let Some(permit) = self.acquire() else {
            let refusal = refusal(
                StatusCode::SERVICE_UNAVAILABLE,
                code::UNAVAILABLE,
                "No more connections can be opened at the moment: retry later.",
            );
            return ([(header::RETRY_AFTER, RETRY_AFTER)], refusal).into_response();
        };
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER_BYTES)
            .write_buffer_size(0)
            .max_write_buffer_size(CONTROL_BYTES)
            .max_message_size(Some(shared.limits.max_message_bytes))
            .max_frame_size(Some(shared.limits.max_message_bytes));
        let protocol = upgrade.protocol();
        upgrade.accept(config, move |socket| match protocol {
            Some(protocol) => Either::Left(Session::new(socket, protocol, Box::new(head), shared, permit).run()),
            None => Either::Right(Box::pin(session::refuse(socket, permit))),
        })
    }
}

fn refusal(status: StatusCode, code: &'static str, message: &str) -> impl IntoResponse + use<> {
    (status, Json(serde_json::json!({ "errors": [coded(code, message)] })))
}
