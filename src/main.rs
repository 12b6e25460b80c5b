//! The binary: runs the command and turns its result into an exit code.

use std::process::ExitCode;

/// Requests and batches allocate many small objects, which mimalloc serves faster than the system allocator.
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
