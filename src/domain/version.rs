//! Which of two snapshots is newer, and whether their subject is alive (docs/events.md, "Order, repetition and deletes").
//!
//! Customers, tickets and messages are *versioned*: their payloads, applied in version order, give their state. One that
//! arrives in order is applied to what is stored; a late one makes [`fold`] start again from all payloads of its subject.

use std::cmp::Ordering;

use super::time::Timestamp;

/// The place of a snapshot among all snapshots of its subject. Two payloads with equal versions are told apart by their
/// text, which is why an equal version counts as late: only the whole history can order it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// When the CRM says it was made, else its arrival.
    pub at: Timestamp,
    /// At the same instant a `created` (0) comes before an `updated` (1).
    pub rank: u8,
    /// Its arrival.
    pub received_at: Timestamp,
}

/// One stored payload of a subject, as folding sees it.
#[derive(Clone, Debug)]
pub struct Arrival<P> {
    /// What it says.
    pub payload: P,
    /// The sequence number of its event.
    pub seq: i64,
    /// When it arrived.
    pub received_at: Timestamp,
    /// The payload exactly as received: the last word between equal versions.
    pub text: String,
}

/// State that is the result of applying payloads in version order.
pub trait Versioned: Sized {
    /// What arrives.
    type Payload;

    /// The version of one payload.
    fn version_of(payload: &Self::Payload, received_at: Timestamp) -> Version;

    /// The newest version applied so far.
    fn version(&self) -> Option<Version>;

    /// Applies a payload that is newer than all before it.
    fn apply(&mut self, payload: &Self::Payload, seq: i64, received_at: Timestamp);

    /// The same subject as if no payload had been seen; keeps what does not come from payloads, such as deletes.
    #[must_use]
    fn emptied(&self) -> Self;

    /// Whether this payload can't simply be applied on top.
    fn is_late(&self, payload: &Self::Payload, received_at: Timestamp) -> bool {
        self.version().is_some_and(|newest| Self::version_of(payload, received_at) <= newest)
    }
}

/// Folds a subject from all its payloads, in whatever order they are given.
pub fn fold<T: Versioned>(state: &T, arrivals: &mut [Arrival<T::Payload>]) -> T {
    arrivals.sort_by(order::<T>);
    let mut folded = state.emptied();
    for arrival in arrivals.iter() {
        folded.apply(&arrival.payload, arrival.seq, arrival.received_at);
    }
    folded
}

fn order<T: Versioned>(a: &Arrival<T::Payload>, b: &Arrival<T::Payload>) -> Ordering {
    let version = |arrival: &Arrival<T::Payload>| T::version_of(&arrival.payload, arrival.received_at);
    version(a).cmp(&version(b)).then_with(|| a.text.cmp(&b.text))
}

/// What decides whether a customer or a ticket exists and is alive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Life {
    /// The newest snapshot applied; `None` for a tombstone of something never seen.
    pub version: Option<Version>,
    /// The newest date that a snapshot itself carried; arrival does not count.
    pub dated_at: Option<Timestamp>,
    /// The arrival of the latest delete.
    pub last_deleted_at: Option<Timestamp>,
}

impl Life {
    /// Whether any snapshot of it was ever seen: without one it shows up nowhere.
    pub fn is_seen(&self) -> bool {
        self.version.is_some()
    }

    /// When it was deleted, unless a snapshot dated later brought it back.
    pub fn deleted_at(&self) -> Option<Timestamp> {
        self.last_deleted_at.filter(|deleted| self.dated_at.is_none_or(|dated| dated <= *deleted))
    }

    /// Takes note of a delete; deletes need no order.
    pub fn delete(&mut self, received_at: Timestamp) {
        self.last_deleted_at = self.last_deleted_at.max(Some(received_at));
    }

    /// Takes note of a snapshot; `dated` is the date it carried.
    pub fn see(&mut self, version: Version, dated: Option<Timestamp>) {
        self.version = self.version.max(Some(version));
        self.dated_at = self.dated_at.max(dated);
    }

    /// The same subject before any snapshot.
    #[must_use]
    pub fn unseen(&self) -> Self {
        Self { version: None, dated_at: None, last_deleted_at: self.last_deleted_at }
    }
}

#[cfg(test)]
mod tests {
    use super::{Life, Version};
    use crate::domain::time::Timestamp;

    fn at(ms: i64) -> Timestamp {
        Timestamp::clamped(ms)
    }

    #[test]
    fn a_snapshot_brings_back_only_when_it_is_dated_after_the_delete() {
        let mut life = Life::default();
        let version = |ms| Version { at: at(ms), rank: 1, received_at: at(ms) };
        life.see(version(10), Some(at(10)));
        life.delete(at(20));
        assert_eq!(life.deleted_at(), Some(at(20)));
        life.see(version(30), None);
        assert_eq!(life.deleted_at(), Some(at(20)), "one dated by its arrival does not");
        life.see(version(30), Some(at(30)));
        assert_eq!(life.deleted_at(), None);
        life.delete(at(25));
        assert_eq!(life.deleted_at(), None, "nor does a delete older than the date");
    }
}
