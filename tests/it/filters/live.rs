//! Filters of subscriptions: a change is delivered exactly if the list with the same filter has its object.
//!
//! Lists filter in SQL. Subscriptions filter in memory by the object's own row, and ask the store for the rest. So this
//! compares the two implementations of a filter.

use futures_util::StreamExt;
use serde_json::{Value, json};

use super::{
    draw::Draw,
    vocabulary::ObjectType,
    world::{Shop, run},
};
use crate::support::{app::TestApp, live::Live, message};

/// The number of random filters tried for each type, by other rows and of any kind.
const CASES: u64 = 20;

/// The subscription to changes of a type, from a cursor.
fn subscription(of: ObjectType) -> String {
    let (field, object) = match of {
        ObjectType::Customer => ("customerChanged", "customer"),
        ObjectType::Conversation => ("conversationChanged", "conversation"),
        ObjectType::Message => ("messageAdded", "message"),
        ObjectType::Ticket => ("ticketChanged", "ticket"),
        ObjectType::Event => ("eventStored", "event"),
        ObjectType::Staff => unreachable!("there is no subscription to staff members"),
    };
    let change = if matches!(of, ObjectType::Message | ObjectType::Event) { "" } else { "change" };
    format!(
        "subscription ($filter: {}Filter, $after: String) {{
           sent: {field}(filter: $filter, after: $after) {{ cursor {change} object: {object} {{ id }} }} }}",
        of.type_name()
    )
}

/// Everything delivered from the beginning up to a change of `last`.
pub(super) async fn sent(shop: &Shop, of: ObjectType, filter: &Value, last: &Value) -> Vec<Value> {
    let mut stream = shop.follow(&subscription(of), json!({ "filter": filter, "after": shop.start }));
    let mut sent = Vec::new();
    loop {
        let next = stream.next().await.unwrap()["sent"].take();
        let is_last = next["object"]["id"] == *last;
        sent.push(next);
        if is_last {
            return sent;
        }
    }
}

/// The ids in the list of a filter, including deleted objects.
async fn listed(shop: &Shop, of: ObjectType, filter: &Value) -> Vec<Value> {
    let (kind, list, deleted) = (of.type_name(), of.list(), if of.can_be_deleted() { ", includeDeleted: true" } else { "" });
    let query = format!(
        "query ($filter: {kind}Filter, $after: String) {{ list: {list}(filter: $filter, first: 200, after: $after{deleted}) {{
           nodes {{ id }} pageInfo {{ endCursor hasNextPage }} }} }}"
    );
    let (mut ids, mut after) = (Vec::new(), Value::Null);
    loop {
        let mut list = shop.ask(&query, json!({ "filter": filter, "after": after })).await["list"].take();
        ids.extend(list["nodes"].as_array().unwrap().iter().map(|node| node["id"].clone()));
        if list["pageInfo"]["hasNextPage"] == false {
            return ids;
        }
        after = list["pageInfo"]["endCursor"].take();
    }
}

#[test]
fn a_subscription_delivers_exactly_the_changes_of_objects_in_the_filtered_list() {
    run(async {
        let shop = Shop::open().await;
        for (of, last) in [
            (ObjectType::Customer, json!({ "id": { "eq": "last" } })),
            (ObjectType::Conversation, json!({ "id": { "eq": "last" } })),
            (ObjectType::Message, json!({ "id": { "eq": "msg_zalo_last" } })),
            // Not by id, since a ticket has more ids than its own row has.
            (ObjectType::Ticket, json!({ "storeId": { "eq": "last" } })),
            (ObjectType::Event, json!({})),
        ] {
            let all = sent(&shop, of, &json!({}), shop.world.last(of)).await;
            let own: Vec<_> =
                Draw::new(1, &shop.world, true).each_comparator(of).into_iter().map(|drawn| (drawn, true)).collect();
            let any = (0..CASES).flat_map(|seed| {
                let mut draw = Draw::new(seed, &shop.world, false);
                [draw.linked(of), draw.filter(of, 3)].map(|drawn| (drawn, false))
            });
            let (mut some, mut fewer, mut queried) = (0, 0, 0);
            for (drawn, alone) in own.into_iter().chain(any) {
                // The last object is in every result, so anything delivered in excess is detected. Filters of events do not
                // nest.
                let filter = if of.nests() { json!({ "or": [drawn, last] }) } else { drawn };
                let listed = listed(&shop, of, &filter).await;
                let expected: Vec<&Value> = all.iter().filter(|sent| listed.contains(&sent["object"]["id"])).collect();
                let Some(end) = expected.last() else { continue };
                shop.statements.lock().unwrap().clear();
                let sent = sent(&shop, of, &filter, &end["object"]["id"]).await;
                assert_eq!(sent.iter().collect::<Vec<_>>(), expected, "{filter}");
                let asks_store = shop.statements.lock().unwrap().iter().any(|sql| only_ids(sql));
                assert!(!(alone && asks_store), "the object's own row decides this: {filter}");
                (some, fewer) = (some + u64::from(sent.len() > 1), fewer + u64::from(sent.len() < all.len()));
                queried += u64::from(asks_store);
            }
            assert!(some > CASES / 4 && fewer > CASES / 4 && queried > CASES / 4, "{of:?}: {some} {fewer} {queried}");
        }
        shop.close().await;
    });
}

/// Whether a statement only reads which of the given objects match.
fn only_ids(sql: &str) -> bool {
    let [ids, keys, seqs] = ["id", "key", "seq"].map(|column| format!("\".\"{column}\" FROM \""));
    sql.split(',').next().is_some_and(|first| [ids, keys, seqs].iter().any(|read| first.contains(read)))
}

/// Starts to follow matching changes over a socket.
async fn follow(app: &TestApp, of: ObjectType, filter: &Value, after: &str) -> Live {
    Live::start(&app.base, &subscription(of), json!({ "filter": filter, "after": after })).await
}

async fn head(app: &TestApp) -> String {
    app.query("{ head }").await["head"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_live_change_is_delivered_if_its_object_matches_at_that_time() {
    let app = TestApp::new().await;
    let start = head(&app).await;
    let open = json!({ "isClosed": { "eq": true }, "messages": { "some": { "text": { "contains": "gap" } } } });
    let mut live = follow(&app, ObjectType::Conversation, &open, &start).await;
    app.deliver("message-sent", &message("m0", "k", "Gấp!", 1_758_791_400_000)).await;
    app.deliver("message-sent", &message("m1", "other", "Gấp!", 1_758_791_400_000)).await;
    for id in ["other", "k"] {
        app.deliver("conversation-status-changed", &json!({ "conversation_id": id, "is_closed": true })).await;
        // A change that is read late shows the state after the next one, and is delivered too.
        let closed = json!(["UPDATED", format!("con_{id}")]);
        loop {
            let sent = live.next().await["sent"].take();
            if json!([sent["change"], sent["object"]["id"]]) == closed {
                break;
            }
        }
    }
    app.stop().await;
}

#[tokio::test]
async fn changes_have_the_kind_created_updated_or_deleted() {
    let app = TestApp::new().await;
    let start = head(&app).await;
    let named = json!({ "id": { "in": ["a", "k"] } });
    let mut customers = follow(&app, ObjectType::Customer, &named, &start).await;
    let mut tickets = follow(&app, ObjectType::Ticket, &named, &start).await;
    let mut conversations = follow(&app, ObjectType::Conversation, &named, &start).await;
    // Deletes are dated by their arrival, at `NOW`; a snapshot dated later restores.
    let customer = |date: &str| json!({ "id": "a", "system_name": date, "updatedAt": format!("{date}T00:00:00Z") });
    let ticket = |date: &str| json!({ "ticket_id": "a", "name": date, "updatedAt": format!("{date}T00:00:00Z") });
    for (event, payload, change) in [
        ("customer-created", customer("2025-09-01"), "CREATED"),
        ("customer-updated", customer("2025-09-02"), "UPDATED"),
        ("customer-deleted", json!({ "deletedContactIds": ["a", "b"] }), "DELETED"),
        ("customer-updated", customer("2025-10-02"), "UPDATED"),
    ] {
        app.deliver("customer-created", &json!({ "id": "noise" })).await;
        app.deliver(event, &payload).await;
        let sent = customers.next().await["sent"].take();
        assert_eq!((&sent["change"], &sent["object"]["id"]), (&json!(change), &json!("cus_a")), "{payload}");
    }
    for (event, payload, change) in [
        ("ticket-created", ticket("2025-09-01"), "CREATED"),
        ("ticket-updated", ticket("2025-09-02"), "UPDATED"),
        ("ticket-deleted", json!({ "id": "a" }), "DELETED"),
        ("ticket-updated", ticket("2025-10-02"), "UPDATED"),
    ] {
        app.deliver("ticket-created", &json!({ "ticket_id": "noise" })).await;
        app.deliver(event, &payload).await;
        let sent = tickets.next().await["sent"].take();
        assert_eq!((&sent["change"], &sent["object"]["id"]), (&json!(change), &json!("tkt_a")), "{payload}");
    }
    for (event, payload, change) in [
        ("message-sent", message("m0", "k", "hi", 1_758_791_400_000), "CREATED"),
        ("message-sent", message("m1", "k", "hi", 1_758_791_400_001), "UPDATED"),
        ("conversation-status-changed", json!({ "conversation_id": "k", "is_closed": true }), "UPDATED"),
    ] {
        app.deliver(event, &payload).await;
        assert_eq!(conversations.next().await["sent"]["change"], change, "{payload}");
    }
    app.stop().await;
}

#[tokio::test]
async fn an_invalid_filter_is_refused_when_the_subscription_starts() {
    let app = TestApp::new().await;
    for (of, filter, place) in [
        (ObjectType::Message, json!({ "text": { "eq": null } }), "filter.text.eq"),
        (ObjectType::Message, json!({ "id": { "eq": "cus_1" } }), "filter.id.eq"),
        (ObjectType::Customer, json!({ "tickets": { "some": { "name": null } } }), "filter.tickets.some.name"),
        (ObjectType::Event, json!({ "subjectId": null }), "filter.subjectId"),
    ] {
        let answer = follow(&app, of, &filter, &head(&app).await).await.receive().await;
        let errors = if answer["type"] == "error" { &answer["payload"] } else { &answer["payload"]["errors"] };
        let extensions = &errors[0]["extensions"];
        assert_eq!((&extensions["code"], &extensions["argument"]), (&json!("BAD_USER_INPUT"), &json!(place)), "{answer}");
    }
    app.stop().await;
}
