//! Runs a command of the real binary as a process, and measures its duration, CPU time and memory.

use std::{
    fs,
    io::Read,
    process::{Child, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};

use crate::{
    cpu,
    figures::{Memory, Run},
    fresh::Fresh,
    support::process::deskgraph,
};

/// The interval at which memory is sampled.
const SAMPLE: Duration = Duration::from_millis(10);

/// A command that has succeeded.
pub(crate) struct Done {
    pub(crate) figures: Run,
    stderr: String,
}

impl Done {
    /// The number of events that it reports as stored.
    pub(crate) fn events(&self) -> u64 {
        // `7 stored, 1 duplicates, 0 rejected`
        let stored =
            self.stderr.lines().last().and_then(|line| line.split_once(" stored, ")).expect("the number of stored events").0;
        stored.parse().unwrap()
    }
}

/// Runs a command over a database, and waits for its end.
pub(crate) fn run(database: &Fresh, arguments: &[&str], server: Option<cpu::Server>) -> Done {
    let mut command = deskgraph(database.database()).into_std();
    command.args(arguments).args(["--database-url", database.url()]).stdin(Stdio::null()).stderr(Stdio::piped());
    let spent = || (cpu::of_ended_children(), server.map(cpu::Server::so_far));
    let before = spent();
    let started = Instant::now();
    let mut child = command.spawn().unwrap();
    let (output, memory) = follow(&mut child);
    let status = child.wait().unwrap();
    let time = started.elapsed();
    let after = spent();
    assert!(status.success(), "{arguments:?}: {status}: {output}");
    let figures = Run {
        time,
        cpu: after.0.saturating_sub(before.0),
        database: after.1.zip(before.1).map(|(after, before)| after.saturating_sub(before)),
        memory: Some(memory),
    };
    Done { figures, stderr: output }
}

/// Reads the output of a process until it ends, and its peak memory.
fn follow(child: &mut Child) -> (String, Memory) {
    let (ended, end) = mpsc::channel();
    let mut stderr = child.stderr.take().unwrap();
    std::thread::spawn(move || {
        let mut output = String::new();
        stderr.read_to_string(&mut output).unwrap();
        ended.send(output).unwrap();
    });
    let mut most = Memory::default();
    loop {
        if let Some(memory) = memory(child.id()) {
            most = most.max(memory);
        }
        match end.recv_timeout(SAMPLE) {
            Ok(output) => return (output, most),
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => panic!("the output of the command can't be read"),
        }
    }
}

/// `None` once the process has ended.
fn memory(id: u32) -> Option<Memory> {
    let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let bytes = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kb| kb * 1024)
    };
    Some(Memory { peak: bytes("VmHWM:")?, allocated: bytes("RssAnon:")? })
}
