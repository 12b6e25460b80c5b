//! The server on Node.js, in the folder `node`. Its packages are installed from the lock file if they are missing or outdated.

use std::{path::Path, process::Stdio, time::Duration};

use anyhow::{Context, ensure};
use tokio::{fs, process::Command, time::timeout};

const INSTALLING: Duration = Duration::from_mins(3);

/// A copy of the lock file, which records what was installed.
const INSTALLED: &str = "node_modules/.installed-lock.json";

const MISSING: &str = "Node.js is missing: install Node.js 20 or newer with npm, or leave this out: `--only bare,gateway`";

/// The command that starts it.
pub(crate) async fn command() -> anyhow::Result<Command> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/fanout/node");
    let version = Command::new("node").arg("--version").stdin(Stdio::null()).output().await.context(MISSING)?;
    ensure!(version.status.success(), MISSING);
    let lock = fs::read(folder.join("package-lock.json")).await?;
    if fs::read(folder.join(INSTALLED)).await.ok().as_ref() != Some(&lock) {
        let mut install = Command::new("npm");
        install.args(["ci", "--silent", "--no-audit", "--no-fund", "--prefer-offline"]).current_dir(&folder);
        let status = timeout(INSTALLING, install.stdin(Stdio::null()).kill_on_drop(true).status())
            .await
            .context("`npm ci` did not end in time")?
            .context(MISSING)?;
        ensure!(status.success(), "`npm ci` in {} failed: {status}", folder.display());
        fs::write(folder.join(INSTALLED), lock).await?;
    }
    let mut node = Command::new("node");
    node.arg("server.mjs").current_dir(folder);
    Ok(node)
}
