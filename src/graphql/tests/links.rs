//! The links between objects, and how values are presented.

use serde_json::json;

use super::{Desk, customer, message, ticket};
use crate::domain::kind::EventKind;

async fn desk() -> Desk {
    let desk = Desk::open().await;
    desk.store(&[customer("c1", "z1"), message("a_b", "k1", "z1"), ticket("t1", "c1"), ticket("t2", "nobody")]).await;
    desk
}

#[tokio::test]
async fn every_object_is_found_by_its_global_id_and_its_source_id() {
    let desk = desk().await;
    let data = desk
        .data(
            r#"{
              node(id: "cus_c1") { __typename id }
              nodes(ids: ["tkt_t1", "con_none", "msg_zalo_a_b", "evt_1", "stf_m1"]) { __typename id }
              a: customer(id: "cus_c1") { sourceId } b: customer(id: "c1") { sourceId } c: customer(id: "con_c1") { sourceId }
              conversation(id: "k1") { id } message(id: "msg_zalo_a_b") { sourceId } ticket(id: "t1") { id } staff(id: "stf_m1") { name }
            }"#,
        )
        .await;
    let expected = json!({
        "node": {"__typename": "Customer", "id": "cus_c1"},
        "nodes": [
            {"__typename": "Ticket", "id": "tkt_t1"}, null, {"__typename": "Message", "id": "msg_zalo_a_b"},
            {"__typename": "Event", "id": "evt_1"}, {"__typename": "Staff", "id": "stf_m1"},
        ],
        "a": {"sourceId": "c1"}, "b": {"sourceId": "c1"}, "c": null,
        "conversation": {"id": "con_k1"}, "message": {"sourceId": "a_b"}, "ticket": {"id": "tkt_t1"}, "staff": {"name": "Lê Minh"},
    });
    assert_eq!(data, expected);
}

#[tokio::test]
async fn every_link_leads_to_its_object() {
    let desk = desk().await;
    let data = desk
        .data(
            r#"{
              conversation(id: "k1") {
                customer { id } assignees { id } lastMessage { id } messageCount unreadCount contact { sourceId name } chatMode
                channel { sourceId kind appId } platform platformName
                messages { nodes { id text type direction readBy { name } responder { name } attachments { url raw } event { kind } } }
                events { nodes { id subjects { id } } }
              }
              customer(id: "c1") {
                manager { name } createdBy { id } statuses { name color { hex a } } socialAccounts { platform raw }
                all: customFields { key value } one: customFields(keys: ["cf_points", "cf_none"]) { key value }
                tickets { totalCount nodes { id } } messages { totalCount } events { nodes { kind payload } }
              }
              staff(id: "m1") {
                assignedConversations { nodes { id } } assignedTickets { totalCount } managedCustomers { nodes { id } }
              }
              staffMembers { nodes { name } totalCount pageInfo { hasNextPage } }
            }"#,
        )
        .await;
    let conversation = json!({
        "customer": {"id": "cus_c1"}, "assignees": [{"id": "stf_m1"}], "lastMessage": {"id": "msg_zalo_a_b"},
        "messageCount": 1, "unreadCount": 1, "contact": {"sourceId": "z1", "name": null}, "chatMode": null,
        "channel": {"sourceId": "oa", "kind": "ZALO_OA", "appId": null}, "platform": "ZALO", "platformName": "zalo",
        "messages": {"nodes": [{
            "id": "msg_zalo_a_b", "text": "Chào", "type": "TEXT", "direction": "INBOUND", "readBy": [{"name": "Lê Minh"}],
            "responder": null, "event": {"kind": "MESSAGE_SENT"},
            "attachments": [{"url": "https://files.example/a.png", "raw": "https://files.example/a.png"}],
        }]},
        "events": {"nodes": [{"id": "evt_2", "subjects": [{"id": "con_k1"}, {"id": "msg_zalo_a_b"}]}]},
    });
    assert_eq!(data["conversation"], conversation);
    let expected = json!({
        "manager": {"name": "Lê Minh"}, "createdBy": null,
        "statuses": [{"name": "Tiềm năng", "color": {"hex": "#ffaa00", "a": 1.0}}],
        "socialAccounts": [{"platform": "ZALO", "raw": {"type": "zalo", "id": "z1", "name": "Zalo"}}],
        "all": [{"key": "cf_points", "value": 3}, {"key": "cf_tags", "value": ["vip", 1]}],
        "one": [{"key": "cf_points", "value": 3}],
        "tickets": {"totalCount": 1, "nodes": [{"id": "tkt_t1"}]}, "messages": {"totalCount": 1},
        "events": {"nodes": [{"kind": "CUSTOMER_CREATED", "payload": customer("c1", "z1").1}]},
    });
    assert_eq!(data["customer"], expected);
    let staff = json!({
        "assignedConversations": {"nodes": [{"id": "con_k1"}]}, "assignedTickets": {"totalCount": 2},
        "managedCustomers": {"nodes": [{"id": "cus_c1"}]},
    });
    assert_eq!(data["staff"], staff);
    let members = json!({"nodes": [{"name": "Lê Minh"}], "totalCount": 1, "pageInfo": {"hasNextPage": false}});
    assert_eq!(data["staffMembers"], members);
}

#[tokio::test]
async fn a_ticket_shows_unlisted_words_its_reminder_and_the_id_of_a_customer_never_seen() {
    let desk = desk().await;
    let data = desk
        .data(
            r#"{ ticket(id: "t2") {
              level levelName status customer { id } customerSourceId assignee { id } isOverdue createdAt dueAt remindAt deletedAt
              reminder { amount unit } attachments { url }
            } }"#,
        )
        .await;
    let expected = json!({
        "level": "OTHER", "levelName": "urgent", "status": "PROCESS", "customer": null, "customerSourceId": "nobody",
        "assignee": {"id": "stf_m1"}, "isOverdue": true, "createdAt": "2025-09-25T09:20:00.000Z", "dueAt": "2025-09-27T09:20:00.000Z",
        "remindAt": "2025-09-27T08:50:00.000Z", "deletedAt": null, "reminder": {"amount": 30, "unit": "MINUTE"}, "attachments": [],
    });
    assert_eq!(data["ticket"], expected);
}

#[tokio::test]
async fn a_deleted_customer_leaves_lists_but_not_links() {
    let desk = desk().await;
    desk.store(&[(EventKind::CustomerDeleted, json!({"deletedContactIds": ["c1"]}))]).await;
    let data = desk
        .data(
            r#"{
              customers { totalCount nodes { id } } all: customers(includeDeleted: true) { totalCount nodes { id } }
              conversation(id: "k1") { customer { id } } customer(id: "c1") { deletedAt }
            }"#,
        )
        .await;
    assert_eq!(data["customers"], json!({"totalCount": 0, "nodes": []}));
    assert_eq!(data["all"], json!({"totalCount": 1, "nodes": [{"id": "cus_c1"}]}));
    assert_eq!(data["conversation"], json!({"customer": {"id": "cus_c1"}}));
    assert!(data["customer"]["deletedAt"].is_string());
}

#[tokio::test]
async fn a_conversation_known_only_by_its_status_is_on_an_unknown_platform() {
    let desk = Desk::open().await;
    desk.store(&[(EventKind::ConversationStatusChanged, json!({"conversation_id": "k9", "is_closed": true}))]).await;
    let data = desk
        .data(r#"{ conversation(id: "k9") { platform platformName channel { kind } contact { name } isClosed lastMessage { id } lastMessageAt } }"#)
        .await;
    let expected = json!({
        "platform": "OTHER", "platformName": "unknown", "channel": null, "contact": null, "isClosed": true, "lastMessage": null,
        "lastMessageAt": null,
    });
    assert_eq!(data["conversation"], expected);
}

#[tokio::test]
async fn pages_can_be_read_forwards_and_backwards_in_any_order() {
    let desk = Desk::open().await;
    desk.store(&["c1", "c2", "c3", "c4", "c5"].map(|id| customer(id, id))).await;
    let page = async |arguments: &str| {
        let query = format!(
            "{{ customers(orderBy: {{field: NAME, direction: ASC}}, {arguments}) {{ nodes {{ sourceId }} \
             pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"
        );
        let data = desk.data(&query).await["customers"].take();
        let ids: Vec<String> =
            data["nodes"].as_array().unwrap().iter().map(|node| node["sourceId"].as_str().unwrap().to_owned()).collect();
        (ids, data["pageInfo"].clone())
    };
    let (ids, first) = page("first: 2").await;
    assert_eq!(ids, ["c1", "c2"]);
    let (ids, second) = page(&format!("first: 2, after: {}", first["endCursor"])).await;
    assert_eq!(ids, ["c3", "c4"]);
    assert_eq!((&second["hasNextPage"], &second["hasPreviousPage"]), (&true.into(), &true.into()));
    let (ids, _) = page(&format!("last: 2, before: {}", second["startCursor"])).await;
    assert_eq!(ids, ["c1", "c2"]);
    let (ids, _) = page("last: 1").await;
    assert_eq!(ids, ["c5"]);
}

#[tokio::test]
async fn the_default_order_is_by_name_for_staff_and_newest_first_for_events() {
    let desk = Desk::open().await;
    let named = |id: &str, name: &str| {
        (
            EventKind::CustomerCreated,
            json!({"id": id, "manager": {"_id": id, "full_name": name}, "createdAt": "2025-09-01T00:00:00Z"}),
        )
    };
    desk.store(&[named("1", "Đỗ An"), named("2", "Châu"), named("3", "Ánh")]).await;
    let data = desk.data("{ staffMembers { nodes { name } } events { nodes { id } } }").await;
    let expected = json!({
        "staffMembers": {"nodes": [{"name": "Ánh"}, {"name": "Châu"}, {"name": "Đỗ An"}]},
        "events": {"nodes": [{"id": "evt_3"}, {"id": "evt_2"}, {"id": "evt_1"}]},
    });
    assert_eq!(data, expected);
}
