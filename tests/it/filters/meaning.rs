//! The meaning of filters, rule by rule, over HTTP.

use serde_json::{Value, json};

use crate::support::{app::TestApp, message};

/// An app with customers of these payloads. They get the ids `a`, `b`, … and are created in this order.
async fn with_customers(payloads: &[Value]) -> TestApp {
    let app = TestApp::new().await;
    for (payload, n) in payloads.iter().zip(0_u8..) {
        let mut payload = payload.clone();
        payload["id"] = char::from(b'a' + n).to_string().into();
        payload["createdAt"] = format!("2025-09-01T00:00:{n:02}Z").into();
        app.deliver("customer-created", &payload).await;
    }
    app
}

/// The source ids in a list, oldest first, such as `a c`.
async fn found(app: &TestApp, list: &str, filter: &str) -> String {
    let field = match list {
        "conversations" => "STARTED_AT",
        "messages" => "SENT_AT",
        _ => "CREATED_AT",
    };
    let query = format!(
        "{{ {list}(filter: {filter}, orderBy: {{ field: {field}, direction: ASC }}) {{ totalCount nodes {{ sourceId }} }} }}"
    );
    let data = app.query(&query).await;
    let nodes = data[list]["nodes"].as_array().unwrap();
    assert_eq!(data[list]["totalCount"], nodes.len(), "{filter}");
    nodes.iter().map(|node| node["sourceId"].as_str().unwrap()).collect::<Vec<_>>().join(" ")
}

async fn assert_found(app: &TestApp, list: &str, cases: &[(&str, &str)]) {
    for (filter, expected) in cases {
        assert_eq!(found(app, list, filter).await, *expected, "{filter}");
    }
}

#[tokio::test]
async fn empty_filters_match_all_and_an_empty_or_matches_nothing() {
    let app = with_customers(&[json!({ "system_name": "A" }), json!({})]).await;
    let cases = [
        ("{}", "a b"),
        ("{ and: [] }", "a b"),
        ("{ or: [] }", ""),
        ("{ not: {} }", ""),
        ("{ not: { or: [] } }", "a b"),
        ("{ or: [{}, { name: { eq: \"nobody\" } }] }", "a b"),
        ("{ name: {} }", "a b"),
        ("{ name: { in: [] } }", ""),
        ("{ name: { notIn: [] } }", "a b"),
        ("{ id: { in: [] } }", ""),
        ("{ id: { notIn: [] } }", "a b"),
        ("{ status: { in: [] } }", ""),
        ("{ status: { notIn: [] } }", "a b"),
        ("{ customField: [] }", "a b"),
        ("{ customField: [{ key: \"cf_x\" }] }", "a b"),
        ("{ conversations: {} }", "a b"),
        ("{ conversations: { some: {} } }", ""),
        ("{ conversations: { none: {}, every: { or: [] } } }", "a b"),
    ];
    assert_found(&app, "customers", &cases).await;
    for list in ["conversations(filter: { platform: { in: [] } })", "events(filter: { kind: { in: [] } })"] {
        assert_eq!(app.query(&format!("{{ l: {list} {{ totalCount }} }}")).await["l"]["totalCount"], 0, "{list}");
    }
    app.stop().await;
}

#[tokio::test]
async fn complements_include_objects_without_a_value() {
    let named = |name: &str| json!({ "system_name": name });
    let app = with_customers(&[named("An"), named("Bình"), json!({ "manager": { "_id": "s", "full_name": "S" } })]).await;
    let cases = [
        ("{ name: { eq: \"An\" } }", "a"),
        ("{ name: { ne: \"An\" } }", "b c"),
        ("{ not: { name: { eq: \"An\" } } }", "b c"),
        ("{ name: { in: [\"An\", \"Bình\"] } }", "a b"),
        ("{ name: { notIn: [\"An\", \"Bình\"] } }", "c"),
        ("{ not: { name: { contains: \"n\" } } }", "c"),
        ("{ not: { name: { ne: \"An\" } } }", "a"),
        ("{ name: { isNull: true } }", "c"),
        ("{ name: { isNull: false } }", "a b"),
        ("{ managerId: { ne: \"s\" } }", "a b"),
        ("{ managerId: { notIn: [\"stf_s\"] } }", "a b"),
        ("{ not: { updatedAt: { gt: \"2025-01-01T00:00:00Z\" } } }", "a b c"),
        ("{ not: { conversations: { some: { isClosed: { eq: true } } } } }", "a b c"),
        ("{ not: { customField: [{ key: \"cf_x\", number: { gt: 1 } }] } }", "a b c"),
    ];
    assert_found(&app, "customers", &cases).await;
    app.stop().await;
}

#[tokio::test]
async fn patterns_ignore_case_diacritics_and_composition_and_equality_is_exact() {
    let app = with_customers(&[
        json!({ "system_name": "Nguyễn Thị Đào" }),
        json!({ "system_name": "Nguye\u{302}\u{303}n Thi\u{323} Đa\u{300}o" }),
        json!({ "system_name": "NGUYEN THI DAO" }),
    ])
    .await;
    for part in ["nguyen", "NGUYỄN", "nguye\u{302}\u{303}n", "thị đao", "DAO"] {
        assert_eq!(found(&app, "customers", &format!("{{ name: {{ contains: \"{part}\" }} }}")).await, "a b c", "{part}");
    }
    let cases = [
        ("{ name: { startsWith: \"nguyễn t\" } }", "a b c"),
        ("{ name: { startsWith: \"guyen\" } }", ""),
        ("{ name: { endsWith: \"I ĐÀO\" } }", "a b c"),
        ("{ name: { endsWith: \"da\" } }", ""),
        ("{ name: { contains: \"\" } }", "a b c"),
        ("{ name: { eq: \"Nguyễn Thị Đào\" } }", "a"),
        ("{ name: { in: [\"nguyen thi dao\", \"NGUYEN THI DAO\"] } }", "c"),
    ];
    assert_found(&app, "customers", &cases).await;
    app.stop().await;
}

#[tokio::test]
async fn wildcards_and_quotes_are_plain_text() {
    let notes = ["50% off", "50 off", "a_b", "axb", "it's \"so\"", "🎁🎉", "a\\b", "[a-z]*?"];
    let payloads: Vec<Value> = notes.iter().map(|note| json!({ "note": note })).collect();
    let app = with_customers(&payloads).await;
    let query = "query ($part: String!) { customers(filter: { note: { contains: $part } }) { nodes { note } } }";
    for (part, note) in [
        ("0%", notes[0]),
        ("a_", notes[2]),
        ("'s \"", notes[4]),
        ("🎉", notes[5]),
        ("\\", notes[6]),
        ("*", notes[7]),
        ("[a-", notes[7]),
    ] {
        let data = app.query_with(query, json!({ "part": part })).await;
        assert_eq!(data["customers"]["nodes"], json!([{ "note": note }]), "{part}");
    }
    let ends =
        [("{ note: { endsWith: \"%\" } }", ""), ("{ note: { startsWith: \"_\" } }", ""), ("{ note: { endsWith: \"🎉\" } }", "f")];
    assert_found(&app, "customers", &ends).await;
    app.stop().await;
}

#[tokio::test]
async fn other_matches_every_unlisted_word_and_raw_names_distinguish_them() {
    let app = TestApp::new().await;
    for (n, platform) in ["Zalo", "telegram", "TikTok_Shop"].into_iter().enumerate() {
        let mut sent = message(&format!("m{n}"), &format!("k{n}"), "hi", 1_758_791_400_000);
        sent["platform"] = platform.into();
        sent["start_time"] = (1_758_791_400_000_i64 + i64::try_from(n).unwrap()).into();
        sent["chat_mode"] = ["public", "team", ""][n].into();
        app.deliver("message-sent", &sent).await;
    }
    app.deliver("conversation-status-changed", &json!({ "conversation_id": "k3", "is_closed": true })).await;
    let cases = [
        ("{ platform: { eq: ZALO } }", "k0"),
        ("{ platform: { eq: OTHER } }", "k1 k2 k3"),
        ("{ platform: { ne: OTHER } }", "k0"),
        ("{ platform: { in: [OTHER, ZALO] } }", "k0 k1 k2 k3"),
        ("{ platform: { eq: OTHER }, platformName: { contains: \"tok_s\" } }", "k2"),
        ("{ platformName: { eq: \"telegram\" } }", "k1"),
        ("{ platformName: { eq: \"zalo\" } }", ""),
        ("{ platformName: { eq: \"unknown\" } }", "k3"),
        ("{ platformName: { isNull: true } }", ""),
        ("{ chatMode: { eq: OTHER } }", "k1"),
        ("{ chatMode: { ne: OTHER } }", "k0 k2 k3"),
        ("{ chatMode: { notIn: [PUBLIC, PRIVATE, OTHER] } }", "k2 k3"),
    ];
    assert_found(&app, "conversations", &cases).await;
    app.stop().await;
}

#[tokio::test]
async fn a_status_filter_matches_if_any_status_does_and_its_complement_if_none_does() {
    let app = with_customers(&[
        json!({ "status": [{ "id": "1", "value": "Tiềm năng" }, { "id": "2", "value": "Đã mua" }] }),
        json!({ "status": [{ "id": "2", "value": "Đã mua" }] }),
        json!({ "status": [{ "id": "3" }] }),
        json!({}),
    ])
    .await;
    let cases = [
        ("{ status: { eq: \"Tiềm năng\" } }", "a"),
        ("{ status: { ne: \"Tiềm năng\" } }", "b c d"),
        ("{ status: { in: [\"Đã mua\", \"x\"] } }", "a b"),
        ("{ status: { notIn: [\"Đã mua\", \"x\"] } }", "c d"),
        ("{ status: { contains: \"MUA\" } }", "a b"),
        // Several conditions must hold for one status.
        ("{ status: { contains: \"mua\", startsWith: \"tiem\" } }", ""),
        ("{ and: [{ status: { contains: \"mua\" } }, { status: { startsWith: \"tiem\" } }] }", "a"),
        ("{ status: { eq: \"Đã mua\", ne: \"Tiềm năng\" } }", "b"),
        ("{ status: { isNull: true } }", "c d"),
        ("{ status: { isNull: false } }", "a b"),
    ];
    assert_found(&app, "customers", &cases).await;
    app.stop().await;
}

#[tokio::test]
async fn a_numeric_text_in_a_custom_field_is_both_text_and_number() {
    let points = [json!(120), json!("120"), json!(" 99.5 "), json!("many"), json!(true), Value::Null];
    let payloads: Vec<Value> = points.iter().map(|points| json!({ "cf_points": points })).collect();
    let app = with_customers(&payloads).await;
    let cases = [
        ("number: { gte: 100 }", "a b"),
        ("number: { lt: 100 }", "c"),
        ("number: { eq: 99.5 }", "c"),
        ("number: { ne: 120 }", "c d e f"),
        ("number: { isNull: true }", "d e f"),
        ("value: { eq: \"120\" }", "b"),
        ("value: { contains: \"MANY\" }", "d"),
        ("value: { isNull: true }", "a e f"),
        ("value: { ne: \"many\" }", "a b c e f"),
        ("exists: true", "a b c d e"),
        ("exists: false", "f"),
        ("value: { isNull: true }, exists: true, number: { isNull: false }", "a"),
    ];
    for (condition, expected) in cases {
        let filter = format!("{{ customField: [{{ key: \"cf_points\", {condition} }}] }}");
        assert_eq!(found(&app, "customers", &filter).await, expected, "{condition}");
    }
    let both = "{ customField: [{ key: \"cf_points\", exists: true }, { key: \"cf_none\", exists: false }] }";
    assert_eq!(found(&app, "customers", both).await, "a b c d e");
    app.stop().await;
}

#[tokio::test]
async fn a_ticket_is_overdue_in_process_and_past_its_due_time() {
    let app = TestApp::new().await;
    for (id, status, due) in [
        ("t0", json!("process"), json!(1_759_276_799)),
        ("t1", json!("PROCESS"), json!(1_759_276_800)),
        ("t2", json!("done"), json!(1_759_000_000)),
        ("t3", json!("process"), Value::Null),
        ("t4", Value::Null, json!(1_759_000_000)),
        ("t5", json!("waiting"), json!(1_759_000_000)),
    ] {
        let ticket =
            json!({ "ticket_id": id, "status": status, "date_expire_timestamp": due, "date_created_timestamp": 1_758_000_000 });
        app.deliver("ticket-created", &ticket).await;
    }
    let cases = [
        ("{ isOverdue: { eq: true } }", "t0"),
        ("{ isOverdue: { eq: false } }", "t1 t2 t3 t4 t5"),
        ("{ not: { isOverdue: { eq: true } } }", "t1 t2 t3 t4 t5"),
        ("{ isOverdue: { isNull: true } }", ""),
        ("{ isOverdue: { isNull: false } }", "t0 t1 t2 t3 t4 t5"),
        ("{ status: { eq: OTHER } }", "t5"),
        ("{ status: { ne: PROCESS } }", "t2 t4 t5"),
        ("{ statusName: { eq: \"PROCESS\" } }", "t1"),
    ];
    assert_found(&app, "tickets", &cases).await;
    app.stop().await;
}

#[tokio::test]
async fn deleted_objects_are_not_in_lists_but_remain_the_target_of_links() {
    let app = with_customers(&[
        json!({ "system_name": "gone", "social": [{ "type": "zalo", "id": "7740118822334455" }] }),
        json!({ "system_name": "here" }),
    ])
    .await;
    app.deliver("message-sent", &message("m", "k", "hi", 1_758_791_400_000)).await;
    for (id, customer) in [("t0", "a"), ("t1", "b"), ("t2", "unknown")] {
        app.deliver("ticket-created", &json!({ "ticket_id": id, "customer": customer, "date_created_timestamp": 1_758_000_000 }))
            .await;
    }
    app.deliver("customer-deleted", &json!({ "deletedContactIds": ["a"] })).await;
    app.deliver("ticket-deleted", &json!({ "id": "t1" })).await;
    let named_gone = "{ customer: { name: { eq: \"gone\" } } }";
    assert_eq!(found(&app, "messages", named_gone).await, "m");
    assert_eq!(found(&app, "conversations", named_gone).await, "k");
    assert_eq!(found(&app, "conversations", "{ customer: { deletedAt: { isNull: false } } }").await, "k");
    assert_found(
        &app,
        "tickets",
        &[
            (named_gone, "t0"),
            ("{ customer: {} }", "t0"),
            ("{ not: { customer: {} } }", "t2"),
            ("{ customerId: { eq: \"cus_unknown\" } }", "t2"),
        ],
    )
    .await;
    assert_found(
        &app,
        "customers",
        &[
            ("{}", "b"),
            ("{ deletedAt: { isNull: false } }", ""),
            ("{ tickets: { some: {} } }", ""),
            ("{ tickets: { none: {} } }", "b"),
            ("{ tickets: { every: { name: { eq: \"x\" } } } }", "b"),
        ],
    )
    .await;
    let all = "{ customers(includeDeleted: true, filter: { deletedAt: { isNull: false } }) { totalCount }
                 tickets(includeDeleted: true, filter: { customer: { name: { eq: \"here\" } } }) { nodes { sourceId } } }";
    assert_eq!(app.query(all).await, json!({ "customers": { "totalCount": 1 }, "tickets": { "nodes": [{ "sourceId": "t1" }] } }));
    app.stop().await;
}

#[tokio::test]
async fn ids_are_global_or_the_crms_own_and_unknown_ones_find_nothing() {
    let app = TestApp::new().await;
    app.deliver_samples().await;
    let (customer, conversation, staff) = ("64f2aa000000000000000c01", "6510c0ffee0000000000a001", "64d1f0000000000000000102");
    let one = async |list: &str, filter: String| {
        let data = app.query(&format!("{{ l: {list}(filter: {filter}) {{ totalCount }} }}")).await;
        data["l"]["totalCount"].as_i64().unwrap()
    };
    for (field, list, prefix, id) in [
        ("id", "customers", "cus_", customer),
        ("managerId", "customers", "stf_", staff),
        ("id", "conversations", "con_", conversation),
        ("customerId", "conversations", "cus_", customer),
        ("conversationId", "messages", "con_", conversation),
        ("id", "tickets", "tkt_", "TK-000731"),
        ("id", "tickets", "tkt_", "64f3bb000000000000000d31"),
        ("assigneeId", "tickets", "stf_", staff),
        ("id", "staffMembers", "stf_", staff),
    ] {
        for id in [id.to_owned(), format!("{prefix}{id}")] {
            assert_eq!(one(list, format!("{{ {field}: {{ eq: \"{id}\" }} }}")).await, 1, "{list} {field} {id}");
            assert!(one(list, format!("{{ {field}: {{ in: [\"nobody\", \"{id}\"] }} }}")).await == 1);
        }
        for unknown in ["nobody", "", "evt_1", "con_", "tkt_nobody", "'"] {
            assert_eq!(one(list, format!("{{ {field}: {{ eq: \"{unknown}\" }} }}")).await, 0, "{list} {field} {unknown}");
            assert!(one(list, format!("{{ {field}: {{ ne: \"{unknown}\" }} }}")).await > 0);
        }
    }
    assert_eq!(one("messages", "{ id: { eq: \"msg_zalo_zl-4f1c0a9e7b\" } }".to_owned()).await, 1);
    assert_eq!(one("messages", "{ id: { in: [\"msg_zalo_nobody\"] } }".to_owned()).await, 0);
    for (subject, events) in
        [("TK-000731", 2), ("tkt_64f3bb000000000000000d31", 2), (customer, 2), ("con_6510c0ffee0000000000a001", 2), ("nobody", 0)]
    {
        assert_eq!(one("events", format!("{{ subjectId: \"{subject}\" }}")).await, events, "{subject}");
    }
    let about_message = async || one("events", "{ subjectId: \"msg_zalo_zl-4f1c0a9e7b\" }".to_owned()).await;
    assert_eq!(about_message().await, 1);
    let mut again = crate::support::sample("message-sent");
    again["is_read"] = 1.into();
    app.deliver("message-sent", &again).await;
    assert_eq!(about_message().await, 2, "the first event and the later one");
    app.stop().await;
}
