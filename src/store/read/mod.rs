//! Batched reads of everything that is served. A [`Reader`] is created for a [`Scope`], through which all its statements see
//! the tables (`store::scoped`).

pub(super) mod indexed;
pub(super) mod lists;
mod matching;
mod nodes;
pub(super) mod totals;

use std::sync::Arc;

pub use lists::{Counts, Pages};

use crate::{
    domain::{change::LiveCursor, scope::Scope, zone::Zone},
    store::{
        Error,
        dialect::Dialect,
        readers::{Source, Tally},
        search,
        view::View,
    },
};

/// Reads of one scope.
#[derive(Clone)]
pub struct Reader {
    db: Source,
    scope: Scope,
    view: View,
    store_id: Arc<str>,
    zone: Zone,
    search_matches: u32,
}

impl Reader {
    pub(super) fn new(db: Source, scope: Scope, store_id: Arc<str>, zone: Zone, search_matches: u32) -> Self {
        let view = View { sql: db.dialect(), restricted: scope.restricted(), masked: search::masked_texts(&scope) };
        Self { db, scope, view, store_id, zone, search_matches }
    }

    /// The same reader, with all its statements counted. Call it before the reader is used.
    #[must_use]
    pub fn counted(mut self, tally: &Tally) -> Self {
        self.db.count(tally);
        self
    }

    pub(super) fn db(&self) -> &Source {
        &self.db
    }

    /// The SQL dialect.
    pub(super) fn sql(&self) -> Dialect {
        self.view.sql
    }

    /// The reader's view of the tables.
    pub(super) fn view(&self) -> View {
        self.view
    }

    /// The log position of the reader's snapshot, which this takes if needed; `None` if the reader reads the newest state.
    pub async fn position(&self) -> Result<Option<i64>, Error> {
        match &self.db {
            Source::Snapshot(snapshot) => Ok(Some(snapshot.clone().position().await?)),
            Source::Newest(_) | Source::Waiting(_) => Ok(None),
        }
    }

    /// Ends a snapshot and returns its position, if it was taken.
    pub async fn finish(&self) -> Option<i64> {
        match &self.db {
            Source::Snapshot(snapshot) => snapshot.finish().await,
            Source::Newest(_) | Source::Waiting(_) => None,
        }
    }

    /// The CRM's time zone.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The number of newest matches of each type that a search ranks.
    pub(super) fn search_matches(&self) -> u32 {
        self.search_matches
    }

    /// The live cursor of a position.
    pub fn live_cursor(&self, position: i64) -> LiveCursor {
        LiveCursor::at(&self.store_id, position)
    }

    /// The live cursor of a live page at a position, with a digest that identifies the page's state.
    pub fn page_cursor(&self, position: i64, page: u64) -> LiveCursor {
        LiveCursor { page: Some(page), ..self.live_cursor(position) }
    }

    /// The scope of this reader.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }
}
