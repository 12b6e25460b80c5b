//! One case in one store: runs it repeatedly, and measures its latency.

use std::{
    fmt,
    time::{Duration, Instant},
};

use rand::{SeedableRng, rngs::SmallRng};
use serde_json::{Value, json};

use crate::{Api, cases::Case, facts::Facts};

/// The seed of the random choices.
const SEED: u64 = 7;

/// The smallest number of requests in a turn.
const REQUESTS: u32 = 2;

/// The result of a case.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    /// Latencies in microseconds, the number of requests, and the mean bytes of a response, which show whether the query was
    /// equally large in each store.
    Took { p50: u128, p99: u128, requests: usize, bytes: usize },
    /// The code of an error.
    Failed(String),
}

/// The requests of a case so far.
pub(crate) struct Series {
    case: &'static Case,
    rng: SmallRng,
    took: Vec<u128>,
    bytes: usize,
    failed: Option<String>,
}

impl Series {
    /// No requests yet.
    pub(crate) fn new(case: &'static Case) -> Self {
        Self { case, rng: SmallRng::seed_from_u64(SEED), took: Vec::new(), bytes: 0, failed: None }
    }

    /// Warms up without measuring, and asserts that something is found.
    pub(crate) async fn warm_up(&mut self, api: &Api, facts: &Facts, time: Duration) {
        let (started, mut found) = (Instant::now(), false);
        while self.failed.is_none() && (!found || started.elapsed() < time) {
            let answer: Value = serde_json::from_str(&self.request(api, facts).await).unwrap();
            found |= answer["data"].pointer(self.case.finds).is_some_and(|value| !value.is_null());
            assert!(found || self.failed.is_some() || started.elapsed() < Duration::from_mins(1), "{}: nothing", self.case.name);
        }
        (self.took, self.bytes) = (Vec::new(), 0);
    }

    /// Runs requests for a duration.
    pub(crate) async fn run(&mut self, api: &Api, facts: &Facts, time: Duration) {
        let (started, mut requests) = (Instant::now(), 0);
        while self.failed.is_none() && (requests < REQUESTS || started.elapsed() < time) {
            self.request(api, facts).await;
            requests += 1;
        }
    }

    /// Runs one request, and returns the response.
    async fn request(&mut self, api: &Api, facts: &Facts) -> String {
        let variables = (self.case.variables)(facts, &mut self.rng);
        let body = json!({ "query": self.case.query, "variables": variables }).to_string();
        let sent = Instant::now();
        let answer = api.answer(&body).await;
        self.took.push(sent.elapsed().as_micros());
        self.bytes += answer.len();
        // A success begins like this. Parsing the whole response would displace the processor's cache.
        if !answer.starts_with(r#"{"data":{"#) {
            let answer: Value = serde_json::from_str(&answer).unwrap();
            self.failed = Some(answer["errors"][0]["extensions"]["code"].as_str().unwrap_or("?").to_owned());
        }
        answer
    }

    /// The result.
    pub(crate) fn outcome(mut self) -> Outcome {
        if let Some(code) = self.failed {
            return Outcome::Failed(code);
        }
        self.took.sort_unstable();
        let requests = self.took.len();
        let (p50, p99) = (self.took[(requests - 1) / 2], self.took[(requests * 99).div_ceil(100) - 1]);
        Outcome::Took { p50, p99, requests, bytes: self.bytes / requests }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Took { p50, requests, bytes, .. } => write!(f, "{p50} µs ({requests} requests, {bytes} bytes)"),
            Self::Failed(code) => f.write_str(code),
        }
    }
}
