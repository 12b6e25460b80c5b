//! Looking at a store without opening it for work: nothing is migrated, rebuilt or made. `deskgraph doctor` and `stats` ask here.
//!
//! Each method answers one question with plain facts. What they mean, and what helps, is not known here. What only a server
//! can be asked is in [`server`], a comparison of log and projections in [`sample`], counts and sizes in [`statistics`].

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

/// Connections that look: some questions take two sessions.
const CONNECTIONS: u32 = 2;

/// The table of the migrations that a database has.
const MIGRATIONS: &str = "seaql_migrations";

/// A store that is looked at.
pub struct Inspection {
    db: DatabaseConnection,
    options: Options,
}

/// Which migrations a database has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schema {
    /// Those that this program knows and the database has.
    pub applied: usize,
    /// Those that it lacks, in order.
    pub pending: Vec<&'static str>,
    /// Those that this program does not know: a newer one applied them.
    pub unknown: Vec<String>,
}

/// What keeps commits when the machine crashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Durability {
    /// Settings of SQLite.
    Sqlite {
        /// How the file is written: `wal`, unless no gateway has served it yet.
        journal_mode: String,
        /// What the connection that writes syncs: 2 is every commit. `None` if that was not asked, for the file is not in WAL mode.
        synchronous: Option<i64>,
    },
    /// Settings of PostgreSQL, as the connection that writes has them.
    Postgres {
        /// Whether anything is synced at all.
        fsync: bool,
        /// Whether pages that were half written can be mended.
        full_page_writes: bool,
        /// Whether a commit waits until it is synced.
        synchronous_commit: String,
        /// Whether what this program tells the server about a connection arrives there.
        settings_arrive: bool,
        /// Whether it takes writes: it is no standby.
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
    /// Connects to a database that must be there and must be one of deskgraph.
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

    /// Which migrations it has.
    pub async fn schema(&self) -> Result<Schema, Error> {
        let sql = format!("SELECT version AS text FROM {MIGRATIONS} ORDER BY version");
        let statement = Statement::from_string(self.db.get_database_backend(), sql);
        let has = Text::find_by_statement(statement).all(&self.db).await?;
        let mut has: Vec<String> = has.into_iter().filter_map(|row| row.text).collect();
        let (applied, pending): (Vec<_>, Vec<_>) = migration::names().partition(|name| has.iter().any(|has| has == name));
        has.retain(|name| !applied.contains(&name.as_str()));
        Ok(Schema { applied: applied.len(), pending, unknown: has })
    }

    /// The version of the projections: the stored one, and the one that this program folds.
    pub async fn projection_versions(&self) -> Result<(u32, u32), Error> {
        let row = meta::Entity::find_by_id(VERSION_KEY.to_owned()).one(&self.db).await?;
        Ok((parse_version(row.map(|row| row.value).as_deref())?, VERSION))
    }

    /// What keeps commits. The connection that writes is opened for that, as a gateway opens it, and takes its turn to write.
    pub async fn durability(&self) -> Result<Durability, Error> {
        if self.dialect() == Dialect::Sqlite {
            let statement =
                Statement::from_string(self.db.get_database_backend(), "SELECT journal_mode AS text FROM pragma_journal_mode");
            let journal_mode =
                Text::find_by_statement(statement).one(&self.db).await?.and_then(|row| row.text).unwrap_or_default();
            if journal_mode != "wal" {
                return Ok(Durability::Sqlite { journal_mode, synchronous: None });
            }
            let asked = Query::select().column(Alias::new("synchronous")).from(Alias::new("pragma_synchronous")).to_owned();
            let rows = self.as_writer(&asked).await?;
            return Ok(Durability::Sqlite { journal_mode, synchronous: rows.iter().next().and_then(|row| row.int(0)) });
        }
        let asked = Query::select().columns(["name", "setting"].map(Alias::new)).from(Alias::new("pg_settings")).to_owned();
        let rows = self.as_writer(&asked).await?;
        let setting = |name: &str| {
            let row = rows.iter().find(|row| row.text(0) == Some(name));
            row.and_then(|row| row.text(1)).unwrap_or_default().to_owned()
        };
        Ok(Durability::Postgres {
            fsync: setting("fsync") == "on",
            full_page_writes: setting("full_page_writes") == "on",
            synchronous_commit: setting("synchronous_commit"),
            // The writer turns it off, and no server does by itself.
            settings_arrive: setting("enable_seqscan") == "off",
            takes_writes: setting("transaction_read_only") == "off",
        })
    }

    /// The rows of a select on the connection that writes, in a transaction that changes nothing.
    async fn as_writer(&self, asked: &sea_orm::sea_query::SelectStatement) -> Result<super::Rows, Error> {
        let writer = write::Connection::open(&self.options).await?;
        let asking = async {
            let db = writer.begin().await?;
            let rows = db.query(asked).await?;
            db.rollback().await?;
            Ok(rows)
        };
        let rows = asking.await;
        writer.close().await?;
        rows
    }

    /// The latest arrival in the log.
    pub async fn newest_arrival(&self) -> Result<Option<Timestamp>, Error> {
        let newest = event::Entity::find().select_only().column_as(event::Column::ReceivedAt.max(), "number");
        let newest = newest.into_model::<Number>().one(&self.db).await?;
        Ok(newest.and_then(|row| row.number).map(Timestamp::clamped))
    }

    /// How many texts wait to be added to the search indexes, counted up to a bound. PostgreSQL adds them at once.
    pub async fn unindexed(&self, bound: u32) -> Result<u32, Error> {
        if self.dialect() == Dialect::Postgres {
            return Ok(0);
        }
        let waiting = self.number(&format!("SELECT count(*) AS number FROM (SELECT 1 FROM search_tail LIMIT {bound})")).await?;
        Ok(waiting.and_then(|waiting| u32::try_from(waiting).ok()).unwrap_or(bound))
    }

    /// The indexes that are missing or of no use, by name: on SQLite those of words and parts of words that are missing, on
    /// PostgreSQL those that it calls invalid.
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
