//! The database migrations, one file each, and the code that applies them.
//!
//! A released migration never changes. Migrations never use `entity`, whose models describe the newest schema. The table
//! `seaql_migrations` records which ones a database has. Its name and columns are those of sea-orm-migration, which was used at
//! first; it would bring schema discovery, several clock libraries and a CLI.
//!
//! All missing migrations are applied in one transaction, so that a failure leaves the database unchanged.

mod m0001_first;
mod m0002_postgres;
mod m0002_search;
mod m0003_counts;
mod m0004_words;
mod m0005_keys;
mod m0006_links;
mod m0007_readers;
mod statements;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait,
};

/// The migrations, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Migration {
    First,
    Search,
    Counts,
    Words,
    Keys,
    Links,
    Readers,
}

impl Migration {
    const ALL: [Self; 7] = [Self::First, Self::Search, Self::Counts, Self::Words, Self::Keys, Self::Links, Self::Readers];

    /// The name recorded in databases.
    const fn name(self) -> &'static str {
        match self {
            Self::First => "m0001_first",
            Self::Search => "m0002_search",
            Self::Counts => "m0003_counts",
            Self::Words => "m0004_words",
            Self::Keys => "m0005_keys",
            Self::Links => "m0006_links",
            Self::Readers => "m0007_readers",
        }
    }

    async fn up(self, db: &DatabaseTransaction) -> Result<(), DbErr> {
        match self {
            Self::First => m0001_first::up(db).await,
            Self::Search => m0002_search::up(db).await,
            Self::Counts => m0003_counts::up(db).await,
            Self::Words => m0004_words::up(db).await,
            Self::Keys => m0005_keys::up(db).await,
            Self::Links => m0006_links::up(db).await,
            Self::Readers => m0007_readers::up(db).await,
        }
    }

    async fn down(self, db: &DatabaseTransaction) -> Result<(), DbErr> {
        match self {
            Self::First => m0001_first::down(db).await,
            Self::Search => m0002_search::down(db).await,
            Self::Counts => m0003_counts::down(db).await,
            Self::Words => m0004_words::down(db).await,
            Self::Keys => m0005_keys::down(db).await,
            Self::Links => m0006_links::down(db).await,
            Self::Readers => m0007_readers::down(db).await,
        }
    }
}

/// The names of all migrations, in order.
pub fn names() -> impl Iterator<Item = &'static str> {
    Migration::ALL.into_iter().map(Migration::name)
}

/// Applies the missing migrations.
pub async fn up(db: &DatabaseConnection) -> Result<(), DbErr> {
    let db = begin(db).await?;
    let applied = applied(&db).await?;
    let now = match db.get_database_backend() {
        DbBackend::Sqlite => "unixepoch()",
        _ => "CAST(extract(epoch FROM now()) AS bigint)",
    };
    for migration in Migration::ALL.into_iter().filter(|migration| !applied.iter().any(|name| name == migration.name())) {
        migration.up(&db).await?;
        record(&db, &format!("INSERT INTO seaql_migrations (version, applied_at) VALUES ($1, {now})"), migration).await?;
    }
    db.commit().await
}

/// Reverts all migrations, newest first. Only the empty list of migrations is left.
pub async fn down(db: &DatabaseConnection) -> Result<(), DbErr> {
    let db = begin(db).await?;
    let applied = applied(&db).await?;
    for migration in Migration::ALL.into_iter().rev().filter(|migration| applied.iter().any(|name| name == migration.name())) {
        migration.down(&db).await?;
        record(&db, "DELETE FROM seaql_migrations WHERE version = $1", migration).await?;
    }
    db.commit().await
}

/// A migration in the database that this program does not know, if any: a newer program applied it.
pub async fn unknown(db: &DatabaseConnection) -> Result<Option<String>, DbErr> {
    let db = begin(db).await?;
    let unknown = applied(&db).await?.into_iter().find(|name| !Migration::ALL.iter().any(|known| known.name() == name));
    db.commit().await?;
    Ok(unknown)
}

/// Starts a transaction that excludes other migrations: SQLite allows one writer, and on PostgreSQL callers hold a lock.
async fn begin(db: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let sqlite_transaction_mode = (db.get_database_backend() == DbBackend::Sqlite).then_some(SqliteTransactionMode::Immediate);
    db.begin_with_options(TransactionOptions { sqlite_transaction_mode, ..TransactionOptions::default() }).await
}

/// The names of the migrations recorded in the database.
async fn applied(db: &DatabaseTransaction) -> Result<Vec<String>, DbErr> {
    db.execute_unprepared(
        "CREATE TABLE IF NOT EXISTS seaql_migrations (version varchar NOT NULL PRIMARY KEY, applied_at bigint NOT NULL)",
    )
    .await?;
    let names = Statement::from_string(db.get_database_backend(), "SELECT version FROM seaql_migrations ORDER BY version");
    db.query_all_raw(names).await?.iter().map(|row| row.try_get("", "version")).collect()
}

/// Executes a statement about one migration.
async fn record(db: &DatabaseTransaction, sql: &str, migration: Migration) -> Result<(), DbErr> {
    db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, [migration.name().into()])).await?;
    Ok(())
}
