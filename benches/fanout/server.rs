//! A server under test in its own process: starting it, subscribing, and posting messages.

use std::{fs, time::Duration};

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Command;

use crate::{
    cpu,
    frame::Frame,
    listening::Listening,
    measure::PATIENCE,
    node,
    setting::Setting,
    support::{database::Database, fixed::Fixed},
    traffic::{Message, Traffic},
};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Bare,
    Durable,
    Gateway,
    Node,
}

/// What graphql-ws needs.
const NODE: node::Needs =
    node::Needs { folder: "benches/fanout/node", node: 20, otherwise: "leave this out: `--only bare,gateway`" };

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bare => "bare axum",
            Self::Durable => "the same, durable",
            Self::Gateway => "gateway",
            Self::Node => "graphql-ws on Node",
        }
    }
}

/// Stops when dropped.
pub(crate) struct Server {
    kind: Kind,
    base: String,
    process: u32,
    client: reqwest::Client,
    frame: Frame,
    _running: Running,
}

#[expect(dead_code, reason = "they are held")]
enum Running {
    Gateway(Fixed),
    Other(Listening, Option<TempDir>),
}

impl Server {
    /// Starts it, and returns the number of the last message it already has.
    pub(crate) async fn start(kind: Kind, traffic: &Traffic, frame: &Frame) -> anyhow::Result<(Self, u64)> {
        let mut last = 0;
        let (running, base, process) = match kind {
            Kind::Gateway => {
                let database = Database::new();
                last = traffic.fill(database.url()).await;
                let gateway = Fixed::start(database).await;
                let (base, process) = (gateway.base.clone(), gateway.id());
                (Running::Gateway(gateway), base, process)
            }
            Kind::Bare | Kind::Durable => {
                // A subscriber that is the only receiver of a message does not need room for many.
                let waiting = if traffic.setting == Setting::Own { "16" } else { "4096" };
                let mut command = Command::new(std::env::current_exe()?);
                command.args(["--bare", waiting]);
                let folder = tempfile::tempdir()?;
                if kind == Kind::Durable {
                    command.arg("--committing").arg(folder.path().join("frames.db"));
                }
                other(command, Some(folder)).await?
            }
            Kind::Node => other(NODE.command().await?, None).await?,
        };
        let client = reqwest::Client::builder().timeout(PATIENCE).build()?;
        Ok((Self { kind, base, process, client, frame: frame.clone(), _running: running }, last))
    }

    /// Its host and port.
    pub(crate) fn address(&self) -> String {
        self.base.trim_start_matches("http://").to_owned()
    }

    /// The path to which the subscribers of a group connect.
    pub(crate) fn path(&self, group: usize) -> String {
        if matches!(self.kind, Kind::Bare | Kind::Durable) { format!("/groups/{group}") } else { "/graphql".to_owned() }
    }

    /// The cursor at which subscriptions start: the gateway's current head.
    pub(crate) async fn head(&self) -> anyhow::Result<Value> {
        if self.kind != Kind::Gateway {
            return Ok(Value::Null);
        }
        let request = self.client.post(format!("{}/graphql", self.base)).json(&json!({ "query": "{ head }" }));
        let answer: Value = request.send().await?.json().await?;
        ensure!(answer["data"]["head"].is_string(), "no cursor: {answer}");
        Ok(answer["data"]["head"].clone())
    }

    /// Posts a message, and waits for the acknowledgement.
    pub(crate) async fn post(&self, traffic: &Traffic, message: &Message) -> anyhow::Result<()> {
        let request = if matches!(self.kind, Kind::Bare | Kind::Durable) {
            let groups: Vec<String> = traffic.concerned(message).iter().map(usize::to_string).collect();
            if groups.is_empty() {
                return Ok(());
            }
            self.client.post(format!("{}/publish/{}", self.base, groups.join(","))).body(self.frame.of(message.number))
        } else {
            self.client.post(format!("{}/webhooks/message-sent", self.base)).body(traffic.payload(message).to_string())
        };
        let response = request.send().await.context("a message could not be posted")?;
        let status = response.status();
        let body = response.text().await?;
        ensure!(status.is_success(), "the response to a message is {status}: {body}");
        Ok(())
    }

    /// Its resident memory. Fails if it has ended.
    pub(crate) fn memory_kb(&self) -> anyhow::Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process)).context("it has ended")?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("it has ended")?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    }

    /// Its CPU time so far.
    pub(crate) fn cpu(&self) -> Duration {
        cpu::of_process(self.process)
    }
}

/// Starts another server. Its folder is deleted with it.
async fn other(command: Command, folder: Option<TempDir>) -> anyhow::Result<(Running, String, u32)> {
    let listening = Listening::start(command).await?;
    let (base, process) = (listening.base.clone(), listening.id);
    Ok((Running::Other(listening, folder), base, process))
}
