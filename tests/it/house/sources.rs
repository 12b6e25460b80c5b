//! The sources of one crate, each with its module and the paths it uses.

use std::{fs, path::Path};

use super::names::{Name, names};

pub(super) struct Source {
    /// The file, relative to the repository.
    pub(super) file: String,
    /// Its module, from `crate` on.
    pub(super) module: Vec<String>,
    pub(super) names: Vec<Name>,
}

/// The sources in a folder of the repository, without test files: tests of a layer may use what is below it, in order to break
/// it.
pub(super) fn sources(folder: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    collect(&root.join(folder), &mut files);
    files.sort();
    assert!(!files.is_empty(), "{folder} has no sources");
    let read = |file: String| {
        let module = module_of(&file[folder.len() + 1..]);
        let text = fs::read_to_string(root.join(&file)).unwrap();
        Source { names: names(&text, &module), file, module }
    };
    files.into_iter().map(read).collect()
}

fn collect(folder: &Path, files: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.file_stem().is_some_and(|stem| stem == "tests") {
            continue;
        }
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap().to_str().unwrap().to_owned());
        }
    }
}

/// The module of a file, which is given from the folder of the crate's sources on.
pub(super) fn module_of(file: &str) -> Vec<String> {
    let within = file.strip_suffix(".rs").expect("a source of Rust");
    let mut module = vec!["crate".to_owned()];
    module.extend(within.split('/').map(str::to_owned));
    if matches!(module.last().map(String::as_str), Some("mod" | "lib")) {
        module.pop();
    }
    module
}
