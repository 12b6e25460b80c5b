//! An open loop: when each message of the paced measurement is sent, regardless of the earlier ones.

use std::{
    thread,
    time::{Duration, Instant},
};

#[derive(Clone, Copy)]
pub(crate) struct Schedule {
    /// The number of the first message.
    pub(crate) first: u64,
    /// The number of messages.
    pub(crate) count: u32,
    pub(crate) start: Instant,
    pub(crate) interval: Duration,
}

impl Schedule {
    /// When a message is to be sent; `None` if it does not belong to this schedule.
    pub(crate) fn at(&self, number: u64) -> Option<Instant> {
        let place = u32::try_from(number.checked_sub(self.first)?).ok()?;
        (place < self.count).then(|| self.start + self.interval * place)
    }

    /// Calls `send` at each instant with the number of its message. Blocks its thread, since a timer of the runtime would be up
    /// to a millisecond late.
    pub(crate) fn run(&self, mut send: impl FnMut(u64)) {
        for number in self.first..self.first + u64::from(self.count) {
            let at = self.at(number).expect("it is of this schedule");
            thread::sleep(at.saturating_duration_since(Instant::now()));
            send(number);
        }
    }
}
