//! Copying SQLite's write-ahead log into the database file, beside the writer.
//!
//! SQLite would do that at every so many commits within the commit, and make all who wait for it wait for up to a hundred
//! milliseconds more. Here a thread with a connection of its own copies what is there, while the writer goes on. The log only
//! starts again from its beginning when all of it is copied, so the writer copies the little that it added meanwhile itself.

use std::{
    cell::Cell,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    thread::JoinHandle,
    time::Duration,
};

use rusqlite::{Connection, OpenFlags};

use super::super::sqlite;

/// Pages in the log after which they are copied: 64 MiB. A page that many commits changed is copied once.
const PAGES: i32 = 16_000;

thread_local! {
    /// The pages in the log after this thread's last commit. SQLite's hook gets no state, but runs on the committing thread.
    static LOGGED: Cell<i32> = const { Cell::new(0) };
}

/// What copies the log. It ends when it is dropped.
pub(super) struct Checkpoints {
    wake: Option<SyncSender<()>>,
    /// The thread has copied what was there.
    copied: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Checkpoints {
    /// Starts the thread for a writer's connection.
    pub(super) fn start(writer: &Connection, file: &Path, busy: Duration) -> Self {
        writer.wal_hook(Some(|_, pages| {
            LOGGED.set(pages);
            Ok(())
        }));
        let (wake, woken) = sync_channel(1);
        let copied = Arc::new(AtomicBool::new(false));
        let (file, tell) = (file.to_owned(), copied.clone());
        let thread = std::thread::Builder::new().name("checkpoints".into()).spawn(move || copy(&file, busy, &woken, &tell));
        Self { wake: Some(wake), copied, thread: thread.inspect_err(|error| tracing::error!(%error, "no thread")).ok() }
    }

    /// To be called after each commit of the writer.
    pub(super) fn committed(&self, writer: &Connection) {
        if LOGGED.get() < PAGES {
            return;
        }
        if self.copied.swap(false, Ordering::Acquire) {
            checkpoint(writer);
        } else if self.wake.as_ref().is_none_or(|wake| matches!(wake.try_send(()), Err(TrySendError::Disconnected(())))) {
            // There is no such thread. One that is awake already need not be woken.
            checkpoint(writer);
        }
    }
}

impl Drop for Checkpoints {
    fn drop(&mut self) {
        self.wake = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn copy(file: &Path, busy: Duration, woken: &Receiver<()>, copied: &AtomicBool) {
    let mut connection: Option<Connection> = None;
    while woken.recv().is_ok() {
        if connection.is_none() {
            let opened = sqlite::open(file, OpenFlags::SQLITE_OPEN_READ_WRITE, busy);
            connection = opened.inspect_err(|error| tracing::warn!(%error, "the write-ahead log can't be copied")).ok();
        }
        if let Some(connection) = &connection {
            checkpoint(connection);
        }
        // What woke it meanwhile is done, too: the writer must not meet it at work.
        while woken.try_recv().is_ok() {}
        copied.store(true, Ordering::Release);
    }
}

/// Copies as much of the log as nobody still reads.
fn checkpoint(db: &Connection) {
    let copied = db.prepare_cached("PRAGMA wal_checkpoint(PASSIVE)").and_then(|mut copy| copy.query_row([], |_| Ok(())));
    if let Err(error) = copied {
        tracing::warn!(%error, "the write-ahead log can't be copied");
    }
}
