//! Checks that fields with the same response key are the same field with the same arguments. async-graphql checks this too, but
//! reports every conflicting pair, so a small document could make it write millions of errors. This check stops at the first.
//!
//! The number of comparisons is known beforehand ([`Weight::comparisons`](super::weigh::Weight)) and limited. So is the
//! nesting, which bounds the recursion.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Name, Positioned,
    parser::types::{ExecutableDocument, Field, Selection, SelectionSet},
};
use async_graphql_value::Value;

use super::{fragments::Fragments, refusal::Refusal};

/// Refuses a document if some of its fields can't be merged.
pub(super) fn check(document: &ExecutableDocument) -> Result<(), Refusal> {
    let operations = document.operations.iter().map(|(_, operation)| &operation.node.selection_set.node);
    let fragments = document.fragments.values().map(|fragment| &fragment.node.selection_set.node);
    let mut sets: Vec<&SelectionSet> = operations.chain(fragments).collect();
    while let Some(set) = sets.pop() {
        let mut answers = Answers { fragments: &document.fragments, named: HashMap::new(), followed: HashSet::new() };
        answers.gather(None, set)?;
        sets.extend(set.items.iter().filter_map(|selection| match &selection.node {
            Selection::Field(field) => Some(&field.node.selection_set.node),
            Selection::InlineFragment(fragment) => Some(&fragment.node.selection_set.node),
            Selection::FragmentSpread(_) => None,
        }));
    }
    Ok(())
}

/// The fields of one selection set, by parent type and response key.
struct Answers<'d> {
    fragments: &'d Fragments,
    named: HashMap<(Option<&'d str>, &'d str), &'d Positioned<Field>>,
    followed: HashSet<&'d str>,
}

impl<'d> Answers<'d> {
    fn gather(&mut self, on: Option<&'d str>, set: &'d SelectionSet) -> Result<(), Refusal> {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => self.add(on, field)?,
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref().map(|condition| condition.node.on.node.as_str());
                    self.gather(condition, &fragment.node.selection_set.node)?;
                }
                Selection::FragmentSpread(spread) => {
                    let name = spread.node.fragment_name.node.as_str();
                    if let Some(fragment) = self.fragments.get(name).filter(|_| self.followed.insert(name)) {
                        let on = fragment.node.type_condition.node.on.node.as_str();
                        self.gather(Some(on), &fragment.node.selection_set.node)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn add(&mut self, on: Option<&'d str>, field: &'d Positioned<Field>) -> Result<(), Refusal> {
        let name = field.node.response_key().node.as_str();
        let other = *self.named.entry((on, name)).or_insert(field);
        let difference = if other.node.name.node != field.node.name.node {
            "two different fields"
        } else if !same_arguments(&other.node, &field.node) {
            "one field with different arguments"
        } else {
            return Ok(());
        };
        Err(Refusal::invalid(format!("`{name}` is the response key of {difference}: give one of them another alias"), field.pos))
    }
}

fn same_arguments(one: &Field, other: &Field) -> bool {
    let same = |(name, value): &(Positioned<Name>, Positioned<Value>)| {
        other.get_argument(&name.node).is_some_and(|other| other.node == value.node)
    };
    one.arguments.len() == other.arguments.len() && one.arguments.iter().all(same)
}

#[cfg(test)]
mod tests {
    use async_graphql::{ServerError, parser::parse_query};

    use super::check;

    #[test]
    fn the_same_field_may_be_selected_again() {
        let text = "{ a(b: 1, c: 2) { d } a(c: 2, b: 1) { e } ...F ... on T { x: a } ... on U { x: b } } fragment F on T { a(b: 3) a(b: 3) ...F2 }";
        check(&parse_query(text).unwrap()).unwrap();
    }

    #[test]
    fn the_first_conflict_is_named() {
        for (text, expected) in [
            ("{ x: a x: b }", "`x` is the response key of two different fields"),
            ("{ a { b(c: 1) b(c: 2) } }", "`b` is the response key of one field with different arguments"),
            ("{ a b: a ... { a a(b: 1) } }", "`a` is the response key of one field"),
            (
                "{ a ...F ...G } fragment F on T { b } fragment G on T { c { d } b: c }",
                "`b` is the response key of two different fields",
            ),
        ] {
            let error = ServerError::from(check(&parse_query(text).unwrap()).unwrap_err());
            assert!(error.message.starts_with(expected), "{}", error.message);
            assert_eq!(error.locations.len(), 1);
        }
    }
}
