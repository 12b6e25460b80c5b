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
#[expect(clippy::cast_precision_loss, reason = "seconds of answers are exact in a float")]
pub(crate) async fn answers_per_second(case: &'static Case, api: &Api, facts: &Facts, clients: u64, time: Duration) -> f64 {
    let answers = Arc::new(AtomicU64::new(0));
    let started = Instant::now();
    let asking: Vec<_> = (0..clients)
        .map(|client| {
            let (api, facts, answers) = (api.clone(), facts.clone(), answers.clone());
            tokio::spawn(async move {
                let mut rng = SmallRng::seed_from_u64(client);
                while started.elapsed() < time {
                    let variables = (case.variables)(&facts, &mut rng);
                    let body = json!({ "query": case.query, "variables": variables }).to_string();
                    let answer = api.answer(&body).await;
                    assert!(answer.starts_with(r#"{"data":{"#), "{}: {answer}", case.name);
                    answers.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    for client in asking {
        client.await.unwrap();
    }
    answers.load(Ordering::Relaxed) as f64 / started.elapsed().as_secs_f64()
}
