//! The rows of one table that a batch touches, each with its stored and current state.

use std::collections::BTreeMap;

/// The state of one row.
#[derive(Debug)]
pub(super) struct Tracked<T> {
    /// The stored state; `None` if the row is new.
    pub(super) before: Option<T>,
    /// The state after folding the batch.
    pub(super) now: T,
}

impl<T: PartialEq> Tracked<T> {
    /// Whether the row must be written.
    pub(super) fn is_changed(&self) -> bool {
        self.before.as_ref() != Some(&self.now)
    }
}

/// States by id, in order, so that a batch always produces the same statements.
#[derive(Debug)]
pub(super) struct Set<T>(BTreeMap<String, Tracked<T>>);

impl<T: Clone + PartialEq> Set<T> {
    /// A set of stored states.
    pub(super) fn stored(things: impl IntoIterator<Item = (String, T)>) -> Self {
        let mut set = Self(BTreeMap::new());
        set.add_stored(things);
        set
    }

    /// Adds stored states that are not in the set yet.
    pub(super) fn add_stored(&mut self, things: impl IntoIterator<Item = (String, T)>) {
        for (id, state) in things {
            self.0.entry(id).or_insert_with(|| Tracked { before: Some(state.clone()), now: state });
        }
    }

    /// The state with this id; created by `new` if missing.
    pub(super) fn touch(&mut self, id: &str, new: impl FnOnce() -> T) -> &mut Tracked<T> {
        self.0.entry(id.to_owned()).or_insert_with(|| Tracked { before: None, now: new() })
    }

    pub(super) fn find(&self, id: &str) -> Option<&Tracked<T>> {
        self.0.get(id)
    }

    pub(super) fn find_mut(&mut self, id: &str) -> Option<&mut Tracked<T>> {
        self.0.get_mut(id)
    }

    pub(super) fn remove(&mut self, id: &str) -> Option<Tracked<T>> {
        self.0.remove(id)
    }

    pub(super) fn insert(&mut self, id: String, tracked: Tracked<T>) {
        self.0.insert(id, tracked);
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&String, &Tracked<T>)> {
        self.0.iter()
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (&String, &mut Tracked<T>)> {
        self.0.iter_mut()
    }

    /// The states that must be written.
    pub(super) fn changed(&self) -> impl Iterator<Item = &Tracked<T>> {
        self.0.values().filter(|tracked| tracked.is_changed())
    }
}
