//! TLS with the gateway's own certificate, and trusted proxies. Uses the real binary, since a signal reloads the certificate of
//! a whole process.

use std::{net::IpAddr, path::Path, process::Stdio, sync::Arc};

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines},
    net::TcpStream,
    process::{Child, ChildStderr, Command},
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite::client::IntoClientRequest};

use crate::support::{PATIENCE, database::Database, process::deskgraph, sample};

/// The real binary, whose log is read by the test.
struct Logged {
    child: Child,
    log: Lines<BufReader<ChildStderr>>,
    address: String,
}

impl Logged {
    async fn start(database: &Database, settings: &[(&str, &str)]) -> Self {
        let mut child = deskgraph(database)
            .args(["--listen", "127.0.0.1:0"])
            .env("DESKGRAPH_LOG__FORMAT", "json")
            .envs(settings.iter().copied())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut logged = Self { child, log, address: String::new() };
        let entry = logged.entry(|entry| entry["fields"]["message"] == "serving").await;
        entry["fields"]["address"].as_str().unwrap().clone_into(&mut logged.address);
        logged
    }

    /// The next log entry that satisfies a condition.
    async fn entry(&mut self, is_match: impl Fn(&Value) -> bool) -> Value {
        let found = async {
            loop {
                let line = self.log.next_line().await.unwrap().expect("the gateway is running");
                let entry: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("a log line is not JSON: {line}"));
                if is_match(&entry) {
                    return entry;
                }
            }
        };
        timeout(PATIENCE, found).await.expect("the entry in time")
    }

    async fn send_sighup(&self) {
        let id = self.child.id().unwrap().to_string();
        assert!(Command::new("kill").args(["-HUP", &id]).status().await.unwrap().success());
    }
}

/// Writes a new certificate for localhost and its key, and returns the certificate.
fn certify(folder: &Path) -> CertificateDer<'static> {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(folder.join("certificate.pem"), cert.pem()).unwrap();
    std::fs::write(folder.join("key.pem"), signing_key.serialize_pem()).unwrap();
    CertificateDer::from_pem_slice(cert.pem().as_bytes()).unwrap()
}

/// A connection to a gateway by a client that trusts one certificate.
async fn connect(address: &str, trusted: &CertificateDer<'static>, protocols: &[&[u8]]) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    timeout(PATIENCE, TlsConnector::from(Arc::new(config)).connect(name, stream)).await.expect("a handshake in time")
}

/// The response to a request over a connection that is closed afterwards.
async fn answer(mut stream: impl AsyncReadExt + AsyncWriteExt + Unpin, path: &str, head: &str, body: &str) -> String {
    let length = body.len();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{head}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    timeout(PATIENCE, stream.read_to_string(&mut response)).await.expect("an answer in time").unwrap();
    response
}

async fn receive(socket: &mut WebSocketStream<TlsStream<TcpStream>>) -> Value {
    use futures_util::StreamExt;
    let message = timeout(PATIENCE, socket.next()).await.expect("a message in time").unwrap().unwrap();
    serde_json::from_str(message.to_text().unwrap()).unwrap()
}

async fn send(socket: &mut WebSocketStream<TlsStream<TcpStream>>, message: Value) {
    use futures_util::SinkExt;
    socket.send(message.to_string().into()).await.unwrap();
}

#[tokio::test]
async fn queries_deliveries_and_subscriptions_use_tls_and_sighup_reloads_the_certificate() {
    let (folder, database) = (tempfile::tempdir().unwrap(), Database::new());
    let (certificate, key) = (folder.path().join("certificate.pem"), folder.path().join("key.pem"));
    let first = certify(folder.path());
    let settings = [
        ("DESKGRAPH_SERVER__TLS__CERTIFICATE", certificate.to_str().unwrap()),
        ("DESKGRAPH_SERVER__TLS__KEY", key.to_str().unwrap()),
    ];
    let mut gateway = Logged::start(&database, &settings).await;
    let address = gateway.address.clone();

    let query = json!({ "query": "{ __typename }" }).to_string();
    let response = answer(connect(&address, &first, &[b"h2", b"http/1.1"]).await.unwrap(), "/graphql", "", &query).await;
    assert!(response.starts_with("HTTP/1.1 200") && response.contains(r#"{"__typename":"Query"}"#), "{response}");
    assert!(connect(&address, &first, &[b"h2"]).await.is_err(), "HTTP/2 is not supported");

    let mut request = format!("wss://{address}/graphql").into_client_request().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse().unwrap());
    let (mut socket, _) = client_async(request, connect(&address, &first, &[]).await.unwrap()).await.unwrap();
    send(&mut socket, json!({ "type": "connection_init" })).await;
    assert_eq!(receive(&mut socket).await["type"], "connection_ack");
    let subscription = json!({ "query": "subscription { messageAdded { message { text } } }" });
    send(&mut socket, json!({ "type": "subscribe", "id": "1", "payload": subscription })).await;
    send(&mut socket, json!({ "type": "ping" })).await;
    assert_eq!(receive(&mut socket).await["type"], "pong");
    let delivery = sample("message-sent").to_string();
    let response = answer(connect(&address, &first, &[]).await.unwrap(), "/webhooks/message-sent", "", &delivery).await;
    assert!(response.starts_with("HTTP/1.1 200"), "{response}");
    assert!(receive(&mut socket).await["payload"]["data"]["messageAdded"]["message"].is_object());

    // Unusable files are logged, and change nothing.
    std::fs::write(&certificate, "no certificate").unwrap();
    gateway.send_sighup().await;
    let entry = gateway.entry(|entry| entry["level"] == "ERROR").await;
    assert!(entry["fields"]["error"].as_str().unwrap().contains("certificate.pem"), "{entry}");
    assert!(connect(&address, &first, &[]).await.is_ok());

    let second = certify(folder.path());
    gateway.send_sighup().await;
    gateway
        .entry(|entry| entry["fields"]["message"].as_str().is_some_and(|message| message.starts_with("certificate reloaded")))
        .await;
    assert!(connect(&address, &first, &[]).await.is_err(), "the first certificate is gone");
    assert!(connect(&address, &second, &[]).await.is_ok());
    send(&mut socket, json!({ "type": "ping" })).await;
    assert_eq!(receive(&mut socket).await["type"], "pong", "open connections continue");
}

#[tokio::test]
async fn a_client_without_a_tls_handshake_is_disconnected() {
    let (folder, database) = (tempfile::tempdir().unwrap(), Database::new());
    certify(folder.path());
    let settings = ["CERTIFICATE", "KEY"].map(|file| {
        let path = folder.path().join(format!("{}.pem", file.to_lowercase())).display().to_string();
        (format!("DESKGRAPH_SERVER__TLS__{file}"), path)
    });
    let settings: Vec<(&str, &str)> = settings.iter().map(|(name, path)| (name.as_str(), path.as_str())).collect();
    let gateway = Logged::start(&database, &settings).await;
    let mut silent = TcpStream::connect(&gateway.address).await.unwrap();
    let mut stream = TcpStream::connect(&gateway.address).await.unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut response = Vec::new();
    // An alert, or a reset before it is read.
    let _ = timeout(PATIENCE, stream.read_to_end(&mut response)).await.expect("the connection is closed in time");
    assert!(!response.starts_with(b"HTTP"), "{response:?}");
    // The silent client gets nothing, and is disconnected when its handshake has taken too long.
    response.clear();
    let _ = timeout(PATIENCE, silent.read_to_end(&mut response)).await.expect("the silent connection is closed in time");
    assert!(response.is_empty(), "{response:?}");
}

#[tokio::test]
async fn a_gateway_does_not_start_with_a_certificate_that_is_missing_empty_or_of_another_key() {
    let (folder, other, database) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), Database::new());
    certify(folder.path());
    certify(other.path());
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "").unwrap();
    let (certificate, key) = (folder.path().join("certificate.pem"), folder.path().join("key.pem"));
    for (certificate, key, expected) in [
        (&folder.path().join("none.pem"), &key, ["server.tls.certificate", "none.pem", "can't be read"]),
        (&empty, &key, ["server.tls.certificate", "empty.pem", "no certificate"]),
        (&key, &key, ["server.tls.certificate", "key.pem", "BEGIN CERTIFICATE"]),
        (&certificate, &empty, ["server.tls.key", "empty.pem", "BEGIN PRIVATE KEY"]),
        (&certificate, &folder.path().join("none.pem"), ["server.tls.key", "none.pem", "can't be read"]),
        (&certificate, &other.path().join("key.pem"), ["server.tls.key", "certificate.pem", "is not that of"]),
    ] {
        let output = deskgraph(&database)
            .args(["--listen", "127.0.0.1:0"])
            .env("DESKGRAPH_SERVER__TLS__CERTIFICATE", certificate)
            .env("DESKGRAPH_SERVER__TLS__KEY", key)
            .output();
        let output = timeout(PATIENCE, output).await.expect("it ends in time").unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success(), "{stderr}");
        assert!(expected.iter().all(|part| stderr.contains(part)), "{stderr}");
    }
}

#[tokio::test]
async fn logs_show_the_client_address_only_from_a_trusted_proxy() {
    for (trusted, forwarded, expected) in [
        ("[]", "198.51.100.7", "127.0.0.1"),
        (r#"["127.0.0.0/8"]"#, "192.0.2.1, 198.51.100.7", "198.51.100.7"),
        (r#"["127.0.0.1", "198.51.100.7"]"#, "192.0.2.1, 198.51.100.7", "192.0.2.1"),
    ] {
        let database = Database::new();
        let settings = [("DESKGRAPH_SERVER__TRUSTED_PROXIES", trusted), ("DESKGRAPH_LOG__FILTER", "info,tower_http=debug")];
        let mut gateway = Logged::start(&database, &settings).await;
        let stream = TcpStream::connect(&gateway.address).await.unwrap();
        let query = json!({ "query": "{ __typename }" }).to_string();
        answer(stream, "/graphql", &format!("X-Forwarded-For: {forwarded}\r\n"), &query).await;
        let entry = gateway.entry(|entry| entry["span"]["name"] == "request").await;
        let address: IpAddr = entry["span"]["address"].as_str().unwrap().parse().unwrap();
        assert_eq!(address.to_string(), expected, "{entry}");
    }
}
