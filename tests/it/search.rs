//! Search: which objects a text finds, in which order, and that this stays stable.

use deskgraph::{config::Config, domain::kind::EventKind, store::Store};
use serde_json::{Value, json};

use crate::support::{app::TestApp, entry, live::Live, message, sample, store};

const SEARCH: &str = "query ($text: String!, $types: [SearchType!], $first: Int, $after: String) {
  search(text: $text, types: $types, first: $first, after: $after) {
    totalCount
    edges { cursor score node { ... on Customer { id } ... on Conversation { id } ... on Message { id } ... on Ticket { id } } }
    nodes { __typename }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}";

fn customer(id: &str, name: &str, phone: &str, note: &str) -> Value {
    let mut customer = sample("customer-created");
    customer["_id"] = id.into();
    customer["id"] = id.into();
    customer["system_name"] = name.into();
    customer["system_phone"] = phone.into();
    customer["system_email"] = format!("{id}@example.com").into();
    customer["note"] = note.into();
    customer["social"] = json!([]);
    customer
}

fn ticket(id: &str, name: &str, description: &str) -> Value {
    let mut ticket = sample("ticket-created");
    ticket["ticket_id"] = id.into();
    ticket["name"] = name.into();
    ticket["description"] = description.into();
    ticket
}

/// An app with messages `m0`, `m1`, … with these texts.
async fn with_messages(texts: &[&str]) -> TestApp {
    let app = TestApp::new().await;
    for (number, text) in (0..).zip(texts) {
        let mut message = message(&format!("m{number}"), "k", text, 1_758_791_400_000 + number);
        message["from_display_name"] = "Khách".into();
        app.deliver("message-sent", &message).await;
    }
    app
}

async fn search(app: &TestApp, variables: Value) -> Value {
    app.query_with(SEARCH, variables).await["search"].take()
}

fn ids(found: &Value) -> Vec<&str> {
    found["edges"].as_array().unwrap().iter().map(|edge| edge["node"]["id"].as_str().unwrap()).collect()
}

/// The ids found, in order; asserts that the count agrees.
async fn found(app: &TestApp, text: &str) -> Vec<String> {
    let found = search(app, json!({ "text": text, "first": 200 })).await;
    let ids: Vec<String> = ids(&found).into_iter().map(str::to_owned).collect();
    assert_eq!(found["totalCount"], ids.len(), "{text}");
    ids
}

#[tokio::test]
async fn accents_are_optional_and_exact_ones_rank_higher() {
    let app = with_messages(&["ma ma", "mà cả", "má ơi", "MÁ", "Đà Nẵng", "da nang"]).await;
    assert_eq!(found(&app, "má").await[..2], ["msg_zalo_m3", "msg_zalo_m2"], "the shorter text is all about it");
    let mut all = found(&app, "ma").await;
    assert_eq!(all[0], "msg_zalo_m0");
    all.sort_unstable();
    assert_eq!(all, ["msg_zalo_m0", "msg_zalo_m1", "msg_zalo_m2", "msg_zalo_m3"]);
    assert_eq!(found(&app, "đà nẵng").await, ["msg_zalo_m4", "msg_zalo_m5"]);
    assert_eq!(found(&app, "da NANG").await, ["msg_zalo_m5", "msg_zalo_m4"]);
    // Decomposed, as some keyboards send it.
    assert_eq!(found(&app, "Đa\u{300} Na\u{306}\u{303}ng").await, ["msg_zalo_m4", "msg_zalo_m5"]);
    app.stop().await;
}

#[tokio::test]
async fn every_word_must_occur_at_least_as_the_start_of_one() {
    let app = with_messages(&["đơn DH-1029 giao chưa", "đơn DH-1030", "giao hàng nhanh", "bandh"]).await;
    assert_eq!(found(&app, "giao đơn").await, ["msg_zalo_m0"]);
    assert_eq!(found(&app, "DH-10").await.len(), 2);
    assert_eq!(found(&app, "dh 1030").await, ["msg_zalo_m1"]);
    assert_eq!(found(&app, "gia").await.len(), 2);
    assert!(found(&app, "iao").await.is_empty());
    assert!(found(&app, "giao sách").await.is_empty());
    app.stop().await;
}

#[tokio::test]
async fn a_phone_number_is_found_in_any_notation() {
    let app = with_messages(&["số em là 0912 345 678 nhé", "gọi 0912345678", "call +84912345678", "0912345679"]).await;
    app.deliver("customer-created", &customer("c1", "Mai", "0912345678", "")).await;
    app.deliver("customer-created", &customer("c2", "Lan", "+84 912 345 679", "")).await;
    for text in ["0912 345 678", "+84912345678", "84-912-345-678", "0912.345.678", "(+84) 912 345 678", "0084912345678"] {
        let mut ids = found(&app, text).await;
        ids.sort_unstable();
        assert_eq!(ids, ["cus_c1", "msg_zalo_m0", "msg_zalo_m1", "msg_zalo_m2"], "{text}");
    }
    assert_eq!(found(&app, "mai 0912345678").await, ["cus_c1"]);
    assert_eq!(found(&app, "0912 345 679").await, ["cus_c2", "msg_zalo_m3"]);
    // While typing: a customer is found by the number without separators.
    let mut ids = found(&app, "09123").await;
    ids.sort_unstable();
    assert_eq!(ids, ["cus_c1", "cus_c2", "msg_zalo_m1", "msg_zalo_m3"]);
    app.stop().await;
}

#[tokio::test]
async fn every_search_text_is_plain_text() {
    let app = with_messages(&["giảm 50% \"hôm nay\" 🎁", "AND NOT NEAR", "exact folded"]).await;
    for (text, expected) in [
        ("\"hôm\"", vec!["msg_zalo_m0"]),
        ("hôm*", vec!["msg_zalo_m0"]),
        ("50%", vec!["msg_zalo_m0"]),
        ("\"", vec![]),
        ("*", vec![]),
        ("🎁", vec![]),
        ("", vec![]),
        ("AND NOT NEAR(", vec!["msg_zalo_m1"]),
        ("NOT", vec!["msg_zalo_m1"]),
        ("folded:exact", vec!["msg_zalo_m2"]),
        ("{exact folded}", vec!["msg_zalo_m2"]),
        ("-hôm ^nay + (\u{0}", vec!["msg_zalo_m0"]),
        ("'; DROP TABLE message; --", vec![]),
    ] {
        assert_eq!(found(&app, text).await, expected, "{text}");
    }
    let long = "hôm ".repeat(3000);
    assert_eq!(found(&app, &long).await, ["msg_zalo_m0"]);
    app.stop().await;
}

#[tokio::test]
async fn each_type_is_found_by_its_searched_fields_and_types_restrict_the_search() {
    let app = TestApp::new().await;
    app.deliver_samples().await;
    for (text, expected) in [
        ("nguyễn thị mai", vec!["cus_64f2aa000000000000000c01", "con_6510c0ffee0000000000a001"]),
        ("mai.nguyen@example.com", vec!["cus_64f2aa000000000000000c01"]),
        ("goi van chuyen", vec!["tkt_TK-000731"]),
        ("bao giờ giao", vec!["msg_zalo_zl-4f1c0a9e7b"]),
    ] {
        assert_eq!(found(&app, text).await, expected, "{text}");
    }
    let typed = search(&app, json!({ "text": "mai", "types": ["CONVERSATION", "CONVERSATION"] })).await;
    assert_eq!(ids(&typed), ["con_6510c0ffee0000000000a001"]);
    assert_eq!((&typed["nodes"][0]["__typename"], &typed["edges"][0]["score"]), (&json!("Conversation"), &json!(1.0)));
    assert_eq!(search(&app, json!({ "text": "mai", "types": [] })).await["totalCount"], 0);
    app.stop().await;
}

#[tokio::test]
async fn changed_objects_are_found_by_their_new_words_and_deleted_ones_are_not_found() {
    let app = TestApp::new().await;
    app.deliver("customer-created", &customer("c1", "Bích Thủy", "0901111222", "hoa hồng")).await;
    app.deliver("customer-created", &customer("c2", "Bích Loan", "0901111333", "")).await;
    app.deliver("ticket-created", &ticket("T1", "Đổi hoa", "khách muốn hoa lan")).await;
    let mut changed = customer("c1", "Bích Thủy", "0901111444", "hoa cúc");
    changed["system_date_update"] = "2025-09-26T09:10:05.000Z".into();
    changed["updatedAt"] = "2025-09-26T09:10:05.120Z".into();
    app.deliver("customer-updated", &changed).await;
    assert!(found(&app, "hồng").await.is_empty());
    assert!(found(&app, "0901 111 222").await.is_empty());
    assert_eq!(found(&app, "cuc").await, ["cus_c1"]);
    assert_eq!(found(&app, "0901 111 444").await, ["cus_c1"]);
    assert_eq!(found(&app, "hoa").await, ["cus_c1", "tkt_T1"]);

    app.deliver("customer-deleted", &json!({ "deletedContactIds": ["c1", "never-seen"] })).await;
    app.deliver("ticket-deleted", &json!({ "id": "T1" })).await;
    assert_eq!(found(&app, "bích").await, ["cus_c2"]);
    assert!(found(&app, "hoa").await.is_empty());
    app.stop().await;
}

#[tokio::test]
async fn a_rebuild_finds_the_same() {
    let texts: Vec<String> = (0..40).map(|n| format!("Đơn số {n} của chị {}", ["Mai", "Lan", "Mai Lan"][n % 3])).collect();
    let app = with_messages(&texts.iter().map(String::as_str).collect::<Vec<_>>()).await;
    app.deliver_samples().await;
    let mut before = Vec::new();
    for text in ["mai", "mai lan", "đơn", "0912345678", "chi"] {
        before.push((text, search(&app, json!({ "text": text, "first": 100 })).await));
    }
    let store = Store::open(&Config::defaults_at(app.database_url()).store().unwrap()).await.unwrap();
    store.rebuild(|_, _| {}).await.unwrap();
    store.close().await.unwrap();
    for (text, before) in before {
        assert_eq!(search(&app, json!({ "text": text, "first": 100 })).await, before, "{text}");
    }
    app.stop().await;
}

#[tokio::test]
async fn pages_follow_one_another_without_repetition() {
    let texts: Vec<String> = (0..60).map(|n| format!("hoa {}", "đẹp ".repeat(n % 7))).collect();
    let app = with_messages(&texts.iter().map(String::as_str).collect::<Vec<_>>()).await;
    for n in 0..5 {
        app.deliver("customer-created", &customer(&format!("c{n}"), "Hoa", "0901111222", "")).await;
        app.deliver("ticket-created", &ticket(&format!("T{n}"), "Hoa", "")).await;
    }
    let whole = search(&app, json!({ "text": "hoa", "first": 200 })).await;
    let all = ids(&whole);
    assert_eq!((all.len(), &whole["totalCount"]), (70, &json!(70)));
    let scores: Vec<f64> = whole["edges"].as_array().unwrap().iter().map(|edge| edge["score"].as_f64().unwrap()).collect();
    assert!(scores.is_sorted_by(|a, b| a >= b) && whole["edges"][0]["score"] == 1.0 && scores[69] > 0.0, "{scores:?}");
    for first in [1, 7, 69, 70] {
        let (mut paged, mut after) = (Vec::new(), Value::Null);
        loop {
            let page = search(&app, json!({ "text": "hoa", "first": first, "after": after })).await;
            paged.extend(ids(&page).into_iter().map(str::to_owned));
            assert_eq!(page["pageInfo"]["hasPreviousPage"], !after.is_null());
            after = page["pageInfo"]["endCursor"].clone();
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
        }
        assert_eq!(paged, all, "pages of {first}");
    }
    let none = search(&app, json!({ "text": "hoa", "first": 0 })).await;
    assert_eq!((ids(&none).len(), &none["pageInfo"]["endCursor"]), (0, &Value::Null));
    app.stop().await;
}

#[tokio::test]
async fn a_cursor_is_valid_only_for_its_own_text_and_types() {
    let app = with_messages(&["hoa hồng", "hoa lan"]).await;
    let page = search(&app, json!({ "text": "hoa", "first": 1 })).await;
    let after = &page["pageInfo"]["endCursor"];
    for variables in [
        json!({ "text": "lan", "after": after }),
        json!({ "text": "hoa", "types": ["MESSAGE"], "after": after }),
        json!({ "text": "hoa", "after": "nonsense" }),
        json!({ "text": "hoa", "first": 201 }),
    ] {
        let answer = app.answer(SEARCH, variables.clone()).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{variables}: {answer}");
    }
    let other = app.query("{ messages(first: 1) { pageInfo { endCursor } } }").await;
    let answer = app.answer(SEARCH, json!({ "text": "hoa", "after": other["messages"]["pageInfo"]["endCursor"] })).await;
    assert!(answer["errors"][0]["message"].as_str().unwrap().contains("another list or search"), "{answer}");
    app.stop().await;
}

#[tokio::test]
async fn only_the_newest_matches_are_ranked() {
    let app = TestApp::with(|config| config.graphql.search_matches = 10).await;
    let entries: Vec<_> = (0..30)
        .map(|n| entry(EventKind::MessageSent, &message(&format!("m{n:02}"), "k", "hoa", 1_758_791_400_000 + n)))
        .collect();
    store(app.database_url(), &entries).await;
    let newest: Vec<String> = (20..30).map(|n| format!("msg_zalo_m{n}")).collect();
    assert_eq!(found(&app, "hoa").await, newest);
    app.stop().await;
}

#[tokio::test]
async fn a_subscription_accepts_a_search_filter_like_a_list() {
    let app = TestApp::new().await;
    let head = app.query("{ head }").await["head"].clone();
    let query = "subscription ($after: String, $filter: MessageFilter) {
      messageAdded(after: $after, filter: $filter) { message { text } }
    }";
    let filter = json!({ "search": "hoa hồng" });
    let mut live = Live::start(&app.base, query, json!({ "after": head, "filter": filter })).await;
    for (id, text) in [("m1", "Hoa lan"), ("m2", "HOA hong đỏ"), ("m3", "hồng"), ("m4", "bó hoa hồng")] {
        app.deliver("message-sent", &message(id, "k", text, 1_758_791_400_000)).await;
    }
    for expected in ["HOA hong đỏ", "bó hoa hồng"] {
        assert_eq!(live.next().await["messageAdded"]["message"]["text"], expected);
    }
    app.stop().await;
}

/// Enough messages for each strategy of reading a list with a search: few, many and very many matches.
#[tokio::test(flavor = "multi_thread")]
async fn filters_give_the_same_result_for_any_number_of_matches() {
    let app = TestApp::new().await;
    let text = |n: i64| match n {
        n if n % 1000 == 0 => "Hoa hồng hiếm",
        n if n % 5 == 0 => "Hoa lan",
        _ => "Hoa",
    };
    let sent = |n: i64| {
        entry(EventKind::MessageSent, &message(&format!("m{n:05}"), &format!("k{}", n % 50), text(n), 1_758_791_400_000 + n))
    };
    store(app.database_url(), &(0..21_000).map(sent).collect::<Vec<_>>()).await;
    for (word, every) in [("hiếm", 1000), ("lan", 5), ("hoa", 1)] {
        let is_found = |n: &i64| if word == "lan" { n % 5 == 0 && n % 1000 != 0 } else { n % every == 0 };
        let matches: Vec<i64> = (0..21_000).rev().filter(is_found).collect();
        for filter in [
            json!({ "search": word }),
            json!({ "text": { "contains": word } }),
            json!({ "and": [{ "search": word }, { "text": { "contains": "o" } }] }),
            json!({ "not": { "not": { "search": word } } }),
        ] {
            let query = "query ($filter: MessageFilter) { messages(filter: $filter, first: 50) { totalCount nodes { id } } \
                         messageStats(filter: $filter) { count } }";
            let data = app.query_with(query, json!({ "filter": filter })).await;
            let expected: Vec<Value> = matches.iter().take(50).map(|n| json!({ "id": format!("msg_zalo_m{n:05}") })).collect();
            assert_eq!(data["messages"]["nodes"], json!(expected), "{filter}");
            assert_eq!(data["messages"]["totalCount"], matches.len(), "{filter}");
            assert_eq!(data["messageStats"][0]["count"], matches.len(), "{filter}");
        }
    }
    app.stop().await;
}
