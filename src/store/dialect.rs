//! Where the databases differ: every piece of SQL that is not common to both is made here.

use sea_orm::sea_query::{Alias, Expr, ExprTrait, Func, SimpleExpr};

fn function(name: &str, arguments: impl IntoIterator<Item = SimpleExpr>) -> SimpleExpr {
    Func::cust(Alias::new(name)).args(arguments).into()
}

fn characters(text: &str) -> i64 {
    i64::try_from(text.chars().count()).unwrap_or(i64::MAX)
}

/// Whether a text contains another, as plain text: no pattern characters.
pub(super) fn contains(text: SimpleExpr, needle: String) -> SimpleExpr {
    function("instr", [text, Expr::value(needle)]).gt(0)
}

/// Whether a text starts with another.
pub(super) fn starts_with(text: SimpleExpr, needle: String) -> SimpleExpr {
    function("substr", [text, Expr::value(1), Expr::value(characters(&needle))]).eq(needle)
}

/// Whether a text ends with another.
pub(super) fn ends_with(text: SimpleExpr, needle: String) -> SimpleExpr {
    let length = characters(&needle);
    let has = function("length", [text.clone()]);
    let from = has.clone().sub(length - 1);
    has.gte(length).and(function("substr", [text, from]).eq(needle))
}

/// The month of a local time, as 100 × year + month. `local` counts milliseconds from `origin_ms` before the epoch.
pub(super) fn month(local: SimpleExpr, origin_ms: i64) -> SimpleExpr {
    let seconds = local.div(1000_i64).sub(origin_ms / 1000);
    function("strftime", [Expr::value("%Y%m"), seconds, Expr::value("unixepoch")]).cast_as("bigint")
}
