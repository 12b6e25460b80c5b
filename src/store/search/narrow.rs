//! How a list with a search (or with `contains`) in its filter is best read.
//!
//! Few matches are read from the index and sorted. With more of them it is quicker to walk the list in its own order until
//! the page is full: by looking rows up among the gathered matches or, when even gathering takes too long, by testing each.
//! SQLite plans without knowing how many matches there are, so they are counted first, as far as it matters, and the
//! condition leaves no choice. Measured over a million messages: 3 ms where the wrong way takes up to 2 s. PostgreSQL has
//! statistics, and chooses by itself.

use sea_orm::{Condition, sea_query::SimpleExpr};

use super::{Dialect, Error, Searched, fts5::Matching};
use crate::{
    domain::filter::{CustomerFilter, MessageFilter, TicketFilter},
    store::readers::Source,
};

/// So many matches are quickly looked up and sorted.
const FEW: i64 = 2_000;

/// Beyond so many matches a page is full before they are gathered.
const MANY: i64 = 20_000;

/// What is wanted of the rows that fulfil a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Wanted {
    /// The first of them in some order.
    Page,
    /// All, to count them.
    Every,
}

/// A filter that can hold a search.
pub(in crate::store) trait Searchable: Clone {
    /// What it searches.
    const SEARCHED: Searched;

    /// The search.
    fn search_mut(&mut self) -> &mut Option<String>;

    /// The filters that must be fulfilled as well.
    fn and_mut(&mut self) -> &mut [Self];

    /// What a message's text must contain.
    fn needle(&self) -> Option<&str> {
        None
    }
}

macro_rules! searchable {
    ($($filter:ty: $searched:ident $(, $needle:ident)?;)+) => {$(
        impl Searchable for $filter {
            const SEARCHED: Searched = Searched::$searched;

            fn search_mut(&mut self) -> &mut Option<String> {
                &mut self.search
            }

            fn and_mut(&mut self) -> &mut [Self] {
                &mut self.logic.and
            }

            $(fn needle(&self) -> Option<&str> {
                $needle(self)
            })?
        }
    )+};
}

searchable! {
    CustomerFilter: Customer;
    TicketFilter: Ticket;
    MessageFilter: Message, part_of_text;
}

fn part_of_text(filter: &MessageFilter) -> Option<&str> {
    filter.text.as_ref()?.contains.as_deref()
}

/// A filter of which the searches were taken out, and conditions that stand for them.
#[derive(Debug)]
pub(in crate::store) struct Narrowed<F> {
    pub(in crate::store) filter: F,
    pub(in crate::store) conditions: Vec<SimpleExpr>,
}

impl<F> Narrowed<F> {
    /// The whole condition, given that of the filter.
    pub(in crate::store) fn condition(self, of_filter: impl Fn(&F) -> Condition) -> Condition {
        self.conditions.into_iter().fold(of_filter(&self.filter), Condition::add)
    }
}

/// Prepares a filter for the few rows that are otherwise known: each is asked about.
pub(in crate::store) fn of_given<F: Searchable>(filter: &F, sql: Dialect) -> Narrowed<F> {
    let mut filter = filter.clone();
    if sql == Dialect::Postgres {
        return Narrowed { filter, conditions: Vec::new() };
    }
    let mut searches = Vec::new();
    take(&mut filter, &mut searches, &mut Vec::new());
    let asked = |typed: &String| match Matching::words(F::SEARCHED, typed) {
        Some(matching) => matching.asked_each(),
        None => super::condition(F::SEARCHED, typed, sql),
    };
    Narrowed { conditions: searches.iter().map(asked).collect(), filter }
}

/// Takes the searches that every row must fulfil out of a filter.
pub(in crate::store) async fn narrow<F: Searchable>(db: &Source, filter: &F, wanted: Wanted) -> Result<Narrowed<F>, Error> {
    let (mut filter, sql) = (filter.clone(), db.dialect());
    if sql == Dialect::Postgres {
        return Ok(Narrowed { filter, conditions: Vec::new() });
    }
    let (mut searches, mut needles) = (Vec::new(), Vec::new());
    take(&mut filter, &mut searches, &mut needles);
    let mut conditions = Vec::new();
    for typed in searches {
        let Some(matching) = Matching::words(F::SEARCHED, &typed) else {
            conditions.push(super::condition(F::SEARCHED, &typed, sql));
            continue;
        };
        conditions.push(match (count(db, &matching).await?, wanted) {
            (..=FEW, _) => matching.driving(),
            (..=MANY, _) | (_, Wanted::Every) => matching.gathered(),
            (_, Wanted::Page) => matching.asked_each(),
        });
    }
    for matching in needles.iter().filter_map(|needle| Matching::containing(needle)) {
        // The comparison stays in the filter; the index only spares it most rows.
        match (count(db, &matching).await?, wanted) {
            (..=FEW, _) => conditions.push(matching.driving()),
            (..=MANY, _) | (_, Wanted::Every) => conditions.push(matching.gathered()),
            (_, Wanted::Page) => {}
        }
    }
    Ok(Narrowed { filter, conditions })
}

fn take<F: Searchable>(filter: &mut F, searches: &mut Vec<String>, needles: &mut Vec<String>) {
    searches.extend(filter.search_mut().take());
    needles.extend(filter.needle().map(str::to_owned));
    for also in filter.and_mut() {
        take(also, searches, needles);
    }
}

/// The number of matches, as far as it matters.
async fn count(db: &Source, matching: &Matching) -> Result<i64, Error> {
    let (sql, values) = matching.count_up_to(MANY.unsigned_abs() + 1);
    let rows = db.query_sql(sql, values).await?;
    Ok(rows.first().map_or(Ok(0), |row| row.try_get("", "total"))?)
}
