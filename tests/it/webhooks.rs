//! Responses to webhooks, and what is stored of them.

use reqwest::StatusCode;
use serde_json::json;

use crate::support::{app::TestApp, message, sample};

#[tokio::test]
async fn a_delivery_and_its_repetition_get_the_same_event_id() {
    let app = TestApp::new().await;
    let body = sample("conversation-status-changed").to_string();
    let headers = [("webhook-id", "d-1")];
    let (status, first) = app.post_body("/conversation-status-changed", &headers, body.clone()).await;
    assert_eq!((status, first), (StatusCode::OK, json!({ "id": "evt_1", "duplicate": false })));
    let (_, again) = app.post_body("/conversation-status-changed", &headers, body.clone()).await;
    assert_eq!(again, json!({ "id": "evt_1", "duplicate": true }));
    let (_, other) = app.post_body("/conversation-status-changed", &[("x-event-id", "d-2")], body).await;
    assert_eq!(other, json!({ "id": "evt_2", "duplicate": false }));
    app.stop().await;
}

#[tokio::test]
async fn an_equal_message_payload_is_stored_once_and_a_different_one_updates_it() {
    let app = TestApp::new().await;
    let mut payload = message("m-1", "c-1", "Ch%C3%A0o", 1_758_791_400_000);
    assert_eq!(app.deliver("message-sent", &payload).await["duplicate"], false);
    assert_eq!(app.deliver("message-sent", &payload).await, json!({ "id": "evt_1", "duplicate": true }));
    payload["is_read"] = 1.into();
    assert_eq!(app.deliver("message-sent", &payload).await, json!({ "id": "evt_2", "duplicate": false }));
    let data = app.query("{ messages { totalCount nodes { id text isRead } } }").await;
    assert_eq!(data["messages"], json!({ "totalCount": 1, "nodes": [{ "id": "msg_zalo_m-1", "text": "Chào", "isRead": true }] }));
    app.stop().await;
}

#[tokio::test]
async fn the_kind_may_come_in_an_envelope_a_header_or_the_shape() {
    let app = TestApp::new().await;
    let payload = sample("ticket-created");
    let envelope = json!({ "event": "ticket.created", "id": "e-1", "data": payload });
    let (status, _) = app.post_body("", &[], envelope.to_string()).await;
    assert_eq!(status, StatusCode::OK);
    let (_, again) = app.post_body("", &[("x-event-type", "ticket-created"), ("webhook-id", "e-1")], payload.to_string()).await;
    assert_eq!(again["duplicate"], true, "the envelope's id and the header's are one");
    let (status, _) = app.post_body("", &[], json!({ "deletedContactIds": ["x"] }).to_string()).await;
    assert_eq!(status, StatusCode::OK);
    let data = app.query("{ events { nodes { kind deliveryId } } }").await;
    assert_eq!(
        data["events"]["nodes"],
        json!([{ "kind": "CUSTOMER_DELETED", "deliveryId": null }, { "kind": "TICKET_CREATED", "deliveryId": "e-1" }])
    );
    app.stop().await;
}

#[tokio::test]
async fn an_invalid_event_is_answered_with_the_path_at_fault() {
    let app = TestApp::new().await;
    let (status, answer) = app.post_body("/message-sent", &[], r#"{"message": "x"}"#).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!((&answer["kind"], &answer["path"]), (&json!("message.sent"), &json!("$.conversation_id")));
    assert!(answer["reason"].as_str().unwrap().contains("expected"), "{answer}");
    let (status, answer) = app.post_body("", &[], r#"{"id": "x"}"#).await;
    assert_eq!((status, &answer["kind"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!(null)));
    assert_eq!(app.query("{ events { totalCount } }").await["events"]["totalCount"], 0);
    app.stop().await;
}

#[tokio::test]
async fn a_malformed_delivery_is_refused_with_the_reason() {
    let app = TestApp::with(|config| config.webhooks.max_body_bytes = 1000).await;
    let (status, answer) = app.post_body("/message-sent", &[], "{").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(answer["error"].as_str().unwrap().contains("not JSON"), "{answer}");
    let (status, answer) = app.post_body("/message-sent", &[], vec![0xff, 0xfe]).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "{answer}");
    let (status, answer) = app.post_body("/message-edited", &[], "{}").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(answer["error"].as_str().unwrap().contains("message-sent"), "{answer}");
    let (status, answer) = app.post_body("/message-sent", &[], "x".repeat(1001)).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(answer["error"].as_str().unwrap().contains("1000"), "{answer}");
    let got = app.client.get(format!("{}/webhooks/message-sent", app.base)).send().await.unwrap();
    assert_eq!(got.status(), StatusCode::METHOD_NOT_ALLOWED);
    app.stop().await;
}

#[tokio::test]
async fn many_posters_at_once_are_all_stored_once_and_in_one_order() {
    let app = TestApp::new().await;
    let posts = (0..400).map(|n| {
        let payload = message(&format!("m-{}", n / 2), &format!("c-{}", n % 7), "hi", 1_758_791_400_000 + n / 2);
        let app = &app;
        async move { app.deliver("message-sent", &payload).await["duplicate"] == false }
    });
    let stored = futures_util::future::join_all(posts).await.into_iter().filter(|new| *new).count();
    // Two posts of a message differ in their conversation or are equal, so each is stored unless it is a repetition.
    let data = app.query("{ messages { totalCount } events(first: 1) { totalCount nodes { id } } }").await;
    assert_eq!(data["messages"]["totalCount"], 200);
    assert_eq!(data["events"]["totalCount"], stored);
    assert_eq!(data["events"]["nodes"][0]["id"], format!("evt_{stored}"), "no number is left out");
    app.stop().await;
}

#[tokio::test]
async fn a_nul_character_anywhere_breaks_nothing() {
    let app = TestApp::new().await;
    let customer = json!({
        "id": "c\0x", "system_name": "A\0B", "phone": "09\0", "cf_a\0b": "v\0w", "cf_tags": ["x\0"],
        "social": [{ "type": "zalo\0", "id": "z\0", "extra\0": "e\0" }], "status": [{ "id": "s\0", "value": "v\0" }],
        "manager": { "_id": "m\0", "full_name": "Lê\0" },
    });
    app.deliver("customer-created", &customer).await;
    let message = json!({
        "message_id": "m\0", "conversation_id": "k\0", "platform": "za\0lo", "from_id": "f\0", "oa_id": "o\0", "message": "h%00i\0",
        "time": 1_758_791_400_123_i64, "is_platform_sender": 0, "attachments": [{ "url": "u\0", "a\0": 1 }], "assign_by": ["s\0"],
    });
    app.deliver("message-sent", &message).await;
    app.deliver("ticket-created", &json!({ "ticket_id": "t\0", "name": "T\0", "customer": "c\0x", "level": "u\0" })).await;
    let found = app
        .query_with(
            "query ($id: ID!, $asSent: ID!, $text: String!) {
                customer(id: $id) { name tickets { totalCount } }
                asSent: customer(id: $asSent) { name }
                customers(filter: { name: { contains: $text } }) { totalCount }
                messages(filter: { search: $text, senderId: { ne: $text } }) { totalCount }
                search(text: $text) { totalCount }
            }",
            json!({ "id": "c\u{fffd}x", "asSent": "c\0x", "text": "\0" }),
        )
        .await;
    assert_eq!(found["customer"], json!({ "name": "A\u{fffd}B", "tickets": { "totalCount": 1 } }));
    assert!(found["asSent"].is_null(), "there is no such id, and that is no error");
    assert_eq!(found["customers"]["totalCount"], 1);
    app.stop().await;
}
