//! The command line: commands, their arguments and their help. Errors are `anyhow` here, because a person reads them.

mod assets;
mod backup;
mod data;
mod demo;
mod doctor;
mod keys;
mod logging;
mod progress;
mod remedy;
mod serve;
mod service;
mod stats;

use std::{net::SocketAddr, path::PathBuf};

use anyhow::Result;
use clap::{Args, Parser, Subcommand};

use crate::{
    config::{Config, Overrides},
    graphql,
    store::Store,
};

/// A GraphQL gateway for a CRM's webhooks: linked customers, conversations, messages and tickets, with lossless live updates.
///
/// Without a command it runs `serve`, by default on <http://127.0.0.1:8080> with the SQLite database deskgraph.db in the
/// working directory.
#[derive(Debug, Parser)]
#[command(name = "deskgraph", version, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Option<Command>,
}

/// The options that all commands share.
#[derive(Debug, Args)]
struct Common {
    /// Address and port to listen on; port 0 chooses a free port
    #[arg(long, global = true, value_name = "ADDRESS:PORT", env = "DESKGRAPH_LISTEN")]
    listen: Option<SocketAddr>,
    /// Allow a listen address beyond loopback without authentication of clients and deliveries
    #[arg(long, global = true)]
    insecure: bool,
    /// Database URL: <sqlite://FILE?mode=rwc> or <postgres://USER:PASSWORD@HOST/DATABASE>
    #[arg(long, global = true, value_name = "URL", env = "DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// Settings file to read instead of deskgraph.toml
    #[arg(long, global = true, value_name = "FILE", env = "DESKGRAPH_CONFIG")]
    config: Option<PathBuf>,
    /// Log level (error, warn, info, debug, trace) or a filter such as `info,deskgraph::feed=debug`
    #[arg(long, global = true, value_name = "FILTER")]
    log: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API and receive webhooks (the default)
    Serve,
    /// Serve demo data: weeks of history, then live traffic, all sent to the real webhook endpoint
    Demo(demo::Demo),
    /// Import events from a file with one JSON envelope per line
    ///
    /// The import is idempotent: running it again stores only the events that are missing. Exits with 1 if lines were rejected.
    Ingest {
        /// File to import, or - for standard input
        file: PathBuf,
    },
    /// Write the event log to standard output in the format of `ingest`
    ///
    /// Each line is one event with its sequence number, time of arrival and unchanged payload. To move to another database:
    /// deskgraph export --database-url OLD | deskgraph ingest - --database-url NEW
    #[command(verbatim_doc_comment)]
    Export,
    /// Rebuild all projections from the event log
    ///
    /// No other process can write while it runs: a gateway answers webhooks with 503.
    Rebuild,
    /// Check that the projections match the event log; exits with 1 if they differ
    Verify,
    /// Retry rejected deliveries; exits with 1 if any is still rejected
    Retry,
    /// Create, list and revoke the API keys of clients
    #[command(subcommand)]
    Keys(keys::Keys),
    Doctor(doctor::Doctor),
    Stats(stats::Stats),
    Backup(backup::Backup),
    /// Give a restored database a new id, before gateways start on it
    ///
    /// Clients that resume from changes which the restored database has lost must then start again, instead of missing
    /// the changes stored in their place. Copies made by `backup` do not need this.
    Restored,
    /// Print the GraphQL schema (SDL)
    Schema,
    /// Apply pending database migrations and exit (`serve` applies them too)
    Migrate,
    /// Print the effective settings as TOML, with secrets hidden
    Config {
        /// Print the documented default settings instead
        #[arg(long)]
        defaults: bool,
    },
    Assets(assets::Assets),
}

/// Runs the command and returns the exit code.
pub fn run() -> Result<u8> {
    let cli = Cli::parse();
    let overrides = Overrides {
        file: cli.common.config,
        listen: cli.common.listen,
        insecure: cli.common.insecure,
        database_url: cli.common.database_url,
        log: cli.common.log,
    };
    // These commands need no settings, so invalid settings must not stop them.
    match &cli.command {
        Some(Command::Schema) => {
            print!("{}", graphql::sdl());
            return Ok(0);
        }
        Some(Command::Config { defaults: true }) => {
            print!("{}", crate::config::DEFAULTS);
            return Ok(0);
        }
        Some(Command::Assets(assets)) => return assets.write(),
        _ => {}
    }
    let config = match (Config::load(&overrides), &cli.command) {
        (Err(error), Some(Command::Doctor(doctor))) => return Ok(doctor.without_settings(&error)),
        (config, _) => config?,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let traces = logging::start(&config, runtime.handle())?;
    let code = runtime.block_on(async {
        match cli.command.unwrap_or(Command::Serve) {
            Command::Serve => serve::serve(&config).await,
            Command::Demo(demo) => demo.run(&config).await,
            Command::Ingest { file } => data::ingest(&config, &file).await,
            Command::Export => data::export(&config).await,
            Command::Rebuild => data::rebuild(&config).await,
            Command::Verify => data::verify(&config).await,
            Command::Keys(keys) => keys.run(&config).await,
            Command::Retry => data::retry(&config).await,
            Command::Doctor(doctor) => doctor.run(&config).await,
            Command::Stats(stats) => stats.run(&config).await,
            Command::Backup(backup) => backup.run(&config).await,
            Command::Restored => data::restored(&config).await,
            Command::Migrate => {
                Store::open(&config.store()?).await?.close().await?;
                eprintln!("database schema is up to date");
                Ok(0)
            }
            Command::Config { .. } => {
                print!("{}", config.shown());
                Ok(0)
            }
            Command::Schema | Command::Assets(_) => Ok(0),
        }
    });
    if let Some(traces) = traces {
        traces.finish();
    }
    // A blocked read of standard input must not keep the process alive.
    runtime.shutdown_background();
    code.map_err(remedy::explained)
}
