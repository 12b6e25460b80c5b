//! Which modules and crates each module may use.

use super::sources::Source;

/// The layers of the gateway, each with the modules that it may use. `domain` is the lowest and uses no other.
const LAYERS: [(&str, &[&str]); 9] = [
    ("domain", &[]),
    ("metrics", &["domain"]),
    ("traces", &[]),
    ("store", &["domain", "retry", "certificates"]),
    ("access", &["store", "domain", "clock", "retry"]),
    ("feed", &["store", "domain", "metrics", "retry"]),
    ("ingest", &["feed", "store", "domain", "clock", "metrics"]),
    ("graphql", &["feed", "store", "domain", "clock", "metrics", "retry"]),
    ("http", &["access", "graphql", "ingest", "feed", "store", "domain", "clock", "metrics", "retry", "traces"]),
];

/// Crates that only some modules of the gateway may use.
const CRATES: [(&str, &[&str]); 20] = [
    ("sea_orm", &["store"]),
    ("rusqlite", &["store"]),
    ("sqlx", &["store"]),
    ("entity", &["store"]),
    ("migration", &["store"]),
    ("async_graphql", &["graphql", "http"]),
    ("async_graphql_parser", &["graphql"]),
    ("async_graphql_value", &["graphql", "http"]),
    ("axum", &["http"]),
    ("hyper", &["access", "http"]),
    ("hyper_rustls", &["access", "traces"]),
    ("jsonwebtoken", &["access"]),
    // Other modules record metrics only through this one, which declares them all.
    ("metrics", &["metrics"]),
    ("metrics_exporter_prometheus", &["metrics"]),
    ("opentelemetry", &["traces"]),
    ("opentelemetry_sdk", &["traces"]),
    ("tracing_opentelemetry", &["traces"]),
    ("ring", &["access"]),
    ("tower_http", &["http"]),
    ("tokio", &["access", "store", "feed", "ingest", "graphql", "http", "gateway", "cli", "retry", "traces"]),
];

/// The other members of the workspace, each with the crates that it must not use.
pub(super) const MEMBERS: [(&str, &[&str]); 3] = [
    ("entity", &["async_graphql", "deskgraph", "migration"]),
    ("migration", &["async_graphql", "deskgraph", "entity"]),
    ("demo", &["deskgraph", "entity", "migration"]),
];

/// A forbidden use in a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Violation {
    pub(super) file: String,
    pub(super) line: usize,
    /// The forbidden module or crate.
    pub(super) named: String,
}

/// Allowed exceptions: the file, what it uses, and why.
pub(super) type Exceptions<'e> = &'e [(&'e str, &'e str, &'e str)];

/// Describes each violation without an exception, and each unused exception.
pub(super) fn faults(mut violations: Vec<Violation>, exceptions: Exceptions) -> Vec<String> {
    let mut faults = Vec::new();
    for (file, named, _) in exceptions {
        let before = violations.len();
        violations.retain(|violation| violation.file != *file || violation.named != *named);
        if violations.len() == before {
            faults.push(format!("{file} does not name {named}: remove the exception"));
        }
    }
    faults.extend(violations.into_iter().map(|Violation { file, line, named }| format!("{file}:{line} names {named}")));
    faults
}

/// The violations in the sources of the gateway.
pub(super) fn violations(sources: &[Source]) -> Vec<Violation> {
    find(sources, forbidden_in_gateway)
}

/// The violations in the sources of another member.
pub(super) fn violations_of_member(sources: &[Source], forbidden: &[&str]) -> Vec<Violation> {
    find(sources, |_, path| Some(path[0].clone()).filter(|name| forbidden.contains(&name.as_str())))
}

fn find(sources: &[Source], forbidden: impl Fn(&[String], &[String]) -> Option<String>) -> Vec<Violation> {
    let mut found: Vec<Violation> = Vec::new();
    for source in sources {
        for name in &source.names {
            if let Some(named) = forbidden(&source.module, &name.path) {
                let violation = Violation { file: source.file.clone(), line: name.line, named };
                if !found.contains(&violation) {
                    found.push(violation);
                }
            }
        }
    }
    found
}

fn allowed<'a>(table: &[(&str, &'a [&'a str])], name: &str) -> Option<&'a [&'a str]> {
    table.iter().find(|(of, _)| *of == name).map(|(_, allowed)| *allowed)
}

/// The part of a path that is forbidden for a module.
fn forbidden_in_gateway(module: &[String], path: &[String]) -> Option<String> {
    let layer = module.get(1).map_or("", String::as_str);
    if path[0] != "crate" {
        let may = allowed(&CRATES, &path[0])?;
        return (!may.contains(&layer)).then(|| path[0].clone());
    }
    let may = allowed(&LAYERS, layer)?;
    // No layer may import the whole crate, or a glob of it.
    let named = path.get(1).map_or("", String::as_str);
    (named != layer && !may.contains(&named)).then(|| format!("crate::{named}"))
}

pub(super) fn layers() -> impl Iterator<Item = &'static str> {
    LAYERS.iter().map(|(layer, _)| *layer)
}
