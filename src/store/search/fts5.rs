//! Asking SQLite's full-text indexes. Only quoted words reach them, so that nothing typed is an operator.

use sea_orm::{
    Value,
    sea_query::{Expr, SimpleExpr},
};

use super::{Hit, Searched, table};
use crate::domain::{
    search::{SearchText, Term, Word},
    text,
};

/// What an occurrence counts with the very accents that were typed, where one without counts 1.
const EXACT_WEIGHT: f64 = 10.0;

/// Parts of a needle that are asked for, at most; the comparison itself decides.
const MAX_PARTS: usize = 16;

/// A question to an index about the rows of a table.
#[derive(Clone, Debug)]
pub(in crate::store) struct Matching {
    table: &'static str,
    index: &'static str,
    expression: String,
}

impl Matching {
    /// The rows that are found for a text; `None` where it has no word.
    pub(in crate::store) fn words(searched: Searched, typed: &str) -> Option<Self> {
        let index = match searched {
            Searched::Customer => "customer_search",
            Searched::Conversation => "conversation_search",
            Searched::Message => "message_search",
            Searched::Ticket => "ticket_search",
        };
        // What has the words as typed has them folded as well.
        Some(Self { table: table(searched).0, index, expression: folded(&SearchText::read(typed))? })
    }

    /// The messages that may contain a text; `None` where it is too short for the index.
    pub(in crate::store) fn containing(needle: &str) -> Option<Self> {
        let letters: Vec<char> = text::fold(needle).chars().collect();
        let last = letters.len().checked_sub(3)?;
        if letters.contains(&'\0') {
            return None;
        }
        let step = (last / MAX_PARTS + 1).min(3);
        let starts = (0..last).step_by(step).take(MAX_PARTS - 1).chain([last]);
        let parts: Vec<String> = starts.map(|start| quoted(&letters[start..start + 3].iter().collect::<String>())).collect();
        Some(Self { table: "message", index: "message_trigram", expression: parts.join(" AND ") })
    }

    /// How many rows there are, counted up to a bound.
    pub(in crate::store) fn count_up_to(&self, bound: u64) -> (String, Vec<Value>) {
        let index = self.index;
        let sql = format!("SELECT count(*) AS total FROM (SELECT 1 FROM {index} WHERE {index} MATCH ? LIMIT {bound})");
        (sql, vec![self.expression.clone().into()])
    }

    /// Is one of the rows: they are read from the index, and then looked up.
    pub(in crate::store) fn driving(&self) -> SimpleExpr {
        let Self { table, index, expression } = self;
        let sql = format!("{table}.row_id IN (SELECT rowid FROM {index} WHERE {index} MATCH ?)");
        Expr::cust_with_values(sql, [expression.clone()])
    }

    /// Is one of the rows: they are gathered once, and each row that is read otherwise is looked for among them.
    pub(in crate::store) fn gathered(&self) -> SimpleExpr {
        let Self { table, index, expression } = self;
        // The plus keeps the planner from starting with them.
        let sql = format!("+{table}.row_id IN (SELECT rowid FROM {index} WHERE {index} MATCH ?)");
        Expr::cust_with_values(sql, [expression.clone()])
    }

    /// Is one of the rows: the index is asked about each row that is read.
    pub(in crate::store) fn asked_each(&self) -> SimpleExpr {
        let Self { table, index, expression } = self;
        let sql = format!("EXISTS (SELECT 1 FROM {index} WHERE {index} MATCH ? AND {index}.rowid = {table}.row_id)");
        Expr::cust_with_values(sql, [expression.clone()])
    }
}

/// The condition that a row is found.
pub(super) fn is_found(searched: Searched, typed: &str) -> SimpleExpr {
    Matching::words(searched, typed).map_or_else(|| Expr::value(false), |matching| matching.gathered())
}

/// The statement that ranks what is found; `None` where nothing can be.
pub(super) fn ranked(
    text: &SearchText,
    types: &[Searched],
    matches: u32,
    after: Option<&Hit>,
    limit: u32,
) -> Option<(String, Vec<Value>)> {
    let expression = format!("{} OR exact : ({})", folded(text)?, all(text, |word| &word.exact));
    let (mut parts, mut values) = (Vec::new(), Vec::new());
    for searched in types {
        let (table, id, findable) = table(*searched);
        let place = *searched as u8;
        // The index gives the newest rows first; the cross join keeps it outside.
        parts.push(format!(
            "SELECT {place} AS type, id, rank / max(rank) OVER () AS score FROM (\
             SELECT {table}.{id} AS id, -bm25({table}_search, {EXACT_WEIGHT:?}, 1.0) AS rank \
             FROM {table}_search CROSS JOIN {table} ON {table}.row_id = {table}_search.rowid \
             WHERE {table}_search MATCH ? AND {findable} ORDER BY {table}_search.rowid DESC LIMIT {matches})"
        ));
        values.push(expression.clone().into());
    }
    if parts.is_empty() {
        return None;
    }
    let follows = if let Some(Hit { searched, id, score }) = after {
        values.extend([(*score).into(), (*score).into(), i64::from(*searched as u8).into(), id.clone().into()]);
        "score < ? OR (score = ? AND (type, id) > (?, ?))"
    } else {
        "TRUE"
    };
    let found = parts.join(" UNION ALL ");
    let sql = format!("SELECT type, id, score FROM ({found}) WHERE {follows} ORDER BY score DESC, type, id LIMIT {limit}");
    Some((sql, values))
}

/// The statement that counts what is found; `None` where nothing can be.
pub(super) fn counted(text: &SearchText, types: &[Searched], matches: u32) -> Option<(String, Vec<Value>)> {
    let expression = folded(text)?;
    let count = |searched: &Searched| {
        let (table, _, findable) = table(*searched);
        format!(
            "(SELECT count(*) FROM (SELECT 1 FROM {table}_search CROSS JOIN {table} ON {table}.row_id = {table}_search.rowid \
             WHERE {table}_search MATCH ? AND {findable} LIMIT {matches}))"
        )
    };
    let counts: Vec<String> = types.iter().map(count).collect();
    let values = types.iter().map(|_| expression.clone().into()).collect();
    (!counts.is_empty()).then(|| (format!("SELECT {} AS total", counts.join(" + ")), values))
}

/// All terms in the folded texts; `None` where there is no term.
fn folded(text: &SearchText) -> Option<String> {
    (!text.terms.is_empty()).then(|| format!("folded : ({})", all(text, |word| &word.folded)))
}

fn all(text: &SearchText, form: fn(&Word) -> &String) -> String {
    let term = |term: &Term| {
        let words: Vec<String> = term.words.iter().map(|word| prefix(form(word))).collect();
        let words = format!("({})", words.join(" AND "));
        let spellings = term.spellings.iter().map(|spelling| prefix(spelling));
        format!("({})", std::iter::once(words).chain(spellings).collect::<Vec<_>>().join(" OR "))
    };
    text.terms.iter().map(term).collect::<Vec<_>>().join(" AND ")
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
    fn a_needle_is_asked_for_by_its_parts() {
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
        assert_eq!(matching.expression, r#"folded : ((("mai" *)) AND (("or" *)) AND (("x" *)) AND (("near" *)) AND (("a" *)))"#);
        assert!(Matching::words(Searched::Message, "\"*\" 🎁").is_none());
    }
}
