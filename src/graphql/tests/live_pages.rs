//! Live pages and live statistics as fields: they refuse what lists and statistics refuse, and answer with what they are given.

use async_graphql::{Executor, Request, Response};
use futures_util::StreamExt;
use serde_json::{Value, json};

use super::{Desk, request};
use crate::{
    domain::conversation,
    graphql::{
        statistics::MessageStats,
        subscription::{
            Given,
            pages::{LivePage, LiveStep, StepKind},
            statistics::LiveRows,
        },
        types::Conversation,
    },
};

/// All responses to a subscription.
async fn responses(desk: &Desk, request: Request) -> Vec<Response> {
    desk.schema.execute_stream(request, None).collect().await
}

/// The error that a query or the first payload of a subscription has, if it has one.
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
        let live = responses(&desk, request(&format!("subscription {{ {list}Live{arguments} {{ page {{ id }} }} }}"))).await;
        assert_eq!(refusal(live.first()), refusal(Some(&listed)), "{list}{arguments}");
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
        let live = responses(&desk, request(&format!("subscription {{ {field}Live{arguments} {{ rows {{ count }} }} }}"))).await;
        assert_eq!(refusal(live.first()), refusal(Some(&counted)), "{field}{arguments}");
        assert_eq!(counted.is_err(), is_refused, "{field}{arguments}");
    }
}

#[tokio::test]
async fn a_live_page_refuses_a_cursor_that_it_can_not_resume_after() {
    let (desk, other) = (Desk::open().await, Desk::open().await);
    let head = async |desk: &Desk| desk.data("{ head }").await["head"].as_str().unwrap().to_owned();
    let ahead = crate::domain::change::LiveCursor::at(desk.store.id(), 1 << 40).to_string();
    for (cursor, code) in [
        ("x".to_owned(), Some("BAD_USER_INPUT")),
        (head(&other).await, Some("CURSOR_OF_ANOTHER_STORE")),
        (ahead, Some("CURSOR_AHEAD")),
        (head(&desk).await, None),
    ] {
        let live = responses(&desk, request(&format!("subscription {{ ticketsLive(after: \"{cursor}\") {{ cursor }} }}"))).await;
        let refused = refusal(live.first()).map(|(_, extensions)| (extensions["code"].clone(), extensions["argument"].clone()));
        assert_eq!(refused, code.map(|code| (json!(code), json!("after"))), "{cursor}");
    }
}

#[tokio::test]
async fn a_live_page_answers_with_the_payload_that_was_worked_out_for_it() {
    let desk = Desk::open().await;
    let text = "subscription { live: conversationsLive(first: 3) {
        cursor totalCount page { id } steps { kind id afterId node { id isClosed lastMessage { id } } } } }";
    let conversation = || Conversation::from(conversation::Conversation { id: "k1".to_owned(), ..Default::default() });
    let steps = vec![
        LiveStep { kind: StepKind::Left, id: "con_k0".into(), after_id: None, node: None },
        LiveStep { kind: StepKind::Entered, id: "con_k1".into(), after_id: Some("con_k2".into()), node: Some(conversation()) },
    ];
    for (page, steps, expected) in [
        (Some(vec![conversation()]), vec![], json!({ "page": [{ "id": "con_k1" }], "steps": [] })),
        (
            None,
            steps,
            json!({ "page": null, "steps": [
                { "kind": "LEFT", "id": "con_k0", "afterId": null, "node": null },
                { "kind": "ENTERED", "id": "con_k1", "afterId": "con_k2",
                  "node": { "id": "con_k1", "isClosed": false, "lastMessage": null } },
            ] }),
        ),
    ] {
        let payload = LivePage { cursor: "c".to_owned(), total_count: 7, page, steps };
        let answered = responses(&desk, request(text).data(Given::of(payload))).await;
        let [response] = &answered[..] else { panic!("one payload: {answered:?}") };
        assert!(response.errors.is_empty(), "{:?}", response.errors);
        let mut expected = expected;
        expected["cursor"] = "c".into();
        expected["totalCount"] = 7.into();
        assert_eq!(response.data.clone().into_json().unwrap()["live"], expected);
    }
    assert!(responses(&desk, request(text)).await.is_empty(), "nothing was given");
}

#[tokio::test]
async fn a_live_statistic_answers_with_the_rows_that_were_counted_for_it() {
    let desk = Desk::open().await;
    let text = "subscription { messageStatsLive { cursor rows { count platform } } }";
    let payload = LiveRows::<MessageStats> { cursor: "c".to_owned(), rows: Vec::new() };
    let answered = responses(&desk, request(text).data(Given::of(payload))).await;
    let answered: Vec<_> = answered.into_iter().map(|response| response.data.into_json().unwrap()).collect();
    assert_eq!(answered, [json!({ "messageStatsLive": { "cursor": "c", "rows": [] } })]);
    assert!(responses(&desk, request(text)).await.is_empty(), "nothing was given");
}

#[tokio::test]
async fn the_example_of_the_readme_is_answered() {
    let readme = include_str!("../../../README.md");
    let section = readme.split("\n## Live pages\n").nth(1).unwrap();
    let example = section.split("```graphql\n").nth(1).unwrap().split("```").next().unwrap();
    let desk = Desk::open().await;
    let payload = LivePage::<Conversation> { cursor: "c".to_owned(), total_count: 0, page: Some(Vec::new()), steps: Vec::new() };
    let answered = responses(&desk, request(example).data(Given::of(payload))).await;
    let answered: Vec<_> =
        answered.into_iter().map(|response| response.into_result().unwrap().data.into_json().unwrap()).collect();
    assert_eq!(answered, [json!({ "conversationsLive": { "cursor": "c", "totalCount": 0, "page": [], "steps": [] } })]);
}
