//! The binary: runs the command and turns what it says into an exit code.

use std::process::ExitCode;

/// Requests and batches are made of many small pieces, which this allocator hands out faster than the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match deskgraph::cli::run() {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("deskgraph: {error:#}");
            ExitCode::from(1)
        }
    }
}
