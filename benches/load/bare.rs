//! The baseline: the payloads of the file as text in a table of one column, inserted by this process in transactions of 5,000.

use std::{
    fs,
    io::{BufRead, BufReader},
    time::Instant,
};

use sea_orm::sqlx::{self, Connection as _, Executor, PgConnection};

use crate::{
    cpu,
    figures::Run,
    file::{Part, payload},
    fresh,
};

/// Payloads in one transaction.
const BATCH: usize = 5000;

/// A connection to a database with the table.
pub(crate) enum Bare {
    Sqlite(rusqlite::Connection),
    Postgres(PgConnection),
}

impl Bare {
    /// Creates the table in an empty database.
    pub(crate) async fn open(database_url: &str) -> Self {
        if let Some(file) = fresh::sqlite_file(database_url) {
            let db = rusqlite::Connection::open(file).unwrap();
            // With the same options as the gateway.
            for (name, value) in [("journal_mode", "WAL"), ("synchronous", "FULL"), ("wal_autocheckpoint", "4000")] {
                db.pragma_update(None, name, value).unwrap();
            }
            db.execute_batch("CREATE TABLE bare (payload text NOT NULL)").unwrap();
            return Self::Sqlite(db);
        }
        let mut db = PgConnection::connect(database_url).await.unwrap();
        db.execute("SET synchronous_commit = on").await.unwrap();
        db.execute("CREATE TABLE bare (payload text NOT NULL)").await.unwrap();
        Self::Postgres(db)
    }

    /// Inserts the payloads of a part of the file.
    pub(crate) async fn insert(&mut self, part: &Part, server: Option<cpu::Server>) -> Run {
        let spent = || (cpu::of_process(std::process::id()), server.map(cpu::Server::so_far));
        let before = spent();
        let started = Instant::now();
        let mut lines = BufReader::with_capacity(1 << 20, fs::File::open(&part.path).unwrap()).lines();
        loop {
            let batch: Vec<String> = lines.by_ref().take(BATCH).map(|line| payload(&line.unwrap()).to_owned()).collect();
            if batch.is_empty() {
                break;
            }
            self.insert_batch(batch).await;
        }
        let time = started.elapsed();
        let after = spent();
        Run {
            time,
            cpu: after.0.saturating_sub(before.0),
            database: after.1.zip(before.1).map(|(after, before)| after.saturating_sub(before)),
            memory: None,
        }
    }

    async fn insert_batch(&mut self, batch: Vec<String>) {
        match self {
            Self::Sqlite(db) => {
                let transaction = db.transaction().unwrap();
                let mut insert = transaction.prepare_cached("INSERT INTO bare (payload) VALUES (?1)").unwrap();
                for payload in &batch {
                    insert.execute([payload]).unwrap();
                }
                drop(insert);
                transaction.commit().unwrap();
            }
            Self::Postgres(db) => {
                // A statement outside a transaction is a transaction of its own.
                let insert = sqlx::query("INSERT INTO bare (payload) SELECT unnest($1::text[])").bind(batch);
                insert.execute(db).await.unwrap();
            }
        }
    }

    /// Closes the connection.
    pub(crate) async fn close(self) {
        match self {
            Self::Sqlite(db) => db.close().unwrap(),
            Self::Postgres(db) => db.close().await.unwrap(),
        }
    }
}
