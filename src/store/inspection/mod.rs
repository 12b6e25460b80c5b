//! Read-only inspection of a store, for `deskgraph doctor` and `stats`: nothing is migrated, rebuilt or created.
//!
//! Each method returns facts; callers interpret them and suggest remedies. [`server`] has the checks of a PostgreSQL server,
//! [`sample`] a comparison of log and projections, [`statistics`] counts and sizes.

mod sample;
mod server;
mod statistics;

use std::path::PathBuf;

use entity::{api_key, event, meta};
use sea_orm::{
    ColumnTrait, DatabaseConnection, EntityTrait, FromQueryResult, QuerySelect, Statement,
    sea_query::{Alias, Query},
};

pub use self::{
    sample::Sampled,
    statistics::{EventsOfKind, RejectedAlike, Size, Statistics},
};
use super::{
    ApiKey, Error, Options, connect,
    dialect::Dialect,
    projection::tables::{VERSION, VERSION_KEY, parse_version},
    write,
};
use crate::domain::time::Timestamp;

/// The number of connections: some checks need two sessions.
const CONNECTIONS: u32 = 2;

/// The table that records applied migrations.
const MIGRATIONS: &str = "seaql_migrations";

/// A store opened for inspection.
pub struct Inspection {
    db: DatabaseConnection,
    options: Options,
}

/// The migrations of a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schema {
    /// The number of known migrations that are applied.
    pub applied: usize,
    /// Known migrations that are not applied, in order.
    pub pending: Vec<&'static str>,
    /// Applied migrations that this program does not know: a newer version applied them.
    pub unknown: Vec<String>,
}

/// The settings that decide whether commits survive a crash of the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Durability {
    /// Settings of SQLite.
    Sqlite {
        /// The journal mode of the file: `wal`, unless no gateway has served it yet.
        journal_mode: String,
        /// The writing connection's `synchronous`: 2 syncs every commit. Not read, thus `None`, if the file is not in WAL mode.
        synchronous: Option<i64>,
    },
    /// Settings of PostgreSQL, as the writing connection sees them.
    Postgres {
        /// Whether the server syncs at all.
        fsync: bool,
        /// Whether pages that were half written in a crash can be repaired.
        full_page_writes: bool,
        /// Whether a commit waits until it is synced.
        synchronous_commit: String,
        /// Whether the connection settings that this program sends take effect on the server.
        settings_arrive: bool,
        /// Whether the server accepts writes, that is, is not a standby.
        takes_writes: bool,
    },
}

#[derive(FromQueryResult)]
struct Number {
    number: Option<i64>,
}

#[derive(FromQueryResult)]
struct Text {
    text: Option<String>,
}

impl Inspection {
    /// Connects to an existing database. Fails if it does not exist or has no tables of deskgraph.
    pub async fn open(options: &Options) -> Result<Self, Error> {
        let looking = Self { db: connect::looking(options, CONNECTIONS).await?, options: options.clone() };
        let is_there = match looking.dialect() {
            Dialect::Sqlite => format!("SELECT count(*) AS number FROM sqlite_schema WHERE name = '{MIGRATIONS}'"),
            Dialect::Postgres => format!("SELECT count(to_regclass('{MIGRATIONS}')) AS number"),
        };
        match looking.number(&is_there).await {
            Ok(Some(0)) => {
                looking.close().await?;
                Err(Error::NoDatabase("it has none of its tables".to_owned()))
            }
            Ok(_) => Ok(looking),
            Err(error) => {
                looking.close().await?;
                Err(error)
            }
        }
    }

    /// The file of a SQLite database.
    pub fn file(options: &Options) -> Result<PathBuf, Error> {
        connect::sqlite_file(&options.url)
    }

    /// Closes the connections.
    pub async fn close(self) -> Result<(), Error> {
        Ok(self.db.close().await?)
    }

    fn dialect(&self) -> Dialect {
        Dialect::of(&self.db)
    }

    async fn number(&self, sql: &str) -> Result<Option<i64>, Error> {
        let statement = Statement::from_string(self.db.get_database_backend(), sql);
        Ok(Number::find_by_statement(statement).one(&self.db).await?.and_then(|row| row.number))
    }

    /// The applied, pending and unknown migrations.
    pub async fn schema(&self) -> Result<Schema, Error> {
        let sql = format!("SELECT version AS text FROM {MIGRATIONS} ORDER BY version");
        let statement = Statement::from_string(self.db.get_database_backend(), sql);
        let has = Text::find_by_statement(statement).all(&self.db).await?;
        let mut has: Vec<String> = has.into_iter().filter_map(|row| row.text).collect();
        let (applied, pending): (Vec<_>, Vec<_>) = migration::names().partition(|name| has.iter().any(|has| has == name));
        has.retain(|name| !applied.contains(&name.as_str()));
        Ok(Schema { applied: applied.len(), pending, unknown: has })
    }

    /// The stored version of the projections, and the version that this program writes.
    pub async fn projection_versions(&self) -> Result<(u32, u32), Error> {
        let row = meta::Entity::find_by_id(VERSION_KEY.to_owned()).one(&self.db).await?;
        Ok((parse_version(row.map(|row| row.value).as_deref())?, VERSION))
    }

    /// The durability settings. Opens a writing connection as a gateway does, and takes the write lock to read them.
    pub async fn durability(&self) -> Result<Durability, Error> {
        if self.dialect() == Dialect::Sqlite {
            let statement =
                Statement::from_string(self.db.get_database_backend(), "SELECT journal_mode AS text FROM pragma_journal_mode");
            let journal_mode =
                Text::find_by_statement(statement).one(&self.db).await?.and_then(|row| row.text).unwrap_or_default();
            if journal_mode != "wal" {
                return Ok(Durability::Sqlite { journal_mode, synchronous: None });
            }
            let select = Query::select().column(Alias::new("synchronous")).from(Alias::new("pragma_synchronous")).to_owned();
            let rows = self.as_writer(&select).await?;
            return Ok(Durability::Sqlite { journal_mode, synchronous: rows.iter().next().and_then(|row| row.int(0)) });
        }
        let select = Query::select().columns(["name", "setting"].map(Alias::new)).from(Alias::new("pg_settings")).to_owned();
        let rows = self.as_writer(&select).await?;
        let setting = |name: &str| {
            let row = rows.iter().find(|row| row.text(0) == Some(name));
            row.and_then(|row| row.text(1)).unwrap_or_default().to_owned()
        };
        Ok(Durability::Postgres {
            fsync: setting("fsync") == "on",
            full_page_writes: setting("full_page_writes") == "on",
            synchronous_commit: setting("synchronous_commit"),
            // The writing connection turns this off, and no server has it off by default.
            settings_arrive: setting("enable_seqscan") == "off",
            takes_writes: setting("transaction_read_only") == "off",
        })
    }

    /// Runs a select on a writing connection, in a transaction that writes nothing.
    async fn as_writer(&self, select: &sea_orm::sea_query::SelectStatement) -> Result<super::Rows, Error> {
        let writer = write::Connection::open(&self.options).await?;
        let read = async {
            let db = writer.begin().await?;
            let rows = db.query(select).await?;
            db.rollback().await?;
            Ok(rows)
        };
        let rows = read.await;
        writer.close().await?;
        rows
    }

    /// The newest time of arrival in the log.
    pub async fn newest_arrival(&self) -> Result<Option<Timestamp>, Error> {
        let newest = event::Entity::find().select_only().column_as(event::Column::ReceivedAt.max(), "number");
        let newest = newest.into_model::<Number>().one(&self.db).await?;
        Ok(newest.and_then(|row| row.number).map(Timestamp::clamped))
    }

    /// The number of texts waiting to be added to the search indexes, counted up to `bound`; 0 on PostgreSQL, which adds them
    /// at once.
    pub async fn unindexed(&self, bound: u32) -> Result<u32, Error> {
        if self.dialect() == Dialect::Postgres {
            return Ok(0);
        }
        let waiting = self.number(&format!("SELECT count(*) AS number FROM (SELECT 1 FROM search_tail LIMIT {bound})")).await?;
        Ok(waiting.and_then(|waiting| u32::try_from(waiting).ok()).unwrap_or(bound))
    }

    /// The names of missing or unusable indexes: on SQLite, missing indexes of words and of parts of words; on PostgreSQL,
    /// indexes that it marks as invalid.
    pub async fn broken_indexes(&self) -> Result<Vec<String>, Error> {
        let sql = match self.dialect() {
            Dialect::Sqlite => {
                "SELECT value AS text FROM json_each('[\"customer_words\",\"conversation_words\",\"message_words\",\"ticket_words\",\
                 \"message_parts\"]') WHERE value NOT IN (SELECT name FROM sqlite_schema)"
            }
            Dialect::Postgres => {
                "SELECT name AS text FROM unnest(ARRAY['customer_words', 'conversation_words', 'message_words', 'ticket_words']) \
                 AS name WHERE to_regclass(name) IS NULL UNION ALL SELECT indexrelid::regclass::text FROM pg_index JOIN pg_class \
                 ON pg_class.oid = indexrelid WHERE relnamespace = current_schema()::regnamespace AND NOT indisvalid"
            }
        };
        let rows = Text::find_by_statement(Statement::from_string(self.db.get_database_backend(), sql)).all(&self.db).await?;
        Ok(rows.into_iter().filter_map(|row| row.text).collect())
    }

    /// All API keys.
    pub async fn keys(&self) -> Result<Vec<ApiKey>, Error> {
        Ok(api_key::Entity::find().all(&self.db).await?.into_iter().map(ApiKey::from).collect())
    }
}
