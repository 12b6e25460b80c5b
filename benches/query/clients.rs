//! Many concurrent clients: responses per second.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use rand::{SeedableRng, rngs::SmallRng};
use serde_json::json;

use crate::{Api, cases::Case, facts::Facts};

/// Responses per second for a number of clients, each of which sends the next request when it has its response.
#[expect(clippy::cast_precision_loss, reason = "the number of responses is exact in a float")]
pub(crate) async fn responses_per_second(case: &'static Case, api: &Api, facts: &Facts, clients: u64, time: Duration) -> f64 {
    let responses = Arc::new(AtomicU64::new(0));
    let started = Instant::now();
    let running: Vec<_> = (0..clients)
        .map(|client| {
            let (api, facts, responses) = (api.clone(), facts.clone(), responses.clone());
            tokio::spawn(async move {
                let mut rng = SmallRng::seed_from_u64(client);
                while started.elapsed() < time {
                    let variables = (case.variables)(&facts, &mut rng);
                    let body = json!({ "query": case.query, "variables": variables }).to_string();
                    let answer = api.answer(&body).await;
                    assert!(answer.starts_with(r#"{"data":{"#), "{}: {answer}", case.name);
                    responses.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    for client in running {
        client.await.unwrap();
    }
    responses.load(Ordering::Relaxed) as f64 / started.elapsed().as_secs_f64()
}
