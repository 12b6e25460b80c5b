//! Changes that were read together, with what subscribers have computed from them.
//!
//! All subscribers get the same batch, so what one of them reads because of it can serve the others. The feed does not know
//! what that is: a batch keeps one value of each type and scope for as long as anybody holds the batch.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use crate::domain::{change::Change, scope::Scope};

/// Changes in the order of the log, at least one.
pub struct Batch {
    changes: Vec<Change>,
    kept: Mutex<HashMap<(TypeId, Scope), Arc<dyn Any + Send + Sync>>>,
}

impl Batch {
    pub(super) fn new(changes: Vec<Change>) -> Self {
        debug_assert!(!changes.is_empty(), "a batch has changes");
        Self { changes, kept: Mutex::default() }
    }

    /// The changes.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// The position of the last change.
    pub fn end(&self) -> i64 {
        self.changes.last().map_or(0, |change| change.position)
    }

    /// The value of this type for all subscribers of a scope. The first who asks makes it.
    pub fn kept<T: Any + Send + Sync>(&self, scope: &Scope, make: impl FnOnce() -> T) -> Arc<T> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let value = kept.entry((TypeId::of::<T>(), scope.clone())).or_insert_with(|| Arc::new(make()));
        Arc::clone(value).downcast().expect("a value is kept under its type")
    }
}
