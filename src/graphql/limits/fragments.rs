//! Sorts the fragments of a document topologically, each after those it spreads, so that they can be weighed in one pass
//! without recursion. Cyclic fragments are refused.

use std::collections::HashMap;

use async_graphql::{
    Name, Pos, Positioned,
    parser::types::{FragmentDefinition, Selection, SelectionSet},
};

use super::refusal::Refusal;

/// The fragments of a document.
pub(super) type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;

/// A fragment whose spreads are being visited.
struct Visit<'d> {
    name: &'d str,
    spreads: std::vec::IntoIter<(&'d str, Pos)>,
}

/// All fragments, each after those it spreads.
pub(super) fn in_order(fragments: &Fragments) -> Result<Vec<(&str, &FragmentDefinition)>, Refusal> {
    let mut order = Vec::with_capacity(fragments.len());
    // Whether a fragment is finished (true) or still being visited (false).
    let mut finished: HashMap<&str, bool> = HashMap::new();
    for start in fragments.keys() {
        let mut path: Vec<Visit<'_>> = begin(fragments, &mut finished, start).into_iter().collect();
        while let Some(visit) = path.last_mut() {
            let Some((name, pos)) = visit.spreads.next() else {
                finished.insert(visit.name, true);
                order.push((visit.name, &fragments[visit.name].node));
                path.pop();
                continue;
            };
            if finished.get(name) == Some(&false) {
                return Err(cycle(&path, name, pos));
            }
            path.extend(begin(fragments, &mut finished, name));
        }
    }
    Ok(order)
}

/// Starts visiting a fragment, unless it was visited before or does not exist.
fn begin<'d>(fragments: &'d Fragments, finished: &mut HashMap<&'d str, bool>, name: &str) -> Option<Visit<'d>> {
    let (name, fragment) = fragments.get_key_value(name)?;
    if finished.contains_key(name.as_str()) {
        return None;
    }
    finished.insert(name, false);
    Some(Visit { name, spreads: spreads(&fragment.node.selection_set.node).into_iter() })
}

/// The names and positions of all fragment spreads in a selection set, nested ones included.
fn spreads(set: &SelectionSet) -> Vec<(&str, Pos)> {
    let (mut sets, mut found) = (vec![set], Vec::new());
    while let Some(set) = sets.pop() {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => sets.push(&field.node.selection_set.node),
                Selection::InlineFragment(fragment) => sets.push(&fragment.node.selection_set.node),
                Selection::FragmentSpread(spread) => found.push((spread.node.fragment_name.node.as_str(), spread.pos)),
            }
        }
    }
    found
}

fn cycle(path: &[Visit<'_>], name: &str, pos: Pos) -> Refusal {
    let from = path.iter().position(|visit| visit.name == name).unwrap_or(0);
    let via: Vec<String> = path[from..].iter().skip(1).map(|visit| format!("`{}`", visit.name)).collect();
    let via = if via.is_empty() { String::new() } else { format!(" via {}", via.join(", ")) };
    Refusal::invalid(format!("the fragment `{name}` spreads itself{via}"), pos)
}

#[cfg(test)]
mod tests {
    use async_graphql::{ServerError, parser::parse_query};

    use super::in_order;

    #[test]
    fn fragments_come_after_those_they_spread() {
        let text = "{ a ...A ...A } fragment A on T { a { ... on U { ...B } } ...C } fragment B on T { ...C ...Nowhere } fragment C on T { a }";
        let document = parse_query(text).unwrap();
        let names: Vec<&str> = in_order(&document.fragments).unwrap().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["C", "B", "A"]);
    }

    #[test]
    fn a_cycle_is_refused_with_its_path_and_position() {
        for (fragments, expected) in [
            ("fragment A on T { a\n ...A }", "the fragment `A` spreads itself"),
            ("fragment A on T { a\n ...B } fragment B on T { a { a\n ...A } }", "spreads itself via"),
            ("fragment A on T { a\n ...B } fragment B on T { ...C } fragment C on T { ... { ...B } }", "spreads itself via"),
        ] {
            for operation in ["{ a }", "{ ...A }"] {
                let document = parse_query(format!("{operation} {fragments}")).unwrap();
                let error = ServerError::from(in_order(&document.fragments).unwrap_err());
                assert!(error.message.contains(expected), "{}", error.message);
                assert_eq!(error.locations.len(), 1);
            }
        }
    }

    #[test]
    fn a_chain_of_thousands_does_not_overflow_the_stack() {
        let fragments = (0..5000).map(|number| format!("fragment F{number} on T {{ a ...F{} }}", number + 1));
        let text = format!("{{ ...F0 }} {}", fragments.collect::<Vec<_>>().concat());
        assert_eq!(in_order(&parse_query(text).unwrap().fragments).unwrap().len(), 5000);
    }
}
