//! Finds modules that need each other: siblings that lead to one another, through whatever is inside them.
//!
//! A module and those inside it belong together and may name each other. Where two sources have no such relation, the
//! dependency is one between the two siblings that hold them. What only tests compile does not count.

use std::collections::{BTreeMap, BTreeSet};

use super::sources::Source;

/// A module, a module in it, and a sibling that the latter names.
type Dependency = (String, String, String);

/// All dependencies between siblings, each with a place where it stands.
type Dependencies = BTreeMap<Dependency, String>;

/// Dependencies that close a circle and are not yet gone: the parent, who names whom, and why.
pub(super) type Known<'k> = &'k [(&'k str, &'k str, &'k str, &'k str)];

/// Describes each circle that is not known, and each known dependency that is not, or closes no circle any more.
pub(super) fn faults(sources: &[Source], known: Known) -> Vec<String> {
    let mut dependencies = dependencies(sources);
    let mut faults = Vec::new();
    let mut put_aside = Vec::new();
    for (parent, from, to, _) in known {
        let dependency = ((*parent).to_owned(), (*from).to_owned(), (*to).to_owned());
        match dependencies.remove(&dependency) {
            Some(place) => put_aside.push((dependency, place)),
            None => faults.push(format!("{parent}: {from} does not name {to}: remove it from the list of exceptions")),
        }
    }
    faults.extend(circles(&dependencies));
    dependencies.extend(put_aside.clone());
    for ((parent, from, to), _) in put_aside {
        if !reached(&dependencies, &parent, &to).contains(from.as_str()) {
            faults.push(format!("{parent}: that {from} names {to} closes no circle: remove it from the list of exceptions"));
        }
    }
    faults
}

fn dependencies(sources: &[Source]) -> Dependencies {
    let modules: BTreeSet<&[String]> = sources.iter().map(|source| source.module.as_slice()).collect();
    let mut dependencies = Dependencies::new();
    for source in sources {
        for name in source.names.iter().filter(|name| !name.in_test) {
            // The longest part of the path that is a module; the rest names something in it.
            let Some(named) = (1..=name.path.len()).rev().map(|length| &name.path[..length]).find(|path| modules.contains(path))
            else {
                continue;
            };
            let shared = source.module.iter().zip(named).take_while(|(one, other)| one == other).count();
            if let (Some(from), Some(to)) = (source.module.get(shared), named.get(shared)) {
                let dependency = (named[..shared].join("::"), from.clone(), to.clone());
                dependencies.entry(dependency).or_insert_with(|| format!("{}:{}", source.file, name.line));
            }
        }
    }
    dependencies
}

/// Each circle as text: the modules in it, and where they name each other.
fn circles(dependencies: &Dependencies) -> Vec<String> {
    let mut circles = BTreeSet::new();
    for (parent, module, _) in dependencies.keys() {
        let circle: BTreeSet<&str> = reached(dependencies, parent, module)
            .into_iter()
            .filter(|other| reached(dependencies, parent, other).contains(module.as_str()))
            .collect();
        let within = dependencies
            .iter()
            .filter(|((of, from, to), _)| of == parent && circle.contains(from.as_str()) && circle.contains(to.as_str()));
        let places: Vec<String> = within.map(|((_, from, to), place)| format!("{from} names {to} ({place})")).collect();
        if !places.is_empty() {
            circles.insert(format!("{parent}: {}", places.join(", ")));
        }
    }
    circles.into_iter().collect()
}

/// The siblings that a module leads to, with itself if they lead back.
fn reached<'d>(dependencies: &'d Dependencies, parent: &str, module: &'d str) -> BTreeSet<&'d str> {
    let mut reached = BTreeSet::new();
    let mut open = vec![module];
    while let Some(next) = open.pop() {
        for (_, _, to) in dependencies.keys().filter(|(of, from, _)| of == parent && from == next) {
            if reached.insert(to.as_str()) {
                open.push(to);
            }
        }
    }
    reached
}
