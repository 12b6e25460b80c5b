//! A running gateway: starts and stops its parts in order.
//!
//! ```text
//!   port open, not ready ─▶ store open ─▶ feed, access, writer ─▶ ready ─▶ … ─▶ stop
//!                                                                               │ sockets closed with 1001, no new requests
//!                                                                               │ running requests finish (bounded)
//!                                                                               ▼
//!                                                      writer stores its queue ─▶ store closed
//! ```

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use crate::{
    access::Access,
    clock::Clock,
    config::Config,
    feed::Feed,
    graphql,
    http::{self, App, Origins},
    ingest::Writer,
    metrics::Metrics,
    retry::retry,
    store::{self, Store},
};

/// A running gateway.
pub struct Gateway {
    /// The address it listens on.
    pub address: SocketAddr,
    /// Where its metrics are, if they have an address of their own.
    pub metrics_address: Option<SocketAddr>,
    store: Store,
    stop: CancellationToken,
    server: JoinHandle<()>,
    sockets: http::Sockets,
    access: JoinHandle<()>,
    writer: JoinHandle<()>,
    stop_timeout: Duration,
}

impl Gateway {
    /// Listens, opens the store, and starts feed and writer. While a database server is unavailable it waits, and requests get
    /// 503.
    pub async fn start(config: &Config, clock: Clock) -> Result<Self> {
        let deliveries = Arc::new(config.deliveries()?);
        let readership = config.metrics_readership()?;
        let (limits, roles, connections) = (config.rules()?, config.roles()?, config.connections()?);
        let listener =
            TcpListener::bind(config.server.listen).await.with_context(|| format!("listening on {}", config.server.listen))?;
        let address = listener.local_addr()?;
        let metrics_listener = match config.metrics_address()? {
            Some(address) => {
                Some(TcpListener::bind(address).await.with_context(|| format!("listening on {address} (metrics.listen)"))?)
            }
            None => None,
        };
        let metrics_address = metrics_listener.as_ref().map(TcpListener::local_addr).transpose()?;
        let (gate, stop) = (http::Gate::default(), CancellationToken::new());
        if let Some(tls) = connections.tls.clone() {
            tokio::spawn(tls.follow(stop.clone()));
        }
        let server = http::connections::serve(listener, gate.router(), stop.clone(), connections.clone());
        // If the start is cancelled or fails, the server is stopped again.
        let (server, starting) = (tokio::spawn(server), stop.clone().drop_guard());
        let store = open(config, address).await?;
        let metrics = Metrics::default();
        let feed = Feed::start(&store, metrics.clone(), stop.clone()).await?;
        let (access, watching) = Access::start(&store, config.access()?, clock.clone(), stop.clone()).await?;
        let (writer, writing) = Writer::start(store.clone(), Some(feed.clone()), clock.clone(), config.writer());
        let app = App {
            store: store.clone(),
            feed: feed.clone(),
            access,
            writer,
            schema: graphql::api(store.clone(), &feed, clock.clone(), limits, roles.all()),
            roles,
            zone: store.zone().clone(),
            clock,
            deliveries,
            origins: Arc::new(Origins::new(&config.server.allowed_origins, address.ip().is_loopback())),
            max_delivery_bytes: config.webhooks.max_body_bytes,
            graphql: config.graphql(),
            request_timeout: config.request_timeout(),
            websocket: config.websocket(),
            introspection: config.introspection(),
            graphiql: config.graphql.graphiql,
            metrics: metrics_listener.is_none().then(|| readership.clone()),
            stop: stop.clone(),
        };
        let (router, sockets) = http::router(&app);
        if let Some(listener) = metrics_listener {
            let router = http::metrics_router(&app, sockets.clone(), readership);
            tokio::spawn(http::connections::serve(listener, router, stop.clone(), connections));
        }
        gate.open(router);
        starting.disarm();
        let stop_timeout = config.stop_timeout();
        Ok(Self { address, metrics_address, store, stop, server, sockets, access: watching, writer: writing, stop_timeout })
    }

    /// Stops: closes sockets, gives running requests time to finish, and stores the accepted deliveries.
    pub async fn stop(mut self) -> Result<()> {
        self.stop.cancel();
        let drained = async {
            self.sockets.closed().await;
            (&mut self.server).await
        };
        if let Ok(ended) = tokio::time::timeout(self.stop_timeout, drained).await {
            ended?;
        } else {
            tracing::warn!("some requests did not finish in time and are aborted");
            self.server.abort();
            let _ = self.server.await;
        }
        // Dropping the router drops its handles of the writer, which ends once it has stored its queue. A socket that was
        // aborted may still hold a handle; that one is not waited for.
        drop(self.sockets);
        if let Ok(ended) = tokio::time::timeout(self.stop_timeout, &mut self.writer).await {
            ended?;
        }
        self.access.await?;
        self.store.close().await?;
        Ok(())
    }

    /// Returns if the server ends unexpectedly, which is an error.
    pub async fn failed(&mut self) -> Result<()> {
        (&mut self.server).await.context("the server ended")
    }
}

/// Opens the store, waiting for an unavailable database server. A file that can't be opened is an error.
async fn open(config: &Config, address: SocketAddr) -> Result<Store> {
    let options = config.store()?;
    let database = config.shown_database();
    let waited = std::cell::Cell::new(false);
    let may_pass = |error: &store::Error| {
        let may_pass = options.is_remote() && error.is_unavailable();
        if may_pass && !waited.replace(true) {
            tracing::warn!(database, %address, "the database is out of reach: not ready, waiting for it");
        }
        may_pass
    };
    let store = retry("opening the database", may_pass, || Store::open(&options)).await;
    let store = store.with_context(|| format!("opening {database}"))?;
    if waited.get() {
        tracing::info!("the database is available");
    }
    Ok(store)
}
