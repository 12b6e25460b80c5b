//! Invalid filters and pages are refused with a code, the path, and what was expected.

use serde_json::{Value, json};

use crate::support::app::TestApp;

/// The only error of a response without data.
async fn error(app: &TestApp, query: &str, variables: Value) -> Value {
    let mut answer = app.answer(query, variables).await;
    let context = answer.to_string();
    assert_eq!((answer["data"].as_object(), answer["errors"].as_array().map(Vec::len)), (None, Some(1)), "{query}: {context}");
    answer["errors"][0].take()
}

fn assert_bad(error: &Value, place: Option<&str>, parts: &[&str]) {
    assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{error}");
    if let Some(place) = place {
        assert_eq!(error["extensions"]["argument"], place, "{error}");
    }
    let message = error["message"].as_str().unwrap();
    assert!(parts.iter().all(|part| message.contains(part)), "{error}: expected {parts:?}");
}

#[tokio::test]
async fn an_explicit_null_is_refused_everywhere_in_a_filter() {
    let app = TestApp::new().await;
    for (list, filter, place) in [
        ("customers", "{ name: null }", "filter.name"),
        ("customers", "{ name: { eq: null } }", "filter.name.eq"),
        ("customers", "{ name: { in: null } }", "filter.name.in"),
        ("customers", "{ name: { isNull: null } }", "filter.name.isNull"),
        ("customers", "{ and: null }", "filter.and"),
        ("customers", "{ or: null }", "filter.or"),
        ("customers", "{ not: null }", "filter.not"),
        ("customers", "{ or: [{}, { not: { phone: { ne: null } } }] }", "filter.or.not.phone.ne"),
        ("customers", "{ id: { notIn: null } }", "filter.id.notIn"),
        ("customers", "{ createdAt: { gte: null } }", "filter.createdAt.gte"),
        ("customers", "{ customField: null }", "filter.customField"),
        ("customers", "{ customField: [{ key: \"cf_x\", number: { gt: null } }] }", "filter.customField.number.gt"),
        ("customers", "{ customField: [{ key: \"cf_x\", exists: null }] }", "filter.customField.exists"),
        ("customers", "{ search: null }", "filter.search"),
        ("customers", "{ tickets: { some: null } }", "filter.tickets.some"),
        ("conversations", "{ isClosed: { eq: null } }", "filter.isClosed.eq"),
        ("conversations", "{ unreadCount: { lt: null } }", "filter.unreadCount.lt"),
        ("messages", "{ conversation: { customer: { id: { eq: null } } } }", "filter.conversation.customer.id.eq"),
        ("messages", "{ platform: { ne: null } }", "filter.platform.ne"),
        ("messages", "{ readBy: { every: { name: null } } }", "filter.readBy.every.name"),
        ("tickets", "{ isOverdue: { eq: null } }", "filter.isOverdue.eq"),
        ("staffMembers", "{ name: { contains: null } }", "filter.name.contains"),
        ("events", "{ subjectId: null }", "filter.subjectId"),
        ("events", "{ kind: null }", "filter.kind"),
    ] {
        let error = error(&app, &format!("{{ {list}(filter: {filter}) {{ totalCount }} }}"), json!({})).await;
        assert_bad(&error, Some(place), &[&format!("`{place}` is null"), "isNull"]);
    }
    app.stop().await;
}

#[tokio::test]
async fn a_null_or_missing_variable_never_means_all() {
    let app = TestApp::new().await;
    app.deliver_samples().await;
    let by_value = "query ($id: ID) { messages(filter: { customerId: { eq: $id } }) { totalCount } }";
    for variables in [json!({ "id": null }), json!({})] {
        assert_bad(&error(&app, by_value, variables).await, Some("filter.customerId.eq"), &["is null"]);
    }
    let by_input = "query ($is: IdFilter) { messages(filter: { customerId: $is }) { totalCount } }";
    for (variables, place) in [
        (json!({ "is": null }), "filter.customerId"),
        (json!({}), "filter.customerId"),
        (json!({ "is": { "eq": null } }), "filter.customerId.eq"),
    ] {
        assert_bad(&error(&app, by_input, variables).await, Some(place), &["is null"]);
    }
    let by_filter = "query ($filter: MessageFilter) { messages(filter: $filter) { totalCount } }";
    assert_bad(
        &error(&app, by_filter, json!({ "filter": { "text": { "contains": null } } })).await,
        Some("filter.text.contains"),
        &[],
    );
    app.stop().await;
}

#[tokio::test]
async fn invalid_values_are_refused_with_what_was_expected() {
    let app = TestApp::new().await;
    let by_variable = "query ($at: DateTime) { messages(filter: { sentAt: { gt: $at } }) { totalCount } }";
    for date in ["2025-09-25", "yesterday", "2025-09-25T10:00:00", "", "2025-13-01T00:00:00Z"] {
        let inline = format!("{{ messages(filter: {{ sentAt: {{ gt: \"{date}\" }} }}) {{ totalCount }} }}");
        assert_bad(&error(&app, &inline, json!({})).await, None, &["RFC 3339"]);
        assert_bad(&error(&app, by_variable, json!({ "at": date })).await, None, &["RFC 3339"]);
    }
    for id in ["zl-4f1c0a9e7b", "cus_1", ""] {
        let query = format!("{{ messages(filter: {{ not: {{ id: {{ in: [\"{id}\"] }} }} }}) {{ totalCount }} }}");
        assert_bad(&error(&app, &query, json!({})).await, Some("filter.not.id.in"), &["msg_<platform>_"]);
    }
    for filter in ["{ platform: { eq: VIBER } }", "{ unreadCount: { eq: \"1\" } }", "{ nothing: 1 }", "{ isClosed: true }"] {
        let query = format!("{{ conversations(filter: {filter}) {{ totalCount }} }}");
        assert_bad(&error(&app, &query, json!({})).await, None, &[]);
    }
    app.stop().await;
}

#[tokio::test]
async fn filters_beyond_a_limit_are_refused_with_the_limit_and_the_amount() {
    let app = TestApp::new().await;
    let query = "query ($filter: CustomerFilter) { customers(filter: $filter) { totalCount } }";
    let nested = |depth: usize| (1..depth).fold(json!({ "name": { "eq": "a" } }), |filter, _| json!({ "not": filter }));
    let alternatives = |count: usize| json!({ "or": vec![json!({ "phone": { "eq": "1" } }); count] });
    let values =
        |count: usize| json!({ "name": { "in": vec!["a"; count / 2] }, "not": { "id": { "in": vec!["b"; count - count / 2] } } });
    for (filter, limit, allowed, requested) in [
        (nested(13), "filterDepth", 12, 13),
        (alternatives(200), "filterConditions", 400, 401),
        (values(5_001), "filterValues", 5_000, 5_001),
    ] {
        let error = error(&app, query, json!({ "filter": filter })).await;
        let extensions = &error["extensions"];
        assert_eq!(extensions["code"], "LIMIT_EXCEEDED", "{error}");
        assert_eq!(
            (&extensions["limit"], &extensions["allowed"], &extensions["requested"]),
            (&json!(limit), &json!(allowed), &json!(requested)),
            "{error}"
        );
        assert!(extensions["argument"].as_str().unwrap().starts_with("filter."), "{error}");
    }
    for filter in [nested(12), alternatives(199), values(5_000)] {
        app.query_with(query, json!({ "filter": filter })).await;
    }
    app.stop().await;
}

#[tokio::test]
async fn the_maximum_number_of_conditions_of_any_kind_is_executed() {
    let app = TestApp::new().await;
    app.deliver_samples().await;
    let query = "query ($filter: CustomerFilter) { customers(filter: $filter) { totalCount } }";
    let text = json!({ "ne": "a", "notIn": ["b"], "contains": "c", "startsWith": "d", "endsWith": "e", "isNull": false });
    let field = json!({ "key": "cf_points", "value": text, "number": { "ne": 1.0, "gt": 0.0 }, "exists": true });
    for filter in [
        json!({ "customField": vec![field; 35] }),
        json!({ "or": vec![json!({ "status": text }); 56] }),
        json!({ "and": vec![json!({ "not": { "conversations": { "every": { "messages": { "none": { "readBy": { "some": { "name": { "ne": "a" } } } } } } } } }); 44] }),
        json!({ "and": vec![json!({ "tickets": { "every": { "isOverdue": { "eq": false } } } }); 99] }),
    ] {
        app.query_with(query, json!({ "filter": filter })).await;
    }
    app.stop().await;
}

#[tokio::test]
async fn the_maximum_number_of_values_of_any_kind_is_executed() {
    let app = TestApp::new().await;
    app.deliver_samples().await;
    for (list, kind, filter) in [
        ("customers", "Customer", json!({ "id": { "in": vec!["cus_a"; 5_000] } })),
        ("customers", "Customer", json!({ "status": { "notIn": vec!["a"; 5_000] } })),
        ("conversations", "Conversation", json!({ "platform": { "in": vec!["OTHER"; 5_000] } })),
        ("conversations", "Conversation", json!({ "chatMode": { "notIn": vec!["OTHER"; 5_000] } })),
        ("conversations", "Conversation", json!({ "unreadCount": { "in": vec![1; 5_000] } })),
        ("messages", "Message", json!({ "type": { "in": vec!["LINK"; 5_000] } })),
        ("tickets", "Ticket", json!({ "id": { "notIn": vec!["tkt_a"; 5_000] } })),
        ("events", "Event", json!({ "kind": { "in": vec!["MESSAGE_SENT"; 5_000] } })),
        ("customers", "Customer", json!({ "customField": vec![json!({ "key": "cf_points" }); 5_000] })),
        ("customers", "Customer", json!({ "or": vec![json!({}); 5_000] })),
    ] {
        let query = format!("query ($filter: {kind}Filter) {{ {list}(filter: $filter) {{ totalCount nodes {{ id }} }} }}");
        app.query_with(&query, json!({ "filter": filter })).await;
    }
    app.stop().await;
}

#[tokio::test]
async fn invalid_pages_are_refused_with_what_was_expected() {
    let app = TestApp::new().await;
    app.deliver_samples().await;
    let by_name = app.query("{ customers(orderBy: { field: NAME, direction: ASC }) { pageInfo { endCursor } } }").await;
    let by_name = by_name["customers"]["pageInfo"]["endCursor"].as_str().unwrap();
    let other = format!("after: \"{by_name}\"");
    for (arguments, place, expected) in [
        ("first: -1", "first", "0 to 200"),
        ("first: 201", "first", "0 to 200"),
        ("last: 1000000", "last", "0 to 200"),
        ("first: 1, last: 1", "last", "together"),
        ("after: \"nonsense\"", "after", "expected one from `pageInfo` or `edges`"),
        ("before: \"\"", "before", "expected one from `pageInfo` or `edges`"),
        (&other, "after", "customer.name.asc"),
    ] {
        let error = error(&app, &format!("{{ customers({arguments}) {{ nodes {{ id }} }} }}"), json!({})).await;
        assert_bad(&error, Some(place), &[expected]);
    }
    for order in ["{ field: SIZE }", "{ direction: ASC }", "{ field: NAME, direction: UP }", "NAME"] {
        let query = format!("{{ customers(orderBy: {order}) {{ nodes {{ id }} }} }}");
        assert_bad(&error(&app, &query, json!({})).await, None, &[]);
    }
    app.stop().await;
}
