//! The real binary as a process, on a free port, with a test's database.

use std::process::Stdio;

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    sync::watch,
    task::JoinHandle,
    time::timeout,
};

use super::{
    PATIENCE,
    database::{Database, on_postgres},
};

pub struct Process {
    child: Child,
    /// The lines of its log, once it has ended.
    log: JoinHandle<Vec<String>>,
    pub base: String,
    /// Its log entries since it serves.
    entries: watch::Receiver<Vec<Value>>,
}

/// The binary in the folder of a database, without settings from the machine. It finds the database file by its default name.
pub fn deskgraph(database: &Database) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deskgraph"));
    command
        .current_dir(database.folder())
        .env_remove("DATABASE_URL")
        .env_remove("DESKGRAPH_LISTEN")
        .env_remove("DESKGRAPH_CONFIG");
    if on_postgres() {
        command.env("DATABASE_URL", database.url());
    }
    command.kill_on_drop(true);
    command
}

impl Process {
    /// Starts it and waits until it serves.
    pub async fn start(database: &Database, arguments: &[&str]) -> Self {
        Self::start_with(database, arguments, &[]).await
    }

    /// The same, with variables of the environment.
    pub async fn start_with(database: &Database, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut child = deskgraph(database)
            .args(arguments)
            .args(["--listen", "127.0.0.1:0"])
            .env("DESKGRAPH_LOG__FORMAT", "json")
            .envs(variables.iter().copied())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut lines = Vec::new();
        let serving = async {
            while let Some(line) = log.next_line().await.unwrap() {
                let Ok(entry) = serde_json::from_str::<Value>(&line) else { panic!("a log line is not JSON: {line}") };
                lines.push(line);
                if entry["fields"]["message"] == "serving" {
                    return format!("http://{}", entry["fields"]["address"].as_str().unwrap());
                }
            }
            panic!("the gateway ended before it served")
        };
        let base = timeout(PATIENCE, serving).await.expect("the gateway serves in time");
        // The rest of the log must be read, or the process would block on a full pipe.
        let (logged, entries) = watch::channel(Vec::new());
        let log = tokio::spawn(async move {
            while let Ok(Some(line)) = log.next_line().await {
                if let Ok(entry) = serde_json::from_str::<Value>(&line) {
                    logged.send_modify(|entries| entries.push(entry));
                }
                lines.push(line);
            }
            lines
        });
        Self { child, log, base, entries }
    }

    /// Waits until the audit log has this many lines, and returns their fields.
    pub async fn audited(&self, count: usize) -> Vec<Value> {
        self.logged(count, |entry| entry["target"] == "audit").await
    }

    /// Waits until it has logged this message.
    pub async fn until_logged(&self, message: &str) {
        self.logged(1, |entry| entry["fields"]["message"] == message).await;
    }

    /// Waits for this many log entries of a kind, and returns their fields.
    async fn logged(&self, count: usize, of_the_kind: impl Fn(&Value) -> bool) -> Vec<Value> {
        let found = |entries: &Vec<Value>| -> Vec<Value> {
            entries.iter().filter(|entry| of_the_kind(entry)).map(|entry| entry["fields"].clone()).collect()
        };
        let mut entries = self.entries.clone();
        let entries =
            timeout(PATIENCE, entries.wait_for(|entries| found(entries).len() >= count)).await.expect("log entries in time");
        found(&entries.expect("the gateway runs"))
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id().unwrap()
    }

    /// `kill -9`
    pub async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// Sends SIGTERM and returns the exit code.
    pub async fn terminate(self) -> Option<i32> {
        self.terminate_with_log().await.0
    }

    /// The same, with the whole log.
    pub async fn terminate_with_log(mut self) -> (Option<i32>, Vec<String>) {
        let id = self.child.id().unwrap().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().await.unwrap().success());
        let code = timeout(PATIENCE, self.child.wait()).await.expect("the gateway stops in time").unwrap().code();
        (code, timeout(PATIENCE, self.log).await.expect("the log ends with it").unwrap())
    }
}
