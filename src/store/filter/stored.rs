//! How fields are stored, and how tests of their values become SQL.

use sea_orm::{
    ColumnTrait,
    sea_query::{Expr, ExprTrait, Func, SimpleExpr},
};

use super::{View, any, negation, settled};
use crate::{
    domain::{
        filter::{Comparison, Pattern, Test, Value},
        text,
        words::{ChatMode, Platform},
    },
    store::dialect::Dialect,
};

/// How a field is stored.
pub(in crate::store) enum Stored {
    /// A value compared as it is: an id, a number, a time.
    Plain(SimpleExpr),
    /// A link to a row that may be hidden, in which case it reads as NULL. Indexes exist on the link itself.
    Link {
        /// The link, or NULL if its row is hidden.
        seen: SimpleExpr,
        /// The link, whether or not its row is hidden.
        link: SimpleExpr,
    },
    /// A boolean column without NULL.
    Flag(SimpleExpr),
    /// A boolean that a SQL expression computes.
    Condition(SimpleExpr),
    /// A word of a closed list, stored normalized: a listed word or `other`.
    Reading(SimpleExpr),
    /// A word of a closed list, stored as sent; words that are not in the list read as `other`.
    AsSent(SimpleExpr, Vec<&'static str>),
    /// Text with its folded copy.
    Text(Text),
}

/// A text as SQL: as sent, and case-folded.
pub(in crate::store) struct Text {
    raw: SimpleExpr,
    folded: SimpleExpr,
    is_shared: bool,
}

impl Text {
    /// A text and its folded copy; the copy is NULL if it equals the text.
    pub(super) fn new(raw: SimpleExpr, folded: SimpleExpr) -> Self {
        let folded = Func::coalesce([folded, raw.clone()]).into();
        Self { raw, folded, is_shared: false }
    }
}

impl Stored {
    /// A column whose value is compared as it is.
    pub(super) fn plain(column: impl ColumnTrait) -> Self {
        Self::Plain(column.into_expr())
    }

    /// A column with the link of a conversation or a message to its customer.
    pub(super) fn link(customer_id: impl ColumnTrait, view: View) -> Self {
        if !view.restricted.customers {
            return Self::plain(customer_id);
        }
        Self::Link { seen: customer_id.into_expr(), link: view.customer_link(customer_id) }
    }

    /// A boolean column.
    pub(super) fn flag(column: impl ColumnTrait) -> Self {
        Self::Flag(column.into_expr())
    }

    /// A column with a normalized word.
    pub(super) fn reading(column: impl ColumnTrait) -> Self {
        Self::Reading(column.into_expr())
    }

    /// A column with a platform as it was sent.
    pub(super) fn platform(column: impl ColumnTrait) -> Self {
        Self::AsSent(column.into_expr(), Platform::LISTED.iter().map(|(word, _)| *word).collect())
    }

    /// A column with a chat mode as it was sent.
    pub(super) fn chat_mode(column: impl ColumnTrait) -> Self {
        Self::AsSent(column.into_expr(), ChatMode::LISTED.iter().map(|(word, _)| *word).collect())
    }

    /// A text column with the column of its folded copy.
    pub(super) fn text<C: ColumnTrait>(raw: C, folded: C) -> Self {
        Self::Text(Text::new(raw.into_expr(), folded.into_expr()))
    }

    /// Like [`Self::text`], for a text that many rows share: a page filtered by one of several values is read in its sort
    /// order rather than sorted.
    pub(super) fn shared_text<C: ColumnTrait>(raw: C, folded: C) -> Self {
        Self::Text(Text { is_shared: true, ..Text::new(raw.into_expr(), folded.into_expr()) })
    }

    /// The condition for a row's value to pass a test.
    pub(super) fn passes(&self, test: &Test, sql: Dialect) -> SimpleExpr {
        match test {
            Test::Equal(operand) => self.equals(operand),
            Test::NotEqual(operand) => negation(self.equals(operand)),
            Test::OneOf(operands) => self.one_of(operands),
            Test::NoneOf(operands) => negation(self.is_in(operands)),
            Test::Compare(comparison, operand) => {
                let (value, operand) = (self.value(), expression(operand));
                match comparison {
                    Comparison::Greater => value.gt(operand),
                    Comparison::GreaterOrEqual => value.gte(operand),
                    Comparison::Less => value.lt(operand),
                    Comparison::LessOrEqual => value.lte(operand),
                }
            }
            Test::Match(pattern, needle) => self.matches(*pattern, &text::fold(needle), sql),
            Test::Null(is_null) => match (self, is_null) {
                (Self::Flag(_) | Self::Condition(_), is_null) => Expr::value(!is_null),
                (_, true) => self.value().is_null(),
                (_, false) => self.value().is_not_null(),
            },
        }
    }

    fn value(&self) -> SimpleExpr {
        match self {
            Self::Plain(value)
            | Self::Link { seen: value, .. }
            | Self::Flag(value)
            | Self::Condition(value)
            | Self::Reading(value)
            | Self::AsSent(value, _)
            | Self::Text(Text { raw: value, .. }) => value.clone(),
        }
    }

    fn equals(&self, operand: &Value<'_>) -> SimpleExpr {
        match (self, operand) {
            (Self::Condition(condition), Value::Boolean(true)) => condition.clone(),
            (Self::Condition(condition), Value::Boolean(false)) => negation(condition.clone()),
            (Self::AsSent(word, listed), Value::Word(operand)) if !listed.contains(operand) => {
                word.clone().is_not_in(listed.iter().copied())
            }
            // The index is on the link. Visibility is then tested on the few rows found.
            (Self::Link { seen, link }, _) => link.clone().eq(expression(operand)).and(seen.clone().is_not_null()),
            _ => self.value().eq(expression(operand)),
        }
    }

    /// The membership condition, in the form that reads a page fastest.
    fn one_of(&self, operands: &[Value<'_>]) -> SimpleExpr {
        let is_in = self.is_in(operands);
        match self {
            Self::Text(Text { is_shared: true, .. }) if operands.len() > 1 => settled(is_in),
            _ => is_in,
        }
    }

    fn is_in(&self, operands: &[Value<'_>]) -> SimpleExpr {
        let is_word = matches!(self, Self::Reading(_) | Self::AsSent(..) | Self::Flag(_));
        match operands {
            [] => Expr::value(false),
            [only] if is_word => self.equals(only),
            _ if is_word => {
                // Removes duplicates: a client may repeat words, and the condition must not grow with the repetitions.
                let first = |(place, word): &(usize, &Value<'_>)| !operands[..*place].contains(word);
                let words: Vec<SimpleExpr> =
                    operands.iter().enumerate().filter(first).map(|(_, word)| self.equals(word)).collect();
                // Several words match most rows, so the page is read in its sort order.
                if words.len() == 1 { any(words) } else { settled(any(words)) }
            }
            _ => match self {
                Self::Link { seen, link } => link.clone().is_in(operands.iter().map(expression)).and(seen.clone().is_not_null()),
                _ => self.value().is_in(operands.iter().map(expression)),
            },
        }
    }

    fn matches(&self, pattern: Pattern, needle: &str, sql: Dialect) -> SimpleExpr {
        let Self::Text(text) = self else { return Expr::value(false) };
        if needle.is_empty() {
            return text.raw.clone().is_not_null();
        }
        let (folded, needle) = (text.folded.clone(), needle.to_owned());
        match pattern {
            Pattern::Contains => sql.contains(folded, needle),
            Pattern::StartsWith => sql.starts_with(folded, needle),
            Pattern::EndsWith => sql.ends_with(folded, needle),
        }
    }
}

/// An operand as a bound value.
fn expression(operand: &Value<'_>) -> SimpleExpr {
    match operand {
        Value::Absent => Expr::value(Option::<String>::None),
        Value::Text(text) => Expr::value(text.as_ref()),
        Value::Int(number) => Expr::value(*number),
        Value::Float(number) => Expr::value(number.0),
        Value::Boolean(boolean) => Expr::value(*boolean),
        Value::Time(at) => Expr::value(at.as_millis()),
        Value::Word(word) => Expr::value(*word),
    }
}
