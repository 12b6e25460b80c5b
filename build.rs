//! Bundles GraphiQL's page from `ui/`, so that the binary serves it without the internet.
//!
//! npm runs on a copy of `ui/` in `OUT_DIR`: the source tree is only read. The installed modules are reused until the lock
//! file changes. A machine without npm still builds: the page is then
//! `src/http/graphiql/cdn.html`, which loads GraphiQL from a CDN, and a warning names the remedy. `DESKGRAPH_UI=cdn` selects
//! that page on purpose.
//!
//! Output: `cfg(graphiql_embedded)` and `DESKGRAPH_UI_DIR`, the folder of the bundle, if there is one.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const SOURCE: &str = "ui";
/// Output of a developer's own npm run in `ui/`, which is neither copied nor watched.
const MADE_BY_NPM: [&str; 2] = ["node_modules", "dist"];
/// Prefers npm's cache, and gives up on an unavailable registry sooner than npm's default.
const NPM_CI: [&str; 7] = [
    "ci",
    "--prefer-offline",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
    "--fetch-retry-mintimeout=1000",
    "--fetch-retry-maxtimeout=5000",
];
/// The oldest supported major version of Node.js.
const NODE: u32 = 18;
/// A failing npm prints pages of output; the first lines contain the reason.
const REASON_LINES: usize = 4;

fn main() -> Result<()> {
    println!("cargo::rustc-check-cfg=cfg(graphiql_embedded)");
    println!("cargo::rerun-if-env-changed=DESKGRAPH_UI");
    for entry in sources()? {
        println!("cargo::rerun-if-changed={}", entry.display());
    }
    match env::var("DESKGRAPH_UI").as_deref() {
        Ok("cdn") => return Ok(()),
        Ok("") | Err(env::VarError::NotPresent) => {}
        Ok(other) => return Err(format!("DESKGRAPH_UI={other} is not supported: set it to cdn, or unset it").into()),
        Err(error) => return Err(error.clone().into()),
    }
    match bundle(&Path::new(&env::var("OUT_DIR")?).join(SOURCE)) {
        Ok(bundle) => {
            println!("cargo::rustc-cfg=graphiql_embedded");
            println!("cargo::rustc-env=DESKGRAPH_UI_DIR={}", bundle.display());
        }
        Err(error) => {
            for line in error.to_string().lines().filter(|line| !line.trim().is_empty()).take(REASON_LINES) {
                println!("cargo::warning={line}");
            }
            println!(
                "cargo::warning=GraphiQL is not bundled: its page will load it from a CDN. To bundle it, install nodejs (18 or \
                 newer) and npm, with access to a registry, then `touch build.rs` and build again. To keep the CDN and \
                 silence this, set DESKGRAPH_UI=cdn."
            );
        }
    }
    Ok(())
}

/// Refuses a Node.js that is too old, for which npm's packages would fail with unclear errors.
fn check_node() -> Result<()> {
    let output = Command::new("node").arg("--version").stdin(Stdio::null()).output();
    let version = output.map_err(|error| format!("node cannot be started: {error}"))?.stdout;
    let version = String::from_utf8_lossy(&version);
    let major = version.trim().trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    match major {
        Some(major) if major < NODE => {
            Err(format!("Node.js {} is too old: GraphiQL needs {NODE} or newer", version.trim()).into())
        }
        _ => Ok(()),
    }
}

/// The entries of `ui/` that belong to the repository.
fn sources() -> Result<Vec<PathBuf>> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(SOURCE)? {
        let entry = entry?;
        if !MADE_BY_NPM.iter().any(|name| entry.file_name() == *name) {
            entries.push(entry.path());
        }
    }
    Ok(entries)
}

/// Installs the packages of the lock file into `place`, unless they are up to date, and bundles the page there.
fn bundle(place: &Path) -> Result<PathBuf> {
    let modules = place.join("node_modules");
    let sources_in_place = place.join("src");
    if sources_in_place.exists() {
        fs::remove_dir_all(&sources_in_place)?;
    }
    fs::create_dir_all(place)?;
    for entry in sources()? {
        copy(&entry, &place.join(entry.strip_prefix(SOURCE)?))?;
    }

    // The copy of the lock file is inside `node_modules`, so npm removes it before it changes anything.
    check_node()?;
    let lock = fs::read(place.join("package-lock.json"))?;
    let installed = modules.join("installed-lock.json");
    if fs::read(&installed).ok().as_ref() != Some(&lock) {
        let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
        run(Command::new(npm).current_dir(place).args(NPM_CI))?;
        fs::write(&installed, &lock)?;
    }
    run(Command::new("node").current_dir(place).arg("build.mjs"))?;
    Ok(place.join("dist"))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    if from.is_dir() {
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
    } else {
        fs::copy(from, to)?;
    }
    Ok(())
}

/// Runs a command silently; its error output becomes the error.
fn run(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("{program} cannot be started: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{program} failed: {}", String::from_utf8_lossy(&output.stderr)).into())
}
