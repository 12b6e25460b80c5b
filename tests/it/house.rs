//! Checks the module dependencies in the sources against the layer rules. `src/lib.rs` draws the map.

mod checks;
mod circles;
mod layers;
mod names;
mod sources;

use std::path::Path;

use self::{
    layers::{Exceptions, MEMBERS, layers, violations, violations_of_member},
    sources::sources,
};

/// Exceptions to the rules, each with a reason.
const EXCEPTIONS: Exceptions = &[
    ("src/cli/demo/sender.rs", "axum", "the demo is a client of the gateway's webhooks, whose bodies are axum's"),
    ("src/cli/demo/sender.rs", "hyper", "the demo is a client of the gateway's webhooks"),
    ("src/http/websocket/timers.rs", "crate::config", "its tests take the defaults from the settings"),
    ("src/store/readers.rs", "crate::config", "its tests take the defaults from the settings"),
];

/// Known cyclic dependencies, to be removed. No new ones may be added.
const CIRCLES: circles::Known = &[
    ("crate::graphql", "loader", "types", "loaders give values as types of the schema, whose fields use loaders"),
    ("crate::graphql", "lists", "types", "types have lists, and lists hold types"),
    ("crate::graphql", "filter", "types", "filters compare with enums that are declared among the types"),
];

#[test]
fn every_module_uses_only_what_its_layer_allows() {
    let gateway = sources("src");
    for layer in layers() {
        assert!(
            gateway.iter().any(|source| source.module.get(1).is_some_and(|module| module == layer)),
            "{layer} has no sources"
        );
    }
    let mut found = violations(&gateway);
    for (member, forbidden) in MEMBERS {
        if Path::new(env!("CARGO_MANIFEST_DIR")).join(member).join("Cargo.toml").exists() {
            found.extend(violations_of_member(&sources(&format!("{member}/src")), forbidden));
        }
    }
    let faults = layers::faults(found, EXCEPTIONS);
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn no_two_modules_depend_on_each_other() {
    let faults = circles::faults(&sources("src"), CIRCLES);
    assert!(faults.is_empty(), "{faults:#?}");
}
