//! The changes that a batch makes, without their positions. Of each object there is at most one for each event.
//!
//! A change of nothing but a link to a customer is marked, with the customers before and after, since it concerns only those who
//! see one of the two.

use std::collections::{HashMap, hash_map::Entry};

use crate::domain::change::{ChangeKind, Relinked, SubjectType};

/// A change without an assigned position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) struct NewChange {
    pub(in crate::store) seq: i64,
    pub(in crate::store) subject_type: SubjectType,
    pub(in crate::store) subject_id: String,
    pub(in crate::store) kind: ChangeKind,
    pub(in crate::store) relinked: Option<Relinked>,
}

impl NewChange {
    /// That an event is stored.
    pub(in crate::store) fn of_event(seq: i64) -> Self {
        let (subject_type, kind) = (SubjectType::Event, ChangeKind::Created);
        Self { seq, subject_type, subject_id: seq.to_string(), kind, relinked: None }
    }
}

/// The changes of a batch.
#[derive(Default)]
pub(super) struct Changes {
    recorded: Vec<NewChange>,
    /// The index of each change, by event and object.
    places: HashMap<(i64, SubjectType, String), usize>,
}

impl Changes {
    /// Records that an event changed an object, if it did.
    pub(super) fn record(&mut self, seq: i64, subject_type: SubjectType, id: &str, kind: Option<ChangeKind>) {
        if let Some(kind) = kind {
            self.add(NewChange { seq, subject_type, subject_id: id.to_owned(), kind, relinked: None });
        }
    }

    /// Records that an event changed the customer to which an object is linked, and nothing else of the object.
    pub(super) fn relink(
        &mut self,
        seq: i64,
        subject_type: SubjectType,
        id: &str,
        before: Option<String>,
        after: Option<String>,
    ) {
        let (kind, relinked) = (ChangeKind::Updated, Relinked::between(before, after));
        self.add(NewChange { seq, subject_type, subject_id: id.to_owned(), kind, relinked });
    }

    fn add(&mut self, change: NewChange) {
        match self.places.entry((change.seq, change.subject_type, change.subject_id.clone())) {
            Entry::Vacant(place) => {
                place.insert(self.recorded.len());
                self.recorded.push(change);
            }
            Entry::Occupied(place) => {
                let first = &mut self.recorded[*place.get()];
                let both = first.relinked.take().zip(change.relinked);
                first.relinked = both.and_then(|(first, later)| first.then(later));
            }
        }
    }

    /// The changes in log order.
    pub(super) fn in_log_order(mut self) -> Vec<NewChange> {
        self.recorded.sort_by_key(|change| change.seq);
        self.recorded
    }
}

#[cfg(test)]
mod tests {
    use super::{ChangeKind, Changes, Relinked, SubjectType};

    const OF: SubjectType = SubjectType::Conversation;

    fn from_to(before: Option<&str>, after: Option<&str>) -> Option<Relinked> {
        Relinked::between(before.map(str::to_owned), after.map(str::to_owned))
    }

    fn relink(changes: &mut Changes, seq: i64, before: Option<&str>, after: Option<&str>) {
        changes.relink(seq, OF, "k", before.map(str::to_owned), after.map(str::to_owned));
    }

    /// The kind and the mark of each change.
    fn recorded(changes: Changes) -> Vec<(i64, ChangeKind, Option<Relinked>)> {
        changes.in_log_order().into_iter().map(|change| (change.seq, change.kind, change.relinked)).collect()
    }

    #[test]
    fn several_changed_links_are_one_from_the_first_customer_to_the_last() {
        let mut changes = Changes::default();
        relink(&mut changes, 2, Some("a"), None);
        relink(&mut changes, 2, None, Some("b"));
        relink(&mut changes, 1, None, Some("a"));
        let expected =
            [(1, ChangeKind::Updated, from_to(None, Some("a"))), (2, ChangeKind::Updated, from_to(Some("a"), Some("b")))];
        assert_eq!(recorded(changes), expected);
    }

    #[test]
    fn a_changed_link_beside_another_change_is_not_marked() {
        let mut changes = Changes::default();
        changes.record(1, OF, "k", Some(ChangeKind::Created));
        relink(&mut changes, 1, None, Some("a"));
        relink(&mut changes, 2, Some("a"), Some("b"));
        changes.record(2, OF, "k", Some(ChangeKind::Updated));
        relink(&mut changes, 2, Some("b"), Some("c"));
        relink(&mut changes, 3, Some("c"), None);
        changes.record(3, OF, "k", None);
        let expected =
            [(1, ChangeKind::Created, None), (2, ChangeKind::Updated, None), (3, ChangeKind::Updated, from_to(Some("c"), None))];
        assert_eq!(recorded(changes), expected);
    }
}
