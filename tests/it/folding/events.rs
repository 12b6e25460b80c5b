//! Random events over a few ids, as irregular as real ones: partial payloads, cleared fields, equal and different versions,
//! equal arrivals, several ids for one ticket, contacts that match in every way.

use deskgraph::{domain::kind::EventKind, store::Delivery};
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Map, Value, json};

use crate::support::desk::{at, delivery, iso, ms};

/// A webhook and the second of its arrival.
#[derive(Clone)]
pub(crate) struct Webhook {
    pub(crate) kind: EventKind,
    pub(crate) payload: Value,
    pub(crate) arrival: i64,
}

impl std::fmt::Debug for Webhook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} at {}", self.kind, self.payload, self.arrival)
    }
}

/// How to store the events: every event at least once, in some order and in some batches.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// Indices of events.
    pub(crate) order: Vec<usize>,
    /// Sizes of batches, used cyclically.
    pub(crate) batches: Vec<usize>,
}

/// Events and two ways to store them.
pub(crate) fn sequences(most: usize) -> impl Strategy<Value = (Vec<Webhook>, Plan, Plan)> {
    vec(webhook(), 1..=most).prop_flat_map(|events| {
        let count = events.len();
        (Just(events), plan(count), plan(count))
    })
}

pub(crate) fn plan(count: usize) -> impl Strategy<Value = Plan> {
    let order = vec(0..count, 0..4).prop_map(move |again| (0..count).chain(again).collect::<Vec<_>>()).prop_shuffle();
    (order, vec(prop_oneof![Just(1usize), 1..8usize, Just(64)], 1..5)).prop_map(|(order, batches)| Plan { order, batches })
}

/// The events as deliveries. Repetitions of messages are recognised by content, all others by delivery id. Of messages with
/// equal content only the first is returned, since the result depends on the arrival of the one stored first.
pub(crate) fn deliveries(events: &[Webhook]) -> Vec<Delivery> {
    let mut seen = std::collections::HashSet::new();
    let all = events.iter().enumerate().map(|(index, webhook)| {
        let id = (webhook.kind != EventKind::MessageSent).then(|| format!("d{index}"));
        delivery(webhook.kind, &webhook.payload, at(webhook.arrival), id)
    });
    let mut unique = Vec::new();
    for delivery in all {
        if delivery.digest.clone().is_none_or(|digest| seen.insert(digest)) {
            unique.push(delivery);
        }
    }
    unique
}

pub(crate) fn webhook() -> impl Strategy<Value = Webhook> {
    let event = prop_oneof![
        8 => message().prop_map(|payload| (EventKind::MessageSent, payload)),
        2 => status().prop_map(|payload| (EventKind::ConversationStatusChanged, payload)),
        2 => customer().prop_map(|payload| (EventKind::CustomerCreated, payload)),
        5 => customer().prop_map(|payload| (EventKind::CustomerUpdated, payload)),
        2 => customers_deleted().prop_map(|payload| (EventKind::CustomerDeleted, payload)),
        2 => ticket().prop_map(|payload| (EventKind::TicketCreated, payload)),
        4 => ticket().prop_map(|payload| (EventKind::TicketUpdated, payload)),
        2 => ticket_id().prop_map(|id| (EventKind::TicketDeleted, json!({ "id": id }))),
    ];
    (event, 0i64..8).prop_map(|((kind, payload), arrival)| Webhook { kind, payload, arrival })
}

/// A field that is missing, empty or set.
type Part = BoxedStrategy<(&'static str, Option<Value>)>;

fn part(key: &'static str, values: Vec<Value>) -> Part {
    let empty = select(vec![Value::Null, json!(""), json!([])]);
    prop_oneof![4 => Just(None), 1 => empty.prop_map(Some), 4 => select(values).prop_map(Some)]
        .prop_map(move |value| (key, value))
        .boxed()
}

fn required(key: &'static str, values: Vec<Value>) -> Part {
    select(values).prop_map(move |value| (key, Some(value))).boxed()
}

fn object(parts: Vec<Part>) -> impl Strategy<Value = Value> {
    parts.prop_map(|fields| {
        let fields = fields.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
        Value::Object(fields.collect::<Map<_, _>>())
    })
}

fn dates() -> Vec<Value> {
    (0..8).map(|second| json!(iso(second))).collect()
}

fn millis() -> Vec<Value> {
    (0..8).map(|second| json!(ms(second))).collect()
}

fn seconds() -> Vec<Value> {
    (0..8).map(|second| json!(ms(second) / 1000)).collect()
}

/// Contacts: known by an account, by a customer's own id, by phone, by e-mail, or unknown.
fn contacts() -> Vec<Value> {
    vec![json!("u1"), json!("u2"), json!("c1"), json!("0912345678"), json!("Mai@Shop.vn")]
}

fn message() -> impl Strategy<Value = Value> {
    object(vec![
        required("message_id", vec![json!("m1"), json!("m2"), json!("m3")]),
        required("conversation_id", vec![json!("k1"), json!("k2")]),
        part("platform", vec![json!("zalo"), json!("zalo"), json!("Zalo"), json!("email")]),
        part("message", vec![json!("a"), json!("b%20c")]),
        part("type", vec![json!("text"), json!("image")]),
        part("attachments", vec![json!([{ "url": "x", "size": 0.1 }]), json!("y")]),
        part("payload", vec![json!({ "n": 0.300_000_000_000_000_04 }), json!({ "closed": true })]),
        part("time", millis()),
        part("time_create_at", seconds()),
        part("from_id", contacts()),
        part("from_display_name", vec![json!("Mai"), json!("Hùng")]),
        part("to_id", contacts()),
        part("to_avatar", vec![json!("p1"), json!("p2")]),
        part("is_platform_sender", vec![json!(0), json!(1)]),
        part("src", vec![json!(0), json!(1)]),
        part("is_read", vec![json!(0), json!(1)]),
        part("is_read_by_staff", vec![json!(["s1"]), json!(["s2", { "id": "s1", "full_name": "Lan" }])]),
        part("name_response", vec![json!("Lê Minh")]),
        part("assign_by", vec![json!(["s1", "s2"]), json!([{ "id": "s2", "full_name": "Hà" }]), json!(["s3"])]),
        part("assign_time", seconds()),
        part("start_time", millis()),
        part("is_closed", vec![json!(0), json!(1)]),
        part("chat_mode", vec![json!("public"), json!("PRIVATE")]),
        part("app_id", vec![json!("app")]),
        part("oa_id", vec![json!("oa1"), json!("oa2")]),
    ])
}

fn status() -> impl Strategy<Value = Value> {
    object(vec![
        required("conversation_id", vec![json!("k1"), json!("k2")]),
        required("is_closed", vec![json!(true), json!(false)]),
    ])
}

fn customer() -> impl Strategy<Value = Value> {
    let staff = || vec![json!("s1"), json!("s2")];
    let names = || vec![json!("Lan"), json!("Hà"), json!("Minh")];
    object(vec![
        required("id", vec![json!("c1"), json!("c2"), json!("c3")]),
        part("system_name", vec![json!("Mai"), json!("Nguyễn Mai")]),
        part("system_phone", vec![json!("+84 912 345 678"), json!("0900000000")]),
        part("system_email", vec![json!("mai@shop.vn"), json!("x@y.zz")]),
        part("note", vec![json!("n1"), json!("n2")]),
        part(
            "social",
            vec![
                json!([{ "type": "zalo", "id": "u1" }]),
                json!([{ "platform": "ZALO", "id": "u2" }, { "type": "email", "id": "u1" }]),
                json!(["u2"]),
            ],
        ),
        part(
            "status",
            vec![
                json!([{ "id": "st1", "value": "Tiềm năng", "color": { "r": 1, "g": 2, "b": 3, "a": 0.7 } }]),
                json!([{ "id": "st2" }, { "value": "x" }]),
            ],
        ),
        part("manager", vec![json!({ "_id": "s1", "full_name": "Lan" }), json!({ "_id": "s2", "full_name": "Hà" })]),
        part("system_create_by", staff()),
        part("system_create_by_name", names()),
        part("system_date_update", dates()),
        part("createdAt", dates()),
        part("updatedAt", dates()),
        part("cf_a", vec![json!(1), json!("x"), json!({ "deep": [1.5] })]),
        part("cf_b", vec![json!(0.123_456_789_012_345_68)]),
    ])
}

fn customers_deleted() -> impl Strategy<Value = Value> {
    let ids = || vec(select(vec!["c1", "c2", "c3"]), 0..3);
    (ids(), ids())
        .prop_map(|(customers, leads)| json!({ "deletedContactIds": customers, "deletedPotentialIds": leads, "deletedCount": 1 }))
}

fn ticket_id() -> impl Strategy<Value = &'static str> {
    select(vec!["t1", "t2", "a", "b", "c"])
}

fn ticket() -> impl Strategy<Value = Value> {
    let ids = prop_oneof![
        3 => select(vec!["t1", "t2"]).prop_map(|id| json!({ "ticket_id": id })),
        3 => select(vec!["a", "b", "c"]).prop_map(|id| json!({ "id": id, "_id": id })),
        2 => (ticket_id(), ticket_id()).prop_map(|(ticket, id)| json!({ "ticket_id": ticket, "id": id })),
        1 => (ticket_id(), ticket_id()).prop_map(|(id, other)| json!({ "id": id, "_id": other })),
    ];
    let rest = object(vec![
        part("name", vec![json!("giao chậm"), json!("đổi hàng")]),
        part("level", vec![json!("high"), json!("Low"), json!("urgent")]),
        part("status", vec![json!("process"), json!("done")]),
        part("customer", vec![json!("c1"), json!("c2"), json!("c9")]),
        part("employee", vec![json!("s1"), json!("s3")]),
        part("nameStaff", vec![json!("Lan"), json!("Tú")]),
        part("created_by", vec![json!("s2")]),
        part("date_created_timestamp", seconds()),
        part("date_expire_timestamp", seconds()),
        part("updatedAt", dates()),
        part("time_notify", vec![json!("30"), json!(1)]),
        part("time_notify_unit", vec![json!("Phút"), json!("Ngày")]),
        part("is_remind", vec![json!(true), json!(false)]),
        part("file_path", vec![json!(["f1"]), json!([{ "url": "f2" }])]),
    ]);
    (ids, rest).prop_map(|(ids, rest)| {
        let (Value::Object(mut ticket), Value::Object(ids)) = (rest, ids) else { unreachable!("both are objects") };
        ticket.extend(ids);
        Value::Object(ticket)
    })
}
