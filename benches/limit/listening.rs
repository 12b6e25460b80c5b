//! A server in a process of its own that prints its address as its first line.

use std::{process::Stdio, time::Duration};

use anyhow::{Context, bail};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    time::timeout,
};

/// How long it may take to start.
const STARTING: Duration = Duration::from_mins(2);

/// The server. It is killed when dropped.
pub(crate) struct Listening {
    _child: Child,
    /// The process id.
    pub(crate) id: u32,
    /// Its address.
    pub(crate) base: String,
}

impl Listening {
    /// Starts it, and waits until it has printed its address.
    pub(crate) async fn start(mut command: Command) -> anyhow::Result<Self> {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
        let mut lines = BufReader::new(child.stdout.take().context("its output")?).lines();
        let line = timeout(STARTING, lines.next_line()).await.context("the server did not print its address in time")??;
        match (line, child.id()) {
            (Some(base), Some(id)) => Ok(Self { _child: child, id, base }),
            _ => bail!("the server ended before it printed its address"),
        }
    }
}
