//! The memory of processes, from `/proc`.

use std::fs;

use crate::cpu;

/// The memory of a process and its children, in megabytes. What several share is counted once: each has its part of it.
pub(crate) fn of_family(id: u32) -> f64 {
    cpu::family(id).into_iter().map(proportional_kb).sum::<f64>() / 1024.0
}

fn proportional_kb(id: u32) -> f64 {
    let rollup = fs::read_to_string(format!("/proc/{id}/smaps_rollup")).unwrap_or_default();
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default()
}
