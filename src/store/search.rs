//! Full-text search.
//!
//! `domain::search` parses the search text and ranks matches. `row` defines the searched texts of each table. `fts5` queries the
//! indexes of SQLite, which are filled later (`tail`), and `trigram` those of PostgreSQL. `store::narrow` reads lists whose filter
//! has a search. This module searches all types: the matches of each type are ranked separately and merged into one order.

pub(super) mod fts5;
pub(super) mod row;
pub(super) mod tail;
pub(super) mod trigram;
mod unmasked;

use std::cmp::Ordering;

use sea_orm::{
    QueryResult, Value,
    sea_query::{ExprTrait, SimpleExpr},
};
use tokio::task::spawn_blocking;

use super::{
    Error, Reader,
    dialect::Dialect,
    view::{MaskedTexts, View},
};
use crate::domain::{
    scope::Scope,
    search::{Ranking, SearchText, Term},
};

/// A searchable type. Among equally good matches, types come in this order.
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
    /// All types, in their order.
    pub const ALL: [Self; 4] = [Self::Customer, Self::Conversation, Self::Message, Self::Ticket];
}

/// A search result.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// Its type.
    pub searched: Searched,
    /// Its id; for a message, its key.
    pub id: String,
    /// How well it matches: from 0 to 1, relative to the best match of its type.
    pub score: f64,
}

/// The table of a type, its id column, and the condition for its rows to be findable.
fn table(searched: Searched) -> (&'static str, &'static str, &'static str) {
    match searched {
        Searched::Customer => ("customer", "id", "customer.version_at IS NOT NULL AND customer.deleted_at IS NULL"),
        Searched::Conversation => ("conversation", "id", "TRUE"),
        Searched::Message => ("message", "key", "TRUE"),
        Searched::Ticket => ("ticket", "id", "ticket.version_at IS NOT NULL AND ticket.deleted_at IS NULL"),
    }
}

/// The condition that a row of the searched table matches the search text `typed`.
pub(super) fn condition(searched: Searched, typed: &str, view: View) -> SimpleExpr {
    let found = match view.sql {
        Dialect::Sqlite => fts5::is_found(searched, typed),
        Dialect::Postgres => trigram::is_found(searched, typed),
    };
    match unmasked(searched, typed, view) {
        Some(unmasked) => found.and(unmasked),
        None => found,
    }
}

/// An additional condition for rows that the index finds for `typed`, needed because some texts are masked.
pub(super) fn unmasked(searched: Searched, typed: &str, view: View) -> Option<SimpleExpr> {
    unmasked::is_found(searched, typed, view)
}

/// The condition that a row has all terms of a text. `has` writes the condition that a word starts with a term.
fn every_term(text: &SearchText, has: &mut dyn FnMut(&str) -> String) -> String {
    let mut of_term = |term: &Term| {
        let all: Vec<String> = term.words.iter().map(|word| has(&word.folded)).collect();
        let any = std::iter::once(format!("({})", all.join(" AND "))).chain(term.spellings.iter().map(|start| has(start)));
        format!("({})", any.collect::<Vec<_>>().join(" OR "))
    };
    text.terms.iter().map(&mut of_term).collect::<Vec<_>>().join(" AND ")
}

/// The texts that are masked in a scope.
pub(super) fn masked_texts(scope: &Scope) -> MaskedTexts {
    let masked = |searched: Searched| {
        let texts = (0_u8..).zip(row::texts(searched));
        texts.filter(|(_, text)| scope.masks(text.of, text.field)).fold(0, |bits, (at, _)| bits | 1 << at)
    };
    MaskedTexts(Searched::ALL.map(masked))
}

/// The largest number of texts by which a match is ranked.
const TEXTS: usize = 4;

/// The number of letters of each text used for ranking. Bounded because thousands of matches may have long texts.
const LETTERS: usize = 500;

impl Hit {
    /// The order of results: by score, then by type, then by id.
    fn order(&self, other: &Self) -> Ordering {
        let better = other.score.total_cmp(&self.score);
        better.then(self.searched.cmp(&other.searched)).then_with(|| self.id.cmp(&other.id))
    }
}

/// Sorts the matches, and returns up to `limit` of those after a hit.
fn ranked(rows: &[QueryResult], ranking: &Ranking, after: Option<&Hit>, limit: u32) -> Result<Vec<Hit>, Error> {
    let mut hits = Vec::with_capacity(rows.len());
    for row in rows {
        let place: i64 = row.try_get("", "type")?;
        let searched = usize::try_from(place).ok().and_then(|place| Searched::ALL.get(place)).copied();
        let searched = searched.ok_or_else(|| Error::damaged("search", place.to_string(), "unknown type"))?;
        let mut texts: [Option<String>; TEXTS] = [const { None }; TEXTS];
        for (at, text) in texts.iter_mut().enumerate() {
            *text = row.try_get("", &format!("text_{at}"))?;
        }
        let score = ranking.rank(texts.iter().flatten().map(String::as_str));
        hits.push(Hit { searched, id: row.try_get("", "id")?, score });
    }
    for searched in Searched::ALL {
        let best = hits.iter().filter(|hit| hit.searched == searched).map(|hit| hit.score).fold(0.0, f64::max);
        hits.iter_mut().filter(|hit| hit.searched == searched && best > 0.0).for_each(|hit| hit.score /= best);
    }
    hits.retain(|hit| after.is_none_or(|after| after.order(hit).is_lt()));
    hits.sort_unstable_by(Hit::order);
    hits.truncate(limit as usize);
    Ok(hits)
}

impl Reader {
    /// The search results, best first, after an earlier hit. Of each type, only the newest matches are ranked, as many as
    /// the store's options say. Deleted customers and tickets are not found.
    pub async fn search(
        &self,
        text: &SearchText,
        types: &[Searched],
        after: Option<&Hit>,
        limit: u32,
    ) -> Result<Vec<Hit>, Error> {
        let mut values = Vec::new();
        let found = types.iter().filter_map(|searched| self.found(text, *searched, &mut values));
        let found: Vec<String> = found.map(|found| format!("SELECT * FROM ({found}) AS found")).collect();
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let rows = self.db().query_sql(found.join(" UNION ALL "), values).await?;
        let (ranking, after) = (Ranking::of(text), after.cloned());
        // Ranking thousands of texts takes a while and would block the runtime.
        let ranked = spawn_blocking(move || ranked(&rows, &ranking, after.as_ref(), limit)).await;
        ranked.unwrap_or_else(|error| Err(Error::Abandoned(error.to_string())))
    }

    /// The statement that finds the newest matches of a type, with the texts used for ranking.
    fn found(&self, text: &SearchText, searched: Searched, values: &mut Vec<Value>) -> Option<String> {
        let (table, id, _) = table(searched);
        let view = self.view();
        let texts = (0..TEXTS).map(|at| match row::texts(searched).get(at) {
            Some(text) if !view.masked.has(searched as usize, at) => {
                format!("substr({table}.{}, 1, {LETTERS}) AS text_{at}", text.column)
            }
            _ => format!("CAST(NULL AS text) AS text_{at}"),
        });
        let texts = texts.collect::<Vec<_>>().join(", ");
        let selected = format!("CAST({} AS bigint) AS type, {table}.{id} AS id, {texts}", searched as u8);
        self.newest(text, searched, &selected, values)
    }

    /// The statement that finds the newest matches of a type and selects `selected` of each.
    fn newest(&self, text: &SearchText, searched: Searched, selected: &str, values: &mut Vec<Value>) -> Option<String> {
        let view = self.view();
        match view.sql {
            Dialect::Sqlite => {
                let (sql, bound) = fts5::found(text, searched, selected, self.search_matches(), view)?;
                values.extend(bound);
                Some(sql)
            }
            Dialect::Postgres => trigram::found(text, searched, selected, self.search_matches(), view, values),
        }
    }

    /// The number of search results, counting at most as many of each type as are ranked.
    pub async fn search_count(&self, text: &SearchText, types: &[Searched]) -> Result<i64, Error> {
        let mut values = Vec::new();
        let found = types.iter().filter_map(|searched| self.newest(text, *searched, "1 AS one", &mut values));
        let counts: Vec<String> = found.map(|found| format!("(SELECT count(*) FROM ({found}) AS found)")).collect();
        if counts.is_empty() {
            return Ok(0);
        }
        let rows = self.db().query_sql(format!("SELECT {} AS total", counts.join(" + ")), values).await?;
        Ok(rows.first().map_or(Ok(0), |row| row.try_get("", "total"))?)
    }
}
