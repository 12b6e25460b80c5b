//! A private PostgreSQL server, for tests that stop it: created, started and stopped by `scripts/postgres`, deleted when
//! dropped. Commits are synced to disk, as in production.

use std::{
    fs::Permissions,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::PathBuf,
    process::{Command, Stdio},
};

use tempfile::TempDir;

/// How a server is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// A clean shutdown, which closes connections.
    Fast,
    /// Like a crash: the next start recovers from what was synced.
    Immediate,
}

pub struct Cluster {
    folder: TempDir,
    url: String,
}

impl Cluster {
    /// A running server.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = script(&["start".into(), folder.path().into()]);
        Self { folder, url }
    }

    /// The URL of its first database, which does not change when it is restarted.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Restarts it.
    pub fn start(&self) {
        assert_eq!(script(&["start".into(), self.folder.path().into()]), self.url);
    }

    pub fn stop(&self, how: Stop) {
        let mode = match how {
            Stop::Fast => "fast",
            Stop::Immediate => "immediate",
        };
        script(&["stop".into(), self.folder.path().into(), mode.into()]);
    }

    /// Restarts it with TLS, with a certificate and its key in PEM.
    pub fn serve_tls(&self, certificate: &str, key: &str) {
        self.stop(Stop::Fast);
        let data = self.folder.path().join("data");
        let owner = std::fs::metadata(&data).expect("the data folder");
        for (name, content) in [("server.crt", certificate), ("server.key", key)] {
            let file = data.join(name);
            std::fs::write(&file, content).expect("the file is written");
            std::fs::set_permissions(&file, Permissions::from_mode(0o600)).expect("only the server reads it");
            std::os::unix::fs::chown(&file, Some(owner.uid()), Some(owner.gid())).expect("the server owns it");
        }
        let settings = data.join("postgresql.auto.conf");
        std::fs::write(settings, "ssl = on\n").expect("the settings are written");
        self.start();
    }

    pub fn restart(&self, how: Stop) {
        self.stop(how);
        self.start();
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let _ = command(&["stop".into(), self.folder.path().into(), "immediate".into()]).status();
        } else {
            self.stop(Stop::Immediate);
        }
    }
}

fn command(arguments: &[PathBuf]) -> Command {
    let mut command = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/postgres"));
    command.args(arguments).env("POSTGRES_FSYNC", "on").stdin(Stdio::null());
    command
}

/// Runs the script, which must succeed, and returns its output.
fn script(arguments: &[PathBuf]) -> String {
    let output = command(arguments).output().expect("scripts/postgres runs");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("an address").trim().to_owned()
}
