//! A response made before the request's body was read leaves the connection in a defined state: it accepts the next request, or
//! the response has `Connection: close` and the connection ends without a reset.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use deskgraph::http::{
    Gate,
    connections::{self, Settings},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use crate::support::{PATIENCE, app::TestApp};

/// More than a server reads at once, but little enough to be read and dropped.
const SMALL: usize = 64 * 1024;

/// More than the buffers of both sides.
const LARGE: usize = 16 * 1024 * 1024;

const JSON: &str = "Content-Type: application/json\r\n";

/// The expected status, the method and path of a request, and its headers.
type Case = (u16, &'static str, &'static str);

const REFUSED: [Case; 8] = [
    (404, "POST /nowhere", JSON),
    (404, "POST /webhooks/nothing", JSON),
    (405, "PUT /webhooks/message-sent", JSON),
    (405, "PUT /graphql", JSON),
    (405, "POST /healthz", JSON),
    (413, "POST /webhooks/message-sent", JSON),
    (413, "POST /graphql", JSON),
    (415, "POST /graphql", "Content-Type: application/xml\r\n"),
];

/// A client that writes and reads plain bytes on one connection.
struct Raw(TcpStream);

struct Response {
    status: u16,
    closes: bool,
}

impl Raw {
    async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self(stream)
    }

    async fn write(&mut self, bytes: impl AsRef<[u8]>) {
        timeout(PATIENCE, self.0.write_all(bytes.as_ref())).await.expect("the server reads").expect("no reset");
    }

    /// Sends a request and its whole body before anything is read, as simple clients do.
    async fn post(&mut self, request: &str, headers: &str, body: usize, chunked: bool) {
        let body = " ".repeat(body);
        let (length, body) = if chunked {
            ("Transfer-Encoding: chunked".to_owned(), format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len()))
        } else {
            (format!("Content-Length: {}", body.len()), body)
        };
        self.write(format!("{request} HTTP/1.1\r\nHost: here\r\n{headers}{length}\r\n\r\n")).await;
        self.write(body).await;
    }

    async fn read(&mut self, buffer: &mut [u8]) -> usize {
        timeout(PATIENCE, self.0.read(buffer)).await.expect("an answer or an end in time").expect("no reset")
    }

    /// Reads one response to the end of its body.
    async fn response(&mut self) -> Response {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            assert_eq!(self.read(&mut byte).await, 1, "the connection ended: {}", String::from_utf8_lossy(&head));
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
        let header = |name| head.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        let mut body = vec![0; header("content-length:").unwrap_or_else(|| panic!("{head}")).parse().unwrap()];
        timeout(PATIENCE, self.0.read_exact(&mut body)).await.expect("the body in time").expect("a whole body");
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Response { status, closes: header("connection:") == Some("close") }
    }

    /// Asserts that the connection continues or ends as its last response announced.
    async fn continues_or_ends(mut self, closes: bool, case: &str) {
        if closes {
            assert_eq!(self.read(&mut [0]).await, 0, "{case}: the connection ends");
        } else {
            self.write("GET /healthz HTTP/1.1\r\nHost: here\r\n\r\n").await;
            let next = self.response().await;
            assert!([200, 503].contains(&next.status), "{case}: the next request is answered");
        }
    }
}

async fn refused(address: SocketAddr, cases: &[Case]) {
    for (status, request, headers) in cases {
        for chunked in [false, true] {
            for body in [SMALL, LARGE] {
                let case = format!("{status} {request}, {body} bytes, chunked: {chunked}");
                let mut client = Raw::connect(address).await;
                client.post(request, headers, body, chunked).await;
                let response = client.response().await;
                assert_eq!(response.status, *status, "{case}");
                assert!(response.closes || body == SMALL, "{case}: a large body is not read");
                client.continues_or_ends(response.closes, &case).await;
            }
        }
    }
}

async fn app() -> (TestApp, SocketAddr) {
    let app = TestApp::with(|config| {
        config.webhooks.max_body_bytes = 1024;
        config.graphql.max_body_bytes = 1024;
    })
    .await;
    let address = app.base.strip_prefix("http://").unwrap().parse().unwrap();
    (app, address)
}

#[tokio::test]
async fn a_request_refused_before_its_body_was_read_breaks_no_connection() {
    let (app, address) = app().await;
    refused(address, &REFUSED).await;
    app.stop().await;
}

#[tokio::test]
async fn a_gateway_whose_store_is_not_open_breaks_no_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let settings = Settings { write_timeout: Duration::from_mins(1), tls: None, proxies: Arc::default() };
    let server = connections::serve(listener, Gate::default().router(), stop.clone(), settings);
    let server = tokio::spawn(server);
    refused(address, &[(503, "POST /webhooks/message-sent", JSON), (503, "POST /graphql", JSON)]).await;
    stop.cancel();
    timeout(PATIENCE, server).await.expect("the server stops").unwrap();
}

#[tokio::test]
async fn a_client_that_waits_for_100_continue_is_refused_without_its_body() {
    let (app, address) = app().await;
    let mut client = Raw::connect(address).await;
    let headers = "Host: here\r\nExpect: 100-continue\r\nContent-Length: 10";
    client.write(format!("POST /nowhere HTTP/1.1\r\n{headers}\r\n\r\n")).await;
    let response = client.response().await;
    assert_eq!((response.status, response.closes), (404, true));
    client.continues_or_ends(true, "100-continue").await;
    app.stop().await;
}

#[tokio::test]
async fn a_body_that_does_not_arrive_is_not_waited_for() {
    let (app, address) = app().await;
    let mut client = Raw::connect(address).await;
    client.write("POST /nowhere HTTP/1.1\r\nHost: here\r\nContent-Length: 10\r\n\r\nbegun").await;
    let response = client.response().await;
    assert_eq!((response.status, response.closes), (404, true));
    client.continues_or_ends(true, "a body that does not come").await;
    app.stop().await;
}
