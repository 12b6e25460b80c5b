//! Computes the steps from one page of a list to the next, which a client applies to its copy of the page.
//!
//! Rows that left are removed first. Then, from the top of the new page to its bottom, each row that is not in place is
//! inserted after its predecessor. The page never gets longer than the longer of the two.
//!
//! ```text
//!   a b c d  ─▶  c a B e        d LEFT · c MOVED to the first place · B UPDATED · e ENTERED after B
//! ```
//!
//! As few rows move as possible: the rows that stay are a longest subsequence that kept its order. Among equally long ones, the
//! one with the fewest changed rows is chosen, since a moved row carries its content anyway.

use std::{borrow::Borrow, collections::HashMap, hash::Hash};

/// The parts of a row that steps depend on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row<I, D> {
    /// Its id, unique on the page.
    pub id: I,
    /// Compared to detect a change of content.
    pub digest: D,
}

/// The kind of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StepKind {
    /// The row is new on the page and is inserted.
    Entered,
    /// The row is removed and inserted elsewhere, with its current content.
    Moved,
    /// The row's content is replaced in place.
    Updated,
    /// The row is no longer on the page and is removed.
    Left,
}

/// A change to one row of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step<'a, I: ?Sized> {
    /// The kind.
    pub kind: StepKind,
    /// The row's id.
    pub id: &'a I,
    /// The row after which it is inserted; `None` for the first place, or if nothing is inserted.
    pub after: Option<&'a I>,
    /// Its index in the new page, for its content; `None` for a row that left.
    pub place: Option<usize>,
}

impl<'a, I: ?Sized> Step<'a, I> {
    /// Inserts the row at `place` of the new page after its predecessor.
    fn inserted<J: Borrow<I>, D>(kind: StepKind, new: &'a [Row<J, D>], place: usize) -> Self {
        let after = place.checked_sub(1).map(|before| new[before].id.borrow());
        Self { kind, id: new[place].id.borrow(), after, place: Some(place) }
    }
}

/// The steps from an old page to a new one, in the order to apply them. Empty for equal pages.
pub fn steps<'a, I, J, D>(old: &'a [Row<J, D>], new: &'a [Row<J, D>]) -> Vec<Step<'a, I>>
where
    I: Eq + Hash + ?Sized,
    J: Borrow<I>,
    D: PartialEq,
{
    let places: HashMap<&I, usize> = new.iter().enumerate().map(|(place, row)| (row.id.borrow(), place)).collect();
    let mut steps = Vec::new();
    // For each row of the new page: its old index, and whether its content is unchanged.
    let mut were: Vec<Option<Was>> = vec![None; new.len()];
    for (place, row) in old.iter().enumerate() {
        let id = row.id.borrow();
        match places.get(id) {
            Some(&now) => were[now] = Some(Was { place, is_same: row.digest == new[now].digest }),
            None => steps.push(Step { kind: StepKind::Left, id, after: None, place: None }),
        }
    }
    let stays = staying(&were, old.len());
    for (place, was) in were.iter().enumerate() {
        steps.extend(match was {
            None => Some(Step::inserted(StepKind::Entered, new, place)),
            Some(_) if !stays[place] => Some(Step::inserted(StepKind::Moved, new, place)),
            Some(Was { is_same: false, .. }) => {
                Some(Step { kind: StepKind::Updated, id: new[place].id.borrow(), after: None, place: Some(place) })
            }
            Some(_) => None,
        });
    }
    steps
}

/// A row of the new page, as it was on the old one.
#[derive(Clone, Copy)]
struct Was {
    place: usize,
    is_same: bool,
}

/// The end of an increasing subsequence: its score, and its last row.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Series {
    rows: usize,
    same: usize,
    last: Option<usize>,
}

/// Which rows of the new page stay in place: the best subsequence that is also in order on the old page.
fn staying(were: &[Option<Was>], old_len: usize) -> Vec<bool> {
    let mut best = Prefixes(vec![Series::default(); old_len + 1]);
    let mut before = vec![None; were.len()];
    for (place, was) in were.iter().enumerate() {
        let Some(was) = was else { continue };
        let series = best.up_to(was.place);
        before[place] = series.last;
        let longer = Series { rows: series.rows + 1, same: series.same + usize::from(was.is_same), last: Some(place) };
        best.add(was.place, longer);
    }
    let mut stays = vec![false; were.len()];
    let mut row = best.up_to(old_len).last;
    while let Some(place) = row {
        stays[place] = true;
        row = before[place];
    }
    stays
}

/// The best subsequence by the old index of its last row: a Fenwick tree of maxima.
struct Prefixes(Vec<Series>);

impl Prefixes {
    /// The best subsequence that ends before an old index.
    fn up_to(&self, place: usize) -> Series {
        let (mut best, mut node) = (Series::default(), place);
        while node > 0 {
            best = best.max(self.0[node]);
            node &= node - 1;
        }
        best
    }

    /// Adds a subsequence that ends at an old index.
    fn add(&mut self, place: usize, series: Series) {
        let mut node = place + 1;
        while let Some(known) = self.0.get_mut(node) {
            *known = series.max(*known);
            node += node & node.wrapping_neg();
        }
    }
}

/// Applies steps as a client does. `None` if they don't fit the page.
#[cfg(test)]
pub(crate) fn apply<I: Clone + PartialEq, T: Clone>(page: &[(I, T)], steps: &[Step<'_, I>], new: &[T]) -> Option<Vec<(I, T)>> {
    let mut page = page.to_vec();
    for step in steps {
        let place = page.iter().position(|(id, _)| id == step.id);
        let node = step.place.map(|place| new[place].clone());
        match step.kind {
            StepKind::Updated => page[place?].1 = node?,
            StepKind::Left => drop(page.remove(place?)),
            StepKind::Entered | StepKind::Moved => {
                if step.kind == StepKind::Moved {
                    page.remove(place?);
                } else if place.is_some() {
                    return None;
                }
                let at = match step.after {
                    Some(after) => page.iter().position(|(id, _)| id == after)? + 1,
                    None => 0,
                };
                page.insert(at, (step.id.clone(), node?));
            }
        }
    }
    Some(page)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::{collection::vec, prelude::*, sample::subsequence};

    use super::{Row, Step, StepKind, apply, steps};

    type Page = Vec<Row<char, u8>>;

    fn page(text: &str) -> Page {
        // A capital letter stands for changed content of the same row.
        text.chars().map(|letter| Row { id: letter.to_ascii_lowercase(), digest: u8::from(letter.is_uppercase()) }).collect()
    }

    /// The steps in short notation, such as `c< (first)`: a sign for each kind, and the row after which it is inserted.
    fn written(old: &str, new: &str) -> String {
        let (old, new) = (page(old), page(new));
        let steps = steps::<char, _, _>(&old, &new).into_iter().map(|Step { kind, id, after, .. }| match kind {
            StepKind::Left => format!("-{id}"),
            StepKind::Updated => format!("={id}"),
            StepKind::Entered => format!("+{id}/{}", after.unwrap_or(&'^')),
            StepKind::Moved => format!("~{id}/{}", after.unwrap_or(&'^')),
        });
        steps.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn rows_are_removed_first_and_then_placed_from_top_to_bottom() {
        assert_eq!(written("abcd", "caBe"), "-d ~c/^ =b +e/b");
        assert_eq!(written("", "ab"), "+a/^ +b/a");
        assert_eq!(written("ab", ""), "-a -b");
        assert_eq!(written("abc", "abc"), "");
    }

    #[test]
    fn a_row_that_jumps_to_the_top_is_the_only_one_to_move_and_carries_its_content() {
        assert_eq!(written("abcd", "dabc"), "~d/^");
        assert_eq!(written("abcd", "Dabc"), "~d/^");
        assert_eq!(written("ab", "Ba"), "~b/^");
        assert_eq!(written("ab", "bA"), "~a/b");
    }

    #[test]
    fn a_new_row_at_the_top_of_a_full_page_pushes_the_last_one_out() {
        assert_eq!(written("abc", "xab"), "-c +x/^");
    }

    /// Two pages over the same few rows, in any order and with any content.
    fn pages(max: usize) -> impl Strategy<Value = (Page, Page)> {
        let one = move || {
            let ids: Vec<char> = ('a'..='z').take(max).collect();
            (subsequence(ids, 0..=max).prop_shuffle(), vec(0..3u8, max))
                .prop_map(|(ids, digests)| ids.into_iter().zip(digests).map(|(id, digest)| Row { id, digest }).collect())
        };
        (one(), one())
    }

    fn contents(page: &Page) -> Vec<(char, u8)> {
        page.iter().map(|row| (row.id, row.digest)).collect()
    }

    /// By exhaustive search: the largest number of rows that can stay, and the largest number of unchanged rows among them.
    fn best(old: &Page, new: &Page) -> (usize, usize) {
        let was = |id| old.iter().position(|row| row.id == id);
        let common: Vec<_> = new.iter().filter_map(|row| Some((was(row.id)?, row))).collect();
        let series = (0..1u32 << common.len()).map(|choice| {
            let chosen = common.iter().enumerate().filter(|(index, _)| choice >> index & 1 == 1).map(|(_, row)| *row);
            chosen.collect::<Vec<_>>()
        });
        let ordered = series.filter(|series| series.is_sorted_by_key(|(was, _)| *was));
        let worth = ordered.map(|series| (series.len(), series.iter().filter(|(was, row)| old[*was] == **row).count()));
        worth.max().unwrap_or_default()
    }

    proptest! {
        #[test]
        fn applied_steps_give_the_new_page((old, new) in pages(26)) {
            let steps = steps::<char, _, _>(&old, &new);
            let digests: Vec<u8> = new.iter().map(|row| row.digest).collect();
            for length in 0..=steps.len() {
                let on_the_way = apply(&contents(&old), &steps[..length], &digests);
                prop_assert!(on_the_way.is_some_and(|page| page.len() <= old.len().max(new.len())));
            }
            prop_assert_eq!(apply(&contents(&old), &steps, &digests), Some(contents(&new)));
        }

        #[test]
        fn there_are_no_more_steps_than_needed((old, new) in pages(9)) {
            let steps = steps::<char, _, _>(&old, &new);
            let of = |kind| steps.iter().filter(|step| step.kind == kind).count();
            let (were, are): (HashSet<_>, HashSet<_>) = (old.iter().map(|row| row.id).collect(), new.iter().map(|row| row.id).collect());
            let (staying, same) = best(&old, &new);
            prop_assert_eq!(of(StepKind::Left), were.difference(&are).count());
            prop_assert_eq!(of(StepKind::Entered), are.difference(&were).count());
            prop_assert_eq!(of(StepKind::Moved), are.intersection(&were).count() - staying);
            prop_assert_eq!(of(StepKind::Updated), staying - same);
            let mut touched = HashSet::new();
            for step in &steps {
                prop_assert!(touched.insert(step.id), "a row has one step");
                let was = old.iter().find(|row| row.id == *step.id);
                let is = step.place.map(|place| &new[place]);
                prop_assert!(is.is_none_or(|is| is.id == *step.id));
                prop_assert!(step.kind != StepKind::Updated || was.map(|row| row.digest) != is.map(|row| row.digest));
            }
        }

        #[test]
        fn a_page_that_is_the_same_has_no_steps((page, _) in pages(26)) {
            prop_assert!(steps::<char, _, _>(&page, &page).is_empty());
        }
    }

    #[test]
    fn ids_may_be_shared_texts() {
        let shared = |ids: &[&str]| -> Vec<Row<std::sync::Arc<str>, u128>> {
            ids.iter().map(|id| Row { id: (*id).into(), digest: 0 }).collect()
        };
        let (old, new) = (shared(&["con_1"]), shared(&["con_2", "con_1"]));
        let entered = Step { kind: StepKind::Entered, id: "con_2", after: None, place: Some(0) };
        assert_eq!(steps::<str, _, _>(&old, &new), [entered]);
    }
}
