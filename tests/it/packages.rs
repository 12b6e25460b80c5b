//! Packaging: the systemd unit, shell completions, manual pages, and notifications to the service manager.

use std::{fs, path::Path, process::Stdio, time::Duration};

use tokio::{net::UnixDatagram, process::Command, time::timeout};

use crate::support::{PATIENCE, database::Database, process::deskgraph};

/// Receives a gateway's notifications to its service manager.
struct Manager(UnixDatagram);

impl Manager {
    /// The next datagram.
    async fn notification(&self) -> String {
        let mut datagram = [0; 1024];
        let length = timeout(PATIENCE, self.0.recv(&mut datagram)).await.expect("a datagram in time").unwrap();
        String::from_utf8(datagram[..length].to_vec()).unwrap()
    }
}

#[tokio::test]
async fn the_service_manager_is_notified_of_readiness_watchdog_and_stop() {
    let database = Database::new();
    let socket = database.folder().join("notify");
    let manager = Manager(UnixDatagram::bind(&socket).unwrap());
    let mut gateway = deskgraph(&database)
        .args(["serve", "--listen", "127.0.0.1:0"])
        .env("NOTIFY_SOCKET", &socket)
        .env("WATCHDOG_USEC", Duration::from_millis(400).as_micros().to_string())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let id = gateway.id().unwrap().to_string();
    let signal = async |name: &str| assert!(Command::new("kill").args([name, &id]).status().await.unwrap().success());

    let ready = manager.notification().await;
    let address = ready.strip_prefix("READY=1\nSTATUS=serving on ").unwrap_or_else(|| panic!("{ready}")).trim();
    let answer = reqwest::get(format!("http://{address}/readyz")).await.unwrap();
    assert_eq!(answer.status(), 200, "it is ready when it notifies so");
    for _ in 0..3 {
        assert_eq!(manager.notification().await, "WATCHDOG=1\n");
    }
    // A reload does not end the gateway, although it has no certificates.
    signal("-HUP").await;
    for _ in 0..2 {
        assert_eq!(manager.notification().await, "WATCHDOG=1\n");
    }
    signal("-TERM").await;
    let mut notification = manager.notification().await;
    while notification == "WATCHDOG=1\n" {
        notification = manager.notification().await;
    }
    assert_eq!(notification, "STOPPING=1\n");
    assert_eq!(timeout(PATIENCE, gateway.wait()).await.expect("it stops in time").unwrap().code(), Some(0));
}

/// Runs an installed program and returns its output.
async fn run(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().await;
    let program = command.as_std().get_program().to_owned();
    let output = output.unwrap_or_else(|error| panic!("{}: {error}: run `scripts/test`", program.display()));
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{}: {printed}{}", program.display(), String::from_utf8_lossy(&output.stderr));
    printed
}

#[tokio::test]
async fn systemd_accepts_the_unit_and_rates_it_as_hardened() {
    let unit = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/deskgraph.service");
    let unit = fs::read_to_string(unit).unwrap();
    assert!(unit.contains("\nExecStart=/usr/bin/deskgraph serve\n") && unit.contains("\nType=notify\n"), "{unit}");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("deskgraph.service");
    // The unit names a program that may not be installed here.
    fs::write(&file, unit.replace("=/usr/bin/deskgraph ", &format!("={} ", env!("CARGO_BIN_EXE_deskgraph")))).unwrap();
    run(Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(&file)).await;
    // The threshold is in tenths of the exposure level.
    run(Command::new("systemd-analyze").args(["security", "--offline=true", "--no-pager", "--threshold=20"]).arg(&file)).await;
}

#[tokio::test]
async fn completions_and_manual_pages_are_written_for_every_command() {
    let database = Database::new();
    run(deskgraph(&database).args(["assets", "made/for"])).await;
    let made = database.folder().join("made/for");
    let read = |name: &str| fs::read_to_string(made.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    let (bash, zsh, fish) =
        (read("completions/deskgraph.bash"), read("completions/_deskgraph"), read("completions/deskgraph.fish"));
    assert!(zsh.starts_with("#compdef deskgraph"));
    let help = run(deskgraph(&database).arg("--help")).await;
    let commands: Vec<&str> = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next().filter(|_| !line.starts_with("   ")))
        .filter(|command| *command != "help")
        .collect();
    assert!(commands.len() > 12 && !commands.contains(&"assets"), "{commands:?}");
    for command in &commands {
        assert!(bash.contains(command) && zsh.contains(command) && fish.contains(command), "{command}");
        let page = read(&format!("man/deskgraph-{command}.1"));
        assert!(page.contains(".SH NAME") && page.contains(".SH SYNOPSIS"), "{command}: {page}");
    }
    let page =
        run(Command::new("man").args(["--local-file", "--warnings"]).arg(made.join("man/deskgraph.1")).env("LC_ALL", "C")).await;
    assert!(commands.iter().all(|command| page.contains(&format!("deskgraph-{command}(1)"))), "{page}");
    // Runs the completion as bash does.
    let script = "source completions/deskgraph.bash && COMP_WORDS=(deskgraph doc) COMP_CWORD=1 && _deskgraph deskgraph doc deskgraph && echo \"${COMPREPLY[*]}\"";
    let completed = run(Command::new("bash").args(["--norc", "-c", script]).current_dir(&made)).await;
    assert_eq!(completed.trim(), "doctor");
}
