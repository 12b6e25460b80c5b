//! Opens a pipelined connection with the options of the pool: address, user, settings and TLS.

use std::{sync::Arc, time::Duration};

use percent_encoding::percent_decode_str;
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject},
};
use sea_orm::sqlx::{
    ConnectOptions,
    postgres::{PgConnectOptions, PgSslMode},
};
use tokio_postgres::{Client, Config, Connection, Socket, config::SslMode, tls::MakeTlsConnect};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::certificates::accepting;

type Tls = <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream;

/// How long a connection is kept whose peer does not acknowledge data. It is probed before that when it is idle, so that a
/// firewall does not drop it silently.
const UNANSWERED: Duration = Duration::from_secs(20);

/// Opens connections.
pub(super) struct Connector {
    config: Config,
    tls: MakeRustlsConnect,
}

impl Connector {
    /// For the server of these options. Fails if they have something that pipelines do not support, with the reason.
    pub(super) fn of(options: &PgConnectOptions, connect_timeout: Duration) -> Result<Self, String> {
        // The password and the files of TLS have no other way out of the options.
        let url = options.to_url_lossy();
        let setting = |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        if setting("sslcert").is_some() || setting("sslkey").is_some() {
            return Err("the connection has a client certificate".into());
        }
        let mut config = Config::new();
        match options.get_socket() {
            Some(folder) => config.host_path(folder),
            None => config.host(options.get_host()),
        };
        config
            .port(options.get_port())
            .user(options.get_username())
            .application_name("deskgraph pipeline")
            .connect_timeout(connect_timeout)
            .tcp_user_timeout(UNANSWERED)
            .keepalives_idle(UNANSWERED / 2)
            .keepalives_interval(UNANSWERED / 4)
            .options(options.get_options().unwrap_or_default());
        if let Some(database) = options.get_database() {
            config.dbname(database);
        }
        if let Some(password) = url.password() {
            config.password(percent_decode_str(password).collect::<Vec<u8>>());
        }
        // `prefer` and `require` protect from listeners alone:
        // <https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION>.
        let (mode, tls) = match options.get_ssl_mode() {
            PgSslMode::Disable | PgSslMode::Allow => (SslMode::Disable, Ok(accepting(None))),
            PgSslMode::Prefer => (SslMode::Prefer, Ok(accepting(None))),
            PgSslMode::Require => (SslMode::Require, Ok(accepting(None))),
            PgSslMode::VerifyFull => (SslMode::Require, verified(setting("sslrootcert"))),
            PgSslMode::VerifyCa => return Err("sslmode is verify-ca".into()),
        };
        config.ssl_mode(mode);
        let tls = tls.map_err(|error| error.to_string())?;
        Ok(Self { config, tls: MakeRustlsConnect::new(tls) })
    }

    /// Opens a connection. The second part moves its data, and has to be polled.
    pub(super) async fn connect(&self) -> Result<(Client, Connection<Socket, Tls>), tokio_postgres::Error> {
        self.config.connect(self.tls.clone()).await
    }
}

/// Verifies the server's certificate by the well-known authorities, and by those of `sslrootcert`: PEM, or `file: ` and a path.
fn verified(roots: Option<String>) -> Result<ClientConfig, Box<dyn std::error::Error>> {
    let mut store = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(roots) = roots {
        let pem = match roots.strip_prefix("file: ") {
            Some(file) => std::fs::read(file)?,
            None => roots.into_bytes(),
        };
        for certificate in CertificateDer::pem_slice_iter(&pem) {
            store.add(certificate?)?;
        }
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    Ok(builder.with_safe_default_protocol_versions()?.with_root_certificates(store).with_no_client_auth())
}
