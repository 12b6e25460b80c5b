//! Problems of the first minutes are reported in one sentence with the remedy.

use std::{
    fs::OpenOptions,
    net::TcpListener,
    os::unix::fs::{PermissionsExt as _, symlink},
    process::{Output, Stdio},
};

use deskgraph::domain::kind::EventKind;

use crate::support::{
    self,
    database::{Database, on_postgres},
    entry, message,
    process::deskgraph,
};

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test]
async fn commands_that_need_a_database_do_not_create_one() {
    let database = Database::new();
    for command in [&["verify"][..], &["export"], &["retry"], &["rebuild"], &["stats"], &["restored"], &["backup", "copy.db"]] {
        if on_postgres() && command[0] == "backup" {
            continue;
        }
        // Twice: the first run must not have created one.
        for _ in 0..2 {
            let output = deskgraph(&database).args(command).output().await.unwrap();
            let stderr = stderr(&output);
            assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "{command:?}: {stderr}");
            assert!(
                stderr.contains("there is no deskgraph database there") && stderr.contains("--database-url"),
                "{command:?}: {stderr}"
            );
            assert_eq!(stderr.trim().lines().count(), 1, "{stderr}");
        }
        assert_eq!(std::fs::read_dir(database.folder()).unwrap().count(), 0, "{command:?} creates no file");
    }
}

#[tokio::test]
async fn a_port_in_use_is_reported_with_the_remedy() {
    let database = Database::new();
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap().to_string();
    let output = deskgraph(&database).args(["serve", "--listen", &address]).output().await.unwrap();
    let stderr = stderr(&output);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains(&address) && stderr.contains("--listen") && stderr.contains("port 0"), "{stderr}");
    assert_eq!(stderr.trim().lines().count(), 1, "{stderr}");
}

#[tokio::test]
async fn a_database_in_a_folder_that_does_not_exist_is_reported_with_the_remedy() {
    let database = Database::new();
    let file = database.folder().join("missing").join("deskgraph.db");
    let url = format!("sqlite://{}?mode=rwc", file.display());
    let output = deskgraph(&database).args(["serve", "--listen", "127.0.0.1:0", "--database-url", &url]).output().await.unwrap();
    let stderr = stderr(&output);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains(&format!("{} can't be opened or created: its folder must exist", file.display())), "{stderr}");
    assert_eq!(stderr.trim().lines().count(), 1, "{stderr}");
}

#[tokio::test]
async fn an_export_to_a_full_disk_is_an_error() {
    let database = Database::new();
    let entries: Vec<_> =
        (0..500).map(|n| entry(EventKind::MessageSent, &message(&format!("m-{n}"), "c", "hi", 1_758_791_400_000 + n))).collect();
    support::store(database.url(), &entries).await;
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let exporting = deskgraph(&database).arg("export").stdout(full).stderr(Stdio::piped()).spawn().unwrap();
    let output = exporting.wait_with_output().await.unwrap();
    let stderr = stderr(&output);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("make room on the disk"), "{stderr}");
}

/// Runs `scripts/test` in a folder of its own, with nothing installed, where only these programs are found. Each is either the
/// one of this machine or a script.
fn scripts_test(programs: &[(&str, Option<&str>)]) -> String {
    let (folder, checkout) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let scripts = checkout.path().join("scripts");
    std::fs::create_dir(&scripts).unwrap();
    for name in ["test", "postgres"] {
        std::fs::copy(format!("{}/scripts/{name}", env!("CARGO_MANIFEST_DIR")), scripts.join(name)).unwrap();
    }
    for (name, script) in programs {
        let place = folder.path().join(name);
        if let Some(script) = script {
            std::fs::write(&place, format!("#!/bin/sh\n{script}\n")).unwrap();
            std::fs::set_permissions(&place, std::fs::Permissions::from_mode(0o755)).unwrap();
        } else {
            let found =
                std::env::split_paths(&std::env::var_os("PATH").unwrap()).map(|path| path.join(name)).find(|path| path.exists());
            symlink(found.unwrap_or_else(|| panic!("{name} is on this machine")), place).unwrap();
        }
    }
    let output = std::process::Command::new(scripts.join("test")).env("PATH", folder.path()).output().unwrap();
    let stderr = stderr(&output);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    stderr
}

#[test]
fn scripts_test_names_missing_programs_it_can_not_install() {
    let stderr = scripts_test(&[("bash", None), ("env", None), ("dirname", None), ("sort", None), ("tail", None), ("id", None)]);
    assert!(stderr.contains("build-essential") && stderr.contains("nodejs"), "{stderr}");
    assert!(stderr.contains("there is no apt-get: install them"), "{stderr}");
    assert_eq!(stderr.trim().lines().count(), 1, "{stderr}");
}

#[test]
fn scripts_test_reports_an_old_node_if_npm_has_no_newer_one() {
    let old = "case $1 in --version) echo v16.20.2 ;; *) exit 1 ;; esac";
    // Nothing is installed: sudo does nothing.
    let nothing = ["sudo", "apt-get", "cc", "curl", "npm", "pgbouncer", "chromium"].map(|name| (name, Some("exit 0")));
    let mut programs = vec![("bash", None), ("env", None), ("dirname", None), ("sort", None), ("tail", None), ("uname", None)];
    programs.extend(nothing);
    programs.extend([("node", Some(old)), ("id", Some("echo 1000"))]);
    let stderr = scripts_test(&programs);
    assert!(stderr.contains("is v16.20.2, and the tests need Node.js 20.19 or newer: update it"), "{stderr}");
}
