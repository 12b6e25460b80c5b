//! Comparators: what is asked of one value, and whether a value fulfils it.

use std::hash::{Hash, Hasher};

use crate::domain::{text, time::Timestamp};

/// Of a text. `eq`, `ne`, `in` and `notIn` are exact; the others ignore case and diacritics.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct StringFilter {
    /// Equal.
    pub eq: Option<String>,
    /// Not equal.
    pub ne: Option<String>,
    /// One of these.
    pub is_in: Option<Vec<String>>,
    /// None of these.
    pub not_in: Option<Vec<String>>,
    /// Contains.
    pub contains: Option<String>,
    /// Starts with.
    pub starts_with: Option<String>,
    /// Ends with.
    pub ends_with: Option<String>,
    /// There is none.
    pub is_null: Option<bool>,
}

impl StringFilter {
    /// Whether a value fulfils it.
    pub fn matches(&self, value: Option<&str>) -> bool {
        let folded = value.map(text::fold);
        let folded_is = |needle: &Option<String>, test: fn(&str, &str) -> bool| {
            holds(needle.as_ref(), |needle| folded.as_ref().is_some_and(|value| test(value, &text::fold(needle))))
        };
        compares((self.eq.as_ref(), self.ne.as_ref()), (self.is_in.as_ref(), self.not_in.as_ref()), |known| {
            value == Some(known.as_str())
        }) && folded_is(&self.contains, |value, needle| value.contains(needle))
            && folded_is(&self.starts_with, |value, needle| value.starts_with(needle))
            && folded_is(&self.ends_with, |value, needle| value.ends_with(needle))
            && holds(self.is_null.as_ref(), |is_null| value.is_none() == *is_null)
    }
}

/// Of an instant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct DateTimeFilter {
    /// Equal.
    pub eq: Option<Timestamp>,
    /// Later.
    pub gt: Option<Timestamp>,
    /// Equal or later.
    pub gte: Option<Timestamp>,
    /// Earlier.
    pub lt: Option<Timestamp>,
    /// Equal or earlier.
    pub lte: Option<Timestamp>,
    /// There is none.
    pub is_null: Option<bool>,
}

impl DateTimeFilter {
    /// Whether a value fulfils it.
    pub fn matches(&self, value: Option<Timestamp>) -> bool {
        let is = |bound: &Option<Timestamp>, test: fn(&Timestamp, &Timestamp) -> bool| {
            holds(bound.as_ref(), |bound| value.as_ref().is_some_and(|value| test(value, bound)))
        };
        is(&self.eq, |a, b| a == b)
            && is(&self.gt, |a, b| a > b)
            && is(&self.gte, |a, b| a >= b)
            && is(&self.lt, |a, b| a < b)
            && is(&self.lte, |a, b| a <= b)
            && holds(self.is_null.as_ref(), |is_null| value.is_none() == *is_null)
    }
}

/// Of a whole number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct IntFilter {
    /// Equal.
    pub eq: Option<i64>,
    /// Not equal.
    pub ne: Option<i64>,
    /// Greater.
    pub gt: Option<i64>,
    /// Equal or greater.
    pub gte: Option<i64>,
    /// Less.
    pub lt: Option<i64>,
    /// Equal or less.
    pub lte: Option<i64>,
    /// One of these.
    pub is_in: Option<Vec<i64>>,
    /// There is none.
    pub is_null: Option<bool>,
}

impl IntFilter {
    /// Whether a value fulfils it.
    pub fn matches(&self, value: Option<i64>) -> bool {
        let is = |bound: &Option<i64>, test: fn(&i64, &i64) -> bool| {
            holds(bound.as_ref(), |bound| value.as_ref().is_some_and(|value| test(value, bound)))
        };
        compares((self.eq.as_ref(), self.ne.as_ref()), (self.is_in.as_ref(), None), |known| value == Some(*known))
            && is(&self.gt, |a, b| a > b)
            && is(&self.gte, |a, b| a >= b)
            && is(&self.lt, |a, b| a < b)
            && is(&self.lte, |a, b| a <= b)
            && holds(self.is_null.as_ref(), |is_null| value.is_none() == *is_null)
    }
}

/// A number that can be compared and hashed, so that filters can be keys. Equal by its bits.
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

/// Of a number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct FloatFilter {
    /// Equal.
    pub eq: Option<Number>,
    /// Not equal.
    pub ne: Option<Number>,
    /// Greater.
    pub gt: Option<Number>,
    /// Equal or greater.
    pub gte: Option<Number>,
    /// Less.
    pub lt: Option<Number>,
    /// Equal or less.
    pub lte: Option<Number>,
    /// There is none.
    pub is_null: Option<bool>,
}

impl FloatFilter {
    /// Whether a value fulfils it.
    #[expect(clippy::float_cmp, reason = "the database compares exactly too")]
    pub fn matches(&self, value: Option<f64>) -> bool {
        let is = |bound: &Option<Number>, test: fn(f64, f64) -> bool| {
            holds(bound.as_ref(), |bound| value.is_some_and(|value| test(value, bound.0)))
        };
        is(&self.eq, |a, b| a == b)
            && holds(self.ne.as_ref(), |bound| value != Some(bound.0))
            && is(&self.gt, |a, b| a > b)
            && is(&self.gte, |a, b| a >= b)
            && is(&self.lt, |a, b| a < b)
            && is(&self.lte, |a, b| a <= b)
            && holds(self.is_null.as_ref(), |is_null| value.is_none() == *is_null)
    }
}

/// Of a truth.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct BooleanFilter {
    /// Equal.
    pub eq: Option<bool>,
    /// There is none.
    pub is_null: Option<bool>,
}

impl BooleanFilter {
    /// Whether a value fulfils it.
    pub fn matches(&self, value: Option<bool>) -> bool {
        holds(self.eq.as_ref(), |known| value == Some(*known))
            && holds(self.is_null.as_ref(), |is_null| value.is_none() == *is_null)
    }
}

/// Of an id, as source ids: each element stands for one id that was asked for, with every source id that it may mean.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct IdFilter {
    /// Equal.
    pub eq: Option<Vec<String>>,
    /// Not equal.
    pub ne: Option<Vec<String>>,
    /// One of these.
    pub is_in: Option<Vec<String>>,
    /// None of these.
    pub not_in: Option<Vec<String>>,
    /// There is none.
    pub is_null: Option<bool>,
}

impl IdFilter {
    /// Whether a value fulfils it.
    pub fn matches(&self, value: Option<&str>) -> bool {
        let is_any = |known: &Vec<String>| value.is_some_and(|value| known.iter().any(|known| known == value));
        holds(self.eq.as_ref(), is_any)
            && holds(self.ne.as_ref(), |known| !is_any(known))
            && holds(self.is_in.as_ref(), is_any)
            && holds(self.not_in.as_ref(), |known| !is_any(known))
            && holds(self.is_null.as_ref(), |is_null| value.is_none() == *is_null)
    }
}

/// Of a word of a list, by its reading.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WordFilter<W> {
    /// Equal.
    pub eq: Option<W>,
    /// Not equal.
    pub ne: Option<W>,
    /// One of these.
    pub is_in: Option<Vec<W>>,
    /// None of these.
    pub not_in: Option<Vec<W>>,
}

impl<W> Default for WordFilter<W> {
    fn default() -> Self {
        Self { eq: None, ne: None, is_in: None, not_in: None }
    }
}

impl<W: PartialEq> WordFilter<W> {
    /// Whether a value fulfils it.
    pub fn matches(&self, value: Option<W>) -> bool
    where
        W: Copy,
    {
        compares((self.eq.as_ref(), self.ne.as_ref()), (self.is_in.as_ref(), self.not_in.as_ref()), |known| value == Some(*known))
    }
}

/// Whether what was asked holds; what was not asked does.
pub(super) fn holds<T>(asked: Option<&T>, test: impl FnOnce(&T) -> bool) -> bool {
    asked.is_none_or(test)
}

/// The four comparators of equality.
fn compares<T>(
    (eq, ne): (Option<&T>, Option<&T>),
    (is_in, not_in): (Option<&Vec<T>>, Option<&Vec<T>>),
    is: impl Fn(&T) -> bool,
) -> bool {
    holds(eq, &is)
        && holds(ne, |known| !is(known))
        && holds(is_in, |known| known.iter().any(&is))
        && holds(not_in, |known| !known.iter().any(&is))
}

#[cfg(test)]
mod tests {
    use super::{IdFilter, StringFilter};

    fn text(change: impl FnOnce(&mut StringFilter)) -> StringFilter {
        let mut filter = StringFilter::default();
        change(&mut filter);
        filter
    }

    #[test]
    fn case_and_diacritics_do_not_count_where_texts_are_searched_and_count_where_they_are_equal() {
        let contains = text(|filter| filter.contains = Some("nguyen".into()));
        assert!(contains.matches(Some("Trần Nguyễn An")));
        assert!(text(|filter| filter.starts_with = Some("DA NANG".into())).matches(Some("Đà Nẵng")));
        assert!(!text(|filter| filter.eq = Some("nguyen".into())).matches(Some("Nguyen")));
    }

    #[test]
    fn a_missing_value_is_not_equal_to_anything() {
        assert!(text(|filter| filter.ne = Some("a".into())).matches(None));
        assert!(text(|filter| filter.not_in = Some(vec!["a".into()])).matches(None));
        assert!(!text(|filter| filter.contains = Some(String::new())).matches(None));
        assert!(IdFilter { ne: Some(vec!["a".into()]), ..IdFilter::default() }.matches(None));
    }

    #[test]
    fn one_of_nothing_is_never_and_none_of_nothing_always() {
        assert!(!text(|filter| filter.is_in = Some(vec![])).matches(Some("a")));
        assert!(text(|filter| filter.not_in = Some(vec![])).matches(None));
    }
}
