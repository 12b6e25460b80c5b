//! Documents that clients have registered: automatic persisted queries. Bounded in bytes; the least recently used go, and
//! their clients send them again. Each gateway has its own, which costs a client one more request.
//!
//! The order is kept exactly: a cache that resists scans, such as that of parsed documents, would hold on to the documents of a
//! frontend that was replaced, and drop those of the new one.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::named::Hash;

/// The bytes that an entry takes besides its text, roughly.
const ENTRY_BYTES: u64 = 256;

/// Texts by their hashes.
pub(super) struct Registered {
    allowed: u64,
    texts: Mutex<Texts>,
}

#[derive(Default)]
struct Texts {
    by_hash: HashMap<Hash, (Arc<str>, u64)>,
    /// Hashes by when they were last used.
    by_use: BTreeMap<u64, Hash>,
    uses: u64,
    bytes: u64,
}

impl Registered {
    /// Keeps texts of this many bytes at most.
    pub(super) fn new(allowed: u64) -> Self {
        Self { allowed, texts: Mutex::default() }
    }

    /// The text of a hash, which is thereby used.
    pub(super) fn text(&self, hash: Hash) -> Option<Arc<str>> {
        self.locked().text(hash)
    }

    /// Keeps a text, whose hash this must be. One that is larger than all that may be kept is not.
    pub(super) fn keep(&self, hash: Hash, text: &str) {
        let added = bytes(text);
        let mut texts = self.locked();
        if added > self.allowed || texts.text(hash).is_some() {
            return;
        }
        while texts.bytes + added > self.allowed && texts.drop_oldest() {}
        texts.add(hash, text.into());
    }

    fn locked(&self) -> MutexGuard<'_, Texts> {
        self.texts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The bytes that are taken.
    #[cfg(test)]
    pub(super) fn bytes(&self) -> u64 {
        self.locked().bytes
    }
}

impl Texts {
    fn text(&mut self, hash: Hash) -> Option<Arc<str>> {
        let (text, last) = self.by_hash.get_mut(&hash)?;
        self.by_use.remove(last);
        self.uses += 1;
        *last = self.uses;
        self.by_use.insert(self.uses, hash);
        Some(text.clone())
    }

    fn add(&mut self, hash: Hash, text: Arc<str>) {
        self.uses += 1;
        self.bytes += bytes(&text);
        self.by_use.insert(self.uses, hash);
        self.by_hash.insert(hash, (text, self.uses));
    }

    /// Drops what was not used for the longest time; false if there is nothing.
    fn drop_oldest(&mut self) -> bool {
        let Some((_, hash)) = self.by_use.pop_first() else { return false };
        if let Some((text, _)) = self.by_hash.remove(&hash) {
            self.bytes -= bytes(&text);
        }
        true
    }
}

fn bytes(text: &str) -> u64 {
    ENTRY_BYTES + text.len() as u64
}
