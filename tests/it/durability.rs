//! A delivery that was answered 2xx is not lost, even after `kill -9`. `KILLS` is the number of kills.

mod sqlite;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{
    database::Database,
    message,
    process::{Process, deskgraph},
    requests::query,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_acknowledged_event_is_stored_exactly_once_after_kill_9() {
    let database = Database::new();
    // Message id → the event id in its acknowledgement.
    let acknowledged: Arc<Mutex<HashMap<String, String>>> = Arc::default();
    let rounds: usize = std::env::var("KILLS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(4);
    for round in 0..rounds {
        let gateway = Process::start(&database, &["serve"]).await;
        let killed = Arc::new(AtomicBool::new(false));
        let before = acknowledged.lock().unwrap().len();
        let posters: Vec<_> = (0..16)
            .map(|poster| {
                let (base, killed, acknowledged) = (gateway.base.clone(), killed.clone(), acknowledged.clone());
                tokio::spawn(async move {
                    let client = reqwest::Client::new();
                    for n in 0.. {
                        let id = format!("m-{round}-{poster}-{n}");
                        let payload = message(&id, &format!("c-{poster}"), "Chào shop", 1_758_791_400_000 + n);
                        let posted = client.post(format!("{base}/webhooks/message-sent")).json(&payload).send().await;
                        match posted {
                            Ok(response) if response.status() == StatusCode::OK => {
                                // The response may be cut off after its status; the delivery is stored anyway.
                                let answer: Value = response.json().await.unwrap_or_default();
                                let event = answer["id"].as_str().unwrap_or_default().to_owned();
                                acknowledged.lock().unwrap().insert(id, event);
                            }
                            Ok(response) => assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE),
                            Err(_) if killed.load(Ordering::SeqCst) => return,
                            Err(error) => assert!(killed.load(Ordering::SeqCst), "{error}"),
                        }
                    }
                })
            })
            .collect();
        // Killed while posting, after a number of acknowledgements that differs in each round.
        while acknowledged.lock().unwrap().len() < before + 150 + round % 9 * 70 {
            assert!(posters.iter().all(|poster| !poster.is_finished()), "a poster ended before the kill");
            tokio::task::yield_now().await;
        }
        killed.store(true, Ordering::SeqCst);
        gateway.kill().await;
        for poster in posters {
            poster.await.unwrap();
        }
    }
    let acknowledged = std::mem::take(&mut *acknowledged.lock().unwrap());
    let gateway = Process::start(&database, &["serve"]).await;
    let mut stored: HashMap<String, String> = HashMap::new();
    let mut after = String::new();
    loop {
        let page = query(
            &gateway.base,
            &format!(
                "{{ messages(first: 200{after}) {{ nodes {{ sourceId event {{ id }} }} pageInfo {{ hasNextPage endCursor }} }} }}"
            ),
            json!({}),
        )
        .await;
        for node in page["messages"]["nodes"].as_array().unwrap() {
            let (id, event) = (node["sourceId"].as_str().unwrap(), node["event"]["id"].as_str().unwrap());
            assert!(stored.insert(id.to_owned(), event.to_owned()).is_none(), "{id} is there twice");
        }
        if page["messages"]["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = format!(", after: {}", page["messages"]["pageInfo"]["endCursor"]);
    }
    let with_their_event = acknowledged.values().filter(|event| !event.is_empty()).count();
    assert!(with_their_event > acknowledged.len() / 2, "{with_their_event} of {} responses were complete", acknowledged.len());
    for (id, event) in &acknowledged {
        let found = stored.get(id).unwrap_or_else(|| panic!("{id} was acknowledged as {event} and is lost"));
        assert!(event.is_empty() || found == event, "{id} was acknowledged as {event} and is {found}");
    }
    let counts = query(
        &gateway.base,
        "{ messages { totalCount } events { totalCount }
           searched: messages(filter: {search: \"shop\"}) { totalCount }
           containing: messages(filter: {text: {contains: \"o sho\"}}) { totalCount } }",
        json!({}),
    )
    .await;
    for found in ["events", "searched", "containing"] {
        assert_eq!(counts["messages"], counts[found], "each message is there once: {found}");
    }
    assert_eq!(counts["messages"]["totalCount"], stored.len());
    assert_eq!(gateway.terminate().await, Some(0));
    let verified = deskgraph(&database).arg("verify").output().await.unwrap();
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
}

#[tokio::test]
async fn a_clean_stop_answers_every_accepted_request() {
    let database = Database::new();
    let gateway = Process::start(&database, &[]).await;
    let base = gateway.base.clone();
    let posts: Vec<_> = (0..200)
        .map(|n| {
            let base = base.clone();
            tokio::spawn(async move {
                let payload = message(&format!("m-{n}"), "c-1", "hi", 1_758_791_400_000 + n);
                let posted = reqwest::Client::new().post(format!("{base}/webhooks/message-sent")).json(&payload).send().await;
                posted.is_ok_and(|response| response.status() == StatusCode::OK)
            })
        })
        .collect();
    while posts.iter().filter(|post| post.is_finished()).count() < 20 {
        tokio::task::yield_now().await;
    }
    assert_eq!(gateway.terminate().await, Some(0));
    let mut acknowledged = 0;
    for post in posts {
        acknowledged += i64::from(post.await.unwrap());
    }
    let gateway = Process::start(&database, &[]).await;
    let stored = query(&gateway.base, "{ events { totalCount } }", json!({})).await["events"]["totalCount"].as_i64().unwrap();
    assert!(acknowledged >= 20 && stored >= acknowledged, "{acknowledged} acknowledged, {stored} stored");
    gateway.terminate().await;
}
