//! PostgreSQL's connections for quick statements, which requests share.
//!
//! A quick statement reads a few rows through one index. A connection sends the statements of many requests without waiting for
//! the responses to earlier ones (pipelining), which saves the gateway and the server most of their system calls and changes of
//! context. A slow statement would delay those behind it, so it runs on the pool instead.
//!
//! Pipelines only speed reads up. While none is open, or all are full, statements run on the pool; so does a statement that failed
//! here, since it only reads, and the pool knows what its error means.

mod connector;
mod values;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::TryStreamExt;
use quick_cache::sync::Cache;
use sea_orm::{Statement, Value, Values, sqlx::postgres::PgConnectOptions};
use tokio::sync::Semaphore;
use tokio_postgres::{Client, error::SqlState, types::Type};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::{connector::Connector, values::Columns};
use super::{Error, Rows};
use crate::retry::Backoff;

/// The number of connections. More would not help: the server works on one statement of each at a time, and on as many as it has
/// cores.
const CONNECTIONS: usize = 2;

/// Statements of one connection without a response.
const IN_FLIGHT: usize = 32;

/// Prepared statements of one connection.
const PREPARED: usize = 200;

/// The connections. Cheap to clone.
#[derive(Clone)]
pub(in crate::store) struct Pipelines(Arc<Shared>);

struct Shared {
    pipelines: Vec<Arc<Pipeline>>,
    /// The time limit of a statement.
    limit: Duration,
    closed: CancellationToken,
    tasks: TaskTracker,
}

/// A connection that is opened again whenever it is lost.
struct Pipeline {
    open: Mutex<Option<Arc<Connection>>>,
    free: Semaphore,
}

struct Connection {
    client: Client,
    prepared: Cache<String, tokio_postgres::Statement>,
}

impl Pipelines {
    /// Opens connections in the background, with the options of the pool. There are none if only the pool's driver supports these
    /// options.
    pub(super) fn open(options: &PgConnectOptions, limit: Duration, connect_timeout: Duration) -> Self {
        let (closed, tasks, mut pipelines) = (CancellationToken::new(), TaskTracker::new(), Vec::new());
        match Connector::of(options, connect_timeout) {
            Ok(connector) => {
                let connector = Arc::new(connector);
                for _ in 0..CONNECTIONS {
                    let pipeline = Arc::new(Pipeline { open: Mutex::default(), free: Semaphore::new(IN_FLIGHT) });
                    tasks.spawn(pipeline.clone().keep_open(connector.clone(), closed.clone()));
                    pipelines.push(pipeline);
                }
            }
            Err(reason) => tracing::info!(reason, "quick reads have no connections of their own"),
        }
        Self(Arc::new(Shared { pipelines, limit, closed, tasks }))
    }

    /// All rows of a statement. `None` if it has to run on the pool.
    pub(in crate::store) async fn query(&self, statement: &Statement) -> Option<Result<Rows, Error>> {
        let Shared { pipelines, limit, .. } = &*self.0;
        let open = pipelines.iter().filter_map(|pipeline| Some((&pipeline.free, pipeline.connection()?)));
        let (free, connection) = open.max_by_key(|(free, _)| free.available_permits())?;
        let _in_flight = free.try_acquire().ok()?;
        let values = statement.values.as_ref().map_or(&[][..], |Values(values)| values);
        let types = values::types(values)?;
        match connection.query(&statement.sql, &types, values).await {
            Ok(rows) => Some(Ok(rows)),
            Err(error) if error.code() == Some(&SqlState::QUERY_CANCELED) => Some(Err(Error::Timeout(*limit))),
            Err(error) => {
                tracing::debug!(%error, "a pipelined statement failed");
                // It may have been prepared for a table that has changed since.
                connection.prepared.remove(statement.sql.as_str());
                None
            }
        }
    }

    /// Waits for running statements and closes the connections.
    pub(super) async fn close(&self) {
        self.0.closed.cancel();
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.closed.cancel();
    }
}

impl Pipeline {
    fn connection(&self) -> Option<Arc<Connection>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, connection: Option<Arc<Connection>>) {
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) = connection;
    }

    /// Opens the connection, again whenever it ends, until it is to be closed.
    async fn keep_open(self: Arc<Self>, connector: Arc<Connector>, closed: CancellationToken) {
        let mut backoff = Backoff::new();
        while !closed.is_cancelled() {
            match closed.run_until_cancelled(connector.connect()).await {
                Some(Ok((client, mut driver))) => {
                    backoff = Backoff::new();
                    self.set(Some(Arc::new(Connection { client, prepared: Cache::new(PREPARED) })));
                    let ended = closed.run_until_cancelled(&mut driver).await;
                    self.set(None);
                    let ended = match ended {
                        Some(ended) => ended,
                        // It ends when its last statement has a response.
                        None => driver.await,
                    };
                    if let Err(error) = ended {
                        tracing::debug!(%error, "a pipelined connection was lost");
                    }
                }
                Some(Err(error)) => {
                    tracing::info!(%error, "a connection for quick reads could not be opened; they use the others");
                }
                None => {}
            }
            closed.run_until_cancelled(backoff.wait()).await;
        }
    }
}

impl Connection {
    async fn query(&self, sql: &str, types: &[Type], values: &[Value]) -> Result<Rows, tokio_postgres::Error> {
        let prepared = if let Some(prepared) = self.prepared.get(sql) {
            prepared
        } else {
            let prepared = self.client.prepare_typed(sql, types).await?;
            self.prepared.insert(sql.to_owned(), prepared.clone());
            prepared
        };
        let columns = Columns::of(&prepared);
        let mut rows = columns.rows();
        let mut stream = std::pin::pin!(self.client.query_raw(&prepared, values::bound(values)).await?);
        while let Some(row) = stream.try_next().await? {
            columns.push(&mut rows, &row)?;
        }
        Ok(rows)
    }
}
