//! Reading: everything that is served, in batches. A [`Reader`] is made for a [`Scope`], which all of its statements see the
//! tables through (`store::scoped`).

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

    /// The same, with all statements counted. For a reader that is not used yet.
    #[must_use]
    pub fn counted(mut self, tally: &Tally) -> Self {
        self.db.count(tally);
        self
    }

    pub(super) fn db(&self) -> &Source {
        &self.db
    }

    /// The SQL of the database.
    pub(super) fn sql(&self) -> Dialect {
        self.view.sql
    }

    /// What the tables look like to this reader.
    pub(super) fn view(&self) -> View {
        self.view
    }

    /// The position of the log at which this reader reads; `None` of one that reads what is newest. Takes the snapshot.
    pub async fn position(&self) -> Result<Option<i64>, Error> {
        match &self.db {
            Source::Snapshot(snapshot) => Ok(Some(snapshot.clone().position().await?)),
            Source::Newest(_) | Source::Waiting(_) => Ok(None),
        }
    }

    /// Ends a snapshot, and gives the position at which it was if it was taken.
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

    /// So many matches of each type are ranked by a search.
    pub(super) fn search_matches(&self) -> u32 {
        self.search_matches
    }

    /// The live cursor of a position.
    pub fn live_cursor(&self, position: i64) -> LiveCursor {
        LiveCursor::at(&self.store_id, position)
    }

    /// The live cursor of a live page at a position, with what tells its state from others.
    pub fn page_cursor(&self, position: i64, page: u64) -> LiveCursor {
        LiveCursor { page: Some(page), ..self.live_cursor(position) }
    }

    /// What this reader may see.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }
}
