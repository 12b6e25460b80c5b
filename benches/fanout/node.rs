//! Servers on Node.js, each in a folder of the repository. Its packages are installed from its lock file if they are missing or
//! outdated.

use std::{path::Path, process::Stdio, time::Duration};

use anyhow::{Context, bail, ensure};
use tokio::{fs, process::Command, time::timeout};

const INSTALLING: Duration = Duration::from_mins(3);

/// A copy of the lock file, which records what was installed.
const INSTALLED: &str = "node_modules/.installed-lock.json";

/// What a server needs.
#[derive(Clone, Copy)]
pub(crate) struct Needs {
    /// Its folder.
    pub(crate) folder: &'static str,
    /// The oldest version of Node.js.
    pub(crate) node: u32,
    /// How to do without.
    pub(crate) otherwise: &'static str,
}

impl Needs {
    /// The command that starts `server.mjs` in its folder.
    pub(crate) async fn command(self) -> anyhow::Result<Command> {
        let Self { folder, node, otherwise } = self;
        let remedy = || format!("install Node.js {node} or newer with npm, or {otherwise}");
        let missing = || format!("Node.js is missing: {}", remedy());
        let version = Command::new("node").arg("--version").stdin(Stdio::null()).output().await.with_context(missing)?;
        ensure!(version.status.success(), missing());
        let version = String::from_utf8_lossy(&version.stdout);
        let major = version.trim().trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
        if major.is_none_or(|major| major < node) {
            bail!("Node.js is {}: {}", version.trim(), remedy());
        }
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let lock = fs::read(folder.join("package-lock.json")).await?;
        if fs::read(folder.join(INSTALLED)).await.ok().as_ref() != Some(&lock) {
            let mut install = Command::new("npm");
            install.args(["ci", "--silent", "--no-audit", "--no-fund", "--prefer-offline"]).current_dir(&folder);
            let status = timeout(INSTALLING, install.stdin(Stdio::null()).kill_on_drop(true).status())
                .await
                .context("`npm ci` did not end in time")?
                .with_context(missing)?;
            ensure!(status.success(), "`npm ci` in {} failed: {status}", folder.display());
            fs::write(folder.join(INSTALLED), lock).await?;
        }
        let mut node = Command::new("node");
        node.arg("server.mjs").current_dir(folder);
        Ok(node)
    }
}
