//! Queries SQLite's full-text indexes and the rows that are not in them yet (see `tail`). Only quoted words are passed to an
//! index, so no input can act as an operator.

use sea_orm::{
    Value,
    sea_query::{Expr, SimpleExpr},
};

use super::{
    Searched, every_term, table,
    tail::{INDEX_OF_PARTS, index_of_words},
    unmasked,
};
use crate::{
    domain::{
        search::{SearchText, Term},
        text,
    },
    store::view::View,
};

/// The largest number of parts of a needle to query; the comparison itself decides.
const MAX_PARTS: usize = 16;

/// A query to an index for rows of a table.
#[derive(Clone, Debug)]
pub(in crate::store) struct Matching {
    searched: Searched,
    index: &'static str,
    expression: String,
    tail: Tail,
}

/// Which of the rows that are not indexed yet are included.
#[derive(Clone, Debug)]
enum Tail {
    /// All of them; the filter compares their texts.
    Every,
    /// Those that have the words.
    Words(SearchText),
}

impl Matching {
    /// The rows that match a search text; `None` if it has no words.
    pub(in crate::store) fn words(searched: Searched, typed: &str) -> Option<Self> {
        Self::of_text(searched, &SearchText::read(typed))
    }

    fn of_text(searched: Searched, text: &SearchText) -> Option<Self> {
        let expression = expression(text)?;
        Some(Self { searched, index: index_of_words(searched), expression, tail: Tail::Words(text.clone()) })
    }

    /// The messages that may contain a text; `None` if it is too short for the index.
    pub(in crate::store) fn containing(needle: &str) -> Option<Self> {
        let letters: Vec<char> = text::fold(needle).chars().collect();
        let last = letters.len().checked_sub(3)?;
        if letters.contains(&'\0') {
            return None;
        }
        let step = (last / MAX_PARTS + 1).min(3);
        let starts = (0..last).step_by(step).take(MAX_PARTS - 1).chain([last]);
        let parts: Vec<String> = starts.map(|start| quoted(&letters[start..start + 3].iter().collect::<String>())).collect();
        Some(Self { searched: Searched::Message, index: INDEX_OF_PARTS, expression: parts.join(" AND "), tail: Tail::Every })
    }

    /// The number of matching rows in the index, counted up to a bound.
    pub(in crate::store) fn count_up_to(&self, bound: u64) -> (String, Vec<Value>) {
        let index = self.index;
        let sql = format!("SELECT count(*) AS total FROM (SELECT 1 FROM {index} WHERE {index} MATCH ? LIMIT {bound})");
        (sql, vec![self.expression.clone().into()])
    }

    /// True for matching rows, with the index as the outer loop: rows are read from the index and then looked up.
    pub(in crate::store) fn driving(&self) -> SimpleExpr {
        self.is_among("")
    }

    /// True for matching rows, collected once; each row that is read otherwise is looked up among them.
    pub(in crate::store) fn gathered(&self) -> SimpleExpr {
        // The unary plus keeps the planner from starting with these rows.
        self.is_among("+")
    }

    fn is_among(&self, prefix: &str) -> SimpleExpr {
        let (table, index) = (table(self.searched).0, self.index);
        let (waits, values) = self.waits();
        let sql = format!(
            "{prefix}{table}.row_id IN (SELECT rowid FROM {index} WHERE {index} MATCH ? \
             UNION ALL SELECT search_tail.row_id FROM search_tail WHERE {waits})"
        );
        Expr::cust_with_values(sql, [self.expression.clone().into()].into_iter().chain(values))
    }

    /// True for matching rows, with the index queried for each row that is read.
    pub(in crate::store) fn tested_each(&self) -> SimpleExpr {
        let (table, index) = (table(self.searched).0, self.index);
        let (waits, values) = self.waits();
        let sql = format!(
            "(EXISTS (SELECT 1 FROM {index} WHERE {index} MATCH ? AND {index}.rowid = {table}.row_id) \
             OR EXISTS (SELECT 1 FROM search_tail WHERE {waits} AND search_tail.row_id = {table}.row_id))"
        );
        Expr::cust_with_values(sql, [self.expression.clone().into()].into_iter().chain(values))
    }

    /// The condition on the tail, with its values.
    fn waits(&self) -> (String, Vec<Value>) {
        let is_of_type = format!("search_tail.type = {}", self.searched as u8);
        let Tail::Words(text) = &self.tail else { return (is_of_type, Vec::new()) };
        let mut values = Vec::new();
        let mut has = |start: &str| {
            values.push(format!(" {start}").into());
            "instr(search_tail.words, ?) > 0".to_owned()
        };
        let terms = every_term(text, &mut has);
        (format!("{is_of_type} AND {terms}"), values)
    }

    /// The newest rows that match a condition, up to `limit`, with their row numbers and the other selected columns.
    fn newest(&self, selected: &str, (condition, bound): (&str, &[Value]), limit: u32) -> (String, Vec<Value>) {
        let (table, index) = (table(self.searched).0, self.index);
        let (waits, values) = self.waits();
        // The index returns the newest rows first; the cross join keeps it in the outer loop.
        let sql = format!(
            "SELECT * FROM (SELECT {table}.row_id AS number, {selected} \
             FROM {index} CROSS JOIN {table} ON {table}.row_id = {index}.rowid \
             WHERE {index} MATCH ? AND {condition} ORDER BY {index}.rowid DESC LIMIT {limit}) \
             UNION ALL SELECT * FROM (SELECT {table}.row_id AS number, {selected} \
             FROM search_tail CROSS JOIN {table} ON {table}.row_id = search_tail.row_id \
             WHERE {waits} AND {condition} ORDER BY search_tail.row_id DESC LIMIT {limit}) \
             ORDER BY number DESC LIMIT {limit}"
        );
        let bound = || bound.iter().cloned();
        (sql, [self.expression.clone().into()].into_iter().chain(bound()).chain(values).chain(bound()).collect())
    }
}

/// The condition that a row matches.
pub(super) fn is_found(searched: Searched, typed: &str) -> SimpleExpr {
    Matching::words(searched, typed).map_or_else(|| Expr::value(false), |matching| matching.gathered())
}

/// The newest matching rows of a type, up to `limit`, selecting `selected` of each. `None` if nothing can match.
pub(super) fn found(
    text: &SearchText,
    searched: Searched,
    selected: &str,
    limit: u32,
    view: View,
) -> Option<(String, Vec<Value>)> {
    let mut bound = Vec::new();
    let mut bind = |value| {
        bound.push(value);
        "?".to_owned()
    };
    let findable = table(searched).2;
    let condition = match unmasked::condition(searched, text, view, &mut bind) {
        Some(unmasked) => format!("{findable} AND {unmasked}"),
        None => findable.to_owned(),
    };
    Some(Matching::of_text(searched, text)?.newest(selected, (&condition, &bound), limit))
}

/// The FTS5 expression for an index of words; `None` if there are no terms.
fn expression(text: &SearchText) -> Option<String> {
    let term = |term: &Term| {
        let words: Vec<String> = term.words.iter().map(|word| prefix(&word.folded)).collect();
        let words = format!("({})", words.join(" AND "));
        let spellings = term.spellings.iter().map(|spelling| prefix(spelling));
        format!("({})", std::iter::once(words).chain(spellings).collect::<Vec<_>>().join(" OR "))
    };
    let terms: Vec<String> = text.terms.iter().map(term).collect();
    (!terms.is_empty()).then(|| terms.join(" AND "))
}

fn prefix(words: &str) -> String {
    format!("{} *", quoted(words))
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::{Matching, Searched};

    fn parts(needle: &str) -> Option<String> {
        Matching::containing(needle).map(|matching| matching.expression)
    }

    #[test]
    fn a_needle_is_searched_by_its_parts() {
        assert_eq!(parts("Đà Nẵng").as_deref(), Some(r#""da " AND "a n" AND " na" AND "nan" AND "ang""#));
        assert_eq!(parts("ab\"").as_deref(), Some(r#""ab""""#));
        assert_eq!(parts("Đà"), None);
        assert_eq!(parts("ab\0c"), None);
        let long = parts(&"abcdefghij".repeat(1000)).unwrap();
        assert_eq!(long.matches("AND").count(), super::MAX_PARTS - 1);
    }

    #[test]
    fn nothing_typed_is_an_operator() {
        let matching = Matching::words(Searched::Message, "Mai* OR \"x\" -NEAR(a)").unwrap();
        assert_eq!(matching.expression, r#"(("mai" *)) AND (("or" *)) AND (("x" *)) AND (("near" *)) AND (("a" *))"#);
        assert!(Matching::words(Searched::Message, "\"*\" 🎁").is_none());
    }
}
