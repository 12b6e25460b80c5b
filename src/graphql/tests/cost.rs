//! The cost of responses: statements per level, never per parent, and only for what is selected.

use super::{Desk, customer, message, request, ticket};

/// Twenty customers with three conversations of four messages each, and a ticket.
async fn shop() -> Desk {
    let desk = Desk::open().await;
    let mut payloads = Vec::new();
    for c in 0..20 {
        payloads.push(customer(&format!("c{c}"), &format!("z{c}")));
        payloads.push(ticket(&format!("t{c}"), &format!("c{c}")));
        for conversation in 0..3 {
            for m in 0..4 {
                let conversation = format!("k{c}-{conversation}");
                payloads.push(message(&format!("{conversation}-{m}"), &conversation, &format!("z{c}")));
            }
        }
    }
    desk.store(&payloads).await;
    desk
}

#[tokio::test(flavor = "multi_thread")]
async fn nested_lists_take_one_statement_per_level_and_one_more_for_counts() {
    let desk = shop().await;
    let nested = |count: &str| {
        format!(
            "{{ customers(first: 20) {{ {count} nodes {{ conversations(first: 5) {{ {count} nodes {{ \
             messages(first: 10) {{ {count} edges {{ cursor node {{ id text }} }} pageInfo {{ hasNextPage endCursor }} }} }} }} }} }} }}"
        )
    };
    let (data, statements) = desk.ask(&nested("")).await;
    assert_eq!(data["customers"]["nodes"].as_array().unwrap().len(), 20);
    assert_eq!(statements.len(), 3, "{statements:#?}");

    let (data, statements) = desk.ask(&nested("totalCount")).await;
    assert_eq!(data["customers"]["totalCount"], 20);
    let first = &data["customers"]["nodes"][0]["conversations"];
    assert_eq!((&first["totalCount"], &first["nodes"][0]["messages"]["totalCount"]), (&3.into(), &4.into()));
    assert_eq!(statements.len(), 6, "{statements:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_and_orders_of_nested_lists_take_no_more_statements_for_any_number_of_parents() {
    let desk = shop().await;
    let nested = |customers: u32, messages: &str| {
        format!(
            r#"{{ customers(
              first: {customers}, filter: {{ customField: [{{ key: "cf_points", number: {{ gt: 1 }} }}], tickets: {{ some: {{}} }} }},
              orderBy: {{ field: NAME, direction: ASC }}
            ) {{ totalCount nodes {{ conversations(
              first: 5, filter: {{ assignees: {{ some: {{ name: {{ contains: "le" }} }} }}, customer: {{ name: {{ startsWith: "khach" }} }} }},
              orderBy: {{ field: UNREAD_COUNT, direction: ASC }}
            ) {{ totalCount nodes {{ messages(
              first: 10, filter: {{ {messages} }}, orderBy: {{ field: SENT_AT, direction: ASC }}
            ) {{ totalCount nodes {{ text }} }} }} }} }} }} }}"#
        )
    };
    for customers in [1, 7, 20] {
        let (data, statements) = desk.ask(&nested(customers, r"not: { text: { isNull: true } }, readBy: { every: {} }")).await;
        assert_eq!(statements.len(), 6, "{statements:#?}");
        let last = &data["customers"]["nodes"][customers as usize - 1]["conversations"];
        assert_eq!((&data["customers"]["totalCount"], &last["totalCount"]), (&20.into(), &3.into()), "{data}");
        assert_eq!(last["nodes"][2]["messages"]["totalCount"], 4, "{data}");

        // The number of messages found by an index is read once for the pages and once for the counts.
        let (data, statements) = desk.ask(&nested(customers, r#"text: { contains: "chao" }"#)).await;
        assert!(statements.len() <= 8, "{statements:#?}");
        assert_eq!(data["customers"]["nodes"][0]["conversations"]["nodes"][0]["messages"]["totalCount"], 4, "{data}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn links_take_one_statement_per_kind_for_any_number_of_rows() {
    let desk = shop().await;
    let (data, statements) = desk
        .ask("{ messages(first: 30) { nodes { conversation { id } customer { id manager { name } } event { id } readBy { id } } } }")
        .await;
    assert_eq!(data["messages"]["nodes"].as_array().unwrap().len(), 30);
    // Messages, conversations, customers, managers, events, readers, and their names.
    assert!(statements.len() <= 8, "{statements:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_count_alone_reads_no_page_and_lists_with_different_arguments_are_read_separately() {
    let desk = shop().await;
    let (_, statements) = desk.ask("{ customers { totalCount } }").await;
    assert_eq!(statements.len(), 1, "{statements:#?}");

    let (data, statements) = desk
        .ask("{ customers { nodes { a: messages(first: 1) { nodes { id } } b: messages(last: 2) { nodes { id } } } } }")
        .await;
    let first = &data["customers"]["nodes"][0];
    assert_eq!((first["a"]["nodes"].as_array().unwrap().len(), first["b"]["nodes"].as_array().unwrap().len()), (1, 2));
    assert_eq!(statements.len(), 3, "{statements:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_position_in_a_response_takes_no_additional_statement() {
    let desk = shop().await;
    desk.statements.lock().unwrap().clear();
    let response = desk.respond("{ customers { nodes { id } } ...Head } fragment Head on Query { now: head }").await;
    let data = response.data.into_json().unwrap();
    assert_eq!(response.extensions["position"].clone().into_json().unwrap(), data["now"]);
    let statements = desk.statements.lock().unwrap();
    assert_eq!(statements.len(), 1, "{statements:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_selected_first_is_the_position_of_the_state_read_after_it() {
    let desk = shop().await;
    let (data, statements) = desk.ask("{ head customers { nodes { id } } }").await;
    assert!(data["head"].is_string() && data["customers"]["nodes"][0]["id"].is_string(), "{data}");
    assert_eq!(statements.len(), 1, "{statements:#?}");
    if desk.url().starts_with("postgres") {
        // A single statement reads one state.
        assert!(statements[0].contains(r#"FROM "change""#), "{statements:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_response_has_the_order_of_its_selection() {
    let desk = shop().await;
    let query = "{ customers(first: 1) { nodes { conversations { totalCount } name id } totalCount } head }";
    let answer = serde_json::to_string(&desk.respond(query).await.data).unwrap();
    let keys = ["customers", "nodes", "conversations", "name", "id", "totalCount\":20", "head"];
    let places: Vec<_> =
        keys.iter().map(|key| answer.find(&format!("\"{key}")).unwrap_or_else(|| panic!("{key}: {answer}"))).collect();
    assert!(places.is_sorted(), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn blocked_requests_hold_no_connection() {
    let desk = shop().await;
    // Plans don't support cursors of events.
    for document in ["{ events { nodes { cursor } } }", "{ customers { nodes { id conversations { totalCount } } } }"] {
        // More requests than connections.
        let mut held_up: Vec<_> = (0..6).map(|_| Box::pin(desk.schema.execute(request(document)))).collect();
        for request in &mut held_up {
            // On SQLite some may be ready at once.
            let _ = futures_util::poll!(request);
        }
        let data = desk.data("{ customers { nodes { id conversations { totalCount } } } }").await;
        assert!(data["customers"]["nodes"][0]["id"].is_string());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_parents_take_a_handful_of_statements() {
    let desk = Desk::open().await;
    let mut payloads = Vec::new();
    for c in 0..100 {
        payloads.push(customer(&format!("c{c}"), &format!("z{c}")));
        for conversation in 0..20 {
            payloads.push(message(&format!("m{c}-{conversation}"), &format!("k{c}-{conversation}"), &format!("z{c}")));
        }
    }
    desk.store(&payloads).await;
    let (data, statements) = desk
        .ask("{ customers(first: 100) { nodes { conversations { nodes { messages(first: 1) { totalCount nodes { id } } } } } } }")
        .await;
    let conversations = data["customers"]["nodes"][99]["conversations"]["nodes"].as_array().unwrap();
    assert_eq!((conversations.len(), &conversations[19]["messages"]["totalCount"]), (20, &1.into()));
    assert_eq!(statements.len(), 4, "{statements:#?}");
}
