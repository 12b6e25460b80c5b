//! A running gateway: from the open database to the last answer.
//!
//! ```text
//!   port open, not ready ─▶ store open ─▶ feed, writer ─▶ ready ─▶ … ─▶ stop
//!                                                                       │ sockets closed with 1001, no new requests
//!                                                                       │ running requests finish (bounded)
//!                                                                       ▼
//!                                              writer stores what it took ─▶ store closed
//! ```

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use crate::{
    clock::Clock,
    config::Config,
    feed::Feed,
    graphql,
    http::{self, App, Origins},
    ingest::Writer,
    store::Store,
};

/// A gateway that runs.
pub struct Gateway {
    /// Where it listens.
    pub address: SocketAddr,
    store: Store,
    stop: CancellationToken,
    server: JoinHandle<()>,
    sockets: http::Sockets,
    tail: JoinHandle<()>,
    writer: JoinHandle<()>,
    patience: Duration,
}

impl Gateway {
    /// Listens, opens the store, and starts feed and writer. While a database server is out of reach this waits for it, and
    /// what is asked meanwhile is answered 503.
    pub async fn start(config: &Config, clock: Clock) -> Result<Self> {
        let listener =
            TcpListener::bind(config.server.listen).await.with_context(|| format!("listening on {}", config.server.listen))?;
        let address = listener.local_addr()?;
        let (gate, stop) = (http::Gate::default(), CancellationToken::new());
        let server = http::connections::serve(listener, gate.router(), stop.clone(), config.write_timeout());
        // Whoever gives up the start stops what it began.
        let (server, starting) = (tokio::spawn(server), stop.clone().drop_guard());
        let store = open(config, address).await?;
        let (feed, tail) = Feed::start(&store, stop.clone()).await?;
        let (writer, writing) = Writer::start(store.clone(), Some(feed.clone()), clock.clone(), config.writer());
        let app = App {
            store: store.clone(),
            writer,
            schema: graphql::api(store.clone(), feed, clock, config.limits()),
            zone: store.zone().clone(),
            origins: Arc::new(Origins::new(&config.server.allowed_origins, address.ip().is_loopback())),
            max_delivery_bytes: config.webhooks.max_body_bytes,
            graphql: config.graphql(),
            request_timeout: config.request_timeout(),
            websocket: config.websocket(),
            stop: stop.clone(),
        };
        let (router, sockets) = http::router(&app);
        gate.open(router);
        starting.disarm();
        Ok(Self { address, store, stop, server, sockets, tail, writer: writing, patience: config.stop_timeout() })
    }

    /// Stops: sockets are closed, running requests finish within the time for it, and what the writer took is stored.
    pub async fn stop(mut self) -> Result<()> {
        self.stop.cancel();
        let drained = async {
            self.sockets.closed().await;
            (&mut self.server).await
        };
        if let Ok(ended) = tokio::time::timeout(self.patience, drained).await {
            ended?;
        } else {
            tracing::warn!("some requests did not finish in time and are cut off");
            self.server.abort();
            let _ = self.server.await;
        }
        // The router is gone, and with it the way to the writer, which ends when it has stored what it took; unless a socket
        // that was cut off still holds it, and nobody waits for that one.
        drop(self.sockets);
        if let Ok(ended) = tokio::time::timeout(self.patience, &mut self.writer).await {
            ended?;
        }
        self.tail.await?;
        self.store.close().await?;
        Ok(())
    }

    /// Ends when the server ends by itself, which it should not.
    pub async fn failed(&mut self) -> Result<()> {
        (&mut self.server).await.context("the server ended")
    }
}

/// How long a start waits before it looks for the database again.
const RETRY: Duration = Duration::from_secs(1);

/// Opens the store; waits for a database server that is out of reach. A file that can't be opened is an error.
async fn open(config: &Config, address: SocketAddr) -> Result<Store> {
    let options = config.store()?;
    let mut waited = false;
    loop {
        match Store::open(&options).await {
            Err(error) if options.is_remote() && error.is_unavailable() => {
                let database = config.shown_database();
                tracing::warn!(%error, database, %address, "the database is out of reach: not ready, waiting for it");
                waited = true;
                tokio::time::sleep(RETRY).await;
            }
            opened => {
                if waited && opened.is_ok() {
                    tracing::info!("the database is there");
                }
                return opened.with_context(|| format!("opening {}", config.shown_database()));
            }
        }
    }
}
