//! Posts the shop's deliveries to a gateway's webhook addresses over HTTP, as the CRM would.
//!
//! What is about the same conversation is posted in order, one after the other; different ones go in parallel. A gateway
//! that is busy (503) is asked again after the time it names.

use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

use serde_json::Value;
use tokio::sync::mpsc;

use super::shop::Delivery;

/// Lanes that post at the same time.
const LANES: usize = 512;

/// Tries of one delivery while the gateway is busy.
const TRIES: u32 = 100;

/// Why a delivery could not be posted.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The gateway could not be reached.
    #[error("posting to {0}: {1}")]
    Http(String, reqwest::Error),
    /// The gateway refused a delivery that should be good.
    #[error("{address} answered {status}: {body}")]
    Refused {
        /// The webhook's address.
        address: String,
        /// The status code.
        status: u16,
        /// What it said.
        body: String,
    },
}

/// Posts to one gateway.
#[derive(Clone, Debug)]
pub struct Sender {
    client: reqwest::Client,
    base: String,
}

impl Sender {
    /// A sender to the gateway at `base`, such as `http://127.0.0.1:8080`.
    pub fn new(base: impl Into<String>) -> Self {
        Self { client: reqwest::Client::new(), base: base.into() }
    }

    /// Posts one delivery and waits until it is stored.
    pub async fn send(&self, delivery: &Delivery) -> Result<(), Error> {
        let address = format!("{}/webhooks/{}", self.base, delivery.kind.segment());
        let mut tries = 0;
        loop {
            let request =
                self.client.post(&address).header("webhook-id", &delivery.id).header("content-type", "application/json");
            let response =
                request.body(delivery.payload.clone()).send().await.map_err(|error| Error::Http(address.clone(), error))?;
            let status = response.status();
            if status.is_success() {
                // The body is read to its end, so that the connection can be used again.
                let _ = response.bytes().await;
                return Ok(());
            }
            tries += 1;
            if status != reqwest::StatusCode::SERVICE_UNAVAILABLE || tries == TRIES {
                let body = response.text().await.unwrap_or_default();
                return Err(Error::Refused { address, status: status.as_u16(), body });
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Posts many, those about one subject in order. Calls `progress` with the number posted so far.
    pub async fn send_all(
        &self,
        deliveries: impl Iterator<Item = Delivery>,
        mut progress: impl FnMut(u64),
    ) -> Result<u64, Error> {
        let (posted, mut results) = mpsc::channel(LANES);
        let mut lanes = Vec::with_capacity(LANES);
        for _ in 0..LANES {
            let (lane, waiting) = mpsc::channel(16);
            tokio::spawn(self.clone().send_lane(waiting, posted.clone()));
            lanes.push(lane);
        }
        drop(posted);
        let deal = async move {
            let hasher = RandomState::new();
            for delivery in deliveries {
                let lane = usize::try_from(hasher.hash_one(subject(&delivery)) % LANES as u64).unwrap_or_default();
                // A lane that has ended met an error, which the results tell.
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
        tokio::join!(deal, count).1
    }

    async fn send_lane(self, mut waiting: mpsc::Receiver<Delivery>, posted: mpsc::Sender<Result<(), Error>>) {
        while let Some(delivery) = waiting.recv().await {
            if posted.send(self.send(&delivery).await).await.is_err() {
                return;
            }
        }
    }
}

/// What a delivery is about, as far as its order matters.
fn subject(delivery: &Delivery) -> String {
    let payload: Value = serde_json::from_str(&delivery.payload).unwrap_or_default();
    let named = ["conversation_id", "ticket_id", "id", "_id"].iter().find_map(|key| payload.get(key));
    named.map(Value::to_string).unwrap_or_default()
}
