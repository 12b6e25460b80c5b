//! The binary: runs the command and turns what it says into an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    match deskgraph::cli::run() {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("deskgraph: {error:#}");
            ExitCode::from(1)
        }
    }
}
