//! An open loop: when each message of the paced measurement is to be sent, whatever became of those before.

use std::{
    thread,
    time::{Duration, Instant},
};

#[derive(Clone, Copy)]
pub(crate) struct Schedule {
    /// The number of the first message.
    pub(crate) first: u64,
    /// How many messages there are.
    pub(crate) count: u32,
    pub(crate) start: Instant,
    pub(crate) interval: Duration,
}

impl Schedule {
    /// When a message is to be sent; `None` if it is not of this schedule.
    pub(crate) fn at(&self, number: u64) -> Option<Instant> {
        let place = u32::try_from(number.checked_sub(self.first)?).ok()?;
        (place < self.count).then(|| self.start + self.interval * place)
    }

    /// Calls at each instant with the number of its message. It blocks its thread, for a timer of the runtime would be a
    /// millisecond late.
    pub(crate) fn keep(&self, mut send: impl FnMut(u64)) {
        for number in self.first..self.first + u64::from(self.count) {
            let at = self.at(number).expect("it is of this schedule");
            thread::sleep(at.saturating_duration_since(Instant::now()));
            send(number);
        }
    }
}
