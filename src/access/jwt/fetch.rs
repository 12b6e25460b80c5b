//! Fetches a key set over HTTPS, limited in time and size. Redirects are not followed.

use std::time::Duration;

use hyper::{Request, StatusCode, body::Body as _, header};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use tokio::time::timeout;

/// The time limit of a fetch.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The largest key set, in bytes.
const MAX_BYTES: usize = 256 * 1024;

/// Why a fetch failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// The server can't be reached, or the connection broke off.
    #[error("{0}")]
    Lost(String),
    /// The server responded with an error status.
    #[error("the server answers {0}")]
    Status(StatusCode),
    /// The response was not complete in time.
    #[error("no answer within {} s", TIMEOUT.as_secs())]
    TooSlow,
    /// The response is too large.
    #[error("the answer is larger than {MAX_BYTES} bytes")]
    TooLarge,
}

/// Fetches from one URL.
pub(super) struct Fetch {
    client: Client<HttpsConnector<HttpConnector>, String>,
    url: String,
}

impl Fetch {
    /// Prepares the client. Fails if the system has no trusted certificates.
    pub(super) fn new(url: String) -> std::io::Result<Self> {
        let connector = HttpsConnectorBuilder::new().with_native_roots()?.https_or_http().enable_http1().build();
        Ok(Self { client: Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector), url })
    }

    /// Fetches the key set once.
    pub(super) async fn get(&self) -> Result<Vec<u8>, Error> {
        timeout(TIMEOUT, self.answer()).await.unwrap_or(Err(Error::TooSlow))
    }

    async fn answer(&self) -> Result<Vec<u8>, Error> {
        let request = Request::get(&self.url)
            .header(header::ACCEPT, "application/jwk-set+json, application/json")
            .header(header::USER_AGENT, concat!("deskgraph/", env!("CARGO_PKG_VERSION")))
            .body(String::new())
            .map_err(|error| Error::Lost(error.to_string()))?;
        let answer = self.client.request(request).await.map_err(|error| Error::Lost(whole(&error)))?;
        if answer.status() != StatusCode::OK {
            return Err(Error::Status(answer.status()));
        }
        let mut body = std::pin::pin!(answer.into_body());
        let mut read = Vec::new();
        while let Some(frame) = std::future::poll_fn(|context| body.as_mut().poll_frame(context)).await {
            let Ok(data) = frame.map_err(|error| Error::Lost(whole(&error)))?.into_data() else { continue };
            if read.len() + data.len() > MAX_BYTES {
                return Err(Error::TooLarge);
            }
            read.extend_from_slice(&data);
        }
        Ok(read)
    }
}

/// The error message with its causes.
fn whole(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
