//! Comparators as SQL.

use sea_orm::{
    ColumnTrait,
    sea_query::{Expr, ExprTrait, Func, SimpleExpr},
};

use super::{any, negation, settled};
use crate::{
    domain::{
        filter::{BooleanFilter, DateTimeFilter, FloatFilter, IdFilter, IntFilter, StringFilter, WordFilter},
        text,
        words::{ChatMode, MessageType, Platform, TicketLevel, TicketStatus},
    },
    store::dialect::Dialect,
};

/// A text as SQL: as sent, and folded.
pub(super) struct Text {
    raw: SimpleExpr,
    folded: SimpleExpr,
    of_many_rows: bool,
}

impl Text {
    /// A column with its folded copy, which is there only where it differs.
    pub(super) fn of<C: ColumnTrait>(raw: C, folded: C) -> Self {
        Self::from_exprs(raw.into_expr(), folded.into_expr())
    }

    /// As [`Self::of`], of expressions.
    pub(super) fn from_exprs(raw: SimpleExpr, folded: SimpleExpr) -> Self {
        let folded = Func::coalesce([folded, raw.clone()]).into();
        Self { raw, folded, of_many_rows: false }
    }

    /// Says that many rows share a value: a page of those with one of several is read in its own order, not sorted.
    pub(super) fn of_many_rows(self) -> Self {
        Self { of_many_rows: true, ..self }
    }

    pub(super) fn filter(&self, filter: &StringFilter, sql: Dialect) -> Vec<SimpleExpr> {
        let mut parts = self.positive(filter, sql);
        parts.extend(filter.ne.as_ref().map(|text| negation(self.raw.clone().eq(text.clone()))));
        parts.extend(filter.not_in.as_ref().map(|texts| negation(is_in(&self.raw, texts.iter().cloned()))));
        parts.extend(filter.is_null.map(|is_null| null(&self.raw, is_null)));
        parts
    }

    /// What asks the value to be something, complements and absence aside.
    pub(super) fn positive(&self, filter: &StringFilter, sql: Dialect) -> Vec<SimpleExpr> {
        let mut parts = Vec::new();
        parts.extend(filter.eq.as_ref().map(|text| self.raw.clone().eq(text.clone())));
        parts.extend(filter.is_in.as_ref().map(|texts| {
            let one_of = is_in(&self.raw, texts.iter().cloned());
            if self.of_many_rows && texts.len() > 1 { settled(one_of) } else { one_of }
        }));
        let mut folded = |needle: &Option<String>, test: fn(Dialect, SimpleExpr, String) -> SimpleExpr| {
            if let Some(needle) = needle.as_deref().map(text::fold) {
                parts.push(if needle.is_empty() {
                    self.raw.clone().is_not_null()
                } else {
                    test(sql, self.folded.clone(), needle)
                });
            }
        };
        folded(&filter.contains, Dialect::contains);
        folded(&filter.starts_with, Dialect::starts_with);
        folded(&filter.ends_with, Dialect::ends_with);
        parts
    }

    pub(super) fn raw(&self) -> &SimpleExpr {
        &self.raw
    }
}

fn null(value: &SimpleExpr, is_null: bool) -> SimpleExpr {
    if is_null { value.clone().is_null() } else { value.clone().is_not_null() }
}

/// One of these; of none, false.
fn is_in<V: Into<sea_orm::Value>>(value: &SimpleExpr, of: impl IntoIterator<Item = V>) -> SimpleExpr {
    let of: Vec<SimpleExpr> = of.into_iter().map(|value| Expr::value(value)).collect();
    if of.is_empty() { Expr::value(false) } else { value.clone().is_in(of) }
}

pub(super) fn ids(value: &SimpleExpr, filter: &IdFilter) -> Vec<SimpleExpr> {
    ids_by(filter, |ids| is_in(value, ids.iter().cloned()), value)
}

/// An id filter where being one of some ids is decided by `is_any`.
pub(super) fn ids_by(filter: &IdFilter, is_any: impl Fn(&[String]) -> SimpleExpr, value: &SimpleExpr) -> Vec<SimpleExpr> {
    let mut parts = Vec::new();
    parts.extend(filter.eq.as_ref().map(|ids| is_any(ids)));
    parts.extend(filter.ne.as_ref().map(|ids| negation(is_any(ids))));
    parts.extend(filter.is_in.as_ref().map(|ids| is_any(ids)));
    parts.extend(filter.not_in.as_ref().map(|ids| negation(is_any(ids))));
    parts.extend(filter.is_null.map(|is_null| null(value, is_null)));
    parts
}

pub(super) fn times(value: &SimpleExpr, filter: &DateTimeFilter) -> Vec<SimpleExpr> {
    let ms = |at: crate::domain::time::Timestamp| at.as_millis();
    let mut parts = Vec::new();
    parts.extend(filter.eq.map(|at| value.clone().eq(ms(at))));
    parts.extend(filter.gt.map(|at| value.clone().gt(ms(at))));
    parts.extend(filter.gte.map(|at| value.clone().gte(ms(at))));
    parts.extend(filter.lt.map(|at| value.clone().lt(ms(at))));
    parts.extend(filter.lte.map(|at| value.clone().lte(ms(at))));
    parts.extend(filter.is_null.map(|is_null| null(value, is_null)));
    parts
}

pub(super) fn ints(value: &SimpleExpr, filter: &IntFilter) -> Vec<SimpleExpr> {
    let mut parts = Vec::new();
    parts.extend(filter.eq.map(|n| value.clone().eq(n)));
    parts.extend(filter.ne.map(|n| negation(value.clone().eq(n))));
    parts.extend(filter.gt.map(|n| value.clone().gt(n)));
    parts.extend(filter.gte.map(|n| value.clone().gte(n)));
    parts.extend(filter.lt.map(|n| value.clone().lt(n)));
    parts.extend(filter.lte.map(|n| value.clone().lte(n)));
    parts.extend(filter.is_in.as_ref().map(|of| is_in(value, of.iter().copied())));
    parts.extend(filter.is_null.map(|is_null| null(value, is_null)));
    parts
}

pub(super) fn floats(value: &SimpleExpr, filter: &FloatFilter) -> Vec<SimpleExpr> {
    let mut parts = Vec::new();
    parts.extend(filter.eq.map(|n| value.clone().eq(n.0)));
    parts.extend(filter.ne.map(|n| negation(value.clone().eq(n.0))));
    parts.extend(filter.gt.map(|n| value.clone().gt(n.0)));
    parts.extend(filter.gte.map(|n| value.clone().gte(n.0)));
    parts.extend(filter.lt.map(|n| value.clone().lt(n.0)));
    parts.extend(filter.lte.map(|n| value.clone().lte(n.0)));
    parts.extend(filter.is_null.map(|is_null| null(value, is_null)));
    parts
}

/// Of a truth that is worked out, and always known.
pub(super) fn truth(value: &SimpleExpr, filter: &BooleanFilter) -> Vec<SimpleExpr> {
    let mut parts = Vec::new();
    parts.extend(filter.eq.map(|known| if known { value.clone() } else { negation(value.clone()) }));
    parts.extend(filter.is_null.filter(|is_null| *is_null).map(|_| Expr::value(false)));
    parts
}

/// Of a truth that a column holds.
pub(super) fn flag(column: impl ColumnTrait, filter: &BooleanFilter) -> Vec<SimpleExpr> {
    let mut parts = Vec::new();
    parts.extend(filter.eq.map(|known| column.into_expr().eq(known)));
    parts.extend(filter.is_null.filter(|is_null| *is_null).map(|_| Expr::value(false)));
    parts
}

/// A word of a list, with how it is stored.
pub(super) trait Stored: Copy + PartialEq {
    /// The condition that a column holds this word.
    fn is(self, column: &SimpleExpr) -> SimpleExpr;
}

macro_rules! stored_as_word {
    ($($name:ty),+) => {
        $(impl Stored for $name {
            fn is(self, column: &SimpleExpr) -> SimpleExpr {
                column.clone().eq(self.word())
            }
        })+
    };
}

// Stored by their reading: a listed word, or `other`.
stored_as_word!(MessageType, TicketLevel, TicketStatus);

macro_rules! stored_as_sent {
    ($($name:ty),+) => {
        $(impl Stored for $name {
            fn is(self, column: &SimpleExpr) -> SimpleExpr {
                if self == Self::Other {
                    column.clone().is_not_in(Self::LISTED.iter().map(|(word, _)| *word))
                } else {
                    column.clone().eq(self.word())
                }
            }
        })+
    };
}

// Stored as sent, lower case: whatever is not listed is `Other`.
stored_as_sent!(Platform, ChatMode);

impl Stored for bool {
    fn is(self, column: &SimpleExpr) -> SimpleExpr {
        column.clone().eq(self)
    }
}

impl Stored for crate::domain::kind::EventKind {
    fn is(self, column: &SimpleExpr) -> SimpleExpr {
        column.clone().eq(self.name())
    }
}

pub(super) fn words<W: Stored>(column: &SimpleExpr, filter: &WordFilter<W>) -> Vec<SimpleExpr> {
    let mut parts = Vec::new();
    // Each once: a client may repeat the few words there are, and the condition must not grow with that.
    let is_any = |words: &Vec<W>| {
        let repeated = |(place, word): &(usize, &W)| words[..*place].contains(word);
        let mut alternatives =
            words.iter().enumerate().filter(|word| !repeated(word)).map(|(_, word)| word.is(column)).peekable();
        match (alternatives.next(), alternatives.peek().is_some()) {
            (Some(only), false) => only,
            // Several words leave most rows: a page of them is read in its own order.
            (first, _) => settled(any(first.into_iter().chain(alternatives))),
        }
    };
    parts.extend(filter.eq.map(|word| word.is(column)));
    parts.extend(filter.ne.map(|word| negation(word.is(column))));
    parts.extend(filter.is_in.as_ref().map(is_any));
    parts.extend(filter.not_in.as_ref().map(|words| negation(is_any(words))));
    parts
}
