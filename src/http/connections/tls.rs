//! TLS with a certificate and key in PEM files, for gateways without a proxy before them. rustls speaks the protocol: TLS 1.2
//! and 1.3, and only HTTP/1.1 behind it.
//!
//! The files are read at the start, and again on SIGHUP. New connections use what was read last. Files that can't be used
//! then are logged, and the certificate before them stays, so that a mistake does not take the gateway down.

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

/// How long a handshake may take.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// The files that a gateway proves itself with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    /// The certificate, with those that lead to a root after it.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// Why files can't be used. It says nothing of what is in them.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// A file can't be read.
    #[error("{} can't be read: {error}", file.display())]
    Unreadable {
        /// Which.
        file: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// The file of the certificate has none.
    #[error("{} has no certificate that can be read: expected PEM, with `-----BEGIN CERTIFICATE-----`", .0.display())]
    NoCertificate(PathBuf),
    /// The file of the key has none.
    #[error("{} has no private key that can be read: expected PEM without a passphrase, with `-----BEGIN PRIVATE KEY-----`", .0.display())]
    NoKey(PathBuf),
    /// They don't work together.
    #[error("the key in {} is not that of the first certificate in {}: {why}", .files.key.display(), .files.certificate.display())]
    Mismatch {
        /// The files.
        files: Files,
        /// What rustls says.
        why: rustls::Error,
    },
}

/// Accepts TLS. Clones are the same.
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
            Err(error) => return tracing::warn!(%error, "cannot handle SIGHUP: new certificates need a restart"),
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
                tracing::info!(%certificate, "new connections use the certificate that was read");
            }
            Ok(Err(error)) => tracing::error!(%error, "the new certificate can't be used, the one before stays"),
            Err(error) => tracing::error!(%error, "reading the certificate failed, the one before stays"),
        }
    }

    /// The handshake of a new connection, within [`HANDSHAKE_TIMEOUT`].
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
