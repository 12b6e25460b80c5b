//! TLS with a certificate and key in PEM files, for gateways without a proxy in front. rustls implements the protocol: TLS 1.2
//! and 1.3, with HTTP/1.1 only.
//!
//! The files are read at the start, and again on SIGHUP. New connections use the certificate read last. If the files are
//! unusable on SIGHUP, the error is logged and the previous certificate stays in use.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    version,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    signal::unix::{SignalKind, signal},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tokio_util::sync::CancellationToken;

/// The time limit of a handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// The files with the gateway's certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    /// The certificate, followed by the rest of its chain.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// Why the files are unusable. Contains nothing of their content.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// A file can't be read.
    #[error("{} can't be read: {error}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// The cause.
        error: io::Error,
    },
    /// The certificate file contains no certificate.
    #[error("{} has no certificate that can be read: expected PEM, with `-----BEGIN CERTIFICATE-----`", .0.display())]
    NoCertificate(PathBuf),
    /// The key file contains no private key.
    #[error("{} has no private key that can be read: expected PEM without a passphrase, with `-----BEGIN PRIVATE KEY-----`", .0.display())]
    NoKey(PathBuf),
    /// Certificate and key do not match.
    #[error("the key in {} is not that of the first certificate in {}: {why}", .files.key.display(), .files.certificate.display())]
    Mismatch {
        /// The files.
        files: Files,
        /// The error of rustls.
        why: rustls::Error,
    },
}

/// Accepts TLS connections. Clones share their state.
#[derive(Clone)]
pub struct Tls {
    files: Arc<Files>,
    config: Arc<RwLock<Arc<ServerConfig>>>,
}

impl Tls {
    /// Reads the files.
    pub fn read(files: Files) -> Result<Self, Unusable> {
        let config = Arc::new(RwLock::new(read(&files)?));
        Ok(Self { files: Arc::new(files), config })
    }

    /// Reads the files again on each SIGHUP, until `stop` is cancelled.
    pub async fn follow(self, stop: CancellationToken) {
        let mut hangups = match signal(SignalKind::hangup()) {
            Ok(hangups) => hangups,
            Err(error) => return tracing::warn!(%error, "cannot handle SIGHUP: a new certificate requires a restart"),
        };
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                Some(()) = hangups.recv() => self.read_again().await,
            }
        }
    }

    async fn read_again(&self) {
        let files = self.files.clone();
        let certificate = self.files.certificate.display();
        match tokio::task::spawn_blocking(move || read(&files)).await {
            Ok(Ok(config)) => {
                *self.config.write().unwrap_or_else(PoisonError::into_inner) = config;
                tracing::info!(%certificate, "certificate reloaded for new connections");
            }
            Ok(Err(error)) => tracing::error!(%error, "the new certificate is unusable, the previous one stays in use"),
            Err(error) => tracing::error!(%error, "reading the certificate failed, the previous one stays in use"),
        }
    }

    /// Performs the handshake of a new connection, within [`HANDSHAKE_TIMEOUT`].
    pub(super) async fn accept<S: AsyncRead + AsyncWrite + Unpin>(&self, stream: S) -> io::Result<TlsStream<S>> {
        let config = self.config.read().unwrap_or_else(PoisonError::into_inner).clone();
        let accepted = tokio::time::timeout(HANDSHAKE_TIMEOUT, TlsAcceptor::from(config).accept(stream)).await;
        accepted.unwrap_or_else(|_| Err(io::Error::new(io::ErrorKind::TimedOut, "the TLS handshake took too long")))
    }
}

fn read(files: &Files) -> Result<Arc<ServerConfig>, Unusable> {
    let certificates = CertificateDer::pem_slice_iter(&bytes(&files.certificate)?).collect::<Result<Vec<_>, _>>();
    let certificates = certificates.ok().filter(|certificates| !certificates.is_empty());
    let certificates = certificates.ok_or_else(|| Unusable::NoCertificate(files.certificate.clone()))?;
    let key = PrivateKeyDer::from_pem_slice(&bytes(&files.key)?).map_err(|_| Unusable::NoKey(files.key.clone()))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&version::TLS13, &version::TLS12])
        .expect("ring has cipher suites for both versions")
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .map_err(|why| Unusable::Mismatch { files: files.clone(), why })?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn bytes(file: &Path) -> Result<Vec<u8>, Unusable> {
    fs::read(file).map_err(|error| Unusable::Unreadable { file: file.to_owned(), error })
}
