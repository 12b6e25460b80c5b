//! The first rows of a list plus some spare ones, updated from changes of single rows.
//!
//! ```text
//!   │ the page: `first` rows │ spare rows │ unknown rows, unless the window has the whole list
//! ```
//!
//! Invariant: the rows of the window are exactly the first rows of the list. So a row that sorts after the last one is added
//! only if the window has the whole list. If too few rows are left, the list has to be read again.

use std::{cmp::Ordering, collections::HashSet};

use super::page::{Direction, SortValue};

/// The sort position of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The sort value.
    pub value: SortValue,
    /// The id, which breaks ties.
    pub id: String,
}

/// The first rows of a list.
#[derive(Clone, Debug)]
pub struct Window {
    direction: Direction,
    first: usize,
    spare: usize,
    rows: Vec<Place>,
    is_whole: bool,
}

impl Window {
    /// A window with the first rows of a list: `first` plus `spare`, or all of them if `is_whole`.
    pub fn new(direction: Direction, first: usize, spare: usize, rows: Vec<Place>, is_whole: bool) -> Self {
        Self { direction, first, spare, rows, is_whole }
    }

    /// The ids of the rows on the page, in order.
    pub fn page(&self) -> impl Iterator<Item = &str> {
        self.rows.iter().take(self.first).map(|row| row.id.as_str())
    }

    /// Whether the window has a row.
    pub fn has(&self, id: &str) -> bool {
        self.rows.iter().any(|row| row.id == id)
    }

    /// Applies changes: of the rows in `changed`, those still in the list are `members`. Returns false if too few rows are
    /// left, so that the list has to be read again.
    #[must_use]
    pub fn apply(&mut self, changed: &HashSet<&str>, members: impl IntoIterator<Item = Place>) -> bool {
        self.rows.retain(|row| !changed.contains(row.id.as_str()));
        for member in members {
            self.rows.retain(|row| row.id != member.id);
            let at = self.rows.partition_point(|row| self.compare(row, &member).is_lt());
            if at < self.rows.len() || self.is_whole {
                self.rows.insert(at, member);
            }
        }
        if self.rows.len() > self.first + self.spare {
            self.rows.truncate(self.first + self.spare);
            self.is_whole = false;
        }
        self.is_whole || self.rows.len() >= self.first
    }

    /// Compares in the list's order; rows without a value come last.
    fn compare(&self, a: &Place, b: &Place) -> Ordering {
        let directed = |ordering: Ordering| if self.direction == Direction::Asc { ordering } else { ordering.reverse() };
        let is_null = |row: &Place| row.value == SortValue::Null;
        let values = match (&a.value, &b.value) {
            (SortValue::Int(a), SortValue::Int(b)) => a.cmp(b),
            (SortValue::Text(a), SortValue::Text(b)) => a.cmp(b),
            _ => Ordering::Equal,
        };
        is_null(a).cmp(&is_null(b)).then_with(|| directed(values.then_with(|| a.id.cmp(&b.id))))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn row(id: u8, value: Option<i64>) -> Place {
        Place { value: value.map_or(SortValue::Null, SortValue::Int), id: format!("r{id}") }
    }

    /// A list, fully sorted.
    fn sorted(list: &BTreeMap<u8, Option<i64>>, direction: Direction) -> Vec<Place> {
        let mut rows: Vec<Place> = list.iter().map(|(id, value)| row(*id, *value)).collect();
        let order = Window::new(direction, 0, 0, Vec::new(), true);
        rows.sort_by(|a, b| order.compare(a, b));
        rows
    }

    fn read(list: &BTreeMap<u8, Option<i64>>, direction: Direction, first: usize, spare: usize) -> Window {
        let mut rows = sorted(list, direction);
        let is_whole = rows.len() <= first + spare;
        rows.truncate(first + spare);
        Window::new(direction, first, spare, rows, is_whole)
    }

    proptest! {
        /// Adds, removes and changes rows at random; the page always equals that of the fully sorted list.
        #[test]
        fn the_page_is_that_of_the_sorted_list(
            start in prop::collection::btree_map(0_u8..20, prop::option::of(0_i64..5), 0..20),
            rounds in prop::collection::vec(prop::collection::vec((0_u8..20, prop::option::of(prop::option::of(0_i64..5))), 1..4), 1..40),
            first in 0_usize..6,
            spare in 0_usize..4,
            ascends: bool,
        ) {
            let direction = if ascends { Direction::Asc } else { Direction::Desc };
            let mut list = start;
            let mut window = read(&list, direction, first, spare);
            for round in rounds {
                let changed: Vec<String> = round.iter().map(|(id, _)| format!("r{id}")).collect();
                for (id, value) in &round {
                    match value {
                        Some(value) => drop(list.insert(*id, *value)),
                        None => drop(list.remove(id)),
                    }
                }
                let members: Vec<Place> = sorted(&list, direction).into_iter().filter(|row| changed.contains(&row.id)).collect();
                let changed = changed.iter().map(String::as_str).collect();
                if !window.apply(&changed, members) {
                    window = read(&list, direction, first, spare);
                }
                let expected: Vec<String> = sorted(&list, direction).into_iter().take(first).map(|row| row.id).collect();
                prop_assert_eq!(window.page().collect::<Vec<_>>(), expected);
            }
        }
    }
}
