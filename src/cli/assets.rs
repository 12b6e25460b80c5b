//! `deskgraph assets`: writes the shell completions and manual pages that packages install.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result};
use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::Cli;

/// Write shell completions and manual pages, for packages
#[derive(Debug, Args)]
#[command(hide = true)]
pub(super) struct Assets {
    /// Folder to write to; it gets the folders completions and man
    folder: PathBuf,
}

impl Assets {
    pub(super) fn write(&self) -> Result<u8> {
        let [completions, man] = ["completions", "man"].map(|name| self.folder.join(name));
        for folder in [&completions, &man] {
            fs::create_dir_all(folder).with_context(|| format!("making the folder {}", folder.display()))?;
        }
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
            clap_complete::generate_to(shell, &mut Cli::command(), "deskgraph", &completions)
                .with_context(|| format!("writing completions to {}", completions.display()))?;
        }
        clap_mangen::generate_to(Cli::command(), &man).with_context(|| format!("writing manual pages to {}", man.display()))?;
        Ok(0)
    }
}
