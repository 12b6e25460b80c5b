//! The fragments of a document in an order in which each comes after those it spreads, so that whoever counts them needs
//! neither recursion nor a second look. Fragments in a cycle have no such order, and are refused here.

use std::collections::HashMap;

use async_graphql::{
    Name, Pos, Positioned,
    parser::types::{FragmentDefinition, Selection, SelectionSet},
};

use super::refusal::Refusal;

/// The fragments of a document.
pub(super) type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;

/// A fragment that is being looked through.
struct Visit<'d> {
    name: &'d str,
    spreads: std::vec::IntoIter<(&'d str, Pos)>,
}

/// All fragments, those that are spread before those that spread them.
pub(super) fn in_order(fragments: &Fragments) -> Result<Vec<(&str, &FragmentDefinition)>, Refusal> {
    let mut order = Vec::with_capacity(fragments.len());
    // Whether a fragment is finished (true) or still being looked through (false).
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

/// Begins with a fragment, unless that was done or it does not exist.
fn begin<'d>(fragments: &'d Fragments, finished: &mut HashMap<&'d str, bool>, name: &str) -> Option<Visit<'d>> {
    let (name, fragment) = fragments.get_key_value(name)?;
    if finished.contains_key(name.as_str()) {
        return None;
    }
    finished.insert(name, false);
    Some(Visit { name, spreads: spreads(&fragment.node.selection_set.node).into_iter() })
}

/// Which fragments a selection set spreads, itself and in the sets within it, and where.
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
    fn a_cycle_is_refused_with_its_way_and_its_place() {
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
    fn a_chain_of_thousands_takes_no_stack() {
        let fragments = (0..5000).map(|number| format!("fragment F{number} on T {{ a ...F{} }}", number + 1));
        let text = format!("{{ ...F0 }} {}", fragments.collect::<Vec<_>>().concat());
        assert_eq!(in_order(&parse_query(text).unwrap().fragments).unwrap().len(), 5000);
    }
}
