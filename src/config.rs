//! Settings: one small struct per concern. `config.default.toml` beside this file is compiled in and is the manual; a file,
//! the environment and flags go over it, in this order. Unknown keys are refused, so that a misspelt one is noticed.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use figment::{
    Figment,
    providers::{Env, Format, Serialized, Toml},
};
use serde::{Deserialize, Serialize};

use crate::{
    domain::zone::Zone,
    graphql::limits::Limits,
    http::{graphql, websocket},
    ingest, store,
};

/// The defaults, with their documentation.
pub const DEFAULTS: &str = include_str!("config.default.toml");

/// The file that is read when no other is named.
const FILE: &str = "deskgraph.toml";

/// All settings.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The HTTP server.
    pub server: Server,
    /// The database.
    pub database: Database,
    /// The CRM.
    pub crm: Crm,
    /// Incoming webhooks.
    pub webhooks: Webhooks,
    /// The API.
    pub graphql: Graphql,
    /// What one request may ask for.
    pub limits: Limits,
    /// Logs.
    pub log: Log,
}

/// `[server]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Whether an address beyond loopback is accepted.
    pub insecure: bool,
    /// Origins of web pages that may call the API.
    pub allowed_origins: Vec<String>,
    /// How long a delivery may take.
    pub request_timeout_seconds: u64,
    /// How long a client may read nothing of what waits for it.
    pub write_timeout_seconds: u64,
    /// How long running requests may go on after the stop.
    pub stop_timeout_seconds: u64,
}

/// `[database]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// The address.
    pub url: String,
    /// Connections that read at the same time.
    pub readers: u32,
    /// How long a request waits for one of them.
    pub acquire_timeout_seconds: u64,
    /// How long a write waits for another process's.
    pub lock_timeout_seconds: u64,
}

/// `[crm]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Crm {
    /// The zone of times that come without one.
    pub time_zone: String,
}

/// `[webhooks]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Webhooks {
    /// The largest body.
    pub max_body_bytes: usize,
    /// Deliveries that may wait.
    pub queue: usize,
    /// Deliveries in one transaction.
    pub batch: usize,
}

/// `[graphql]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Graphql {
    /// The largest body.
    pub max_body_bytes: usize,
    /// How long a body may take to arrive.
    pub read_timeout_seconds: u64,
    /// Requests in one body.
    pub max_batch: usize,
    /// The time between two signs of life in a stream.
    pub heartbeat_seconds: u64,
    /// Live connections in all.
    pub max_connections: usize,
    /// Operations of one WebSocket connection.
    pub max_operations_per_connection: usize,
    /// Matches of each type that a search ranks.
    pub search_matches: u32,
}

/// `[log]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// What is logged.
    pub filter: String,
    /// For whom.
    pub format: LogFormat,
}

/// For whom logs are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// People.
    Text,
    /// Machines: one JSON object a line.
    Json,
}

/// What flags say; they beat everything else.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// A file instead of `deskgraph.toml`.
    pub file: Option<PathBuf>,
    /// `--listen`
    pub listen: Option<SocketAddr>,
    /// `--insecure`
    pub insecure: bool,
    /// `--database-url`
    pub database_url: Option<String>,
    /// `--log`
    pub log: Option<String>,
}

/// What is wrong with the settings.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file that was named is not there.
    #[error("the settings file {} does not exist", .0.display())]
    NoFile(PathBuf),
    /// A key or value that is not understood.
    #[error("settings: {0}")]
    Invalid(#[from] Box<figment::Error>),
    /// A value that can't be.
    #[error("settings: {key}: {reason}")]
    Value {
        /// Which.
        key: &'static str,
        /// Why.
        reason: String,
    },
}

impl Config {
    /// Reads the settings from defaults, file, environment and flags.
    pub fn load(overrides: &Overrides) -> Result<Self, Error> {
        let mut figment = Figment::from(Toml::string(DEFAULTS));
        figment = match &overrides.file {
            Some(file) if !file.exists() => return Err(Error::NoFile(file.clone())),
            Some(file) => figment.merge(Toml::file_exact(file)),
            None if Path::new(FILE).exists() => figment.merge(Toml::file_exact(FILE)),
            None => figment,
        };
        // Variables that name no section are flags' (DESKGRAPH_LISTEN) or the build's (DESKGRAPH_UI).
        figment = figment.merge(Env::prefixed("DESKGRAPH_").filter(|key| key.as_str().contains("__")).split("__"));
        if let Some(listen) = overrides.listen {
            figment = figment.merge(Serialized::default("server.listen", listen));
        }
        if overrides.insecure {
            figment = figment.merge(Serialized::default("server.insecure", true));
        }
        if let Some(url) = &overrides.database_url {
            figment = figment.merge(Serialized::default("database.url", url));
        }
        if let Some(log) = &overrides.log {
            figment = figment.merge(Serialized::default("log.filter", log));
        }
        let config: Self = figment.extract().map_err(Box::new)?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), Error> {
        self.zone()?;
        if !self.server.listen.ip().is_loopback() && !self.server.insecure {
            return Err(Error::Value {
                key: "server.listen",
                reason: format!(
                    "{} can be reached from other machines, and whoever reaches deskgraph can read everything: \
                     listen on 127.0.0.1 behind a proxy that checks who asks, or say --insecure where the network is trusted",
                    self.server.listen
                ),
            });
        }
        let seconds = |seconds: u64| usize::try_from(seconds).unwrap_or(usize::MAX);
        let positive = [
            ("database.readers", self.database.readers as usize),
            ("database.acquire_timeout_seconds", seconds(self.database.acquire_timeout_seconds)),
            ("database.lock_timeout_seconds", seconds(self.database.lock_timeout_seconds)),
            ("webhooks.max_body_bytes", self.webhooks.max_body_bytes),
            ("webhooks.queue", self.webhooks.queue),
            ("webhooks.batch", self.webhooks.batch),
            ("graphql.max_body_bytes", self.graphql.max_body_bytes),
            ("graphql.read_timeout_seconds", seconds(self.graphql.read_timeout_seconds)),
            ("graphql.heartbeat_seconds", seconds(self.graphql.heartbeat_seconds)),
            ("server.write_timeout_seconds", seconds(self.server.write_timeout_seconds)),
            ("limits.statement_time_seconds", seconds(self.limits.statement_time.as_secs())),
            ("limits.time_seconds", seconds(self.limits.time.as_secs())),
            ("graphql.search_matches", self.graphql.search_matches as usize),
        ];
        match positive.into_iter().find(|(_, value)| *value == 0) {
            Some((key, _)) => Err(Error::Value { key, reason: "expected a number above 0".into() }),
            None => Ok(()),
        }
    }

    fn zone(&self) -> Result<Zone, Error> {
        Zone::named(&self.crm.time_zone).ok_or_else(|| Error::Value {
            key: "crm.time_zone",
            reason: format!("`{}` is not an IANA time zone such as Asia/Ho_Chi_Minh", self.crm.time_zone),
        })
    }

    /// How to open the store.
    pub fn store(&self) -> Result<store::Options, Error> {
        Ok(store::Options {
            zone: self.zone()?,
            readers: self.database.readers,
            statement_time: self.limits.statement_time,
            acquire_timeout: Duration::from_secs(self.database.acquire_timeout_seconds),
            busy_timeout: Duration::from_secs(self.database.lock_timeout_seconds),
            search_matches: self.graphql.search_matches,
            ..store::Options::new(&self.database.url)
        })
    }

    /// How the writer works.
    pub fn writer(&self) -> ingest::Settings {
        ingest::Settings { queue: self.webhooks.queue, batch: self.webhooks.batch }
    }

    /// What a request to the API may take.
    pub fn graphql(&self) -> graphql::Limits {
        graphql::Limits {
            max_body_bytes: self.graphql.max_body_bytes,
            read_timeout: Duration::from_secs(self.graphql.read_timeout_seconds),
            max_batch: self.graphql.max_batch,
            heartbeat: Duration::from_secs(self.graphql.heartbeat_seconds),
        }
    }

    /// The limits of WebSocket connections.
    pub fn websocket(&self) -> websocket::Limits {
        websocket::Limits {
            max_connections: self.graphql.max_connections,
            max_operations: self.graphql.max_operations_per_connection,
            write_timeout: self.write_timeout(),
            ..websocket::Limits::default()
        }
    }

    /// What one request may ask for.
    pub fn limits(&self) -> Limits {
        self.limits.clone()
    }

    /// How long a delivery may take.
    pub fn request_timeout(&self) -> Duration {
        Duration::from_secs(self.server.request_timeout_seconds)
    }

    /// How long a client may read nothing of what waits for it.
    pub fn write_timeout(&self) -> Duration {
        Duration::from_secs(self.server.write_timeout_seconds)
    }

    /// How long running requests may go on after the stop.
    pub fn stop_timeout(&self) -> Duration {
        Duration::from_secs(self.server.stop_timeout_seconds)
    }

    /// The settings as TOML, with the password of a database address hidden.
    pub fn shown(&self) -> String {
        let mut shown = self.clone();
        shown.database.url = hide_password(&shown.database.url);
        toml::to_string(&shown).expect("settings are plain data")
    }

    /// The database's address, with a password hidden.
    pub fn shown_database(&self) -> String {
        hide_password(&self.database.url)
    }
}

/// An address with its password replaced.
fn hide_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let Some((user, host)) = rest.rsplit_once('@') else { return url.to_owned() };
    match user.split_once(':') {
        Some((name, _)) => format!("{scheme}://{name}:***@{host}"),
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Config, Overrides, hide_password};

    fn load_from(toml: &str) -> Result<Config, super::Error> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("test.toml");
        std::fs::write(&file, toml).unwrap();
        Config::load(&Overrides { file: Some(file), ..Overrides::default() })
    }

    #[test]
    fn the_defaults_are_complete() {
        let config = load_from("").unwrap();
        assert_eq!(config.limits, crate::graphql::limits::Limits::default(), "the manual says what the code does");
        assert_eq!(config.server.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(config.webhooks.max_body_bytes, 2 * 1024 * 1024);
    }

    #[test]
    fn an_unknown_key_is_refused_by_name() {
        let error = load_from("[server]\nlisten_on = \"x\"").unwrap_err().to_string();
        assert!(error.contains("listen_on"), "{error}");
    }

    #[test]
    fn an_address_beyond_loopback_needs_a_word() {
        let error = load_from("[server]\nlisten = \"0.0.0.0:80\"").unwrap_err().to_string();
        assert!(error.contains("--insecure"), "{error}");
        assert!(load_from("[server]\nlisten = \"0.0.0.0:80\"\ninsecure = true").is_ok());
    }

    #[test]
    fn flags_beat_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("test.toml");
        std::fs::write(&file, "[server]\nlisten = \"127.0.0.1:1\"").unwrap();
        let overrides = Overrides { file: Some(file), listen: Some("127.0.0.1:2".parse().unwrap()), ..Overrides::default() };
        assert_eq!(Config::load(&overrides).unwrap().server.listen.port(), 2);
    }

    #[test]
    fn an_unknown_time_zone_is_refused_by_name() {
        let error = load_from("[crm]\ntime_zone = \"Asia/Saigon_City\"").unwrap_err().to_string();
        assert!(error.contains("Asia/Saigon_City"), "{error}");
    }

    #[test]
    fn passwords_are_not_shown() {
        assert_eq!(hide_password("postgres://desk:p@ss@db.example/x"), "postgres://desk:***@db.example/x");
        assert_eq!(hide_password("sqlite://a.db"), "sqlite://a.db");
    }
}
