//! Restricts search matches to the texts that a reader may see.
//!
//! The indexes have the words of all texts of a row. If a role masks some texts, a row found by an index matches only if the
//! other texts have the words too; otherwise a search would reveal masked texts.

use sea_orm::{
    Value,
    sea_query::{Expr, SimpleExpr},
};

use super::{Searched, every_term, row};
use crate::{
    domain::search::SearchText,
    store::{dialect::Dialect, view::View},
};

/// The condition that the unmasked texts of a row have the words; `None` if no text is masked. `bind` binds a value and
/// returns its placeholder.
pub(super) fn condition(
    searched: Searched,
    text: &SearchText,
    view: View,
    bind: &mut dyn FnMut(Value) -> String,
) -> Option<String> {
    if !view.masked.any_of(searched as usize) {
        return None;
    }
    let texts = row::texts(searched).iter().enumerate().filter(|(at, _)| !view.masked.has(searched as usize, *at));
    let texts: Vec<&str> = texts.flat_map(|(_, text)| text.folded).copied().collect();
    if texts.is_empty() || text.terms.is_empty() {
        return Some("FALSE".to_owned());
    }
    let mut has = |start: &str| {
        let (operator, pattern) = match view.sql {
            Dialect::Sqlite => ("GLOB", format!("*[^0-9a-z]{start}*")),
            Dialect::Postgres => ("~", format!("[^0-9a-z]{start}")),
        };
        let any = texts.iter().map(|text| format!("' ' || coalesce({text}, '') {operator} {}", bind(pattern.clone().into())));
        format!("({})", any.collect::<Vec<_>>().join(" OR "))
    };
    Some(format!("({})", every_term(text, &mut has)))
}

/// The same condition for a search text.
pub(super) fn is_found(searched: Searched, typed: &str, view: View) -> Option<SimpleExpr> {
    let mut values = Vec::new();
    let mut bind = |value| {
        values.push(value);
        match view.sql {
            Dialect::Sqlite => "?".to_owned(),
            Dialect::Postgres => format!("${}", values.len()),
        }
    };
    let condition = condition(searched, &SearchText::read(typed), view, &mut bind)?;
    Some(Expr::cust_with_values(condition, values))
}
