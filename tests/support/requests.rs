//! GraphQL over plain HTTP, one request at a time.

use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use super::{PATIENCE, fixed::RETRY};

/// Sends a request for a response in this format: a single result, or a stream that resumes after an event with this id.
pub async fn ask(base: &str, accept: &str, last: Option<&str>, query: &str, variables: Value) -> reqwest::Response {
    send(base, accept, last, &json!({ "query": query, "variables": variables })).await
}

/// The same with all parts of a request.
pub async fn send(base: &str, accept: &str, last: Option<&str>, body: &Value) -> reqwest::Response {
    let mut request = reqwest::Client::new().post(format!("{base}/graphql")).header("accept", accept);
    if let Some(last) = last {
        request = request.header("last-event-id", last);
    }
    timeout(PATIENCE, request.json(body).send()).await.expect("an answer in time").unwrap()
}

/// Repeats a request until there is a response.
pub async fn query(base: &str, query: &str, variables: Value) -> Value {
    let request = json!({ "query": query, "variables": variables });
    let answered = async {
        loop {
            let sent = reqwest::Client::new().post(format!("{base}/graphql")).json(&request).send().await;
            match async { sent?.error_for_status()?.json::<Value>().await }.await {
                Ok(answer) => return answer,
                Err(_) => sleep(RETRY).await,
            }
        }
    };
    let mut answer = timeout(PATIENCE, answered).await.expect("an answer in time");
    assert!(answer.get("errors").is_none(), "{answer}");
    answer["data"].take()
}

/// The current live cursor.
pub async fn head(base: &str) -> String {
    query(base, "{ head }", json!({})).await["head"].as_str().unwrap().to_owned()
}
