//! A running gateway: from the open database to the last answer.
//!
//! ```text
//!   open store ─▶ feed, writer ─▶ port open ─▶ … ─▶ stop
//!                                                     │ sockets closed with 1001, no new requests
//!                                                     │ running requests finish (bounded)
//!                                                     ▼
//!                            writer stores what it took ─▶ store closed
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
    /// Opens the store, starts feed and writer, and listens.
    pub async fn start(config: &Config, clock: Clock) -> Result<Self> {
        let store = Store::open(&config.store()?).await.with_context(|| format!("opening {}", config.shown_database()))?;
        let stop = CancellationToken::new();
        let (feed, tail) = Feed::start(&store, stop.clone()).await?;
        let (writer, writing) = Writer::start(store.clone(), Some(feed.clone()), clock.clone(), config.writer());
        let listener =
            TcpListener::bind(config.server.listen).await.with_context(|| format!("listening on {}", config.server.listen))?;
        let address = listener.local_addr()?;
        let app = App {
            store: store.clone(),
            writer,
            schema: graphql::api(store.clone(), feed, clock, config.limits()),
            zone: store.zone(),
            origins: Arc::new(Origins::new(&config.server.allowed_origins, address.ip().is_loopback())),
            max_delivery_bytes: config.webhooks.max_body_bytes,
            graphql: config.graphql(),
            request_timeout: config.request_timeout(),
            websocket: config.websocket(),
            stop: stop.clone(),
        };
        let (router, sockets) = http::router(&app);
        let server = http::connections::serve(listener, router, stop.clone(), config.write_timeout());
        Ok(Self {
            address,
            store,
            stop,
            server: tokio::spawn(server),
            sockets,
            tail,
            writer: writing,
            patience: config.stop_timeout(),
        })
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
