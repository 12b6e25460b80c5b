//! Documents that clients have registered: automatic persisted queries. Bounded in bytes; the least recently used documents are
//! evicted, and their clients send them again. Each gateway has its own store, which costs a client one extra request.
//!
//! Eviction is exact LRU. A scan-resistant cache, such as that of parsed documents, would keep the documents of a replaced
//! frontend and evict those of the new one.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::named::Hash;

/// Approximate bytes of an entry besides its text.
const ENTRY_BYTES: u64 = 256;

/// Texts by their hashes.
pub(super) struct Registered {
    allowed: u64,
    texts: Mutex<Texts>,
}

#[derive(Default)]
struct Texts {
    by_hash: HashMap<Hash, (Arc<str>, u64)>,
    /// Hashes by time of last use.
    by_use: BTreeMap<u64, Hash>,
    uses: u64,
    bytes: u64,
}

impl Registered {
    /// A store for texts of at most `allowed` bytes.
    pub(super) fn new(allowed: u64) -> Self {
        Self { allowed, texts: Mutex::default() }
    }

    /// The text of a hash. Counts as a use.
    pub(super) fn text(&self, hash: Hash) -> Option<Arc<str>> {
        self.locked().text(hash)
    }

    /// Stores a text under its hash. A text larger than the whole store is not stored.
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

    /// The bytes in use.
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

    /// Evicts the least recently used entry; false if there is none.
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
