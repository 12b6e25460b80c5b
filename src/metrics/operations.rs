//! The metrics of GraphQL operations by their names, which clients choose: so many of them have series of their own, and the
//! rest share one.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

pub use super::declared::Operation;
use super::meters::Registry;

/// Names with series of their own.
pub(super) const MOST_NAMES: usize = 100;

/// Longer names have none.
const LONGEST_NAME: usize = 64;

/// What stands for the name of an operation without one.
const ANONYMOUS: &str = "anonymous";

/// What stands for all names beyond the bound.
const OTHER: &str = "other";

/// The metrics of operations. Look one up once for a document, and not for each request.
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

    /// Those of an operation without a name.
    pub fn anonymous(&self) -> Arc<Operation> {
        self.anonymous.clone()
    }

    /// Those of requests that run no operation, and of names beyond the bound.
    pub fn other(&self) -> Arc<Operation> {
        self.other.clone()
    }

    /// Those of a name, if it has its own.
    pub fn known(&self, name: &str) -> Arc<Operation> {
        self.named.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned().unwrap_or_else(|| self.other())
    }

    /// Those of a name, which gets its own if there is room.
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
