//! A cache of documents, with the results of the limit checks that don't depend on variables.
//!
//! A [`Cache`] is keyed by text and operation name. It is bounded in bytes and evicts the entries used least. For an invalid
//! document the error is cached. Methods that take variables are evaluated for each request.

use std::sync::{Arc, OnceLock};

use async_graphql::Variables;
use quick_cache::{Equivalent, Weighter};

use super::{
    Limits, allow,
    input::has_variables,
    merge,
    refusal::Refusal,
    shape::Shape,
    tokens,
    weigh::{Weight, weigh},
};
use crate::graphql::{document::Document, error::Limit};

/// Estimated bytes of memory per token of a parsed document. A field, the largest node, takes about 180 with its name, plus its
/// entry in the response order.
const TOKEN_BYTES: u64 = 256;

/// Estimated bytes of memory of an entry, besides its document.
const ENTRY_BYTES: u64 = 1024;

/// The entry size that is assumed to estimate the number of entries.
const USUAL_ENTRY_BYTES: u64 = 32 * 1024;

/// Entries by text and operation name.
pub(super) struct Cache(pub(super) quick_cache::sync::Cache<Key, Arc<Entry>, Bytes>);

impl Cache {
    pub(super) fn new(bytes: u64) -> Self {
        let entries = usize::try_from(bytes / USUAL_ENTRY_BYTES).unwrap_or(usize::MAX);
        Self(quick_cache::sync::Cache::with_weighter(entries, bytes, Bytes))
    }

    /// The entry of a document, created if missing.
    pub(super) fn entry(&self, text: &str, operation_name: Option<&str>, limits: &Limits) -> Arc<Entry> {
        let key = KeyRef { text, operation_name };
        self.0.get(&key).unwrap_or_else(|| {
            let entry = Arc::new(Entry::new(text, limits));
            self.0.insert(key.to_key(), entry.clone());
            entry
        })
    }
}

#[derive(PartialEq, Eq, Hash)]
pub(super) struct Key {
    text: String,
    operation_name: Option<String>,
}

/// A borrowed key for look-ups. Hashes like the equal [`Key`].
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct KeyRef<'a> {
    text: &'a str,
    operation_name: Option<&'a str>,
}

impl KeyRef<'_> {
    fn to_key(self) -> Key {
        Key { text: self.text.to_owned(), operation_name: self.operation_name.map(str::to_owned) }
    }
}

impl Equivalent<Key> for KeyRef<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        self.text == key.text && self.operation_name == key.operation_name.as_deref()
    }
}

/// Weighs an entry by the most bytes it can take, since parts of it are filled in later.
#[derive(Clone)]
pub(super) struct Bytes;

impl Weighter<Key, Arc<Entry>> for Bytes {
    fn weight(&self, key: &Key, entry: &Arc<Entry>) -> u64 {
        let key = key.text.len() + 2 * key.operation_name.as_ref().map_or(0, String::len);
        ENTRY_BYTES.saturating_add(key as u64).saturating_add(entry.tokens.saturating_mul(TOKEN_BYTES))
    }
}

/// The results for one document. Each part is computed when a request first needs it.
pub(super) struct Entry {
    text: Result<(), Refusal>,
    /// The number of tokens in the text.
    tokens: u64,
    document: OnceLock<Result<CachedDocument, Refusal>>,
}

impl Entry {
    fn new(text: &str, limits: &Limits) -> Self {
        let scanned = scanned(text, limits);
        let tokens = scanned.as_ref().map_or(0, |tokens| *tokens);
        Self { text: scanned.map(drop), tokens, document: OnceLock::new() }
    }

    /// Checks the limits that apply before parsing.
    pub(super) fn check_text(&self) -> Result<(), Refusal> {
        self.text.clone()
    }

    /// The parsed document, parsed on first use. `text` and `operation_name` are those of the entry.
    pub(super) fn parsed(&self, text: &str, operation_name: Option<&str>) -> Result<&CachedDocument, Refusal> {
        let known = self.document.get_or_init(|| {
            let document = Document::parse(text, operation_name).map_err(Refusal::Invalid)?;
            let has_variables = has_variables(document.parsed());
            let document = Arc::new(document);
            Ok(CachedDocument { document, has_variables, weight: OnceLock::new(), merges: OnceLock::new() })
        });
        known.as_ref().map_err(Clone::clone)
    }
}

/// Scans a text and returns its number of tokens.
fn scanned(text: &str, limits: &Limits) -> Result<u64, Refusal> {
    let text = tokens::scan(text)
        .map_err(|tokens::Unterminated(pos)| Refusal::invalid("the string that begins here does not end", pos))?;
    allow(Limit::Tokens, text.tokens, limits.tokens)?;
    allow(Limit::Nesting, text.nesting, limits.nesting)?;
    allow(Limit::NameBytes, text.name_bytes, limits.name_bytes)?;
    Ok(text.tokens)
}

/// A successfully parsed document.
pub(super) struct CachedDocument {
    pub(super) document: Arc<Document>,
    has_variables: bool,
    weight: OnceLock<Result<Weight, Refusal>>,
    merges: OnceLock<Result<(), Refusal>>,
}

impl CachedDocument {
    /// The weight of the document. Computed once, unless arguments depend on variables.
    pub(super) fn weight(&self, operation_name: Option<&str>, variables: &Variables, shape: &Shape) -> Result<Weight, Refusal> {
        let weighed = || weigh(self.document.parsed(), operation_name, variables, shape);
        if self.has_variables { weighed() } else { self.weight.get_or_init(weighed).clone() }
    }

    /// Checks that fields under one response key can be merged. The weight must have been checked before.
    pub(super) fn check_merges(&self) -> Result<(), Refusal> {
        self.merges.get_or_init(|| merge::check(self.document.parsed())).clone()
    }
}
