//! Files of deliveries: one envelope a line (NDJSON). A file can be imported again without storing anything twice.
//!
//! A file may be an exported log, or a part of one. Then every event keeps its number, so the import ends at the first line
//! that can't be stored: a log with a hole would not be that log.

use std::collections::HashMap;

use futures_util::{StreamExt, stream};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt};

use super::{Source, Writer, exported::restore, read, writer};
use crate::{
    domain::{digest::digest, zone::Zone},
    store::{Appended, Entry},
};

/// Lines that may wait for the writer.
const IN_FLIGHT: usize = 1024;

/// The longest line, in bytes. The text of a payload in an exported line is up to twice as long as the payload.
const MAX_LINE: u64 = 64 * 1024 * 1024;

/// What came of an import.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Bytes read so far.
    pub bytes: u64,
    /// Events stored.
    pub stored: u64,
    /// Events that were stored before.
    pub duplicates: u64,
    /// Lines that are no events.
    pub rejected: u64,
}

/// Why an import ended early. What was stored until then is stored; importing again goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file could not be read.
    #[error("reading: {0}")]
    Read(#[from] std::io::Error),
    /// The writer could not store.
    #[error("line {line}: {error}")]
    Writer {
        /// Which line.
        line: u64,
        /// What happened.
        error: writer::Error,
    },
    /// The file is an exported log, and this line of it can't be restored.
    #[error("line {line}: {reason}")]
    Log {
        /// Which line.
        line: u64,
        /// Why.
        reason: String,
    },
}

/// A line as it goes to the writer.
struct Line {
    number: u64,
    bytes: u64,
    entry: Result<Entry, String>,
}

/// Imports every line. Bad lines are reported through `complain` by number and the import goes on; `progress` is called as
/// lines are stored. A line without an id gets one from its content and how often that stood in the file before.
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
    // Lines are queued one after the other, so that the log has the order of the file; only their answers wait side by side.
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

/// What came of a line.
struct Outcome {
    number: u64,
    bytes: u64,
    complaint: Option<String>,
    appended: Option<Appended>,
}

/// Gives a line its place in the writer's queue. What comes of it is awaited apart.
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
    /// How often each content without an id has occurred, by its digest.
    occurrences: HashMap<u64, u32>,
    /// The number of the last event that came with one.
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

    /// In an exported log the numbers grow, and every line is an event.
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

    /// What a line says, or what is wrong with it.
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

    /// Reads on to the end of a line that is too long, keeping nothing of it.
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
