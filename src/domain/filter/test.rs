//! Tests of a single value: the operators of the API's comparators, and their evaluation.

use std::{
    borrow::Cow,
    cmp::Ordering,
    hash::{Hash, Hasher},
};

use crate::domain::{text, time::Timestamp};

/// The value of a field, or the operand of a test.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Value<'a> {
    /// There is no value.
    Absent,
    /// Text, or an id as the CRM writes it.
    Text(Cow<'a, str>),
    /// A whole number.
    Int(i64),
    /// A number.
    Float(Number),
    /// A boolean.
    Boolean(bool),
    /// An instant.
    Time(Timestamp),
    /// A word of a list, normalised.
    Word(&'static str),
}

/// A number that is compared and hashed by its bits, so that a predicate can be a map key.
#[derive(Clone, Copy, Debug)]
pub struct Number(pub f64);

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.0.to_bits() == other.0.to_bits()
    }
}

impl Eq for Number {}

impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.to_bits().hash(state);
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text.into())
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<bool> for Value<'_> {
    fn from(boolean: bool) -> Self {
        Self::Boolean(boolean)
    }
}

impl From<Timestamp> for Value<'_> {
    fn from(at: Timestamp) -> Self {
        Self::Time(at)
    }
}

impl<T: Into<Self>> From<Option<T>> for Value<'_> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Into::into)
    }
}

impl Value<'_> {
    /// Compares two values of the same kind; `None` if either is absent or the kinds differ.
    fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Text(one), Self::Text(other)) => Some(one.cmp(other)),
            (Self::Int(one), Self::Int(other)) => Some(one.cmp(other)),
            (Self::Float(one), Self::Float(other)) => one.0.partial_cmp(&other.0),
            (Self::Boolean(one), Self::Boolean(other)) => Some(one.cmp(other)),
            (Self::Time(one), Self::Time(other)) => Some(one.cmp(other)),
            (Self::Word(one), Self::Word(other)) => Some(one.cmp(other)),
            _ => None,
        }
    }

    fn equals(&self, other: &Self) -> bool {
        self.compare(other) == Some(Ordering::Equal)
    }
}

/// One operator with its operand.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Test {
    /// Equals the operand, exactly.
    Equal(Value<'static>),
    /// Does not equal the operand; an absent value passes.
    NotEqual(Value<'static>),
    /// Equals one of the operands; an empty list passes nothing.
    OneOf(Vec<Value<'static>>),
    /// Equals none of the operands; an absent value passes.
    NoneOf(Vec<Value<'static>>),
    /// Compares by magnitude or time.
    Compare(Comparison, Value<'static>),
    /// Text that matches without regard to case and diacritics.
    Match(Pattern, String),
    /// Is absent (`true`) or present (`false`).
    Null(bool),
}

/// An ordering comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// Greater or later.
    Greater,
    /// Greater, later or equal.
    GreaterOrEqual,
    /// Less or earlier.
    Less,
    /// Less, earlier or equal.
    LessOrEqual,
}

/// Where the operand has to occur in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pattern {
    /// Anywhere.
    Contains,
    /// At its start.
    StartsWith,
    /// At its end.
    EndsWith,
}

impl Test {
    /// Whether a value passes the test.
    pub fn passes(&self, value: &Value<'_>) -> bool {
        match self {
            Self::Equal(operand) => value.equals(operand),
            Self::NotEqual(operand) => !value.equals(operand),
            Self::OneOf(operands) => operands.iter().any(|operand| value.equals(operand)),
            Self::NoneOf(operands) => !operands.iter().any(|operand| value.equals(operand)),
            Self::Compare(comparison, operand) => value.compare(operand).is_some_and(|order| comparison.allows(order)),
            Self::Match(pattern, needle) => match value {
                Value::Text(text) => pattern.occurs(&text::fold(text), &text::fold(needle)),
                _ => false,
            },
            Self::Null(is_null) => (*value == Value::Absent) == *is_null,
        }
    }
}

impl Comparison {
    fn allows(self, order: Ordering) -> bool {
        match self {
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
        }
    }
}

impl Pattern {
    fn occurs(self, text: &str, needle: &str) -> bool {
        match self {
            Self::Contains => text.contains(needle),
            Self::StartsWith => text.starts_with(needle),
            Self::EndsWith => text.ends_with(needle),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Comparison, Number, Pattern, Test, Value};

    const ABSENT: Value<'_> = Value::Absent;

    fn contains(needle: &str) -> Test {
        Test::Match(Pattern::Contains, needle.into())
    }

    #[test]
    fn patterns_ignore_case_and_diacritics_and_equality_does_not() {
        assert!(contains("nguyen").passes(&"Trần Nguyễn An".into()));
        assert!(Test::Match(Pattern::StartsWith, "DA NANG".into()).passes(&"Đà Nẵng".into()));
        assert!(!Test::Equal("nguyen".into()).passes(&"Nguyen".into()));
    }

    #[test]
    fn an_absent_value_equals_nothing_and_matches_no_pattern() {
        assert!(Test::NotEqual("a".into()).passes(&ABSENT));
        assert!(Test::NoneOf(vec!["a".into()]).passes(&ABSENT));
        assert!(!contains("").passes(&ABSENT));
        assert!(!Test::Compare(Comparison::GreaterOrEqual, 0.into()).passes(&ABSENT));
    }

    #[test]
    fn one_of_an_empty_list_never_passes_and_none_of_it_always_does() {
        assert!(!Test::OneOf(vec![]).passes(&"a".into()));
        assert!(Test::NoneOf(vec![]).passes(&ABSENT));
    }

    #[test]
    fn numbers_are_equal_by_value() {
        assert!(Test::Equal(Value::Float(Number(0.0))).passes(&Value::Float(Number(-0.0))));
    }
}
