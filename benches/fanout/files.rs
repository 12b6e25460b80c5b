//! The limit of open files: each subscriber needs one, both here and in the server.

use std::{fs, os::unix::process::CommandExt, process};

/// Raises the limit to `needed`, for this process and those it starts.
pub(crate) fn allow_open(needed: usize, raised: bool) {
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files")).unwrap_or_default();
    let Some(Ok(allowed)) = line.split_whitespace().next().map(str::parse::<usize>) else { return };
    if allowed >= needed {
        return;
    }
    if !raised {
        let command = format!("ulimit -n {needed} && exec \"$0\" \"$@\"");
        let this = std::env::current_exe().unwrap();
        let error =
            process::Command::new("sh").args(["-c", &command]).arg(this).args(std::env::args().skip(1)).arg("--raised").exec();
        eprintln!("the limit of open files can't be raised: {error}");
    }
    eprintln!("{needed} files must be open at once, and {allowed} may be: run `ulimit -n {needed}` first, if need be as root");
    process::exit(1);
}
