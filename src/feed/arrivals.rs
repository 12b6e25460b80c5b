//! The times at which deliveries arrived at this gateway, for measuring how long their changes take to reach subscribers.
//!
//! Only the newest are kept. A change without a known arrival (too old, or stored by another gateway) is not measured.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    time::Instant,
};

use crate::domain::change::Change;

/// The number of arrivals kept.
const KEPT: usize = 8192;

/// The newest arrivals, by ascending sequence number.
#[derive(Default)]
pub(super) struct Arrivals(Mutex<VecDeque<(i64, Instant)>>);

/// The arrivals behind the changes of a batch, by position.
#[derive(Debug, Default)]
pub struct Arrived(Vec<(i64, Instant)>);

impl Arrivals {
    pub(super) fn record(&self, events: impl IntoIterator<Item = (i64, Instant)>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for event in events {
            // Sequence numbers of a failed batch are assigned again.
            while kept.back().is_some_and(|(last, _)| *last >= event.0) {
                kept.pop_back();
            }
            if kept.len() == KEPT {
                kept.pop_front();
            }
            kept.push_back(event);
        }
    }

    pub(super) fn of(&self, batch: &[Change]) -> Arrived {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let arrival = |change: &Change| {
            let place = kept.binary_search_by_key(&change.seq, |(seq, _)| *seq).ok()?;
            Some((change.position, kept[place].1))
        };
        Arrived(batch.iter().filter_map(arrival).collect())
    }
}

impl Arrived {
    /// The arrival behind the change at a position, if it is known.
    pub fn of(&self, position: i64) -> Option<Instant> {
        let place = self.0.binary_search_by_key(&position, |(position, _)| *position).ok()?;
        Some(self.0[place].1)
    }

    /// The first arrival, if one is known.
    pub fn first(&self) -> Option<Instant> {
        self.0.first().map(|(_, arrived)| *arrived)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::change::{ChangeKind, SubjectType};

    fn change(position: i64, seq: i64) -> Change {
        let subject_id = seq.to_string();
        Change { position, seq, subject_type: SubjectType::Event, subject_id, kind: ChangeKind::Created, relinked: None }
    }

    #[test]
    fn the_newest_arrivals_are_known_and_no_others() {
        let (arrivals, now) = (Arrivals::default(), Instant::now());
        arrivals.record([(3, now), (4, now)]);
        let arrived = arrivals.of(&[change(6, 2), change(7, 3), change(8, 3), change(9, 4)]);
        assert_eq!([6, 7, 8, 9, 10].map(|position| arrived.of(position).is_some()), [false, true, true, true, false]);
        arrivals.record([(4, now), (5, now)]);
        assert!(arrivals.of(&[change(9, 4), change(10, 5)]).of(10).is_some());
        arrivals.record((5..).take(KEPT).map(|seq| (seq, now)));
        assert!(arrivals.of(&[change(7, 3)]).of(7).is_none());
    }
}
