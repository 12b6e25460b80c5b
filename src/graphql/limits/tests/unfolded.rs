//! Compares the weight of random documents over the contract's types with a naive count that follows every spread.

use async_graphql::parser::{
    parse_query,
    types::{ExecutableDocument, Field, OperationType, Selection, SelectionSet},
};
use proptest::prelude::*;

use super::{
    super::{shape::Kind, weigh::FREE_LEAVES},
    CONTRACT, each, weight,
};

/// Fields by parent type: name, an optional argument, target type.
const FIELDS: &[(&str, &[(&str, &str)])] = &[
    (
        "Query",
        &[("customers", "CustomerConnection"), ("customer(id: 1)", "Customer"), ("head", ""), ("nodes(ids: [1, 2, 3])", "Node")],
    ),
    ("CustomerConnection", &[("nodes", "Customer"), ("edges", "CustomerEdge"), ("totalCount", ""), ("pageInfo", "PageInfo")]),
    ("CustomerEdge", &[("cursor", ""), ("node", "Customer")]),
    ("Customer", &[("name", ""), ("manager", "Staff"), ("statuses", "CustomerStatus"), ("__typename", "")]),
    (
        "Staff",
        &[
            ("name", ""),
            ("managedCustomers(first: 3)", "CustomerConnection"),
            ("managedCustomers(last: 0)", "CustomerConnection"),
        ],
    ),
    ("CustomerStatus", &[("name", ""), ("color", "Color")]),
    ("Color", &[("r", "")]),
    ("PageInfo", &[("endCursor", "")]),
    ("Node", &[("id", "")]),
];

/// The types of the fragments. A fragment may spread only later ones.
const FRAGMENTS: &[&str] = &["Query", "CustomerConnection", "Customer", "Customer", "CustomerEdge", "Staff", "Customer"];

/// Writes a document, taking its choices from a list of numbers.
struct Writer<'n> {
    numbers: std::slice::Iter<'n, u8>,
    text: String,
}

impl Writer<'_> {
    fn write(&mut self, text: &str) {
        self.text += text;
    }

    fn draw(&mut self, below: usize) -> usize {
        self.numbers.next().map_or(0, |&number| usize::from(number)) % below
    }

    /// Writes a selection set on a type; it may spread fragments from `next` on.
    fn set(&mut self, on: &str, next: usize, depth: usize) {
        let fields = FIELDS.iter().find(|(name, _)| *name == on).unwrap().1;
        self.text += "{ ";
        for _ in 0..=self.draw(3) {
            let spreads: Vec<usize> = (next..FRAGMENTS.len()).filter(|&number| FRAGMENTS[number] == on).collect();
            match self.draw(6) {
                0 if !spreads.is_empty() => {
                    let number = spreads[self.draw(spreads.len())];
                    self.write(&format!("...F{number} "));
                }
                1 if depth > 0 => {
                    let directive = if self.draw(2) == 0 { "@skip(if: true) " } else { "" };
                    self.write(&format!("... {directive}"));
                    self.set(on, next, depth - 1);
                }
                2 if depth > 0 => {
                    self.write(&format!("... on {on} "));
                    self.set(on, next, depth - 1);
                }
                _ => {
                    let (field, to) = fields[self.draw(fields.len())];
                    let alias = if self.draw(4) == 0 { "x: " } else { "" };
                    match (to, depth) {
                        ("", _) => self.write(&format!("{alias}{field} ")),
                        (_, 0) => self.text += "__typename ",
                        _ => {
                            self.write(&format!("{alias}{field} "));
                            self.set(to, next, depth - 1);
                        }
                    }
                }
            }
        }
        self.text += "} ";
    }
}

fn document(numbers: &[u8]) -> String {
    let mut writer = Writer { numbers: numbers.iter(), text: String::new() };
    writer.set("Query", 0, 5);
    for (number, on) in FRAGMENTS.iter().enumerate() {
        writer.write(&format!("fragment F{number} on {on} "));
        writer.set(on, number + 1, 3);
    }
    writer.text
}

/// The counts found by following every spread.
#[derive(Debug, Default, PartialEq, Eq)]
struct Found {
    selections: u64,
    aliases: u64,
    directives: u64,
    depth: u64,
    complexity: u64,
}

struct Follow<'d> {
    document: &'d ExecutableDocument,
    found: Found,
}

impl<'d> Follow<'d> {
    /// Visits a selection set of `times` objects. If these are pages, they have `rows` rows in total.
    fn set(&mut self, set: &'d SelectionSet, parent: &str, depth: u64, times: u64, rows: u64) {
        for selection in &set.items {
            self.found.selections += 1;
            self.found.directives += selection.node.directives().len() as u64;
            match &selection.node {
                Selection::Field(field) => self.field(&field.node, parent, depth + 1, times, rows),
                Selection::InlineFragment(fragment) => self.set(&fragment.node.selection_set.node, parent, depth, times, rows),
                Selection::FragmentSpread(spread) => {
                    let fragment = &self.document.fragments[&spread.node.fragment_name.node];
                    self.set(&fragment.node.selection_set.node, parent, depth, times, rows);
                }
            }
        }
    }

    fn field(&mut self, field: &'d Field, parent: &str, depth: u64, times: u64, rows: u64) {
        self.found.aliases += u64::from(field.alias.is_some());
        self.found.depth = self.found.depth.max(depth);
        let Some(link) = CONTRACT.link(parent, &field.name.node) else { return };
        let size = match field.arguments.first().map(|(_, value)| value.node.to_string()).as_deref() {
            Some("3") => 3,
            Some("0") => 0,
            _ => 20,
        };
        let (objects, times, rows) = match link.kind {
            Kind::One => (times, times, 0),
            Kind::List(_) if field.name.node == "nodes" => (3 * times, 3 * times, 0),
            Kind::List(usual) => (usual * times, usual * times, 0),
            Kind::Connection => {
                let set = &field.selection_set.node;
                let only_place = self.selects(set, "pageInfo") && !self.selects(set, "nodes") && !self.selects(set, "edges");
                (if only_place { times + size * times } else { times }, times, size * times)
            }
            Kind::Edges if self.selects(&field.selection_set.node, "node") => (0, rows, 0),
            Kind::Nodes | Kind::Edges => (rows, rows, 0),
            Kind::PageInfo => (0, 0, 0),
            Kind::Introspection => unreachable!("none is written"),
        };
        let charged = self.leaves(&field.selection_set.node, &link.of) / FREE_LEAVES;
        self.found.complexity += match link.kind {
            // An edge without its object costs its leaves or, if they are free, one.
            Kind::Edges if objects > 0 => objects * charged.max(1),
            _ => objects + times * charged,
        };
        self.set(&field.selection_set.node, &link.of, depth, times, rows);
    }

    /// The leaf fields that a selection set has on its object.
    fn leaves(&self, set: &SelectionSet, parent: &str) -> u64 {
        let leaves = set.items.iter().map(|selection| match &selection.node {
            Selection::Field(field) => u64::from(CONTRACT.link(parent, &field.node.name.node).is_none()),
            Selection::InlineFragment(fragment) => self.leaves(&fragment.node.selection_set.node, parent),
            Selection::FragmentSpread(spread) => {
                self.leaves(&self.document.fragments[&spread.node.fragment_name.node].node.selection_set.node, parent)
            }
        });
        leaves.sum()
    }

    fn selects(&self, set: &SelectionSet, name: &str) -> bool {
        set.items.iter().any(|selection| match &selection.node {
            Selection::Field(field) => field.node.name.node == name,
            Selection::InlineFragment(fragment) => self.selects(&fragment.node.selection_set.node, name),
            Selection::FragmentSpread(spread) => {
                self.selects(&self.document.fragments[&spread.node.fragment_name.node].node.selection_set.node, name)
            }
        })
    }
}

proptest! {
    #[test]
    fn weights_equal_the_naive_count(numbers in proptest::collection::vec(any::<u8>(), 0..250)) {
        let text = document(&numbers);
        let parsed = parse_query(&text).unwrap();
        let mut follow = Follow { document: &parsed, found: Found::default() };
        let root = CONTRACT.root(OperationType::Query);
        let (_, operation) = parsed.operations.iter().next().unwrap();
        follow.set(&operation.node.selection_set.node, root, 0, 1, 0);
        // Unused fragments count once in the totals. Only the operation's counts are compared, so unreachable fragments are
        // removed.
        let reached = text.split(" fragment ").next().unwrap().to_owned() + &reachable(&parsed, &text);
        let weight = weight(&reached);
        let found = Found {
            selections: weight.whole.selections,
            aliases: weight.whole.aliases,
            directives: weight.whole.directives,
            depth: weight.whole.depth,
            complexity: weight.complexity,
        };
        prop_assert_eq!(follow.found, found, "{}", text);
    }
}

/// The definitions of the fragments that the operation reaches.
fn reachable(document: &ExecutableDocument, text: &str) -> String {
    let mut reached = vec![false; FRAGMENTS.len()];
    let parts: Vec<&str> = text.split("fragment ").collect();
    // A fragment spreads only later ones, so one pass in order finds all of them.
    for (number, part) in parts.iter().enumerate() {
        if number == 0 || reached[number - 1] {
            for (other, reached) in reached.iter_mut().enumerate() {
                *reached |= part.contains(&format!("...F{other} "));
            }
        }
    }
    assert_eq!(document.fragments.len(), FRAGMENTS.len());
    each(FRAGMENTS.len(), |number| if reached[number] { format!(" fragment {}", parts[number + 1]) } else { String::new() })
}
