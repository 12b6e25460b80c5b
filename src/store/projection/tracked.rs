//! What a batch touches of one table: each thing as it is stored and as it has become.

use std::collections::BTreeMap;

/// One thing.
#[derive(Debug)]
pub(super) struct Tracked<T> {
    /// As stored; `None` when it is new.
    pub(super) before: Option<T>,
    /// As it has become.
    pub(super) now: T,
}

impl<T: PartialEq> Tracked<T> {
    /// Whether it must be written.
    pub(super) fn is_changed(&self) -> bool {
        self.before.as_ref() != Some(&self.now)
    }
}

/// Things by id, in order, so that the same batch makes the same statements.
#[derive(Debug)]
pub(super) struct Set<T>(BTreeMap<String, Tracked<T>>);

impl<T: Clone + PartialEq> Set<T> {
    /// Things as they are stored.
    pub(super) fn stored(things: impl IntoIterator<Item = (String, T)>) -> Self {
        let mut set = Self(BTreeMap::new());
        set.add_stored(things);
        set
    }

    /// Adds stored things, unless they are there.
    pub(super) fn add_stored(&mut self, things: impl IntoIterator<Item = (String, T)>) {
        for (id, state) in things {
            self.0.entry(id).or_insert_with(|| Tracked { before: Some(state.clone()), now: state });
        }
    }

    /// The thing with this id, made new where it is not stored.
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

    /// The things to be written.
    pub(super) fn changed(&self) -> impl Iterator<Item = &Tracked<T>> {
        self.0.values().filter(|tracked| tracked.is_changed())
    }
}
