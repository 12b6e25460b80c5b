//! Orders snapshots of an object, and decides whether it is deleted (docs/events.md, "Order, repetition and deletes").
//!
//! Customers, tickets and messages are *versioned*: applying their payloads in version order gives their state. A payload that
//! arrives in order is applied to the stored state. A late one makes [`fold`] start again from all payloads of the object.

use std::cmp::Ordering;

use super::time::Timestamp;

/// The version of a snapshot, which orders all snapshots of its object. Payloads with equal versions are ordered by their text,
/// which needs the whole history. So an equal version counts as late.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// The date given by the CRM, else the time of arrival.
    pub at: Timestamp,
    /// Order at the same instant: a `created` (0) comes before an `updated` (1).
    pub rank: u8,
    /// Time of arrival.
    pub received_at: Timestamp,
}

/// One stored payload of an object, as input for folding.
#[derive(Clone, Debug)]
pub struct Arrival<P> {
    /// The parsed payload.
    pub payload: P,
    /// The sequence number of its event.
    pub seq: i64,
    /// When it arrived.
    pub received_at: Timestamp,
    /// The payload as received, which orders equal versions.
    pub text: String,
}

/// State that results from applying payloads in version order.
pub trait Versioned: Sized {
    /// The type of the payload.
    type Payload;

    /// The version of a payload.
    fn version_of(payload: &Self::Payload, received_at: Timestamp) -> Version;

    /// The newest version applied.
    fn version(&self) -> Option<Version>;

    /// Applies a payload that is newer than all those applied before.
    fn apply(&mut self, payload: &Self::Payload, seq: i64, received_at: Timestamp);

    /// The same object before any payload, keeping what does not come from payloads, such as deletes.
    #[must_use]
    fn emptied(&self) -> Self;

    /// Whether the payload is not newer than the state, so that the object has to be folded again.
    fn is_late(&self, payload: &Self::Payload, received_at: Timestamp) -> bool {
        self.version().is_some_and(|newest| Self::version_of(payload, received_at) <= newest)
    }
}

/// Folds an object from all its payloads, given in any order.
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

/// Decides whether a customer or a ticket exists and whether it is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Lifecycle {
    /// The newest snapshot applied; `None` for an object that is known only by its delete.
    pub version: Option<Version>,
    /// The newest date given in a snapshot; times of arrival don't count.
    pub dated_at: Option<Timestamp>,
    /// The arrival time of the latest delete.
    pub last_deleted_at: Option<Timestamp>,
}

impl Lifecycle {
    /// Whether any snapshot was seen. Without one the object is invisible.
    pub fn is_seen(&self) -> bool {
        self.version.is_some()
    }

    /// When it was deleted; `None` if it was not, or if a later-dated snapshot restored it.
    pub fn deleted_at(&self) -> Option<Timestamp> {
        self.last_deleted_at.filter(|deleted| self.dated_at.is_none_or(|dated| dated <= *deleted))
    }

    /// Records a delete. Deletes can arrive in any order.
    pub fn delete(&mut self, received_at: Timestamp) {
        self.last_deleted_at = self.last_deleted_at.max(Some(received_at));
    }

    /// Records a snapshot; `dated` is the date given in it.
    pub fn record_snapshot(&mut self, version: Version, dated: Option<Timestamp>) {
        self.version = self.version.max(Some(version));
        self.dated_at = self.dated_at.max(dated);
    }

    /// The same object before any snapshot.
    #[must_use]
    pub fn without_snapshots(&self) -> Self {
        Self { version: None, dated_at: None, last_deleted_at: self.last_deleted_at }
    }
}

#[cfg(test)]
mod tests {
    use super::{Lifecycle, Version};
    use crate::domain::time::Timestamp;

    fn at(ms: i64) -> Timestamp {
        Timestamp::clamped(ms)
    }

    #[test]
    fn only_a_snapshot_dated_after_the_delete_restores() {
        let mut lifecycle = Lifecycle::default();
        let version = |ms| Version { at: at(ms), rank: 1, received_at: at(ms) };
        lifecycle.record_snapshot(version(10), Some(at(10)));
        lifecycle.delete(at(20));
        assert_eq!(lifecycle.deleted_at(), Some(at(20)));
        lifecycle.record_snapshot(version(30), None);
        assert_eq!(lifecycle.deleted_at(), Some(at(20)), "a snapshot without a date does not restore");
        lifecycle.record_snapshot(version(30), Some(at(30)));
        assert_eq!(lifecycle.deleted_at(), None);
        lifecycle.delete(at(25));
        assert_eq!(lifecycle.deleted_at(), None, "a delete before that date does not count");
    }
}
