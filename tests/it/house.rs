//! Who may know whom (see `src/lib.rs`), read off the sources.

use std::{fs, path::Path};

fn sources(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        // Tests of a layer may reach beneath it, to break what it stands on.
        if path.is_dir() && !path.ends_with("tests") {
            sources(&path, found);
        } else if path.is_file() && path.extension().is_some_and(|extension| extension == "rs") {
            found.push((path.display().to_string(), fs::read_to_string(&path).unwrap()));
        }
    }
}

/// Lines of code under `folder` (comments aside) that name something they must not know.
fn offences(folder: &str, forbidden: &[&str]) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    sources(&root.join(folder), &mut files);
    assert!(!files.is_empty(), "{folder} has no sources");
    let mut offences = Vec::new();
    for (file, text) in files {
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            if let Some(name) = forbidden.iter().find(|name| code.contains(*name)) {
                offences.push(format!("{file}:{}: {name}", number + 1));
            }
        }
    }
    offences
}

#[test]
fn every_layer_knows_only_those_below_it() {
    let layers: [(&str, &[&str]); 7] = [
        (
            "src/domain",
            &[
                "sea_orm",
                "entity::",
                "async_graphql",
                "axum",
                "tokio",
                "crate::store",
                "crate::feed",
                "crate::graphql",
                "crate::http",
                "crate::ingest",
            ],
        ),
        ("src/store", &["async_graphql", "axum", "crate::feed", "crate::graphql", "crate::http", "crate::ingest"]),
        ("src/ingest", &["sea_orm", "entity::", "async_graphql", "axum", "crate::graphql", "crate::http"]),
        ("src/graphql", &["sea_orm", "entity::", "axum", "crate::http", "crate::ingest"]),
        ("src/http", &["sea_orm", "entity::"]),
        ("entity", &["async_graphql", "deskgraph"]),
        ("migration", &["entity::", "async_graphql", "deskgraph"]),
    ];
    let offences: Vec<String> = layers.iter().flat_map(|(folder, forbidden)| offences(folder, forbidden)).collect();
    assert!(offences.is_empty(), "{offences:#?}");
}
