//! Asking PostgreSQL's indexes of parts (`pg_trgm`). Each searched table has its words in a row, with a blank before and
//! after each (see the migration `m0002_search`), so that the start of a word is a plain part of that text.

use sea_orm::{
    Value,
    sea_query::{Alias, Expr, ExprTrait, LikeExpr, SimpleExpr},
};

use super::{Hit, Searched, table};
use crate::domain::search::{SearchText, Term, Word};

/// What a word counts with the very accents that were typed, where one without counts 1.
const EXACT_WEIGHT: &str = "10.0";

/// What a word counts more that ends where the typed one ends.
const WHOLE_WEIGHT: &str = "0.5";

/// What is newest, by which matches are left out when there are too many to rank.
fn newest(searched: Searched) -> &'static str {
    match searched {
        Searched::Customer | Searched::Ticket => "updated_at",
        Searched::Conversation => "last_message_at",
        Searched::Message => "sent_at",
    }
}

/// The condition that a row is found.
pub(super) fn is_found(searched: Searched, typed: &str) -> SimpleExpr {
    let words = Expr::col((Alias::new(table(searched).0), Alias::new("words")));
    let has = |start: &String| words.clone().like(LikeExpr::new(format!("% {start}%")));
    let of_term = |term: &Term| {
        let all = term.words.iter().map(|word| has(&word.folded)).reduce(ExprTrait::and);
        all.into_iter().chain(term.spellings.iter().map(has)).reduce(ExprTrait::or)
    };
    let terms = SearchText::read(typed).terms;
    terms.iter().filter_map(of_term).reduce(ExprTrait::and).unwrap_or_else(|| Expr::value(false))
}

/// A statement in the making: its bound values.
#[derive(Default)]
struct Bound(Vec<Value>);

impl Bound {
    /// Binds a value and gives what stands for it.
    fn add(&mut self, value: impl Into<Value>) -> String {
        self.0.push(value.into());
        format!("${}", self.0.len())
    }

    /// The rows of a type that are found.
    fn found(&mut self, text: &SearchText, searched: Searched) -> String {
        let (table, _, findable) = table(searched);
        let mut has = |start: &String| format!("{table}.words LIKE {}", self.add(format!("% {start}%")));
        let mut of_term = |term: &Term| {
            let all: Vec<String> = term.words.iter().map(|word| has(&word.folded)).collect();
            let any: Vec<String> =
                [format!("({})", all.join(" AND "))].into_iter().chain(term.spellings.iter().map(&mut has)).collect();
            format!("({})", any.join(" OR "))
        };
        let terms: Vec<String> = text.terms.iter().map(&mut of_term).collect();
        format!("FROM {table} WHERE {} AND {findable}", terms.join(" AND "))
    }

    /// How good a match a row is.
    fn rank(&mut self, text: &SearchText, searched: Searched) -> String {
        let (table, ..) = table(searched);
        let mut of_word = |word: &Word| {
            let (start, whole) =
                (self.add(format!("% {}%", word.exact.to_lowercase())), self.add(format!("% {} %", word.folded)));
            format!(
                "CASE WHEN {table}.words_exact LIKE {start} THEN {EXACT_WEIGHT} ELSE 1.0 END \
                 + CASE WHEN {table}.words LIKE {whole} THEN {WHOLE_WEIGHT} ELSE 0.0 END"
            )
        };
        let words: Vec<String> = text.terms.iter().flat_map(|term| &term.words).map(&mut of_word).collect();
        format!("CAST(({}) / (3.0 + ln(length({table}.words))) AS double precision)", words.join(" + "))
    }
}

/// The statement that ranks what is found; `None` where nothing can be.
pub(super) fn ranked(
    text: &SearchText,
    types: &[Searched],
    matches: u32,
    after: Option<&Hit>,
    limit: u32,
) -> Option<(String, Vec<Value>)> {
    if text.terms.is_empty() || types.is_empty() {
        return None;
    }
    let mut bound = Bound::default();
    let of_type = |searched: &Searched| {
        let (table, id, _) = table(*searched);
        let (place, newest) = (*searched as u8, newest(*searched));
        let (rank, found) = (bound.rank(text, *searched), bound.found(text, *searched));
        format!(
            "SELECT CAST({place} AS bigint) AS type, id, rank / max(rank) OVER () AS score FROM (\
             SELECT {table}.{id} AS id, {rank} AS rank {found} ORDER BY {table}.{newest} DESC NULLS LAST LIMIT {matches}) AS \"{table}\""
        )
    };
    let found = types.iter().map(of_type).collect::<Vec<_>>().join(" UNION ALL ");
    let follows = after.map_or_else(
        || "TRUE".to_owned(),
        |Hit { searched, id, score }| {
            let score = bound.add(*score);
            let (place, id) = (bound.add(i64::from(*searched as u8)), bound.add(id.clone()));
            format!("score < {score} OR (score = {score} AND (type, id) > ({place}, {id}))")
        },
    );
    let sql =
        format!("SELECT type, id, score FROM ({found}) AS found WHERE {follows} ORDER BY score DESC, type, id LIMIT {limit}");
    Some((sql, bound.0))
}

/// The statement that counts what is found; `None` where nothing can be.
pub(super) fn counted(text: &SearchText, types: &[Searched], matches: u32) -> Option<(String, Vec<Value>)> {
    if text.terms.is_empty() || types.is_empty() {
        return None;
    }
    let mut bound = Bound::default();
    let count = |searched: &Searched| {
        format!("(SELECT count(*) FROM (SELECT 1 {} LIMIT {matches}) AS found)", bound.found(text, *searched))
    };
    let counts: Vec<String> = types.iter().map(count).collect();
    Some((format!("SELECT {} AS total", counts.join(" + ")), bound.0))
}
