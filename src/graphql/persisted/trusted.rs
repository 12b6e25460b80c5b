//! Trusted documents: read at the start from a folder or a manifest, and validated, so that a frontend built for another schema
//! is detected before users are affected.
//!
//! Editors end a file with a line break that clients do not send. So a document is found by its text with or without it.

use std::{
    collections::{HashMap, HashSet},
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use async_graphql::{ServerError, Variables};
use serde_json::{Map, Value};

use super::{super::document::Document, named::Hash};

/// The extensions of document files.
const ENDINGS: [&str; 2] = ["graphql", "gql"];

/// The value of `format` in an Apollo manifest.
const APOLLO: &str = "apollo-persisted-query-manifest";

/// The prefix of an id that is a hash, from the draft of GraphQL over HTTP.
const HASH_PREFIX: &str = "sha256:";

/// Documents by their ids and hashes.
#[derive(Default)]
pub(super) struct Trusted {
    ids: HashMap<String, Arc<str>>,
    hashes: HashMap<Hash, Arc<str>>,
    texts: HashSet<Arc<str>>,
}

/// Why trusted documents are unusable: the file, and the problem in it.
#[derive(Debug, thiserror::Error)]
#[error("{}: {reason}", file.display())]
pub struct Unusable {
    file: PathBuf,
    reason: String,
}

impl Unusable {
    fn new(file: &Path, reason: impl Into<String>) -> Self {
        Self { file: file.to_owned(), reason: reason.into() }
    }
}

impl Trusted {
    /// Reads a folder of documents, or a manifest.
    pub(super) fn read(path: &Path) -> Result<Self, Unusable> {
        let unreadable = |error: io::Error| Unusable::new(path, format!("can't be read: {error}"));
        let mut trusted = Self::default();
        if fs::metadata(path).map_err(unreadable)?.is_dir() {
            trusted.read_folder(path)?;
        } else {
            trusted.read_manifest(path)?;
        }
        if trusted.ids.is_empty() {
            return Err(Unusable::new(
                path,
                "has no documents: expected a folder of .graphql files, or a manifest of Apollo's or Relay's tools",
            ));
        }
        Ok(trusted)
    }

    /// The text of a document, by its id or its hash.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        if self.ids.is_empty() {
            return None;
        }
        let text = self.ids.get(name).or_else(|| {
            let hash = Hash::from_hex(name.strip_prefix(HASH_PREFIX).unwrap_or(name))?;
            self.hashes.get(&hash)
        });
        text.map(AsRef::as_ref)
    }

    /// Whether a text is that of a trusted document.
    pub(super) fn has(&self, text: &str) -> bool {
        self.texts.contains(text)
    }

    fn read_folder(&mut self, folder: &Path) -> Result<(), Unusable> {
        let unreadable = |error: io::Error| Unusable::new(folder, format!("can't be read: {error}"));
        let entries: io::Result<Vec<_>> = fs::read_dir(folder).map_err(unreadable)?.collect();
        let mut files: Vec<PathBuf> = entries.map_err(unreadable)?.into_iter().map(|entry| entry.path()).collect();
        files.retain(|file| file.extension().and_then(OsStr::to_str).is_some_and(|ending| ENDINGS.contains(&ending)));
        files.sort();
        for file in files {
            let text = read(&file)?;
            let id = file.file_stem().and_then(OsStr::to_str).ok_or_else(|| Unusable::new(&file, "its name is not UTF-8"))?;
            self.add(id, &text).map_err(|reason| Unusable::new(&file, reason))?;
        }
        Ok(())
    }

    fn read_manifest(&mut self, file: &Path) -> Result<(), Unusable> {
        let wrong = |reason: String| Unusable::new(file, reason);
        let manifest: Map<String, Value> = serde_json::from_str(&read(file)?)
            .map_err(|error| wrong(format!("is neither a folder of .graphql files nor a manifest, a JSON object: {error}")))?;
        for (id, text) in documents(&manifest).map_err(wrong)? {
            self.add(id, text).map_err(|reason| wrong(format!("the document `{id}`: {reason}")))?;
        }
        Ok(())
    }

    /// Adds a document, or returns why it is unusable.
    fn add(&mut self, id: &str, text: &str) -> Result<(), String> {
        check(text)?;
        let shared: Arc<str> = text.into();
        for text in [text, bare(text)] {
            let text: Arc<str> = if text.len() == shared.len() { shared.clone() } else { text.into() };
            self.hashes.insert(Hash::of(&text), shared.clone());
            self.texts.insert(text);
        }
        match self.ids.insert(id.to_owned(), shared) {
            Some(before) if !same(&before, text) => Err(format!("another document has the id `{id}`, too")),
            _ => Ok(()),
        }
    }
}

/// Whether two texts are equal except for trailing line breaks.
pub(super) fn same(one: &str, other: &str) -> bool {
    bare(one) == bare(other)
}

fn bare(text: &str) -> &str {
    text.trim_end_matches(['\r', '\n'])
}

fn read(file: &Path) -> Result<String, Unusable> {
    fs::read_to_string(file).map_err(|error| Unusable::new(file, format!("can't be read: {error}")))
}

/// The ids and texts in a manifest.
fn documents(manifest: &Map<String, Value>) -> Result<Vec<(&str, &str)>, String> {
    match manifest.get("format") {
        Some(format) if format == APOLLO => apollo(manifest),
        Some(Value::String(format)) if !format.contains('{') => {
            Err(format!("manifests of the format `{format}` are not supported: {APOLLO} is, and Relay's"))
        }
        _ => relay(manifest),
    }
}

/// `{"format": …, "version": 1, "operations": [{"id": …, "body": …, "name": …, "type": …}]}`
fn apollo(manifest: &Map<String, Value>) -> Result<Vec<(&str, &str)>, String> {
    if manifest.get("version").and_then(Value::as_u64) != Some(1) {
        return Err("`version` is not 1".into());
    }
    let operations = manifest.get("operations").and_then(Value::as_array).ok_or("`operations` is not a list")?;
    let text = |operation: &'_ Value, key: &str| operation.get(key).and_then(Value::as_str).is_some();
    if let Some(place) = operations.iter().position(|operation| !(text(operation, "id") && text(operation, "body"))) {
        return Err(format!("`operations[{place}]` has no `id` or no `body`"));
    }
    Ok(operations.iter().filter_map(|operation| Some((operation["id"].as_str()?, operation["body"].as_str()?))).collect())
}

/// `{"<id>": "<text>"}`
fn relay(manifest: &Map<String, Value>) -> Result<Vec<(&str, &str)>, String> {
    let document = |(id, text): (&'_ String, &'_ Value)| match text {
        Value::String(_) => Ok(()),
        _ => Err(format!("`{id}` is not the text of a document")),
    };
    manifest.iter().try_for_each(document)?;
    Ok(manifest.iter().filter_map(|(id, text)| Some((id.as_str(), text.as_str()?))).collect())
}

/// Checks that a document is valid for each of its operations.
fn check(text: &str) -> Result<(), String> {
    let describe = |error: &ServerError| match error.locations.first() {
        Some(place) => format!("{} (line {}, column {})", error.message, place.line, place.column),
        None => error.message.clone(),
    };
    let document = Document::parse(text, None).map_err(|error| describe(&error))?;
    let names: Vec<Option<String>> = document.parsed().operations.iter().map(|(name, _)| name.map(ToString::to_string)).collect();
    for name in names {
        let document = Document::parse(text, name.as_deref()).map_err(|error| describe(&error))?;
        document.validate(&Variables::default()).map_err(|errors| errors.first().map_or_else(String::new, describe))?;
    }
    Ok(())
}
