//! Live pages and live statistics refuse what lists and statistics refuse.

use async_graphql::{Executor, Request, Response};
use futures_util::StreamExt;
use serde_json::{Value, json};

use super::{Desk, request};

/// The first response to a subscription.
async fn first(desk: &Desk, request: Request) -> Option<Response> {
    desk.schema.execute_stream(request, None).next().await.map(super::read)
}

/// The error of a query, or of the first payload of a subscription, if any.
fn refusal(response: Option<&Response>) -> Option<(String, Value)> {
    let error = response?.errors.first()?;
    let extensions = serde_json::to_value(&error.extensions).unwrap();
    Some((error.message.clone(), extensions))
}

#[tokio::test]
async fn live_pages_refuse_the_arguments_that_lists_refuse() {
    let desk = Desk::open().await;
    for (list, arguments, is_refused) in [
        ("conversations", "", false),
        (
            "conversations",
            "(first: 200, orderBy: { field: UNREAD_COUNT, direction: ASC }, filter: { isClosed: { eq: false } })",
            false,
        ),
        ("conversations", "(first: 201)", true),
        ("customers", "(first: -1, includeDeleted: true)", true),
        ("tickets", "(filter: { dueAt: { isNull: null } })", true),
        ("messages", "(filter: { text: { eq: null } })", true),
        ("messages", r#"(filter: { sentAt: { gt: "yesterday" } })"#, true),
    ] {
        let listed = desk.respond(&format!("{{ {list}{arguments} {{ nodes {{ id }} }} }}")).await;
        let live = first(&desk, request(&format!("subscription {{ {list}Live{arguments} {{ page {{ id }} }} }}"))).await;
        assert_eq!(refusal(live.as_ref()), refusal(Some(&listed)), "{list}{arguments}");
        assert_eq!(listed.is_err(), is_refused, "{list}{arguments}");
    }
}

#[tokio::test]
async fn live_statistics_refuse_the_arguments_that_statistics_refuse() {
    let desk = Desk::open().await;
    for (field, arguments, is_refused) in [
        ("messageStats", r#"(groupBy: [TIME, PLATFORM], interval: WEEK, timeZone: "Asia/Ho_Chi_Minh")"#, false),
        ("messageStats", "(interval: DAY)", true),
        ("conversationStats", r#"(groupBy: [TIME], timeZone: "Nowhere")"#, true),
        ("ticketStats", "(filter: { name: { eq: null } })", true),
    ] {
        let counted = desk.respond(&format!("{{ {field}{arguments} {{ count }} }}")).await;
        let live = first(&desk, request(&format!("subscription {{ {field}Live{arguments} {{ rows {{ count }} }} }}"))).await;
        assert_eq!(refusal(live.as_ref()), refusal(Some(&counted)), "{field}{arguments}");
        assert_eq!(counted.is_err(), is_refused, "{field}{arguments}");
    }
}

#[tokio::test]
async fn a_live_page_refuses_an_unusable_cursor() {
    let (desk, other) = (Desk::open().await, Desk::open().await);
    let head = async |desk: &Desk| desk.data("{ head }").await["head"].as_str().unwrap().to_owned();
    let ahead = crate::domain::change::LiveCursor::at(desk.store.id(), 1 << 40).to_string();
    for (cursor, code) in [
        ("x".to_owned(), Some("BAD_USER_INPUT")),
        (head(&other).await, Some("CURSOR_OF_ANOTHER_STORE")),
        (ahead, Some("CURSOR_AHEAD")),
        (head(&desk).await, None),
    ] {
        let live = first(&desk, request(&format!("subscription {{ ticketsLive(after: \"{cursor}\") {{ cursor }} }}"))).await;
        let refused = refusal(live.as_ref()).map(|(_, extensions)| (extensions["code"].clone(), extensions["argument"].clone()));
        assert_eq!(refused, code.map(|code| (json!(code), json!("after"))), "{cursor}");
    }
}

#[tokio::test]
async fn the_example_in_the_documentation_works() {
    let live = include_str!("../../../docs/live.md");
    let section = live.split("\n## Live pages\n").nth(1).unwrap();
    let example = section.split("```graphql\n").nth(1).unwrap().split("```").next().unwrap();
    let desk = Desk::open().await;
    let answered = first(&desk, request(example)).await.unwrap();
    let mut page = super::data(answered)["conversationsLive"].take();
    assert!(page["cursor"].take().is_string());
    assert_eq!(page, json!({ "cursor": null, "totalCount": 0, "page": [], "steps": [] }));
}
