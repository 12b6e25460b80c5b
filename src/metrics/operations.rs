//! The metrics of GraphQL operations, by name. Clients choose the names, so only a bounded number of them get series of their
//! own; the rest share one.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

pub use super::declared::Operation;
use super::meters::Registry;

/// The largest number of names with series of their own.
pub(super) const MOST_NAMES: usize = 100;

/// The longest name with series of its own, in bytes.
const LONGEST_NAME: usize = 64;

/// The label of operations without a name.
const ANONYMOUS: &str = "anonymous";

/// The label of all names beyond the bound.
const OTHER: &str = "other";

/// The metrics of operations. Look one up once per document, not per request.
pub struct Operations {
    registry: Arc<Registry>,
    named: Mutex<HashMap<String, Arc<Operation>>>,
    anonymous: Arc<Operation>,
    other: Arc<Operation>,
}

impl Operations {
    pub(super) fn new(registry: Arc<Registry>) -> Self {
        let of = |name| Arc::new(Operation::register(&registry, &[("operation", name)]));
        let (anonymous, other) = (of(ANONYMOUS), of(OTHER));
        Self { registry, named: Mutex::default(), anonymous, other }
    }

    /// Returns the metrics of operations without a name.
    pub fn anonymous(&self) -> Arc<Operation> {
        self.anonymous.clone()
    }

    /// Returns the metrics of requests that run no operation and of names beyond the bound.
    pub fn other(&self) -> Arc<Operation> {
        self.other.clone()
    }

    /// Returns the operation's own metrics, or `other` if it has none.
    pub fn known(&self, name: &str) -> Arc<Operation> {
        self.named.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned().unwrap_or_else(|| self.other())
    }

    /// Returns the operation's metrics; creates its own if there is room.
    pub fn named(&self, name: &str) -> Arc<Operation> {
        let mut named = self.named.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(operation) = named.get(name) {
            return operation.clone();
        }
        if named.len() >= MOST_NAMES || name.len() > LONGEST_NAME || [ANONYMOUS, OTHER].contains(&name) {
            return self.other();
        }
        let operation = Arc::new(Operation::register(&self.registry, &[("operation", name)]));
        named.insert(name.to_owned(), operation.clone());
        operation
    }
}
