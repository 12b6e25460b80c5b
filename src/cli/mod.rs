//! The command line: what each command is called, takes and does. Here errors may be `anyhow`, since a person reads them.

mod data;
mod demo;
mod progress;
mod serve;

use std::{io::IsTerminal, net::SocketAddr, path::PathBuf};

use anyhow::Result;
use clap::{Args, Parser, Subcommand};

use crate::{
    config::{Config, LogFormat, Overrides},
    graphql,
    store::Store,
};

/// A GraphQL gateway over a CRM's webhooks: linked customers, conversations, messages and tickets, live and without loss.
///
/// Without a command it serves, on <http://127.0.0.1:8080> with the database deskgraph.db in the working directory.
#[derive(Debug, Parser)]
#[command(name = "deskgraph", version, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Option<Command>,
}

/// What every command takes.
#[derive(Debug, Args)]
struct Common {
    /// Where to listen: an address and a port; port 0 takes a free one
    #[arg(long, global = true, value_name = "ADDRESS:PORT", env = "DESKGRAPH_LISTEN")]
    listen: Option<SocketAddr>,
    /// Listen beyond loopback although there are no credentials yet
    #[arg(long, global = true)]
    insecure: bool,
    /// The database: <sqlite://FILE?mode=rwc> or <postgres://USER:PASSWORD@HOST/DATABASE>
    #[arg(long, global = true, value_name = "URL", env = "DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// A settings file instead of deskgraph.toml
    #[arg(long, global = true, value_name = "FILE", env = "DESKGRAPH_CONFIG")]
    config: Option<PathBuf>,
    /// What to log: error, warn, info, debug, trace, or a filter such as `info,deskgraph::feed=debug`
    #[arg(long, global = true, value_name = "FILTER")]
    log: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API and receive webhooks (the default)
    Serve,
    /// Serve a made-up shop: some weeks of past, then live traffic, all through the real webhook endpoint
    Demo(demo::Demo),
    /// Store events from a file of envelopes, one JSON object a line; can be run again without storing twice
    Ingest {
        /// The file, or - for standard input
        file: PathBuf,
    },
    /// Write the log to standard output as `ingest` takes it: every event with its number, time and exact payload
    ///
    /// Moves everything into another database:
    /// deskgraph export --database-url OLD | deskgraph ingest - --database-url NEW
    #[command(verbatim_doc_comment)]
    Export,
    /// Fold all projections again from the log
    Rebuild,
    /// Check that what is stored is what the log folds to; exits with 1 when it is not
    Verify,
    /// Try rejected deliveries again
    Retry,
    /// Print the GraphQL schema
    Schema,
    /// Bring the database up to date and stop
    Migrate,
    /// Print the settings in force as TOML, secrets hidden
    Config {
        /// Print the documented defaults instead
        #[arg(long)]
        defaults: bool,
    },
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
    // Commands that need no settings work with broken ones.
    match &cli.command {
        Some(Command::Schema) => {
            print!("{}", graphql::sdl());
            return Ok(0);
        }
        Some(Command::Config { defaults: true }) => {
            print!("{}", crate::config::DEFAULTS);
            return Ok(0);
        }
        _ => {}
    }
    let config = Config::load(&overrides)?;
    start_logging(&config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let code = runtime.block_on(async {
        match cli.command.unwrap_or(Command::Serve) {
            Command::Serve => serve::serve(&config).await,
            Command::Demo(demo) => demo.run(&config).await,
            Command::Ingest { file } => data::ingest(&config, &file).await,
            Command::Export => data::export(&config).await,
            Command::Rebuild => data::rebuild(&config).await,
            Command::Verify => data::verify(&config).await,
            Command::Retry => data::retry(&config).await,
            Command::Migrate => {
                Store::open(&config.store()?).await?.close().await?;
                eprintln!("the database is up to date");
                Ok(0)
            }
            Command::Config { .. } => {
                print!("{}", config.shown());
                Ok(0)
            }
            Command::Schema => Ok(0),
        }
    });
    // A read of standard input that is still waiting must not keep the process.
    runtime.shutdown_background();
    code
}

fn start_logging(config: &Config) -> Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_new(&config.log.filter)?;
    let logs =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal());
    match config.log.format {
        LogFormat::Text => logs.with_target(false).init(),
        LogFormat::Json => logs.json().init(),
    }
    Ok(())
}
