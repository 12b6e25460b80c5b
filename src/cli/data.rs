//! Commands that work on the stored data: `ingest`, `export`, `rebuild`, `verify`, `retry`.

use std::{
    io::{self, IsTerminal},
    path::Path,
};

use anyhow::{Context, Result};
use indicatif::ProgressBar;
use tokio::io::{AsyncRead, AsyncWriteExt, BufReader};

use super::{progress, serve::interrupted};
use crate::{
    clock::Clock,
    config::Config,
    ingest,
    store::{self, Log, Outdated, Store},
};

/// Opens the store, creating it if it does not exist.
async fn open(config: &Config) -> Result<Store> {
    let opened = Store::open(&config.store()?).await;
    opened.with_context(|| opening(config))
}

/// Opens a store that must exist.
async fn open_existing(config: &Config) -> Result<Store> {
    let opened = Store::open_existing(&config.store()?).await;
    opened.with_context(|| opening(config))
}

/// Opens a store that must exist, for commands that do not write projections or that rebuild them.
async fn open_outdated(config: &Config) -> Result<Store> {
    let opened = Store::open_existing(&store::Options { outdated: Outdated::Keep, ..config.store()? }).await;
    opened.with_context(|| opening(config))
}

fn opening(config: &Config) -> String {
    format!("opening {}", config.shown_database())
}

/// Imports a file. Exit code 1: some lines were rejected.
pub(super) async fn ingest(config: &Config, file: &Path) -> Result<u8> {
    let (input, bar): (Box<dyn AsyncRead + Unpin + Send>, _) = if file == Path::new("-") {
        (Box::new(tokio::io::stdin()), progress::count("bytes"))
    } else {
        let opened = tokio::fs::File::open(file).await.with_context(|| format!("opening {}", file.display()))?;
        let size = opened.metadata().await?.len();
        (Box::new(opened), progress::bytes(size))
    };
    let store = open(config).await?;
    let (writer, writing) = ingest::Writer::start(store.clone(), None, Clock::system(), config.bulk_writer());
    let report = |line: u64, problem: &str| bar.suspend(|| eprintln!("line {line}: {problem}"));
    let imported = tokio::select! {
        imported = ingest::import(
            BufReader::with_capacity(1 << 20, input),
            &writer,
            store.zone(),
            report,
            |imported| bar.set_position(imported.bytes),
        ) => Some(imported),
        () = interrupted() => None,
    };
    bar.finish_and_clear();
    drop(writer);
    writing.await?;
    store.close().await?;
    let Some(imported) = imported else {
        eprintln!("interrupted; run the import again to continue");
        return Ok(130);
    };
    let imported = imported.with_context(|| format!("importing {}", file.display()))?;
    eprintln!("{} stored, {} duplicates, {} rejected", imported.stored, imported.duplicates, imported.rejected);
    Ok(u8::from(imported.rejected > 0))
}

/// Writes the log to standard output. Exit code 141 (128 + SIGPIPE): the reader closed the pipe.
pub(super) async fn export(config: &Config) -> Result<u8> {
    let store = open_outdated(config).await?;
    let mut log = store.log().await?;
    let bar = if io::stdout().is_terminal() { ProgressBar::hidden() } else { progress::bar(log.events, "events") };
    let written = tokio::select! {
        written = write(&mut log, |events| bar.inc(events)) => written,
        () = interrupted() => {
            bar.finish_and_clear();
            eprintln!("interrupted; the output is incomplete");
            return Ok(130);
        }
    };
    bar.finish_and_clear();
    match written {
        Err(error) if error.downcast_ref().is_some_and(|error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe) => {
            return Ok(141);
        }
        written => written.context("writing the export")?,
    }
    eprintln!("{} events exported", log.events);
    if log.rejected > 0 {
        eprintln!("rejected deliveries not exported: {} (`deskgraph retry` may turn them into events)", log.rejected);
    }
    log.close().await?;
    store.close().await?;
    Ok(0)
}

/// Writes all events, and reports the number of events after each batch.
async fn write(log: &mut Log, mut progress: impl FnMut(u64)) -> Result<()> {
    let mut out = tokio::io::stdout();
    let mut lines = Vec::new();
    loop {
        let events = log.next().await?;
        if events.is_empty() {
            return Ok(out.flush().await?);
        }
        for event in &events {
            ingest::write_line(event, &mut lines);
        }
        out.write_all(&lines).await?;
        lines.clear();
        progress(events.len() as u64);
    }
}

/// Rebuilds all projections.
pub(super) async fn rebuild(config: &Config) -> Result<u8> {
    let store = open_outdated(config).await?;
    let bar = progress::bar(0, "events");
    let rebuilding = store.rebuild(|done, total| {
        bar.set_length(total);
        bar.set_position(done);
    });
    let events = tokio::select! {
        events = rebuilding => events?,
        () = interrupted() => {
            eprintln!("interrupted; the projections are unchanged");
            return Ok(130);
        }
    };
    bar.finish_and_clear();
    store.close().await?;
    eprintln!("projections rebuilt from {events} events");
    Ok(0)
}

/// Compares the projections with a rebuild from the log. Exit code 1: they differ.
pub(super) async fn verify(config: &Config) -> Result<u8> {
    let store = open_outdated(config).await?;
    let folder = tempfile::tempdir().context("creating a temporary folder for the comparison")?;
    let bar = progress::bar(0, "events");
    let verifying = store.verify(folder.path(), |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    });
    let verified = tokio::select! {
        verified = verifying => verified?,
        () = interrupted() => return Ok(130),
    };
    bar.finish_and_clear();
    store.close().await?;
    for difference in &verified.differences {
        let nothing = "nothing".to_owned();
        eprintln!("{}:", difference.table);
        eprintln!("  stored:   {}", difference.stored.as_ref().unwrap_or(&nothing));
        eprintln!("  expected: {}", difference.folded.as_ref().unwrap_or(&nothing));
    }
    if verified.differences.is_empty() {
        eprintln!("{} rows match the {} events in the log", verified.rows, verified.events);
        Ok(0)
    } else {
        eprintln!("the projections differ from the log; run `deskgraph rebuild`");
        Ok(1)
    }
}

/// Retries rejected deliveries. Exit code 1: some are still rejected.
pub(super) async fn retry(config: &Config) -> Result<u8> {
    let store = open_existing(config).await?;
    let (writer, writing) = ingest::Writer::start(store.clone(), None, Clock::system(), config.bulk_writer());
    let bar = progress::bar(store.rejected_count().await?, "deliveries");
    let retried = ingest::retry(&store, &writer, |retried| bar.set_position(retried.stored + retried.rejected)).await;
    bar.finish_and_clear();
    drop(writer);
    writing.await?;
    for delivery in store.rejected_after(0, 20).await? {
        let kind = delivery.kind.map_or("unknown", crate::domain::kind::EventKind::name);
        eprintln!("#{} {} {kind} {}: {}", delivery.id, delivery.received_at, delivery.path, delivery.reason);
    }
    store.close().await?;
    let retried = retried?;
    eprintln!("{} stored, {} still rejected", retried.stored, retried.rejected);
    Ok(u8::from(retried.rejected > 0))
}

/// Gives a restored database a new id.
pub(super) async fn restored(config: &Config) -> Result<u8> {
    let store = open_outdated(config).await?;
    store.renew_id().await?;
    store.close().await?;
    eprintln!("the database has a new id: clients with a live cursor from before the restore must start again");
    Ok(0)
}
