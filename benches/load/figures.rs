//! The results of a command or of the baseline, as a row of the table.

use std::time::Duration;

/// One run over a part of the events.
pub(crate) struct Run {
    pub(crate) time: Duration,
    /// The CPU time of the process, and of its database if known.
    pub(crate) cpu: Duration,
    pub(crate) database: Option<Duration>,
    /// `None` if the process did other work before.
    pub(crate) memory: Option<Memory>,
}

/// The peak memory of a process, in bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Memory {
    /// All resident memory, including mapped files.
    pub(crate) peak: u64,
    /// Memory that belongs to no file.
    pub(crate) allocated: u64,
}

impl Memory {
    /// The larger of each.
    pub(crate) fn max(self, other: Self) -> Self {
        Self { peak: self.peak.max(other.peak), allocated: self.allocated.max(other.allocated) }
    }
}

/// Runs over consecutive parts.
#[derive(Default)]
pub(crate) struct Figures {
    events: u64,
    time: Duration,
    /// Events per second, by part.
    rates: Vec<f64>,
    cpu: Duration,
    database: Option<Duration>,
    memory: Option<Memory>,
}

impl Figures {
    /// Adds a run over a number of events.
    pub(crate) fn add(&mut self, events: u64, run: &Run) {
        self.events += events;
        self.time += run.time;
        self.rates.push(events as f64 / run.time.as_secs_f64());
        self.cpu += run.cpu;
        if let Some(database) = run.database {
            *self.database.get_or_insert_default() += database;
        }
        if let Some(memory) = run.memory {
            self.memory = Some(self.memory.unwrap_or_default().max(memory));
        }
    }

    pub(crate) fn per_second(&self) -> f64 {
        self.events as f64 / self.time.as_secs_f64()
    }

    /// The head of the table.
    pub(crate) fn head(store: &str) -> Vec<String> {
        [store, "events/s", "first tenth", "last tenth", "seconds", "CPU s", "peak MB", "allocated MB", "disk B/payload B"]
            .map(str::to_owned)
            .to_vec()
    }

    /// A row, with the size on disk per payload byte, if anything was written.
    pub(crate) fn row(&self, name: &str, size: Option<f64>) -> Vec<String> {
        let nothing = || "–".to_owned();
        let cpu = self.cpu.as_secs_f64();
        let tenth = |rate: Option<&f64>| match rate {
            Some(rate) if self.rates.len() > 1 => format!("{rate:.0}"),
            _ => nothing(),
        };
        let megabytes = |bytes: u64| format!("{:.0}", bytes as f64 / 1e6);
        vec![
            name.to_owned(),
            format!("{:.0}", self.per_second()),
            tenth(self.rates.first()),
            tenth(self.rates.last()),
            format!("{:.2}", self.time.as_secs_f64()),
            match self.database {
                Some(database) => format!("{cpu:.2} + {:.2}", database.as_secs_f64()),
                None => format!("{cpu:.2}"),
            },
            self.memory.map_or_else(nothing, |memory| megabytes(memory.peak)),
            self.memory.map_or_else(nothing, |memory| megabytes(memory.allocated)),
            size.map_or_else(nothing, |size| format!("{size:.2}")),
        ]
    }
}
