//! Asking PostgreSQL's indexes of parts (`pg_trgm`). Each searched table has a column with its words in a row (see
//! `domain::search`), so that the start of a word is a plain part of it.

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
struct Bound<'v>(&'v mut Vec<Value>);

impl Bound<'_> {
    /// Binds a value and gives what stands for it.
    fn add(&mut self, value: impl Into<Value>) -> String {
        self.0.push(value.into());
        format!("${}", self.0.len())
    }

    /// The rows of a type that are found.
    fn found(&mut self, text: &SearchText, searched: Searched) -> String {
        let (table, _, findable) = table(searched);
        let mut has = |start: &str| format!("{table}.words LIKE {}", self.add(format!("% {start}%")));
        format!("FROM {table} WHERE {} AND {findable}", every_term(text, &mut has))
    }
}

/// The newest rows of a type that are found, up to `limit` of them: `selected` of each. `None` where nothing can be. The first
/// value has the number `values.len() + 1`.
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

/// The condition that a message contains a text. The index finds it by its words. What compares the text itself is written so
/// that the planner takes it for true of nearly every row, and guesses the number of matches by the words.
pub(in crate::store) fn containing(needle: &str) -> SimpleExpr {
    let needle = text::fold(needle);
    let part = words_of_part(&needle);
    let compared = "strpos(coalesce(message.text_folded, message.text), $1) <> 0";
    let compared = Expr::cust_with_values(compared, [needle]);
    let words = Expr::col((Alias::new("message"), Alias::new("words")));
    if part.is_empty() { compared } else { words.like(LikeExpr::new(format!("%{part}%"))).and(compared) }
}
