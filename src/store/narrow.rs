//! How to read a list whose filter contains a search (or `contains`).
//!
//! If there are few matches, they are read from the index and sorted. If there are more, it is faster to walk the list in its
//! own order until the page is full, either looking rows up among the collected matches or, if collecting them takes too
//! long, testing each row. SQLite plans without knowing the number of matches. So the matches are first counted up to a bound,
//! and the condition is written so that the planner has no choice. With a million messages, a page takes 3 ms, and up to 2 s
//! with the wrong choice. PostgreSQL has statistics, so its estimate is used instead.

use sea_orm::{Condition, Value, sea_query::SimpleExpr};

use super::{
    Error,
    dialect::Dialect,
    search::{self, Searched, fts5::Matching, trigram},
};
use crate::{
    domain::filter::{
        Collection, CustomerRelation, Customers, Filter, MessageField, MessageRelation, Messages, Pattern, Predicate, Test,
        TicketRelation, Tickets,
    },
    store::{
        filter::{self, Table},
        readers::Source,
        view::View,
    },
};

/// Up to this many matches, looking all of them up and sorting them is fastest.
const FEW: i64 = 2_000;

/// Above this many matches, a page is full before the matches could be collected.
const MANY: i64 = 20_000;

/// What is read from the rows that match a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// The first rows in some order.
    Page,
    /// All rows, to count them.
    Every,
}

/// A collection with searchable rows.
pub(super) trait Searchable: Table {
    /// What is searched.
    const SEARCHED: Searched;

    /// The search text of a relation that is a search.
    fn search(relation: &Self::Relation) -> Option<&str>;

    /// Whether an index of text parts serves `contains` on a field.
    fn has_index_of_parts(field: Self::Field) -> bool {
        let _ = field;
        false
    }
}

impl Searchable for Customers {
    const SEARCHED: Searched = Searched::Customer;

    fn search(relation: &CustomerRelation) -> Option<&str> {
        if let CustomerRelation::Search(words) = relation { Some(words) } else { None }
    }
}

impl Searchable for Tickets {
    const SEARCHED: Searched = Searched::Ticket;

    fn search(relation: &TicketRelation) -> Option<&str> {
        if let TicketRelation::Search(words) = relation { Some(words) } else { None }
    }
}

impl Searchable for Messages {
    const SEARCHED: Searched = Searched::Message;

    fn search(relation: &MessageRelation) -> Option<&str> {
        if let MessageRelation::Search(words) = relation { Some(words) } else { None }
    }

    fn has_index_of_parts(field: MessageField) -> bool {
        field == MessageField::Text
    }
}

/// Whether a filter has a search, or a `contains` that an index serves, that every row must pass.
pub(super) fn is_search<C: Searchable>(filter: &Filter<C>) -> bool {
    let (mut searches, mut needles) = (Vec::new(), Vec::new());
    without(&filter.predicate, Dialect::Postgres, &mut searches, &mut needles);
    !searches.is_empty() || !needles.is_empty()
}

/// Whether this many matches, by PostgreSQL's estimate, are faster to find and sort than to meet on a walk through the list.
/// PostgreSQL's own choice ignores where the matches lie; a walk may take a hundred times longer.
pub(super) fn are_few(guess: i64) -> bool {
    guess <= MANY
}

/// A filter without the searches that every row must pass, and the conditions that replace them.
#[derive(Debug)]
pub(super) struct Narrowed<C: Collection> {
    filter: Filter<C>,
    conditions: Vec<SimpleExpr>,
}

impl<C: Searchable> Narrowed<C> {
    /// Whether an index is queried for matches.
    pub(super) fn is_searched(&self) -> bool {
        !self.conditions.is_empty()
    }

    /// The complete condition.
    pub(super) fn condition(self, view: View) -> Condition {
        self.conditions.into_iter().fold(filter::condition(&self.filter, view), Condition::add)
    }
}

/// Prepares a filter for a few given rows: each row is tested against the index.
pub(super) fn of_given<C: Searchable>(filter: &Filter<C>, view: View) -> Narrowed<C> {
    if view.sql == Dialect::Postgres {
        return Narrowed { filter: filter.clone(), conditions: Vec::new() };
    }
    let mut searches = Vec::new();
    let filter = Filter { predicate: without(&filter.predicate, view.sql, &mut searches, &mut Vec::new()), ..filter.clone() };
    let asked = |typed: &&str| match Matching::words(C::SEARCHED, typed) {
        Some(matching) => matching.tested_each(),
        None => search::condition(C::SEARCHED, typed, view),
    };
    let unmasked = searches.iter().filter_map(|typed| search::unmasked(C::SEARCHED, typed, view));
    Narrowed { conditions: searches.iter().map(asked).chain(unmasked).collect(), filter }
}

/// Extracts from a filter the searches that every row must pass.
pub(super) async fn narrow<C: Searchable>(
    db: &mut impl Count,
    filter: &Filter<C>,
    wanted: Wanted,
    view: View,
) -> Result<Narrowed<C>, Error> {
    let sql = view.sql;
    let (mut searches, mut needles) = (Vec::new(), Vec::new());
    let predicate = without(&filter.predicate, sql, &mut searches, &mut needles);
    if sql == Dialect::Postgres {
        let found = searches.into_iter().map(|typed| search::condition(C::SEARCHED, typed, view));
        let conditions = found.chain(needles.into_iter().map(trigram::containing)).collect();
        return Ok(Narrowed { filter: Filter { predicate, ..filter.clone() }, conditions });
    }
    let mut conditions = Vec::new();
    for typed in searches {
        let Some(matching) = Matching::words(C::SEARCHED, typed) else {
            conditions.push(search::condition(C::SEARCHED, typed, view));
            continue;
        };
        conditions.extend(search::unmasked(C::SEARCHED, typed, view));
        conditions.push(match (count(db, &matching).await?, wanted) {
            (..=FEW, _) => matching.driving(),
            (..=MANY, _) | (_, Wanted::Every) => matching.gathered(),
            (_, Wanted::Page) => matching.tested_each(),
        });
    }
    for matching in needles.into_iter().filter_map(Matching::containing) {
        // The comparison stays in the filter; the index only narrows the rows.
        match (count(db, &matching).await?, wanted) {
            (..=FEW, _) => conditions.push(matching.driving()),
            (..=MANY, _) | (_, Wanted::Every) => conditions.push(matching.gathered()),
            (_, Wanted::Page) => {}
        }
    }
    Ok(Narrowed { filter: Filter { predicate, ..filter.clone() }, conditions })
}

/// The predicate without the searches that every row must pass, which are collected with the texts that it must contain. On
/// SQLite the comparisons with these texts stay in the predicate.
fn without<'p, C: Searchable>(
    predicate: &'p Predicate<C>,
    sql: Dialect,
    searches: &mut Vec<&'p str>,
    needles: &mut Vec<&'p str>,
) -> Predicate<C> {
    match predicate {
        Predicate::All(parts) => Predicate::All(parts.iter().map(|part| without(part, sql, searches, needles)).collect()),
        Predicate::Relation(relation) => match C::search(relation) {
            Some(words) => {
                searches.push(words);
                Predicate::default()
            }
            None => predicate.clone(),
        },
        Predicate::Field(field, Test::Match(Pattern::Contains, needle)) if C::has_index_of_parts(*field) => {
            needles.push(needle);
            if sql == Dialect::Postgres { Predicate::default() } else { predicate.clone() }
        }
        Predicate::Field(..) | Predicate::Any(_) | Predicate::Not(_) => predicate.clone(),
    }
}

/// The number of matches, counted up to the bound that matters.
async fn count(db: &mut impl Count, matching: &Matching) -> Result<i64, Error> {
    let (sql, values) = matching.count_up_to(MANY.unsigned_abs() + 1);
    db.count(sql, values).await
}

/// Counts matches.
pub(super) trait Count: Send {
    /// Runs a statement with the single column `total` and returns its value.
    fn count(&mut self, sql: String, values: Vec<Value>) -> impl Future<Output = Result<i64, Error>> + Send;
}

impl Count for Source {
    async fn count(&mut self, sql: String, values: Vec<Value>) -> Result<i64, Error> {
        let rows = self.query_sql(sql, values).await?;
        Ok(rows.first().map_or(Ok(0), |row| row.try_get("", "total"))?)
    }
}
