//! Posts deliveries to a gateway's webhooks over HTTP, as the CRM would.
//!
//! Deliveries about the same object are posted one after the other, in order. Different objects are handled in parallel, over a
//! limited number of keep-alive connections. A 503 is retried after the time that the gateway requests; delivery ids make a
//! retry idempotent. Every delivery is signed, whether the gateway requires it or not.

use std::{
    hash::{BuildHasher, RandomState},
    net::SocketAddr,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use axum::body::{Body, to_bytes};
use demo::Delivery;
use hyper::{Request, StatusCode, header};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::Value;
use tokio::sync::mpsc;

use crate::{clock::Clock, http::webhook::standard::Secret};

/// The largest number of concurrent posts, each on its own connection. The gateway commits all waiting deliveries in one
/// transaction, so more lanes load faster. But both ends of a connection are open files of this process, which are often
/// limited to 1,024: 512 lanes exceed that with a shop of full size.
const LANES: usize = 256;

/// The number of deliveries queued in each lane.
const LANE_QUEUE: usize = 16;

/// The number of attempts to post a delivery while the gateway is busy.
const ATTEMPTS: u32 = 60;

/// The pause before a retry if the gateway requests none.
const DEFAULT_PAUSE: Duration = Duration::from_secs(1);

/// How long an idle connection can be reused. Shorter than the gateway's own limit of a minute, so that no request is sent on a
/// connection that is being closed.
const MAX_IDLE: Duration = Duration::from_secs(30);

/// The largest part of a response that is read.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// Posts deliveries to one gateway.
#[derive(Clone)]
pub(super) struct Sender {
    client: Client<HttpConnector, String>,
    gateway: SocketAddr,
    secret: Secret,
    clock: Clock,
}

impl Sender {
    pub(super) fn new(gateway: SocketAddr, secret: Secret, clock: Clock) -> Self {
        let client = Client::builder(TokioExecutor::new()).pool_idle_timeout(MAX_IDLE).build_http();
        Self { client, gateway, secret, clock }
    }

    /// Posts one delivery and waits until it is stored.
    pub(super) async fn send(&self, delivery: &Delivery) -> Result<()> {
        let url = format!("http://{}/webhooks/{}", self.gateway, delivery.event);
        for attempt in 1.. {
            let mut request = Request::post(&url).header(header::CONTENT_TYPE, "application/json");
            for (name, value) in self.secret.sign(&delivery.id, self.clock.now(), delivery.payload.as_bytes()) {
                request = request.header(name, value);
            }
            let request = request.body(delivery.payload.clone())?;
            let response = self.client.request(request).await.with_context(|| format!("posting to {url}"))?;
            let (head, body) = response.into_parts();
            // The body is read to the end, so that the connection can be reused.
            let body = to_bytes(Body::new(body), MAX_ANSWER_BYTES).await;
            if head.status.is_success() {
                break;
            }
            if head.status != StatusCode::SERVICE_UNAVAILABLE || attempt == ATTEMPTS {
                let body = body.unwrap_or_default();
                bail!("{url} answered {}: {}", head.status.as_u16(), String::from_utf8_lossy(&body));
            }
            tokio::time::sleep(retry_after(&head.headers).unwrap_or(DEFAULT_PAUSE)).await;
        }
        Ok(())
    }

    /// Posts many deliveries and returns their number. Calls `progress` with the number posted so far.
    pub(super) async fn send_all(
        &self,
        deliveries: impl Iterator<Item = Delivery>,
        mut progress: impl FnMut(u64),
    ) -> Result<u64> {
        let (posted, mut results) = mpsc::channel(LANES);
        let mut lanes = Vec::with_capacity(LANES);
        for _ in 0..LANES {
            let (lane, waiting) = mpsc::channel(LANE_QUEUE);
            tokio::spawn(self.clone().send_lane(waiting, posted.clone()));
            lanes.push(lane);
        }
        drop(posted);
        let distribute = async move {
            let hasher = RandomState::new();
            for delivery in deliveries {
                let lane = usize::try_from(hasher.hash_one(subject(&delivery)) % LANES as u64).unwrap_or_default();
                // A lane only ends after an error, which is among the results.
                if lanes[lane].send(delivery).await.is_err() {
                    return;
                }
            }
        };
        let count = async move {
            let mut done = 0;
            while let Some(result) = results.recv().await {
                result?;
                done += 1;
                progress(done);
            }
            Ok(done)
        };
        tokio::join!(distribute, count).1
    }

    async fn send_lane(self, mut waiting: mpsc::Receiver<Delivery>, posted: mpsc::Sender<Result<()>>) {
        while let Some(delivery) = waiting.recv().await {
            if posted.send(self.send(&delivery).await).await.is_err() {
                return;
            }
        }
    }
}

/// The object that a delivery is about, to keep the order of its deliveries.
fn subject(delivery: &Delivery) -> String {
    let payload: Value = serde_json::from_str(&delivery.payload).unwrap_or_default();
    let id = ["conversation_id", "ticket_id", "id", "_id"].iter().find_map(|key| payload.get(key));
    id.map(Value::to_string).unwrap_or_default()
}

fn retry_after(headers: &hyper::HeaderMap) -> Option<Duration> {
    let seconds = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use std::{
        collections::{HashMap, HashSet},
        net::SocketAddr,
        sync::{Arc, Mutex},
        time::Duration,
    };

    use axum::{
        Router,
        extract::{ConnectInfo, Path, State},
        http::{HeaderMap, StatusCode, header::RETRY_AFTER},
        response::{IntoResponse, Response},
        routing::post,
    };
    use demo::Delivery;
    use tokio::net::TcpListener;

    use super::{Clock, LANES, Secret, Sender, retry_after};

    /// The deliveries received by a test gateway that responds with 503 to the first post of each delivery, and with 400 to an
    /// unknown event.
    #[derive(Default)]
    struct Received {
        refused: HashSet<String>,
        /// The delivery ids by object, in order of arrival.
        accepted: HashMap<String, Vec<String>>,
        clients: HashSet<SocketAddr>,
    }

    type Shared = Arc<Mutex<Received>>;

    async fn receive(
        State(received): State<Shared>,
        ConnectInfo(client): ConnectInfo<SocketAddr>,
        Path(event): Path<String>,
        headers: HeaderMap,
        body: String,
    ) -> Response {
        if event != "message-sent" {
            return (StatusCode::BAD_REQUEST, "unknown event").into_response();
        }
        let id = headers["webhook-id"].to_str().unwrap().to_owned();
        let mut received = received.lock().unwrap();
        received.clients.insert(client);
        if received.refused.insert(id.clone()) {
            return (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "0")]).into_response();
        }
        received.accepted.entry(body).or_default().push(id);
        StatusCode::NO_CONTENT.into_response()
    }

    fn sender(gateway: SocketAddr) -> Sender {
        Sender::new(gateway, Secret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap(), Clock::system())
    }

    async fn gateway() -> (Sender, Shared) {
        let received = Shared::default();
        let router = Router::new().route("/webhooks/{event}", post(receive)).with_state(received.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await });
        (sender(address), received)
    }

    fn delivery(event: &'static str, conversation: usize, number: usize) -> Delivery {
        let payload = format!(r#"{{"conversation_id":"c-{conversation}"}}"#);
        Delivery { event, id: format!("{number:04}"), at_ms: 0, payload }
    }

    #[tokio::test]
    async fn a_busy_gateway_gets_each_delivery_once_and_in_order_per_object() {
        let (sender, received) = gateway().await;
        let mut progress = Vec::new();
        let deliveries = (0..1000).map(|number| delivery("message-sent", number % 50, number));
        let posted = sender.send_all(deliveries, |done| progress.push(done)).await.unwrap();
        assert_eq!(posted, 1000);
        assert!(progress.into_iter().eq(1..=1000));
        let received = received.lock().unwrap();
        assert_eq!(received.accepted.len(), 50);
        assert!(received.accepted.values().all(|ids| ids.len() == 20 && ids.is_sorted()));
        assert!(received.clients.len() <= LANES, "{} connections for 2,000 posts", received.clients.len());
    }

    #[tokio::test]
    async fn a_refused_delivery_is_reported_and_not_retried() {
        let (sender, _) = gateway().await;
        let deliveries = (0..1000).map(|number| delivery(if number == 500 { "typo" } else { "message-sent" }, number, number));
        let error = sender.send_all(deliveries, |_| {}).await.unwrap_err().to_string();
        assert!(error.ends_with("/webhooks/typo answered 400: unknown event"), "{error}");
    }

    #[tokio::test]
    async fn an_unreachable_gateway_is_an_error() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let error = sender(address).send(&delivery("message-sent", 1, 1)).await.unwrap_err();
        assert!(error.to_string().contains("posting to http://127.0.0.1:"), "{error:#}");
    }

    #[test]
    fn the_pause_is_the_one_requested_by_the_gateway() {
        let parsed = |value: &str| retry_after(&HeaderMap::from_iter([(RETRY_AFTER, value.parse().unwrap())]));
        assert_eq!(parsed("7"), Some(Duration::from_secs(7)));
        assert_eq!(parsed("soon"), None);
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }
}
