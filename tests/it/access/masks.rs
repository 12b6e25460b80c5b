//! Masked fields: they are hidden, and requests that would reveal their values are refused.

use serde_json::{Value, json};

use super::{
    entry_points::{EVENTS, post, socket},
    roles::{answer, data, forbidden, key_of, role, shop, shop_of_two},
};
use crate::support::{keys::key, streamed::Events};

const CUSTOMER: &str = r#"{ customer(id: "k-an") { name phone email note socialAccounts { sourceId raw } } }"#;

#[tokio::test]
async fn a_masked_field_is_null_or_an_empty_object_if_not_nullable() {
    let (app, an, _) = shop_of_two().await;
    let accounts = json!([{ "sourceId": "zalo-k-an", "raw": {} }]);
    let masked = json!({ "name": "Customer k-an", "phone": null, "email": null, "note": null, "socialAccounts": accounts });
    assert_eq!(data(&app, &an, CUSTOMER).await["customer"], masked);
    let linked = "{ conversations { nodes { customer { p: phone ...F } } } } fragment F on Customer { email note }";
    let customer = json!({ "p": null, "email": null, "note": null });
    assert_eq!(data(&app, &an, linked).await["conversations"]["nodes"], json!([{ "customer": customer }]));
    let lead = key(app.database_url()).await;
    let seen = data(&app, &lead, CUSTOMER).await;
    assert_eq!((&seen["customer"]["phone"], &seen["customer"]["note"]), (&json!("0911000111"), &json!("secretkan")));
    assert_eq!(seen["customer"]["socialAccounts"][0]["raw"]["hidden"], "raw data");
    app.stop().await;
}

#[tokio::test]
async fn search_ignores_the_text_of_masked_fields() {
    let (app, an, _) = shop_of_two().await;
    let lead = key(app.database_url()).await;
    for text in ["0911000111", "k-an@example.com", "secretkan"] {
        for query in [
            "query($text: String!) { found: search(text: $text, types: [CUSTOMER]) { totalCount } }",
            "query($text: String!) { found: customers(filter: { search: $text }) { totalCount } }",
        ] {
            let found =
                async |key| answer(&app, key, query, json!({ "text": text })).await["data"]["found"]["totalCount"].clone();
            assert_eq!((found(&lead).await, found(&an).await), (json!(1), json!(0)), "{text}: {query}");
        }
    }
    app.stop().await;
}

/// Documents that would reveal a masked value, with variables and the field named in the refusal.
fn revealing() -> Vec<(&'static str, Value, &'static str)> {
    vec![
        (r#"{ customers(filter: { phone: { eq: "0911000111" } }) { totalCount } }"#, json!({}), "CustomerFilter.phone"),
        (
            "query($f: CustomerFilter) { customers(filter: $f) { totalCount } }",
            json!({ "f": { "not": { "email": { "startsWith": "k" } } } }),
            "CustomerFilter.email",
        ),
        (
            "query($f: StringFilter) { conversations(filter: { customer: { note: $f } }) { totalCount } }",
            json!({ "f": { "isNull": true } }),
            "CustomerFilter.note",
        ),
        (
            "query($f: TicketFilter) { ticketStats(filter: $f) { count } }",
            json!({ "f": { "customer": { "phone": { "isNull": false } } } }),
            "CustomerFilter.phone",
        ),
    ]
}

#[tokio::test]
async fn filters_by_a_masked_field_are_refused_with_the_reason() {
    let (app, an, _) = shop_of_two().await;
    let lead = key(app.database_url()).await;
    for (query, variables, named) in revealing() {
        let refused = answer(&app, &an, query, variables.clone()).await;
        let field = named.replace("Filter", "");
        let reason =
            format!("`{named}` is not available to the role `agent`: it would reveal the value of `{field}`, which is masked");
        assert_eq!(forbidden(&refused), reason);
        assert!(answer(&app, &lead, query, variables).await.get("errors").is_none(), "{query}");
    }
    let authorization = format!("Bearer {an}");
    let live = "subscription($f: CustomerFilter) { customerChanged(filter: $f) { change } }";
    let variables = json!({ "f": { "phone": { "eq": "1" } } });
    let refused = Events::of(post(&app.base, EVENTS, Some(&authorization), live, variables.clone()).await).event().await;
    forbidden(&refused.result());
    let mut socket = socket(&app.base, "graphql-transport-ws", None, Some(&authorization)).await;
    assert_eq!(socket.receive().await["type"], "connection_ack");
    socket.subscribe_with("1", &json!({ "query": live, "variables": variables })).await;
    let refused = socket.receive().await;
    assert_eq!((&refused["type"], &refused["payload"][0]["extensions"]["code"]), (&json!("error"), &json!("FORBIDDEN")));
    app.stop().await;
}

#[tokio::test]
async fn orders_and_statistics_by_a_masked_field_are_refused() {
    let app = shop(|config| {
        role(
            config,
            "blind",
            "masks = ['Customer.name', 'Customer.updatedAt', 'Customer.manager', 'Customer.telco', 'CustomerStatus.name',
            'CustomField.value', 'Ticket.dueAt', 'Ticket.assignee']",
        );
    })
    .await;
    let (blind, lead) = (key_of(&app, "blind", None).await, key(app.database_url()).await);
    for (query, variables, named) in [
        ("{ customers(orderBy: { field: NAME }) { totalCount } }", json!({}), "CustomerOrderField.NAME"),
        (
            "query($o: CustomerOrder) { customers(orderBy: $o) { totalCount } }",
            json!({ "o": { "field": "UPDATED_AT" } }),
            "CustomerOrderField.UPDATED_AT",
        ),
        (
            "query($f: TicketOrderField!) { tickets(orderBy: { field: $f }) { totalCount } }",
            json!({ "f": "DUE_AT" }),
            "TicketOrderField.DUE_AT",
        ),
        (
            "query($f: TicketOrderField! = DUE_AT) { tickets(orderBy: { field: $f }) { totalCount } }",
            json!({}),
            "TicketOrderField.DUE_AT",
        ),
        ("{ ticketStats(groupBy: [ASSIGNEE]) { count } }", json!({}), "TicketDimension.ASSIGNEE"),
        ("{ ticketStats { overdue } }", json!({}), "TicketStats.overdue"),
        ("{ customerStats(groupBy: [TIME, MANAGER]) { count } }", json!({}), "CustomerDimension.MANAGER"),
        ("{ customerStats(groupBy: [TELCO]) { count } }", json!({}), "CustomerDimension.TELCO"),
        (
            "query($by: [CustomerDimension!]) { customerStats(groupBy: $by) { count } }",
            json!({ "by": ["STATUS"] }),
            "CustomerDimension.STATUS",
        ),
        ("{ customFieldKeys { key isNumeric } }", json!({}), "CustomFieldKey.isNumeric"),
        ("{ tickets(filter: { isOverdue: { eq: true } }) { totalCount } }", json!({}), "TicketFilter.isOverdue"),
        (r#"{ staff(id: "an") { assignedTickets { totalCount } } }"#, json!({}), "Staff.assignedTickets"),
    ] {
        let refused = answer(&app, &blind, query, variables.clone()).await;
        assert!(forbidden(&refused).starts_with(&format!("`{named}` is not available to the role `blind`: ")), "{refused}");
        assert!(answer(&app, &lead, query, variables).await.get("errors").is_none(), "{query}");
    }
    data(&app, &blind, "{ customers(orderBy: { field: CREATED_AT }) { totalCount } }").await;
    data(&app, &blind, "{ customerStats(groupBy: [TIME]) { time count } customFieldKeys { key customers } }").await;
    app.stop().await;
}

#[tokio::test]
async fn a_forbidden_request_has_the_status_that_its_format_requires() {
    let (app, an, _) = shop_of_two().await;
    let authorization = format!("Bearer {an}");
    for (query, variables, _) in revealing() {
        for (format, status) in [("application/json", 200), ("application/graphql-response+json", 403)] {
            let response = post(&app.base, format, Some(&authorization), query, variables.clone()).await;
            assert_eq!(response.status(), status, "{format}");
            forbidden(&response.json().await.unwrap());
        }
    }
    app.stop().await;
}
