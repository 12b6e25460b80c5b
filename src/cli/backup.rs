//! `deskgraph backup`: a consistent copy of a SQLite database while gateways use it.
//!
//! The copy is written and checked under a temporary name in the target folder, synced, and only then renamed. So an
//! interrupted backup leaves no file that looks complete, and an existing backup is replaced only on request.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::{Context, Result, bail};
use clap::Args;
use indicatif::{BinaryBytes, HumanCount};

use super::serve::interrupted;
use crate::{
    config::Config,
    store::{Inspection, copy_sqlite},
};

/// Copy a SQLite database into a file, while gateways serve it
///
/// The copy is consistent, checked and synced to disk. For PostgreSQL it says what to use instead. docs/operations.md explains
/// how to restore it.
#[derive(Debug, Args)]
pub(super) struct Backup {
    /// File to write
    file: PathBuf,
    /// Replace the file if it exists
    #[arg(long)]
    force: bool,
}

impl Backup {
    pub(super) async fn run(&self, config: &Config) -> Result<u8> {
        let options = config.store()?;
        if options.is_remote() {
            bail!(
                "a PostgreSQL database is backed up with its own programs: `pg_dump --format=custom --file={} --dbname=…` for a copy, \
                 or base backups with archived WAL for every moment (docs/operations.md)",
                self.file.display()
            );
        }
        if self.file.exists() && !self.force {
            bail!("{} exists: name another file, or replace it with --force", self.file.display());
        }
        let opening = Inspection::open(&options).await;
        opening.with_context(|| format!("opening {}", config.shown_database()))?.close().await?;
        let started = Instant::now();
        let folder = self.file.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
        // The copy is readable only by its owner at first.
        let copy = tempfile::Builder::new().prefix(".deskgraph-backup-").tempfile_in(folder);
        let copy = copy.with_context(|| format!("making a file in {}", folder.display()))?;
        let copied = tokio::select! {
            copied = copy_sqlite(&options, copy.path()) => copied.with_context(|| format!("copying to {}", folder.display()))?,
            () = interrupted() => {
                eprintln!("interrupted; no backup was made");
                return Ok(130);
            }
        };
        copy.as_file().sync_all().context("syncing the copy")?;
        let bytes = copy.as_file().metadata()?.len();
        let kept = if self.force { copy.persist(&self.file) } else { copy.persist_noclobber(&self.file) };
        kept.map_err(|error| error.error).with_context(|| format!("naming the copy {}", self.file.display()))?;
        sync_folder(folder).with_context(|| format!("syncing {}", folder.display()))?;
        eprintln!(
            "{} events, {} in {}, checked and synced, in {:.1} s",
            HumanCount(copied.events),
            BinaryBytes(bytes),
            self.file.display(),
            started.elapsed().as_secs_f64()
        );
        Ok(0)
    }
}

/// Syncs the folder, so that the new name is durable.
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
