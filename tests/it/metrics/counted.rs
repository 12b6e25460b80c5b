//! Events are counted under the right labels, and no metric contains personal data.

use deskgraph::config::webhooks::Token;
use serde_json::{Value, json};

use crate::support::{
    app::TestApp, keys::with_roles, live::Live, message, requests::head, sample, scraped::Scraped, streamed::Events,
};

/// Personal data in the samples, which no metric may contain.
const PERSONAL: [&str; 6] = ["64f2aa", "6510c0", "7740118", "Nguy", "0912345678", "mai.nguyen"];

/// The next result of a stream.
async fn result(events: &mut Events) -> Value {
    loop {
        let event = events.event().await;
        if event.name.as_deref() == Some("next") {
            return event.result();
        }
    }
}

#[tokio::test]
async fn deliveries_are_counted_by_kind_and_outcome() {
    let app = TestApp::new().await;
    app.deliver_samples().await;
    app.deliver("customer-created", &sample("customer-created")).await;
    app.post_body("/ticket-created", &[], "[1]").await;
    app.post_body("/ticket-updated", &[], "no JSON").await;
    app.post_body("/no-such-event", &[], "{}").await;
    let repeated = [("x-event-id", "delivery-1")];
    for _ in 0..3 {
        app.post_body("/ticket-deleted", &repeated, r#"{"ticket_id": "t-1"}"#).await;
    }
    let scraped = Scraped::at(&app.base).await;
    let deliveries: Vec<_> = scraped.some_of("deskgraph_deliveries_total");
    for (labels, count) in [
        (r#"{kind="message.sent",outcome="stored"}"#, 2),
        (r#"{kind="customer.created",outcome="stored"}"#, 2),
        (r#"{kind="ticket.created",outcome="rejected"}"#, 1),
        (r#"{kind="ticket.updated",outcome="unreadable"}"#, 1),
        (r#"{kind="unknown",outcome="unreadable"}"#, 1),
    ] {
        assert!(deliveries.contains(&(labels, count)), "{labels}: {deliveries:?}");
    }
    let of_deleted =
        |outcome| scraped.count(&format!(r#"deskgraph_deliveries_total{{kind="ticket.deleted",outcome="{outcome}"}}"#));
    assert_eq!((of_deleted("stored"), of_deleted("duplicate"), of_deleted("rejected")), (1, 2, 0), "{deliveries:?}");
    assert_eq!(scraped.count("deskgraph_rejected_deliveries"), 1);
    // Every delivery that reached the writer, whatever its outcome.
    assert_eq!(scraped.count("deskgraph_delivery_seconds_count"), 13, "{deliveries:?}");
    assert_eq!(scraped.count("deskgraph_writer_batch_deliveries_sum"), 12);
    assert!(scraped.value("deskgraph_writer_commit_seconds_sum") > 0.0);
    assert_eq!(scraped.count("deskgraph_writer_queue_capacity_deliveries"), 4096);
    assert_eq!(scraped.count("deskgraph_projection_lag_events"), 0);
    assert!(scraped.count("deskgraph_log_position") > 9);
    assert_eq!(scraped.count("deskgraph_live_position"), scraped.count("deskgraph_log_position"));
    for personal in PERSONAL {
        assert!(!scraped.text.contains(personal), "{personal} is in\n{}", scraped.text);
    }
}

#[tokio::test]
async fn refused_credentials_are_counted_by_reason() {
    let app = TestApp::with(|config| {
        with_roles(config);
        config.metrics.tokens = vec![deskgraph::config::secret::Secret::new("a-token-of-24-characters")];
        let tokens = vec![deskgraph::config::secret::Secret::new("a-token-of-24-characters")];
        config.webhooks.token = Some(Token { tokens, ..Token::default() });
    })
    .await;
    app.post_body("/ticket-deleted", &[("authorization", "Bearer wrong")], r#"{"ticket_id": "t-1"}"#).await;
    let ask = || app.client.post(format!("{}/graphql", app.base)).json(&json!({ "query": "{ head }" }));
    for (credential, status) in [(None, 401), (Some("dgk_nobody_nothing"), 401)] {
        let request = credential.map_or_else(ask, |credential| ask().bearer_auth(credential));
        assert_eq!(request.send().await.unwrap().status(), status);
    }
    let read = app.client.get(format!("{}/metrics", app.base)).bearer_auth("a-token-of-24-characters");
    let text = read.send().await.unwrap().text().await.unwrap();
    for line in [
        r#"deskgraph_deliveries_total{kind="ticket.deleted",outcome="unauthorized"} 1"#,
        r#"deskgraph_credentials_refused_total{reason="missing"} 1"#,
        r#"deskgraph_credentials_refused_total{reason="invalid"} 1"#,
        r#"deskgraph_credentials_refused_total{reason="unavailable"} 0"#,
    ] {
        assert!(text.lines().any(|shown| shown == line), "{line}\n{text}");
    }
}

#[tokio::test]
async fn requests_are_counted_by_the_name_of_their_operation_and_by_outcome() {
    let app = TestApp::new().await;
    app.deliver_samples().await;
    let nested = "query Desk { customers { nodes { name conversations { nodes { messages { nodes { text } } } } } } }";
    for _ in 0..3 {
        app.query(nested).await;
    }
    // Statistics are executed by async-graphql, not by a plan.
    app.query("query Chart { messageStats(groupBy: [PLATFORM]) { platform count } }").await;
    app.query("{ head }").await;
    app.answer("query Desk { customers(first: 100000) { nodes { name } } }", json!({})).await;
    app.answer("query Unknown { nothing }", json!({})).await;
    app.answer("query Broken {", json!({})).await;
    app.answer("query Deep { customers(first: 200) { nodes { conversations(first: 200) { nodes { id } } } } }", json!({})).await;
    let scraped = Scraped::at(&app.base).await;
    assert_eq!(
        scraped.some_of("deskgraph_graphql_requests_total"),
        [
            (r#"{operation="Chart",outcome="ok"}"#, 1),
            (r#"{operation="Desk",outcome="invalid"}"#, 1),
            (r#"{operation="Desk",outcome="ok"}"#, 3),
            (r#"{operation="anonymous",outcome="ok"}"#, 1),
            // A name that was never executed has no series.
            (r#"{operation="other",outcome="invalid"}"#, 2),
            (r#"{operation="other",outcome="refused"}"#, 1),
        ]
    );
    assert_eq!(scraped.count(r#"deskgraph_graphql_request_seconds_count{operation="Desk"}"#), 4);
    // Three levels of a planned query, and one of a statistic. Requests that were not executed are not counted.
    assert_eq!(scraped.count("deskgraph_graphql_request_statements_count"), 7);
    let statements = scraped.count("deskgraph_graphql_request_statements_sum");
    assert!((10..=13).contains(&statements), "{statements}");
    assert!(scraped.count("deskgraph_graphql_request_complexity_sum") > 3000);
    let pools = scraped.some_of("deskgraph_pool_connections");
    assert_eq!(pools.first(), Some(&(r#"{pool="requests",state="idle"}"#, 4)), "{pools:?}");
}

#[tokio::test]
async fn subscribers_are_counted_by_transport_and_their_payloads_are_timed() {
    let app = TestApp::new().await;
    let document = "subscription Feed { messageAdded { cursor message { text } } }";
    let mut first = Live::start(&app.base, document, json!({})).await;
    let mut second = Live::start(&app.base, document, json!({})).await;
    let page = "subscription Inbox { conversationsLive(first: 5) { cursor page { id } steps { kind id } } }";
    let mut events = Events::start(&app.base, None, page, json!({})).await;
    let sse = r#"deskgraph_subscribers{transport="sse"}"#;
    let websocket = r#"deskgraph_subscribers{transport="websocket"}"#;
    Scraped::until(&app.base, websocket, 2).await;
    result(&mut events).await;
    let scraped = Scraped::until(&app.base, sse, 1).await;
    assert_eq!(scraped.count("deskgraph_topics"), 2, "equal subscriptions share one");
    assert_eq!(scraped.count("deskgraph_live_connections"), 3);
    assert_eq!(scraped.count("deskgraph_webhook_to_subscriber_seconds_count"), 0, "the initial page is not timed");

    app.deliver("message-sent", &message("m-1", "c-1", "Chào shop", 1_758_791_400_000)).await;
    first.next().await;
    second.next().await;
    result(&mut events).await;
    let scraped = Scraped::at(&app.base).await;
    assert_eq!(scraped.count(r#"deskgraph_subscription_payloads_total{transport="websocket"}"#), 2);
    assert_eq!(scraped.count(r#"deskgraph_subscription_payloads_total{transport="sse"}"#), 2);
    assert_eq!(scraped.count("deskgraph_webhook_to_subscriber_seconds_count"), 3);
    assert!(scraped.value("deskgraph_webhook_to_subscriber_seconds_sum") > 0.0);
    assert_eq!(scraped.count(r#"deskgraph_graphql_requests_total{operation="Feed",outcome="ok"}"#), 2);
    assert_eq!(scraped.count("deskgraph_demotions_total") + scraped.count("deskgraph_resumptions_total"), 0);
    drop((first, second, events));
    Scraped::until(&app.base, sse, 0).await;
    Scraped::until(&app.base, websocket, 0).await;
    Scraped::until(&app.base, "deskgraph_topics", 0).await;
}

#[tokio::test]
async fn a_subscriber_that_resumes_reads_on_its_own_and_is_counted() {
    let app = TestApp::new().await;
    let start = head(&app.base).await;
    // Starts the hub, which has no history from before.
    let mut live = Live::messages(&app.base, None).await;
    for n in 0..5 {
        app.deliver("message-sent", &message(&format!("m-{n}"), "c-1", "Chào shop", 1_758_791_400_000 + n)).await;
        live.next().await;
    }
    drop(live);
    Scraped::until(&app.base, "deskgraph_topics", 0).await;
    let mut resumed = Live::messages(&app.base, Some(&start)).await;
    for _ in 0..5 {
        resumed.next().await;
    }
    let scraped = Scraped::until(&app.base, "deskgraph_subscribers_reading_alone", 0).await;
    assert_eq!((scraped.count("deskgraph_resumptions_total"), scraped.count("deskgraph_demotions_total")), (1, 0));
    assert_eq!(scraped.count("deskgraph_webhook_to_subscriber_seconds_count"), 5, "missed payloads are not timed");
}
