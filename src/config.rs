//! Settings, one struct per section. `config.default.toml` is compiled in; it is the manual and the only place with the
//! defaults. A settings file, environment variables and flags override it, in this order. Unknown keys are refused, so that
//! typos are detected.

pub mod auth;
mod documents;
mod metrics;
pub mod secret;
#[cfg(test)]
mod tests;
mod traces;
mod transport;
pub mod webhooks;

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use figment::{
    Figment,
    providers::{Data, Env, Format, Serialized, Toml},
};
use serde::{Deserialize, Serialize};

use self::{auth::Auth, webhooks::Webhooks};
pub use self::{documents::Documents, metrics::Metrics, traces::Traces, transport::ServerTls};
use crate::{
    access,
    domain::zone::Zone,
    graphql::{
        Role, Roles,
        limits::{Introspection, Limits, Rules},
        role,
    },
    http::{connections, graphql, webhook, websocket},
    ingest, store,
};

/// The defaults, with their documentation.
pub const DEFAULTS: &str = include_str!("config.default.toml");

/// The settings file to read, if it exists and no other is named.
const FILE: &str = "deskgraph.toml";

/// The number of events in one transaction of a bulk import.
const BULK_BATCH: usize = 4096;

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
    /// How clients are authenticated.
    pub auth: Auth,
    /// What clients may see, by role name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub roles: BTreeMap<String, role::Rules>,
    /// Limits of one request to the API.
    pub limits: Limits,
    /// Metrics.
    pub metrics: Metrics,
    /// Traces.
    pub traces: Traces,
    /// Logs.
    pub log: Log,
}

/// `[server]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// The address to listen on.
    pub listen: SocketAddr,
    /// Whether a non-loopback address is accepted without authentication.
    pub insecure: bool,
    /// Origins of web pages that may call the API.
    pub allowed_origins: Vec<String>,
    /// The time limit of a delivery.
    pub request_timeout_seconds: u64,
    /// How long a client may read nothing of a response.
    pub write_timeout_seconds: u64,
    /// How long running requests may continue after the stop.
    pub stop_timeout_seconds: u64,
    /// Proxies whose `X-Forwarded-For` is trusted: addresses and networks.
    pub trusted_proxies: Vec<String>,
    /// TLS.
    pub tls: ServerTls,
}

/// `[database]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// The database URL.
    pub url: String,
    /// The number of read connections.
    pub readers: u32,
    /// How long a request waits for a read connection.
    pub acquire_timeout_seconds: u64,
    /// How long a write waits for another process's write.
    pub lock_timeout_seconds: u64,
}

/// `[crm]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Crm {
    /// The time zone of times without an offset, by its IANA name.
    pub time_zone: String,
}

/// `[graphql]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Graphql {
    /// The largest request body, in bytes.
    pub max_body_bytes: usize,
    /// The time limit for a body to arrive.
    pub read_timeout_seconds: u64,
    /// The largest number of requests in a batch.
    pub max_batch: usize,
    /// The interval of keep-alives on a live connection.
    pub heartbeat_seconds: u64,
    /// The largest number of live connections.
    pub max_connections: usize,
    /// The largest number of operations on one WebSocket connection.
    pub max_operations_per_connection: usize,
    /// The number of matches that a search ranks, per type.
    pub search_matches: u32,
    /// Whether clients may use introspection.
    pub introspection: bool,
    /// Whether the GraphiQL page is served.
    pub graphiql: bool,
    /// Documents that requests can name.
    pub documents: Documents,
}

/// `[log]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// The level or filter of log lines.
    pub filter: String,
    /// The format.
    pub format: LogFormat,
    /// A query that takes longer is logged; 0: none is.
    pub slow_query_milliseconds: u64,
}

impl Log {
    fn slow(&self) -> Option<Duration> {
        Some(Duration::from_millis(self.slow_query_milliseconds)).filter(|slow| !slow.is_zero())
    }
}

/// The format of logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Human-readable lines.
    Text,
    /// One JSON object per line.
    Json,
}

/// Command-line flags, which override everything else.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// A settings file other than `deskgraph.toml`.
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

/// Why settings are refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The named file does not exist.
    #[error("the settings file {} does not exist", .0.display())]
    NoFile(PathBuf),
    /// The file can't be read.
    #[error("the settings file {} can't be read: {reason}", .file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// The cause.
        reason: String,
    },
    /// The file is not TOML.
    #[error("the settings file {} is not TOML: line {line}: {reason}", .file.display())]
    NotToml {
        /// The file.
        file: PathBuf,
        /// The line with the error.
        line: usize,
        /// The problem.
        reason: String,
    },
    /// A key is unknown, or a value has the wrong type.
    #[error("settings: {0}")]
    Invalid(#[from] Box<figment::Error>),
    /// A rule of a role is invalid.
    #[error("settings: roles.{role}.{invalid}")]
    Role {
        /// The role.
        role: String,
        /// The problem.
        invalid: role::Invalid,
    },
    /// A value is out of range.
    #[error("settings: {key}: {reason}")]
    Value {
        /// Its key.
        key: &'static str,
        /// The problem and the remedy.
        reason: String,
    },
}

impl Config {
    /// The defaults.
    pub fn defaults() -> Self {
        Figment::from(Toml::string(DEFAULTS)).extract().expect("the compiled-in defaults are complete")
    }

    /// The defaults with another database URL.
    pub fn defaults_at(url: impl Into<String>) -> Self {
        let mut config = Self::defaults();
        config.database.url = url.into();
        config
    }

    /// Loads the settings from defaults, file, environment and flags.
    pub fn load(overrides: &Overrides) -> Result<Self, Error> {
        let mut figment = Figment::from(Toml::string(DEFAULTS));
        figment = match &overrides.file {
            Some(file) if !file.exists() => return Err(Error::NoFile(file.clone())),
            Some(file) => figment.merge(toml_file(file)?),
            None if Path::new(FILE).exists() => figment.merge(toml_file(Path::new(FILE))?),
            None => figment,
        };
        // Variables without a section belong to flags (DESKGRAPH_LISTEN) or to the build (DESKGRAPH_UI).
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
        self.deliveries()?;
        self.access()?;
        self.roles()?;
        self.server.tls.files()?;
        transport::proxies(&self.server.trusted_proxies)?;
        self.graphql.documents.check()?;
        self.metrics_readership()?;
        self.traces()?;
        self.check_reach()?;
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

    /// Refuses a non-loopback address unless both clients and deliveries are authenticated, or `insecure` is set.
    fn check_reach(&self) -> Result<(), Error> {
        let open = match (self.clients_are_authenticated(), self.webhooks_are_verified()) {
            _ if self.server.listen.ip().is_loopback() || self.server.insecure => return Ok(()),
            (true, true) => return Ok(()),
            (false, true) => "anyone who can reach it could read everything: configure roles for clients ([roles.NAME])",
            (true, false) => {
                "anyone who can reach it could forge events: configure authentication of deliveries ([webhooks.standard])"
            }
            (false, false) => {
                "anyone who can reach it could read everything and forge events: configure roles for clients ([roles.NAME]) and \
                 authentication of deliveries ([webhooks.standard])"
            }
        };
        let reason = format!(
            "{} is reachable from other machines, and {open}; docs/security.md has the steps. Or listen on 127.0.0.1, or pass \
             --insecure if the network is trusted",
            self.server.listen
        );
        Err(Error::Value { key: "server.listen", reason })
    }

    fn zone(&self) -> Result<Zone, Error> {
        Zone::named(&self.crm.time_zone).ok_or_else(|| Error::Value {
            key: "crm.time_zone",
            reason: format!("`{}` is not an IANA time zone such as Asia/Ho_Chi_Minh", self.crm.time_zone),
        })
    }

    /// The options of the store. Fails if the time zone is unknown.
    pub fn store(&self) -> Result<store::Options, Error> {
        Ok(store::Options {
            zone: self.zone()?,
            readers: self.database.readers,
            statement_time: self.limits.statement_time,
            acquire_timeout: Duration::from_secs(self.database.acquire_timeout_seconds),
            busy_timeout: Duration::from_secs(self.database.lock_timeout_seconds),
            search_matches: self.graphql.search_matches,
            url: self.database.url.clone(),
            outdated: store::Outdated::default(),
        })
    }

    /// The schemes that authenticate deliveries. Fails if secrets are unreadable or invalid.
    pub fn deliveries(&self) -> Result<webhook::Schemes, Error> {
        self.webhooks.schemes()
    }

    /// Whether deliveries are authenticated.
    pub fn webhooks_are_verified(&self) -> bool {
        self.webhooks.are_verified()
    }

    /// The settings of the writer.
    pub fn writer(&self) -> ingest::Settings {
        ingest::Settings { queue: self.webhooks.queue, batch: self.webhooks.batch }
    }

    /// The settings of the writer for commands that store many events.
    pub fn bulk_writer(&self) -> ingest::Settings {
        ingest::Settings { queue: BULK_BATCH, batch: BULK_BATCH }
    }

    /// The roles, with their rules parsed.
    pub fn roles(&self) -> Result<Roles, Error> {
        let read = |(name, rules): (&String, &role::Rules)| {
            Role::of(name, rules).map_err(|invalid| Error::Role { role: name.clone(), invalid })
        };
        Ok(Roles::of(self.roles.iter().map(read).collect::<Result<Vec<_>, _>>()?))
    }

    /// The settings of authentication. Fails if they are invalid, or if a file with a secret is unreadable.
    pub fn access(&self) -> Result<access::Settings, Error> {
        self.auth.access(&self.roles)
    }

    /// Whether clients are authenticated, because there is a role.
    pub fn clients_are_authenticated(&self) -> bool {
        !self.roles.is_empty()
    }

    /// The limits of HTTP requests to the API.
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
        let Graphql { max_connections, max_operations_per_connection, heartbeat_seconds, .. } = self.graphql;
        let heartbeat = Duration::from_secs(heartbeat_seconds);
        websocket::Limits::new(max_connections, max_operations_per_connection, heartbeat, self.write_timeout())
    }

    /// The limits of GraphQL requests.
    pub fn limits(&self) -> Limits {
        self.limits.clone()
    }

    /// The rules for GraphQL requests. Reads the trusted documents.
    pub fn rules(&self) -> Result<Rules, Error> {
        let persisted = self.graphql.documents.read()?;
        Ok(Rules { limits: self.limits(), persisted, introspection: self.introspection(), slow: self.log.slow() })
    }

    /// Whether clients may use introspection.
    pub fn introspection(&self) -> Introspection {
        if self.graphql.introspection { Introspection::Allowed } else { Introspection::Refused }
    }

    /// The settings of connections. Reads the certificate.
    pub fn connections(&self) -> Result<connections::Settings, Error> {
        let proxies = transport::proxies(&self.server.trusted_proxies)?;
        Ok(connections::Settings { write_timeout: self.write_timeout(), tls: self.server.tls.read()?, proxies: proxies.into() })
    }

    /// The time limit of a delivery.
    pub fn request_timeout(&self) -> Duration {
        Duration::from_secs(self.server.request_timeout_seconds)
    }

    /// How long a client may read nothing of a response.
    pub fn write_timeout(&self) -> Duration {
        Duration::from_secs(self.server.write_timeout_seconds)
    }

    /// How long running requests may continue after the stop.
    pub fn stop_timeout(&self) -> Duration {
        Duration::from_secs(self.server.stop_timeout_seconds)
    }

    /// The settings as TOML, with the database password hidden.
    pub fn shown(&self) -> String {
        let mut shown = self.clone();
        shown.database.url = hide_password(&shown.database.url);
        toml::to_string(&shown).expect("settings are plain data")
    }

    /// The database URL, with the password hidden.
    pub fn shown_database(&self) -> String {
        hide_password(&self.database.url)
    }
}

/// Reads a settings file. Unlike the parser's error, the error for invalid TOML does not quote the file, which may contain
/// secrets.
fn toml_file(file: &Path) -> Result<Data<Toml>, Error> {
    let text =
        std::fs::read_to_string(file).map_err(|error| Error::Unreadable { file: file.to_owned(), reason: error.to_string() })?;
    toml::from_str::<toml::Table>(&text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        let line = text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1;
        Error::NotToml { file: file.to_owned(), line, reason: error.message().replace('\n', ", ") }
    })?;
    Ok(Toml::file_exact(file))
}

/// Replaces the password in a URL.
fn hide_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let Some((user, host)) = rest.rsplit_once('@') else { return url.to_owned() };
    match user.split_once(':') {
        Some((name, _)) => format!("{scheme}://{name}:***@{host}"),
        None => url.to_owned(),
    }
}
