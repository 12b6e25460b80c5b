//! Masked values: two gateways differ only in values that a role may not see, and no request of the role can tell them apart.

use std::collections::{BTreeMap, BTreeSet};

use deskgraph::{
    domain::kind::EventKind,
    graphql::{Viewer, role::Rules},
};
use futures_util::StreamExt;
use serde_json::{Value, json};

use super::{
    gateways::{Answer, Gateway, client, role},
    live::{Subscription, first},
    requests::{Request, Requests, list_of},
    sdl::Sdl,
    select::Selections,
    story::{Delivery, Hidden, story},
    values::Values,
};

/// Masks, and the places of the masked values in payloads.
struct Masked {
    masks: &'static [&'static str],
    customer: &'static [&'static str],
    message: &'static [&'static str],
    ticket: &'static [&'static str],
}

const PERSONAL: Masked = Masked {
    masks: &["Customer.phone", "Customer.email", "Customer.note", "SocialAccount.raw", "Ticket.description"],
    customer: &["/system_phone", "/system_email", "/note", "/social/0/secret", "/social/1/secret"],
    message: &[],
    ticket: &["/description"],
};

/// Masks for values of every kind, by which lists can be sorted, searched, filtered and counted.
const MOST: Masked = Masked {
    masks: &[
        "Customer.name",
        "Customer.telco",
        "Customer.updatedAt",
        "Customer.manager",
        "CustomerStatus.name",
        "CustomerStatus.color",
        "CustomField.value",
        "SocialAccount.name",
        "SocialAccount.url",
        "SocialAccount.raw",
        "Message.text",
        "Message.preview",
        "Message.payload",
        "Message.createdAt",
        "Message.source",
        "Participant.name",
        "Channel.appId",
        "Channel.sourceId",
        "Conversation.startedAt",
        "Conversation.assignedAt",
        "Conversation.chatMode",
        "Attachment.name",
        "Attachment.url",
        "Attachment.size",
        "Attachment.raw",
        "Ticket.name",
        "Ticket.level",
        "Ticket.levelName",
        "Ticket.status",
        "Ticket.statusName",
        "Ticket.dueAt",
        "Ticket.reminder",
        "Ticket.storeId",
        "Ticket.typeId",
        "Ticket.assignee",
        "Ticket.updatedAt",
    ],
    customer: &[
        "/system_name",
        "/system_telco",
        "/updatedAt",
        "/manager/_id",
        "/manager/full_name",
        "/status/0/value",
        "/status/0/color/r",
        "/cf_points",
        "/cf_tag",
        "/social/0/name",
        "/social/0/url",
        "/social/1/secret",
    ],
    message: &[
        "/message",
        "/message_short",
        "/payload/template",
        "/time_create_at",
        "/src",
        "/from_display_name",
        "/to_display_name",
        "/name_response",
        "/app_id",
        "/oa_id",
        "/page_id",
        "/start_time",
        "/assign_time",
        "/chat_mode",
        "/attachments/0/name",
        "/attachments/0/url",
        "/attachments/0/size",
    ],
    ticket: &[
        "/name",
        "/level",
        "/status",
        "/date_expire_timestamp",
        "/time_notify",
        "/store_id",
        "/type_ticket",
        "/employee",
        "/nameStaff",
        "/updatedAt",
        "/file_path/0",
    ],
};

impl Masked {
    /// The same story with other values for the masked fields.
    fn changed(&self, mut story: Vec<Delivery>) -> Vec<Delivery> {
        for delivery in &mut story {
            let places = match delivery.kind {
                EventKind::CustomerCreated | EventKind::CustomerUpdated => self.customer,
                EventKind::MessageSent => self.message,
                EventKind::TicketCreated | EventKind::TicketUpdated => self.ticket,
                _ => &[],
            };
            for place in places {
                if let Some(value) = delivery.payload.pointer_mut(place) {
                    *value = other(place, value);
                }
            }
        }
        story
    }
}

/// Another value for the same place.
fn other(place: &str, value: &Value) -> Value {
    match value {
        Value::Number(number) => {
            let number = number.as_i64().unwrap();
            // Due before now instead of after, in the same unit.
            if number > 1_000_000_000 {
                (number + if number > 100_000_000_000 { 8_640_000_000 } else { 8_640_000 }).into()
            } else {
                (number / 2 + 1).into()
            }
        }
        Value::String(text) => match (place, text.as_str()) {
            (_, "staff-mine") => "staff-theirs".into(),
            (_, "staff-theirs") => "staff-mine".into(),
            (_, "Lê Minh") => "Phạm Thu Hà".into(),
            (_, "Phạm Thu Hà") => "Lê Minh".into(),
            ("/level", "high") => "low".into(),
            ("/level", _) => "high".into(),
            ("/status", "done") => "process".into(),
            ("/status", _) => "done".into(),
            ("/time_notify", _) => "7".into(),
            ("/chat_mode", _) => "public".into(),
            ("/updatedAt", moment) => moment.replace("2025-09", "2025-08").into(),
            // Other words of other lengths, in another order.
            (_, text) => format!("Zz{} quite different", text.replace(|letter: char| !letter.is_ascii_digit(), "x")).into(),
        },
        other => panic!("{place}: {other}"),
    }
}

/// Two gateways, and a client of each that sees the same, since the differing values are masked.
struct Pair {
    gateways: [Gateway; 2],
    viewer: Viewer,
    stories: [Vec<Delivery>; 2],
}

impl Pair {
    async fn open(name: &str, masked: &Masked) -> Self {
        // Phone numbers decide which customer a conversation has, so none is matched by phone number.
        let usual = || story().into_iter().filter(|delivery| delivery.about != "con_byphone").collect::<Vec<_>>();
        let stories = [usual(), masked.changed(usual())];
        let masks = masked.masks.iter().map(|mask| (*mask).to_owned()).collect();
        let role = role(name, &Rules { masks, ..Rules::default() });
        let roles = std::slice::from_ref(&role);
        let gateways =
            [Gateway::open(&stories[0], &Hidden::new(), roles).await, Gateway::open(&stories[1], &Hidden::new(), roles).await];
        Self { gateways, viewer: client(&role, None), stories }
    }

    async fn ask(&self, query: &str, variables: &Value) -> Answer {
        let [one, other] = &self.gateways;
        let [one, other] = [one, other].map(|gateway| gateway.ask(&self.viewer, query, variables.clone()));
        let (one, other) = (one.await, other.await);
        assert_eq!(one, other, "{query} {variables}");
        one
    }

    /// The masked values, and all ids.
    async fn values<'s>(&self, sdl: &'s Sdl) -> Values<'s> {
        let mut ids = BTreeMap::new();
        for of in sdl.objects().filter(|of| sdl.is_node(of) && *of != "Event") {
            let query = format!("{{ list: {} {{ nodes {{ id }} }} }}", list_of(sdl, of));
            let found = self.gateways[0].data(&self.viewer, &query).await;
            let nodes = found["list"]["nodes"].as_array().unwrap().iter();
            ids.insert(of.to_owned(), nodes.map(|node| node["id"].as_str().unwrap().to_owned()).collect());
        }
        let [hidden, others] = &self.stories;
        Values::of(sdl, &hidden.iter().collect::<Vec<_>>(), &others.iter().collect::<Vec<_>>(), ids)
    }
}

/// The fields that are refused to a role because they would reveal a masked value.
async fn refused(pair: &Pair, sdl: &Sdl) -> BTreeSet<(String, String)> {
    let mut refused = BTreeSet::new();
    loop {
        let everything = Selections::without(sdl, refused.clone()).of("Node", 2);
        let answer = pair.ask(&format!("{{ node(id: \"cus_none\") {everything} }}"), &json!({})).await;
        let Some(error) = answer.errors.first() else { return refused };
        let member = error["message"].as_str().unwrap().split('`').nth(1).unwrap().split_once('.').unwrap();
        assert!(refused.insert((member.0.to_owned(), member.1.to_owned())), "{error}");
    }
}

/// Whether a request names a masked field in a filter of its type.
fn names_masked(request: &Request, sdl: &Sdl, masked: &Masked) -> bool {
    let masks = masked.masks.iter().map(|mask| mask.split_once('.').unwrap());
    let refused: BTreeSet<_> = masks.map(|(of, field)| (format!("{of}Filter"), field.to_owned())).collect();
    request.names(sdl).iter().any(|name| refused.contains(name))
}

async fn assert_masked(name: &str, masked: &Masked, every: usize, is_indexed: bool) {
    let (sdl, pair) = (Sdl::read(), Pair::open(name, masked).await);
    if is_indexed {
        pair.gateways[0].index().await;
        pair.gateways[1].index().await;
    }
    let refused = refused(&pair, &sdl).await;
    let (values, selections) = (pair.values(&sdl).await, Selections::without(&sdl, refused));
    let requests = Requests { values: &values, selections: &selections, cursors: BTreeMap::new() };
    let (mut answered, mut refused) = (0, 0);
    // Everything that names a masked field, some of the rest, and more of the searches.
    let is_tried = |(request, number): &(&Request, usize)| {
        names_masked(request, &sdl, masked) || number.is_multiple_of(if request.field == "search" { 3 } else { every })
    };
    for (request, number) in requests.all(1).iter().zip(0..).filter(is_tried) {
        let mut ways = [
            format!("{{ {} }}", request.text("it")),
            format!("{{ {} unplanned: node(id: \"cus_none\") {{ id }} }}", request.text("it")),
        ];
        // One of two is executed by async-graphql; refused requests are tried both ways.
        ways.rotate_left(number / every % 2);
        let answer = pair.ask(&ways[0], &json!({})).await;
        let is_forbidden = answer.is_forbidden();
        assert!(is_forbidden || answer.errors.is_empty(), "{}: {answer:?}", ways[0]);
        assert!(is_forbidden || !names_masked(request, &sdl, masked), "this reveals a masked value: {}", ways[0]);
        if is_forbidden {
            assert!(pair.ask(&ways[1], &json!({})).await.is_forbidden(), "{}", ways[1]);
        }
        if is_forbidden || (number / every).is_multiple_of(5) {
            let (query, variables) = request.with_variables();
            let answer = pair.ask(&query, &variables).await;
            assert_eq!(answer.is_forbidden(), is_forbidden, "{query} {variables}: {answer:?}");
        }
        (answered, refused) = (answered + usize::from(!is_forbidden), refused + usize::from(is_forbidden));
    }
    assert!(answered > 150 && refused > 50, "{answered} answers, {refused} refusals");
    assert_streams_mask(&pair, &values, &selections).await;
    assert_live_results_mask(&pair, &requests, &sdl, masked).await;
    for request in requests.of_the_log() {
        let query = format!("{{ {} }}", request.text("log"));
        assert!(pair.ask(&query, &json!({})).await.is_forbidden(), "payloads contain masked values: {query}");
    }
    for gateway in pair.gateways {
        gateway.close().await;
    }
}

/// Asserts that subscriptions deliver no masked values and refuse filters that would reveal them.
async fn assert_streams_mask(pair: &Pair, values: &Values<'_>, selections: &Selections<'_>) {
    let mut refused = 0;
    for subscription in Subscription::all(selections) {
        for condition in [None].into_iter().chain(subscription.conditions(values, 1).iter().step_by(4).map(Some)) {
            let query = subscription.of(condition);
            let [one, other] = &pair.gateways;
            let first = one.follow(&pair.viewer, &query).next().await.unwrap();
            if first.is_forbidden() {
                assert!(other.follow(&pair.viewer, &query).next().await.unwrap().is_forbidden(), "{query}");
                refused += 1;
                continue;
            }
            let [one, other] = [one, other].map(|gateway| subscription.sent(gateway, &pair.viewer, condition));
            assert_eq!(one.await, other.await, "{query}");
        }
    }
    assert!(refused > 0, "{refused} refusals");
}

/// Asserts that live pages and live statistics are refused if the list or statistic is, and reveal nothing else.
async fn assert_live_results_mask(pair: &Pair, requests: &Requests<'_>, sdl: &Sdl, masked: &Masked) {
    let (mut answered, mut refused) = (0, 0);
    let is_tried = |(pair, number): &(&(Request, Request), usize)| names_masked(&pair.0, sdl, masked) || number.is_multiple_of(8);
    for ((live, once), _) in requests.live(1).iter().zip(0..).filter(is_tried) {
        let [one, other] = &pair.gateways;
        let (one, other) = (first(one, &pair.viewer, live).await, first(other, &pair.viewer, live).await);
        assert_eq!(one, other, "{}", live.text("live"));
        let is_forbidden = one.as_ref().is_some_and(Answer::is_forbidden);
        assert!(is_forbidden || one.is_none_or(|one| one.errors.is_empty()), "{}", live.text("live"));
        assert!(is_forbidden || !names_masked(live, sdl, masked), "this reveals a masked value: {}", live.text("live"));
        let listed = pair.gateways[0].ask(&pair.viewer, &format!("{{ {} }}", once.text("it")), json!({})).await;
        assert_eq!(listed.is_forbidden(), is_forbidden, "{}: {listed:?}", once.text("once"));
        (answered, refused) = (answered + usize::from(!is_forbidden), refused + usize::from(is_forbidden));
    }
    assert!(answered > 50 && refused > 10, "{answered} answers, {refused} refusals");
}

#[tokio::test]
async fn masked_values_are_revealed_by_no_field_or_argument() {
    assert_masked("personal", &PERSONAL, 12, true).await;
}

#[tokio::test]
async fn masked_values_of_every_kind_are_revealed_by_no_field_or_argument() {
    assert_masked("most", &MOST, 16, false).await;
}
