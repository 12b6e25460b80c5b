//! The writer of the bare server: takes all waiting bodies, inserts them into one table in one transaction that is synced to
//! disk, and then answers them.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use rusqlite::Connection;
use sea_orm::sqlx::{self, Connection as _, Executor, PgConnection};
use tokio::sync::{mpsc, oneshot};

use crate::{bare::Job, fresh};

/// The largest number of payloads in one transaction.
const BATCH: usize = 256;

/// Starts the writer of an empty database.
pub(crate) async fn start(database_url: &str, waiting: mpsc::Receiver<Job>, batches: Arc<AtomicU64>) {
    if let Some(file) = fresh::sqlite_file(database_url) {
        let db = Connection::open(file).unwrap();
        std::thread::spawn(move || on_sqlite(&db, waiting, &batches));
    } else {
        let db = PgConnection::connect(database_url).await.unwrap();
        tokio::spawn(on_postgres(db, waiting, batches));
    }
}

fn on_sqlite(db: &Connection, mut waiting: mpsc::Receiver<Job>, batches: &AtomicU64) {
    // With the same options as the gateway.
    for (name, value) in [("journal_mode", "WAL"), ("synchronous", "FULL"), ("wal_autocheckpoint", "4000")] {
        db.pragma_update(None, name, value).unwrap();
    }
    db.execute_batch("CREATE TABLE bare (seq integer PRIMARY KEY, payload text NOT NULL)").unwrap();
    let statement = |sql| db.prepare(sql).unwrap();
    let (mut begin, mut commit) = (statement("BEGIN IMMEDIATE"), statement("COMMIT"));
    let mut insert = statement("INSERT INTO bare (payload) VALUES (?1)");
    let mut jobs: Vec<Job> = Vec::with_capacity(BATCH);
    while waiting.blocking_recv_many(&mut jobs, BATCH) > 0 {
        begin.execute([]).unwrap();
        for job in &jobs {
            insert.execute([&job.payload]).unwrap();
        }
        commit.execute([]).unwrap();
        batches.fetch_add(1, Ordering::Relaxed);
        answer(jobs.drain(..).map(|job| job.answer));
    }
}

async fn on_postgres(mut db: PgConnection, mut waiting: mpsc::Receiver<Job>, batches: Arc<AtomicU64>) {
    db.execute("SET synchronous_commit = on").await.unwrap();
    db.execute("CREATE TABLE bare (seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, payload text NOT NULL)").await.unwrap();
    let mut jobs = Vec::with_capacity(BATCH);
    while waiting.recv_many(&mut jobs, BATCH).await > 0 {
        let (payloads, answers): (Vec<String>, Vec<_>) = jobs.drain(..).map(|job: Job| (job.payload, job.answer)).unzip();
        // A statement outside a transaction is a transaction of its own.
        let insert = sqlx::query("INSERT INTO bare (payload) SELECT unnest($1::text[])").bind(&payloads);
        insert.execute(&mut db).await.unwrap();
        batches.fetch_add(1, Ordering::Relaxed);
        answer(answers);
    }
}

fn answer(answers: impl IntoIterator<Item = oneshot::Sender<()>>) {
    for answer in answers {
        // There is no receiver if the load has ended.
        let _ = answer.send(());
    }
}
