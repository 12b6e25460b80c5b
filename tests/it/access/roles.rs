//! Which rows a role sees: the agents of a shop, each with their own inbox, and what is refused to them.

use deskgraph::{config::Config, graphql::role::Rules};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::entry_points::{EVENTS, PARTS, post, socket};
use crate::support::{
    PATIENCE,
    app::TestApp,
    database::Database,
    keys::{key, key_with},
    message,
    process::deskgraph,
    sample,
    streamed::{Events, Parts},
};

/// The rules of an agent, as the settings have them.
const AGENT: &str = r#"
    conversations = '{ assignees: { some: { id: { eq: $staff } } } }'
    tickets = '{ assigneeId: { eq: $staff } }'
    customers = '{ conversations: { some: { assignees: { some: { id: { eq: $staff } } } } } }'
    events = false
    masks = ["Customer.phone", "Customer.email", "Customer.note", "SocialAccount.raw"]
    introspection = true
    [limits]
    complexity_per_minute = 200000
    concurrent_requests = 20
    connections = 50
"#;

/// A role with these rules, as TOML.
pub(super) fn role(config: &mut Config, name: &str, rules: &str) {
    let rules: Rules = toml::from_str(rules).unwrap();
    config.roles.insert(name.into(), rules);
}

/// A key of a role, optionally of a staff member.
pub(super) async fn key_of(app: &TestApp, role: &str, staff: Option<&str>) -> String {
    let change = |key: &mut deskgraph::store::ApiKey| {
        key.role = role.into();
        key.staff = staff.map(str::to_owned);
    };
    key_with(app.database_url(), change).await
}

/// The response to a request with a key.
pub(super) async fn answer(app: &TestApp, key: &str, query: &str, variables: Value) -> Value {
    let response = post(&app.base, "application/json", Some(&format!("Bearer {key}")), query, variables).await;
    assert_eq!(response.status(), 200, "{query}");
    response.json().await.unwrap()
}

/// The data of a query with a key, which must succeed.
pub(super) async fn data(app: &TestApp, key: &str, query: &str) -> Value {
    let mut answer = answer(app, key, query, json!({})).await;
    assert!(answer.get("errors").is_none(), "{query}: {answer}");
    answer["data"].take()
}

/// The message of a `FORBIDDEN` error.
pub(super) fn forbidden(answer: &Value) -> &str {
    let error = &answer["errors"][0];
    assert_eq!(error["extensions"]["code"], "FORBIDDEN", "{answer}");
    assert!(answer["data"].is_null(), "{answer}");
    error["message"].as_str().unwrap()
}

/// A message of the customer `who`, in a conversation that is assigned to a staff member.
pub(super) fn message_of(id: &str, conversation: &str, who: &str, staff: &str, time_ms: i64) -> Value {
    let mut message = message(id, conversation, &format!("hello from {who}"), time_ms);
    message["from_id"] = format!("zalo-{who}").into();
    message["from_display_name"] = who.into();
    message["assign_by"] = json!([staff]);
    message
}

/// A customer.
pub(super) fn customer(who: &str, updated: &str) -> Value {
    let mut customer = sample("customer-created");
    for (field, value) in [
        ("id", who.to_owned()),
        ("_id", who.to_owned()),
        ("system_name", format!("Customer {who}")),
        ("system_phone", if who == "k-an" { "0911000111" } else { "0922000222" }.to_owned()),
        ("system_email", format!("{who}@example.com")),
        ("note", format!("secret{}", who.replace('-', ""))),
        ("updatedAt", updated.to_owned()),
    ] {
        customer[field] = value.into();
    }
    customer["social"] = json!([{ "type": "zalo", "id": format!("zalo-{who}"), "hidden": "raw data" }]);
    customer
}

/// A ticket.
pub(super) fn ticket(id: &str, who: &str, staff: &str) -> Value {
    let mut ticket = sample("ticket-created");
    for (field, value) in [("ticket_id", id), ("name", id), ("description", "broken"), ("customer", who), ("employee", staff)] {
        ticket[field] = value.into();
    }
    ticket
}

/// A shop with two agents. Each has a customer, a conversation with a message, and a ticket; An also has a ticket for Binh's
/// customer.
pub(super) async fn shop(change: impl FnOnce(&mut Config)) -> TestApp {
    let app = Box::pin(TestApp::with(|config| {
        role(config, "lead", "");
        role(config, "agent", AGENT);
        change(config);
    }))
    .await;
    for (n, staff) in [(0, "an"), (1, "binh")] {
        let who = format!("k-{staff}");
        app.deliver("customer-created", &customer(&who, "2025-09-25T09:10:05.120Z")).await;
        let message = message_of(&format!("m-{staff}"), &format!("c-{staff}"), &who, staff, 1_758_791_400_000 + n);
        app.deliver("message-sent", &message).await;
        app.deliver("ticket-created", &ticket(&format!("t-{staff}"), &who, staff)).await;
    }
    app.deliver("ticket-created", &ticket("t-both", "k-binh", "an")).await;
    app
}

/// The shop, with the keys of An and Binh.
pub(super) async fn shop_of_two() -> (TestApp, String, String) {
    let app = shop(|_| {}).await;
    let (an, binh) = (key_of(&app, "agent", Some("an")).await, key_of(&app, "agent", Some("binh")).await);
    (app, an, binh)
}

const LISTS: &str = "{
    conversations { totalCount nodes { sourceId customer { sourceId } messages { totalCount } } }
    customers { totalCount nodes { sourceId conversations { nodes { sourceId } } tickets { nodes { name } } messages { totalCount } } }
    messages { totalCount nodes { sourceId conversation { sourceId } } }
    tickets(orderBy: { field: CREATED_AT }) { totalCount nodes { name customer { sourceId } } }
}";

#[tokio::test]
async fn each_agent_sees_only_their_own_objects_in_lists_links_and_counts() {
    let (app, an, binh) = shop_of_two().await;
    for (key, own, both) in [(&an, "an", true), (&binh, "binh", false)] {
        let (who, conversation, message) = (format!("k-{own}"), format!("c-{own}"), format!("m-{own}"));
        let mut all = data(&app, key, LISTS).await;
        let tickets = all["tickets"].take();
        let mut seen: Vec<_> = tickets["nodes"].as_array().unwrap().iter().map(Value::to_string).collect();
        seen.sort();
        let mut expected = vec![json!({ "name": format!("t-{own}"), "customer": { "sourceId": who } }).to_string()];
        if both {
            // The customer of the other is hidden.
            expected.push(json!({ "name": "t-both", "customer": null }).to_string());
        }
        expected.sort();
        assert_eq!((&seen, &tickets["totalCount"]), (&expected, &expected.len().into()));
        assert_eq!(
            all,
            json!({
                "conversations": {
                    "totalCount": 1,
                    "nodes": [{ "sourceId": conversation, "customer": { "sourceId": who }, "messages": { "totalCount": 1 } }],
                },
                "customers": {
                    "totalCount": 1,
                    "nodes": [{
                        "sourceId": who,
                        "conversations": { "nodes": [{ "sourceId": conversation }] },
                        "tickets": { "nodes": [{ "name": format!("t-{own}") }] },
                        "messages": { "totalCount": 1 },
                    }],
                },
                "messages": { "totalCount": 1, "nodes": [{ "sourceId": message, "conversation": { "sourceId": conversation } }] },
                "tickets": null,
            })
        );
    }
    let lead = key(app.database_url()).await;
    assert_eq!(data(&app, &lead, "{ tickets { totalCount } }").await["tickets"]["totalCount"], 3);
    app.stop().await;
}

#[tokio::test]
async fn objects_of_another_agent_are_found_neither_by_id_search_filter_nor_in_statistics() {
    let (app, an, binh) = shop_of_two().await;
    let by_id = |own: &str| {
        format!(
            r#"{{ customer(id: "k-{own}") {{ sourceId }} conversation(id: "c-{own}") {{ sourceId }} ticket(id: "t-{own}") {{ name }}
            message(id: "msg_zalo_m-{own}") {{ sourceId }}
            nodes(ids: ["cus_k-{own}", "con_c-{own}", "tkt_t-{own}", "msg_zalo_m-{own}"]) {{ id }} node(id: "con_c-{own}") {{ id }} }}"#
        )
    };
    let nothing = data(&app, &an, &by_id("nobody")).await;
    for (key, own, other) in [(&an, "an", "binh"), (&binh, "binh", "an")] {
        assert_eq!(data(&app, key, &by_id(other)).await, nothing, "the same as for an unknown id");
        let own = data(&app, key, &by_id(own)).await;
        assert!(own.as_object().unwrap().values().all(|value| !value.is_null()), "{own}");
        assert!(own["nodes"].as_array().unwrap().iter().all(|node| !node.is_null()), "{own}");
    }
    let query = r#"{
        search(text: "hello") { totalCount nodes { __typename ... on Message { sourceId } } }
        names: search(text: "Customer", types: [CUSTOMER]) { nodes { ... on Customer { sourceId } } }
        messageStats { count conversations customers }
        conversationStats(groupBy: [ASSIGNEE]) { assignee { sourceId } count }
        ticketStats { count }
        customerStats { count }
        customFieldKeys(first: 1) { customers }
        related: customers(filter: { tickets: { some: { name: { eq: "t-both" } } } }) { totalCount }
        conversations(filter: { customer: { name: { eq: "Customer k-an" } } }) { totalCount }
        tickets(filter: { customer: { name: { eq: "Customer k-binh" } } }) { totalCount }
    }"#;
    let seen = |own: &str, tickets: u8, related: u8, conversations: u8, of_binh: u8| {
        json!({
            "search": { "totalCount": 1, "nodes": [{ "__typename": "Message", "sourceId": format!("m-{own}") }] },
            "names": { "nodes": [{ "sourceId": format!("k-{own}") }] },
            "messageStats": [{ "count": 1, "conversations": 1, "customers": 1 }],
            "conversationStats": [{ "assignee": { "sourceId": own }, "count": 1 }],
            "ticketStats": [{ "count": tickets }],
            "customerStats": [{ "count": 1 }],
            "customFieldKeys": [{ "customers": 1 }],
            "related": { "totalCount": related },
            "conversations": { "totalCount": conversations },
            "tickets": { "totalCount": of_binh },
        })
    };
    // A filter sees neither the customer behind An's ticket, nor the ticket of Binh's customer that is An's.
    assert_eq!(data(&app, &an, query).await, seen("an", 2, 0, 1, 0));
    assert_eq!(data(&app, &binh, query).await, seen("binh", 1, 0, 0, 1));
    app.stop().await;
}

#[tokio::test]
async fn a_key_without_a_staff_member_sees_nothing() {
    let (app, an, _) = shop_of_two().await;
    let nobody = key_of(&app, "agent", None).await;
    let all = data(&app, &nobody, LISTS).await;
    for list in ["conversations", "customers", "messages", "tickets"] {
        assert_eq!(all[list], json!({ "totalCount": 0, "nodes": [] }), "{list}");
    }
    assert_eq!(data(&app, &nobody, "{ messageStats { count } }").await, json!({ "messageStats": [{ "count": 0 }] }));
    assert_eq!(data(&app, &nobody, r#"{ search(text: "hello") { totalCount } }"#).await["search"]["totalCount"], 0);
    // A subscription delivers nothing before it ends.
    let head = data(&app, &an, "{ head }").await["head"].clone();
    let live = "subscription($after: String) { messageAdded(after: $after) { message { sourceId } } }";
    let mut streams = Vec::new();
    for key in [&an, &nobody] {
        let response = post(&app.base, EVENTS, Some(&format!("Bearer {key}")), live, json!({ "after": head })).await;
        streams.push(Events::of(response));
    }
    app.deliver("message-sent", &message_of("m-2", "c-an", "k-an", "an", 1_758_791_500_000)).await;
    assert_eq!(streams[0].event().await.result()["data"]["messageAdded"]["message"]["sourceId"], "m-2");
    crate::support::keys::revoke(app.database_url(), &nobody).await;
    let last = streams[1].event().await.result();
    assert_eq!(last["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{last}");
    app.stop().await;
}

#[tokio::test]
async fn the_raw_log_is_refused_through_every_field() {
    let (app, an, _) = shop_of_two().await;
    let lead = key(app.database_url()).await;
    for query in [
        "{ events { totalCount } }",
        r#"{ customer(id: "k-an") { events { totalCount } } }"#,
        r#"{ conversation(id: "c-an") { events { totalCount } } }"#,
        r#"{ ticket(id: "t-an") { ...F } } fragment F on Ticket { events { totalCount } }"#,
        "{ messages { nodes { event { id payload } } } }",
    ] {
        let refused = answer(&app, &an, query, json!({})).await;
        assert!(forbidden(&refused).contains("the role may not see the raw log"), "{refused}");
        data(&app, &lead, query).await;
    }
    let live = "subscription { eventStored { event { id } } }";
    let authorization = format!("Bearer {an}");
    let refused = Events::of(post(&app.base, EVENTS, Some(&authorization), live, json!({})).await).event().await.result();
    assert!(forbidden(&refused).contains("Subscription.eventStored"), "{refused}");
    let part = Parts::of(post(&app.base, PARTS, Some(&authorization), live, json!({})).await).await.payload().await;
    assert!(part.to_string().contains("FORBIDDEN"), "{part}");
    let mut socket = socket(&app.base, "graphql-transport-ws", None, Some(&authorization)).await;
    assert_eq!(socket.receive().await["type"], "connection_ack");
    socket.subscribe("1", live).await;
    let refused = socket.receive().await;
    assert_eq!((&refused["type"], &refused["payload"][0]["extensions"]["code"]), (&json!("error"), &json!("FORBIDDEN")));
    // An event is not available as a node either.
    let event = data(&app, &lead, "{ events(first: 1) { nodes { id } } }").await["events"]["nodes"][0]["id"].clone();
    let node = "query($id: ID!) { node(id: $id) { id } }";
    assert_eq!(answer(&app, &lead, node, json!({ "id": event })).await["data"]["node"]["id"], event);
    assert!(answer(&app, &an, node, json!({ "id": event })).await["data"]["node"].is_null());
    app.stop().await;
}

#[tokio::test]
async fn a_role_that_sees_the_raw_log_finds_the_events_about_a_hidden_message() {
    let auditor = AGENT.replace("events = false", "events = true");
    let app = shop(|config| role(config, "auditor", &auditor)).await;
    let mut read = message_of("m-binh", "c-binh", "k-binh", "binh", 1_758_791_400_001);
    read["is_read"] = 1.into();
    app.deliver("message-sent", &read).await;
    let an = key_of(&app, "auditor", Some("an")).await;
    let about = r#"{ message(id: "msg_zalo_m-binh") { id } events(filter: { subjectId: "msg_zalo_m-binh" }) { totalCount } }"#;
    let found = data(&app, &an, about).await;
    assert_eq!((&found["message"], &found["events"]["totalCount"]), (&Value::Null, &json!(2)));
    app.stop().await;
}

#[tokio::test]
async fn a_role_without_introspection_can_not_read_the_schema() {
    let app = shop(|config| role(config, "kiosk", "introspection = false")).await;
    let (kiosk, lead) = (key_of(&app, "kiosk", None).await, key(app.database_url()).await);
    for query in ["{ __schema { queryType { name } } }", r#"{ head __type(name: "Query") { name } }"#] {
        forbidden(&answer(&app, &kiosk, query, json!({})).await);
        data(&app, &lead, query).await;
    }
    assert_eq!(data(&app, &kiosk, "{ __typename }").await["__typename"], "Query");
    for (key, status) in [(&kiosk, 403), (&lead, 200)] {
        let request = app.client.get(format!("{}/schema.graphql", app.base)).bearer_auth(key);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), status);
        assert_eq!(response.text().await.unwrap().contains("type Query"), status == 200);
    }
    app.stop().await;
}

#[tokio::test]
async fn invalid_rules_stop_the_start_with_their_key_and_the_remedy() {
    let database = Database::new();
    for (rules, key, remedy) in [
        ("conversations = '{ asignees: {} }'", "roles.agent.conversations: ", "asignees"),
        (
            "conversations = '{ isClosed: { eq: true }'",
            "roles.agent.conversations: ",
            "a ConversationFilter as a GraphQL literal",
        ),
        ("tickets = '{ assigneeId: { eq: $me } }'", "roles.agent.tickets: ", "rules can only use `$staff`"),
        ("tickets = '{ isOverdue: { eq: false } }'", "roles.agent.tickets: ", "use `dueAt` or `status`"),
        ("customers = '{ id: { eq: 7, ne: null } }'", "roles.agent.customers: ", "null"),
        ("masks = ['Customer.telephone']", "roles.agent.masks: ", "has no field `telephone`"),
        ("masks = ['Customer.createdAt']", "roles.agent.masks: ", "lists are sorted by it"),
        ("masks = ['Message.sentAt']", "roles.agent.masks: ", "it is never null"),
        ("custommers = '{}'", "roles.agent", "custommers"),
        ("limits.connections = 0", "roles.agent.limits.connections", "nonzero"),
    ] {
        std::fs::write(database.folder().join("deskgraph.toml"), format!("[roles.agent]\n{rules}\n")).unwrap();
        for command in [&["config"][..], &["--listen", "127.0.0.1:0"]] {
            let ran = timeout(PATIENCE, deskgraph(&database).args(command).output()).await.expect("it ends").unwrap();
            let stderr = String::from_utf8(ran.stderr).unwrap();
            assert!(!ran.status.success() && stderr.contains(key) && stderr.contains(remedy), "{rules}: {stderr}");
        }
    }
}
