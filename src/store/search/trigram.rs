//! Queries PostgreSQL's trigram indexes (`pg_trgm`). Each searched table has a column with its words separated by spaces (see
//! `domain::search`), so the start of a word is a plain substring of it.

use sea_orm::{
    Value,
    sea_query::{Alias, Expr, ExprTrait, LikeExpr, SimpleExpr},
};

use super::{Searched, every_term, table, unmasked};
use crate::{
    domain::{
        search::{SearchText, Term, words_of_part},
        text,
    },
    store::view::View,
};

/// The sort expression for the newest rows: if there are too many matches to rank, the others are left out.
fn newest(searched: Searched) -> &'static str {
    match searched {
        Searched::Customer | Searched::Ticket => "updated_at",
        Searched::Conversation => "last_message_at",
        Searched::Message => "sent_at",
    }
}

/// The condition that a row matches.
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

/// The bound values of a statement under construction.
struct Bound<'v>(&'v mut Vec<Value>);

impl Bound<'_> {
    /// Binds a value and returns its placeholder.
    fn add(&mut self, value: impl Into<Value>) -> String {
        self.0.push(value.into());
        format!("${}", self.0.len())
    }

    /// The matching rows of a type.
    fn found(&mut self, text: &SearchText, searched: Searched) -> String {
        let (table, _, findable) = table(searched);
        let mut has = |start: &str| format!("{table}.words LIKE {}", self.add(format!("% {start}%")));
        format!("FROM {table} WHERE {} AND {findable}", every_term(text, &mut has))
    }
}

/// The newest matching rows of a type, up to `limit`, selecting `selected` of each. `None` if nothing can match. The number of
/// the first placeholder is `values.len() + 1`.
pub(super) fn found(
    text: &SearchText,
    searched: Searched,
    selected: &str,
    limit: u32,
    view: View,
    values: &mut Vec<Value>,
) -> Option<String> {
    if text.terms.is_empty() {
        return None;
    }
    let mut bound = Bound(values);
    let mut found = bound.found(text, searched);
    if let Some(unmasked) = unmasked::condition(searched, text, view, &mut |value| bound.add(value)) {
        found = format!("{found} AND {unmasked}");
    }
    let newest = newest(searched);
    let table = table(searched).0;
    Some(format!("SELECT {selected} {found} ORDER BY {table}.{newest} DESC NULLS LAST LIMIT {limit}"))
}

/// The condition that a message contains a text. The index finds candidates by their words. The comparison of the text itself is
/// written so that the planner considers it nearly always true, and estimates the number of matches by the words alone.
pub(in crate::store) fn containing(needle: &str) -> SimpleExpr {
    let needle = text::fold(needle);
    let part = words_of_part(&needle);
    let compared = "strpos(coalesce(message.text_folded, message.text), $1) <> 0";
    let compared = Expr::cust_with_values(compared, [needle]);
    let words = Expr::col((Alias::new("message"), Alias::new("words")));
    if part.is_empty() { compared } else { words.like(LikeExpr::new(format!("%{part}%"))).and(compared) }
}
