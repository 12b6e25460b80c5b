//! Finds cyclic dependencies between sibling modules.
//!
//! A module and those inside it belong together and may use each other. A dependency between two unrelated sources counts as
//! one between the two siblings that contain them. Code that is only compiled for tests is ignored.

use std::collections::{BTreeMap, BTreeSet};

use super::sources::Source;

/// A parent module, a module in it, and a sibling that the latter uses.
type Dependency = (String, String, String);

/// All dependencies between siblings, each with a place where it occurs.
type Dependencies = BTreeMap<Dependency, String>;

/// Known dependencies that are part of a cycle: the parent, the two siblings, and the reason.
pub(super) type Known<'k> = &'k [(&'k str, &'k str, &'k str, &'k str)];

/// Describes each unknown cycle, and each known dependency that no longer exists or is not part of a cycle.
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
            // The longest prefix of the path that is a module; the rest names an item in it.
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

/// Each cycle as text: its modules, and where they use each other.
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

/// The siblings that a module reaches, including itself if it is part of a cycle.
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
