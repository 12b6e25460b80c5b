//! Searching by words, over indexes that the database keeps by itself (see the migration `m0002_search`).
//!
//! What was typed is read in `domain::search`; how an index is asked is in `fts5` for SQLite and in `trigram` for PostgreSQL;
//! how a list with a search in its filter is read is in `store::narrow`. Here is the search over everything: the matches of each
//! type are ranked by their own, and meet in one order.

pub(super) mod fts5;
mod trigram;

use sea_orm::sea_query::SimpleExpr;

use super::{Error, Reader, dialect::Dialect};
use crate::domain::search::SearchText;

/// What can be searched. In this order stand the types whose matches are equally good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Searched {
    /// Customers by name, phone number, e-mail address and note.
    Customer,
    /// Conversations by the name of the contact.
    Conversation,
    /// Messages by content.
    Message,
    /// Tickets by title and description.
    Ticket,
}

impl Searched {
    /// All of them, in their order.
    pub const ALL: [Self; 4] = [Self::Customer, Self::Conversation, Self::Message, Self::Ticket];
}

/// Something that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// What it is.
    pub searched: Searched,
    /// Its id: of a message, the key.
    pub id: String,
    /// How good a match it is: the share, from 0 to 1, of the best match among those of its type.
    pub score: f64,
}

/// The table of a type: its name, its id, what a row fulfils that can be found.
fn table(searched: Searched) -> (&'static str, &'static str, &'static str) {
    match searched {
        Searched::Customer => ("customer", "id", "customer.version_at IS NOT NULL AND customer.deleted_at IS NULL"),
        Searched::Conversation => ("conversation", "id", "TRUE"),
        Searched::Message => ("message", "key", "TRUE"),
        Searched::Ticket => ("ticket", "id", "ticket.version_at IS NOT NULL AND ticket.deleted_at IS NULL"),
    }
}

/// The condition that a row of the searched table is found for `typed`.
pub(super) fn condition(searched: Searched, typed: &str, sql: Dialect) -> SimpleExpr {
    match sql {
        Dialect::Sqlite => fts5::is_found(searched, typed),
        Dialect::Postgres => trigram::is_found(searched, typed),
    }
}

impl Reader {
    /// What is found, best first, after a hit that was found before. Of each type the newest matches are ranked, as many as
    /// the store's options say. Deleted customers and tickets are not found.
    pub async fn search(
        &self,
        text: &SearchText,
        types: &[Searched],
        after: Option<&Hit>,
        limit: u32,
    ) -> Result<Vec<Hit>, Error> {
        let ranked = match self.sql() {
            Dialect::Sqlite => fts5::ranked,
            Dialect::Postgres => trigram::ranked,
        };
        let Some((sql, values)) = ranked(text, types, self.search_matches(), after, limit) else { return Ok(Vec::new()) };
        let rows = self.db().query_sql(sql, values).await?;
        let hit = |row: &sea_orm::QueryResult| {
            let place: i64 = row.try_get("", "type")?;
            let searched = usize::try_from(place).ok().and_then(|place| Searched::ALL.get(place)).copied();
            let searched = searched.ok_or_else(|| Error::damaged("search", place.to_string(), "unknown type"))?;
            Ok(Hit { searched, id: row.try_get("", "id")?, score: row.try_get("", "score")? })
        };
        rows.iter().map(hit).collect()
    }

    /// How much is found, counting of each type no more than are ranked.
    pub async fn search_count(&self, text: &SearchText, types: &[Searched]) -> Result<i64, Error> {
        let counted = match self.sql() {
            Dialect::Sqlite => fts5::counted,
            Dialect::Postgres => trigram::counted,
        };
        let Some((sql, values)) = counted(text, types, self.search_matches()) else { return Ok(0) };
        let rows = self.db().query_sql(sql, values).await?;
        Ok(rows.first().map_or(Ok(0), |row| row.try_get("", "total"))?)
    }
}
