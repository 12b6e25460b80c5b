//! `GET /metrics`, in the Prometheus text format.
//!
//! Gauges of state that is kept elsewhere (the queue, connections, positions in the store) are updated at scrape time. While
//! the database is unreachable, the gauges of the store keep their last values and `deskgraph_database_up` is 0.
//!
//! [`Readership`] says who may scrape at an address.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use tokio::time::timeout;

use super::{App, graphql::Sockets, problem, webhook::token::Token};
use crate::{
    feed::Feed,
    ingest::Writer,
    metrics::{Metrics, Pool, PoolState},
    store::{InUse, Store},
};

/// The time limit of the database's answer during a scrape. Prometheus waits 10 seconds by default.
const PATIENCE: Duration = Duration::from_secs(3);

/// The media type of the Prometheus text format.
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

/// Who may read the metrics.
#[derive(Clone)]
pub enum Readership {
    /// Anyone who can connect to the address.
    Public,
    /// Clients that send one of the tokens: `Authorization: Bearer <token>`.
    TokenRequired(Arc<Token>),
    /// Nobody, since no token is configured.
    Denied,
}

/// The sources of the gauges that are updated at scrape time.
#[derive(Clone)]
pub(super) struct Scrape {
    feed: Feed,
    store: Store,
    writer: Writer,
    sockets: Sockets,
    readership: Readership,
}

/// The route, served at the gateway's address or at an address of its own.
pub(super) fn routes(app: &App, sockets: Sockets, readership: Readership) -> Router {
    let (feed, store, writer) = (app.feed.clone(), app.store.clone(), app.writer.clone());
    Router::new().route("/metrics", get(read)).with_state(Scrape { feed, store, writer, sockets, readership })
}

async fn read(State(scrape): State<Scrape>, headers: HeaderMap) -> Response {
    match &scrape.readership {
        Readership::Public => {}
        Readership::TokenRequired(token) if token.verify(&headers, None).is_ok() => {}
        Readership::TokenRequired(_) => {
            let refusal =
                problem(StatusCode::UNAUTHORIZED, "a token is needed: send `Authorization: Bearer <token>` (metrics.tokens)");
            return ([(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))], refusal).into_response();
        }
        Readership::Denied => {
            let remedy =
                "the metrics are not readable here: set metrics.tokens, or serve them at their own address with metrics.listen";
            return problem(StatusCode::FORBIDDEN, remedy);
        }
    }
    scrape.update_gauges().await;
    let not_kept = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    ([(header::CONTENT_TYPE, TEXT), not_kept], scrape.feed.metrics().render()).into_response()
}

impl Scrape {
    /// Updates the gauges that are computed at scrape time.
    async fn update_gauges(&self) {
        let metrics = self.feed.metrics();
        let (queued, capacity) = self.writer.queued();
        metrics.queue.set(number(queued));
        metrics.queue_capacity.set(number(capacity));
        metrics.connections.set(number(self.sockets.open()));
        let (requests, statements) = self.store.in_use();
        show_in_use(metrics, Pool::Requests, requests);
        if let Some(statements) = statements {
            show_in_use(metrics, Pool::Statements, statements);
        }
        let vitals = match timeout(PATIENCE, self.store.vitals()).await {
            Ok(Ok(vitals)) => Some(vitals),
            Ok(Err(error)) => {
                tracing::debug!(%error, "the database can't be asked for metrics");
                None
            }
            Err(_late) => None,
        };
        metrics.database_up.set(f64::from(u8::from(vitals.is_some())));
        if let Some(vitals) = vitals {
            metrics.position.set(position(vitals.position));
            // Before the first subscription, nothing is behind: use the newest position.
            metrics.live_position.set(position(self.feed.served().unwrap_or(vitals.position)));
            metrics.projection_lag.set(position(vitals.unprojected));
            metrics.search_lag.set(position(vitals.unindexed));
            metrics.rejected.set(position(vitals.rejected));
        }
    }
}

fn show_in_use(metrics: &Metrics, pool: Pool, InUse { busy, idle }: InUse) {
    metrics.pool.of((pool, PoolState::Busy)).set(f64::from(busy));
    metrics.pool.of((pool, PoolState::Idle)).set(f64::from(idle));
}

#[expect(clippy::cast_precision_loss, reason = "positions are far below 2^53")]
fn position(position: i64) -> f64 {
    position as f64
}

fn number(count: usize) -> f64 {
    position(i64::try_from(count).unwrap_or(i64::MAX))
}
