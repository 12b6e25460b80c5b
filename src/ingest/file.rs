//! Imports files of deliveries, one envelope per line (NDJSON). Importing a file twice stores nothing twice.
//!
//! A file may be an exported log or a part of one. Then every event keeps its sequence number, and the import ends at the
//! first line that can't be stored, so that the log gets no gap.

use std::collections::HashMap;

use futures_util::{StreamExt, stream};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt};

use super::{Source, Writer, exported::restore, read, writer};
use crate::{
    domain::{digest::digest, zone::Zone},
    store::{Appended, Entry},
};

/// The largest number of lines waiting for the writer: two of its batches.
const IN_FLIGHT: usize = 8192;

/// The longest accepted line, in bytes. A payload's text in an exported line is up to twice as long as the payload.
const MAX_LINE: u64 = 64 * 1024 * 1024;

/// The result of an import.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// The number of bytes read so far.
    pub bytes: u64,
    /// The number of events stored.
    pub stored: u64,
    /// The number of events that had been stored before.
    pub duplicates: u64,
    /// The number of lines that are not valid events.
    pub rejected: u64,
}

/// Why an import ended early. What was stored until then stays stored; importing again continues from there.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file could not be read.
    #[error("reading: {0}")]
    Read(#[from] std::io::Error),
    /// The writer could not store a line.
    #[error("line {line}: {error}")]
    Writer {
        /// The number of the line.
        line: u64,
        /// The error.
        error: writer::Error,
    },
    /// The file is an exported log with a line that can't be restored.
    #[error("line {line}: {reason}")]
    Log {
        /// The number of the line.
        line: u64,
        /// Why it can't be restored.
        reason: String,
    },
}

/// A line of the file.
struct Line {
    number: u64,
    bytes: u64,
    entry: Result<Entry, String>,
}

/// Imports every line. Reports invalid lines to `complain` by number and continues; calls `progress` as lines are stored. A
/// line without a delivery id gets one derived from its content and its occurrence count.
pub async fn import(
    input: impl AsyncBufRead + Unpin,
    writer: &Writer,
    zone: &Zone,
    mut complain: impl FnMut(u64, &str),
    mut progress: impl FnMut(Imported),
) -> Result<Imported, Error> {
    let mut imported = Imported::default();
    let lines = Lines { input, number: 0, zone, occurrences: HashMap::new(), seq: None };
    // Nothing is read after a line that ends the import.
    let lines = stream::unfold(Some(lines), async |lines| {
        let mut lines = lines?;
        match lines.next().await.transpose()? {
            Ok(line) => Some((Ok(line), Some(lines))),
            Err(error) => Some((Err(error), None)),
        }
    });
    // Lines are queued in order, so the log keeps the order of the file; only their outcomes are awaited concurrently.
    let stored = lines
        .then(async |line: Result<Line, Error>| queue(writer, line?).await)
        .map(async |queued| queued?.await)
        .buffered(IN_FLIGHT);
    let mut stored = std::pin::pin!(stored);
    while let Some(line) = stored.next().await {
        let line = line?;
        imported.bytes += line.bytes;
        if let Some(complaint) = line.complaint {
            complain(line.number, &complaint);
        }
        match line.appended {
            Some(Appended::Event { duplicate: true, .. }) => imported.duplicates += 1,
            Some(Appended::Event { .. }) => imported.stored += 1,
            Some(Appended::Rejected { .. }) | None => imported.rejected += 1,
        }
        progress(imported);
    }
    Ok(imported)
}

/// The outcome for a line.
struct Outcome {
    number: u64,
    bytes: u64,
    complaint: Option<String>,
    appended: Option<Appended>,
}

/// Queues a line and returns a future for its outcome.
async fn queue(writer: &Writer, line: Line) -> Result<impl Future<Output = Result<Outcome, Error>> + use<>, Error> {
    let Line { number, bytes, entry } = line;
    let failed = move |error| Error::Writer { line: number, error };
    let (complaint, answer) = match entry {
        Err(complaint) => (Some(complaint), None),
        Ok(entry) => {
            let complaint = match &entry {
                Entry::Rejection(rejection) => Some(format!("{}: {}", rejection.path, rejection.reason)),
                Entry::Delivery(_) => None,
            };
            (complaint, Some(writer.queue(entry).await.map_err(failed)?))
        }
    };
    Ok(async move {
        let appended = match answer {
            Some(answer) => Some(answer.await.map_err(failed)?),
            None => None,
        };
        Ok(Outcome { number, bytes, complaint, appended })
    })
}

struct Lines<'a, R> {
    input: R,
    number: u64,
    zone: &'a Zone,
    /// The number of occurrences of each line without an id, by the line's hash.
    occurrences: HashMap<u64, u32>,
    /// The sequence number of the last line that had one.
    seq: Option<i64>,
}

impl<R: AsyncBufRead + Unpin> Lines<'_, R> {
    async fn next(&mut self) -> Result<Option<Line>, Error> {
        loop {
            let mut line = Vec::new();
            let bytes = (&mut self.input).take(MAX_LINE).read_until(b'\n', &mut line).await? as u64;
            if bytes == 0 {
                return Ok(None);
            }
            self.number += 1;
            let entry = if bytes == MAX_LINE && line.last() != Some(&b'\n') {
                self.skip_line().await?;
                Err(format!("longer than {MAX_LINE} bytes"))
            } else {
                match std::str::from_utf8(&line) {
                    Ok(text) if text.trim().is_empty() => continue,
                    Ok(text) => self.entry(text.trim())?,
                    Err(error) => Err(format!("not UTF-8: {error}")),
                }
            };
            self.check(&entry)?;
            return Ok(Some(Line { number: self.number, bytes, entry }));
        }
    }

    /// Checks that the sequence numbers of an exported log are ascending and that every line is an event.
    fn check(&mut self, entry: &Result<Entry, String>) -> Result<(), Error> {
        let reason = match (entry, self.seq) {
            (Ok(Entry::Delivery(delivery)), before) => match (delivery.seq, before) {
                (Some(seq), Some(before)) if seq <= before => format!("event {seq} comes after event {before}"),
                (seq, before) => {
                    self.seq = seq.or(before);
                    return Ok(());
                }
            },
            (_, None) => return Ok(()),
            (Ok(Entry::Rejection(rejection)), Some(_)) => format!("{}: {}", rejection.path, rejection.reason),
            (Err(complaint), Some(_)) => complaint.clone(),
        };
        Err(Error::Log { line: self.number, reason: format!("{reason}: this is not an exported log as it was written") })
    }

    /// The entry of a line, or why it is invalid.
    fn entry(&mut self, text: &str) -> Result<Result<Entry, String>, Error> {
        match restore(text, self.zone) {
            Some(Ok(delivery)) => Ok(Ok(Entry::Delivery(delivery))),
            Some(Err(reason)) => Err(Error::Log { line: self.number, reason }),
            None => Ok(self.delivered(text)),
        }
    }

    fn delivered(&mut self, text: &str) -> Result<Entry, String> {
        let source = Source { may_set_arrival: true, ..Source::default() };
        let mut entry = read(text, &source, self.zone).map_err(|error| error.to_string())?;
        let (Entry::Delivery(crate::store::Delivery { delivery_id, .. })
        | Entry::Rejection(crate::store::Rejection { delivery_id, .. })) = &mut entry;
        if delivery_id.is_none() {
            let content = digest(&[text]);
            let key = u64::from_str_radix(&content[..16], 16).unwrap_or_default();
            let occurrence = self.occurrences.entry(key).or_default();
            *occurrence += 1;
            *delivery_id = Some(format!("line-{content}-{occurrence}"));
        }
        Ok(entry)
    }

    /// Skips the rest of a line that is too long.
    async fn skip_line(&mut self) -> Result<(), Error> {
        loop {
            let available = self.input.fill_buf().await?;
            let (skipped, done) = match available.iter().position(|byte| *byte == b'\n') {
                Some(end) => (end + 1, true),
                None => (available.len(), available.is_empty()),
            };
            self.input.consume(skipped);
            if done {
                return Ok(());
            }
        }
    }
}
