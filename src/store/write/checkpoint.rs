//! Checkpoints SQLite's write-ahead log (WAL), concurrently with the writer.
//!
//! SQLite would do this within a commit every few thousand pages, which delays the waiting senders by up to a hundred
//! milliseconds. Here a thread with its own connection copies the pages while the writer continues. The WAL restarts only
//! after all of it is copied, so the writer itself copies the few pages that it has added meanwhile.

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

/// The number of pages in the WAL that starts a checkpoint: 64 MiB. A page changed by many commits is copied once.
const PAGES: i32 = 16_000;

thread_local! {
    /// The WAL pages after this thread's last commit. SQLite's hook carries no state, but runs on the committing thread.
    static LOGGED: Cell<i32> = const { Cell::new(0) };
}

/// Runs checkpoints in a thread, which ends when this is dropped.
pub(super) struct Checkpoints {
    wake: Option<SyncSender<()>>,
    /// Set when the thread has copied the pages.
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

    /// Must be called after each commit of the writer.
    pub(super) fn committed(&self, writer: &Connection) {
        if LOGGED.get() < PAGES {
            return;
        }
        if self.copied.swap(false, Ordering::Acquire) {
            checkpoint(writer);
        } else if self.wake.as_ref().is_none_or(|wake| matches!(wake.try_send(()), Err(TrySendError::Disconnected(())))) {
            // The thread does not exist: checkpoint here. A thread that is already awake needs no second wake-up.
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
        // Wake-ups that arrived meanwhile are done too; otherwise a needless checkpoint could block the writer's own.
        while woken.try_recv().is_ok() {}
        copied.store(true, Ordering::Release);
    }
}

/// Copies as many pages of the WAL as no reader needs.
fn checkpoint(db: &Connection) {
    let copied = db.prepare_cached("PRAGMA wal_checkpoint(PASSIVE)").and_then(|mut copy| copy.query_row([], |_| Ok(())));
    if let Err(error) = copied {
        tracing::warn!(%error, "the write-ahead log can't be copied");
    }
}
