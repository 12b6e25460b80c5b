//! The file to import: deliveries of the shop of `deskgraph demo` as envelopes, one per line, the same in each run.
//!
//! Of a hundred deliveries, 78 are messages, 9 are changes of a conversation's status, 8 concern customers and 5 tickets. A
//! conversation has about ten messages. One delivery in a hundred is a repetition, and one or two arrive after others that were
//! sent later. The shop uses four platforms, over half a year.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use demo::{Plan, past};
use deskgraph::domain::{kind::EventKind, time::Timestamp};

/// The number of parts.
const PARTS: u32 = 10;

/// The length of the history.
const WEEKS: u32 = 26;

/// The number of deliveries in the demo's shop at scale 1, rounded down so that the file ends a little before the history does.
const DELIVERIES: f64 = 64_000.0;

/// The envelope field before the payload, which extends up to the last brace of the line.
const DATA: &str = r#","data":"#;

/// The whole file.
pub(crate) struct File {
    pub(crate) parts: Vec<Part>,
    pub(crate) payload_bytes: u64,
    kinds: BTreeMap<&'static str, u64>,
}

/// A part of it, as a file of its own.
pub(crate) struct Part {
    pub(crate) path: PathBuf,
    pub(crate) lines: u64,
}

impl File {
    /// Writes the parts of a file with this number of lines into a folder.
    pub(crate) fn write(folder: &Path, lines: u32) -> Self {
        let end = Timestamp::parse_rfc3339("2025-10-01T10:00:00+07:00").unwrap().as_millis();
        let plan = Plan { scale: f64::from(lines) / DELIVERIES, weeks: WEEKS, ..Plan::new(end) };
        let mut deliveries = past(&plan);
        let (mut parts, mut payload_bytes, mut kinds) = (Vec::new(), 0, BTreeMap::new());
        for part in 0..PARTS {
            let path = folder.join(format!("part-{part}.ndjson"));
            let mut written = BufWriter::new(fs::File::create(&path).unwrap());
            let before = |part: u32| u64::from(lines) * u64::from(part) / u64::from(PARTS);
            let lines = before(part + 1) - before(part);
            for _ in 0..lines {
                let delivery = deliveries.next().expect("the shop has enough deliveries");
                let kind = EventKind::from_segment(delivery.event).unwrap().name();
                writeln!(written, r#"{{"event":"{kind}","id":"{}"{DATA}{}}}"#, delivery.id, delivery.payload).unwrap();
                *kinds.entry(kind).or_default() += 1;
                payload_bytes += delivery.payload.len() as u64;
            }
            written.flush().unwrap();
            parts.push(Part { path, lines });
        }
        Self { parts, payload_bytes, kinds }
    }

    /// Writes all parts into one file.
    pub(crate) fn join(&self, path: &Path) {
        let mut whole = fs::File::create(path).unwrap();
        for part in &self.parts {
            io::copy(&mut fs::File::open(&part.path).unwrap(), &mut whole).unwrap();
        }
    }

    fn lines(&self) -> u64 {
        self.parts.iter().map(|part| part.lines).sum()
    }

    /// A summary of its content.
    pub(crate) fn summary(&self) -> String {
        let lines = self.lines();
        let mut summary = format!("{lines} events with {:.1} MB of payloads", self.payload_bytes as f64 / 1e6);
        for (kind, count) in &self.kinds {
            write!(summary, "; {:.1} % {kind}", *count as f64 * 100.0 / lines as f64).unwrap();
        }
        summary
    }
}

/// The payload of a line.
pub(crate) fn payload(line: &str) -> &str {
    let start = line.find(DATA).unwrap() + DATA.len();
    line[start..].strip_suffix('}').unwrap()
}
