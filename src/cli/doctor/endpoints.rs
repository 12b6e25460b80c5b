//! Checks the gateway at the configured address, if one is running, as a load balancer would.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::TlsConnector;

use super::Finding;
use crate::{certificates::accepting, config::Config};

const CHECK: &str = "gateway";

/// The time limit for a response.
const PATIENCE: Duration = Duration::from_secs(5);

/// The largest part of a response that is read.
const MAX_ANSWER_BYTES: u64 = 4096;

/// Checks that it is ready.
pub(super) async fn check(config: &Config) -> Finding {
    let mut address = config.server.listen;
    if address.port() == 0 {
        return Finding::skipped(CHECK, "port 0 selects a free port, so the address is not known");
    }
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() { [127, 0, 0, 1].into() } else { std::net::Ipv6Addr::LOCALHOST.into() });
    }
    if TcpStream::connect(address).await.is_err() {
        return Finding::skipped(CHECK, format!("no gateway is running at {address}"));
    }
    match (get(config, address, "/healthz").await, get(config, address, "/readyz").await) {
        (Ok(alive), Ok(ready)) if alive.ends_with("\r\n\r\nok\n") => {
            if ready.ends_with("\r\n\r\nready\n") {
                return Finding::good(CHECK, format!("is running at {address} and is ready"));
            }
            let why = ready.split_once("\r\n\r\n").map_or("", |(_, body)| body);
            Finding::problem(
                CHECK,
                format!("is running at {address} but is not ready: {why}"),
                "see the findings about the database, and the gateway's log",
            )
        }
        (Err(Failed::OtherCertificate), _) => Finding::warning(
            CHECK,
            format!("the gateway at {address} uses another certificate than the file in server.tls.certificate"),
            "send it SIGHUP, which makes it read the file again",
        ),
        (Ok(_), Ok(_)) | (Err(Failed::NoHttp), _) | (_, Err(Failed::NoHttp)) => Finding::problem(
            CHECK,
            format!("another program listens at {address}"),
            "stop it, or use another address with server.listen (--listen)",
        ),
        _ => Finding::problem(
            CHECK,
            format!("what listens at {address} does not answer within {} s", PATIENCE.as_secs()),
            "see its log and the load of the machine; restart it if that does not help",
        ),
    }
}

/// Why there is no response.
#[derive(Debug)]
enum Failed {
    NoAnswer,
    NoHttp,
    OtherCertificate,
}

/// The response to a GET, with its head.
async fn get(config: &Config, address: SocketAddr, path: &str) -> Result<String, Failed> {
    let response = async {
        let stream = TcpStream::connect(address).await.map_err(|_| Failed::NoAnswer)?;
        if config.server.tls.certificate.is_empty() {
            return exchange(stream, address, path).await;
        }
        let own = CertificateDer::from_pem_file(&config.server.tls.certificate).map_err(|_| Failed::NoAnswer)?;
        let name = ServerName::from(address.ip());
        let connected = TlsConnector::from(Arc::new(accepting(Some(own)))).connect(name, stream).await;
        let stream = connected.map_err(|error| {
            let tls = error.get_ref().and_then(|error| error.downcast_ref::<rustls::Error>());
            match tls {
                Some(rustls::Error::InvalidCertificate(_)) => Failed::OtherCertificate,
                _ => Failed::NoHttp,
            }
        })?;
        exchange(stream, address, path).await
    };
    timeout(PATIENCE, response).await.unwrap_or(Err(Failed::NoAnswer))
}

async fn exchange(mut stream: impl AsyncRead + AsyncWrite + Unpin, address: SocketAddr, path: &str) -> Result<String, Failed> {
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.map_err(|_| Failed::NoHttp)?;
    let mut answer = Vec::new();
    // A connection that breaks off after the response still counts as a response.
    let _ = stream.take(MAX_ANSWER_BYTES).read_to_end(&mut answer).await;
    let answer = String::from_utf8(answer).map_err(|_| Failed::NoHttp)?;
    if answer.starts_with("HTTP/1.1 ") { Ok(answer) } else { Err(Failed::NoHttp) }
}
