//! Statistics, compared with plain counting.

use std::collections::{BTreeMap, BTreeSet};

use deskgraph::{domain::kind::EventKind, store::Entry};
use jiff::{
    Timestamp, ToSpan,
    civil::Time,
    tz::{AmbiguousOffset, TimeZone},
};
use serde_json::{Value, json};

use crate::support::{app::TestApp, entry, message, sample, store};

/// A small random number generator, the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.below(of.len() as u64)).unwrap()]
    }
}

/// A message as known to this test.
struct Sent {
    at: Timestamp,
    platform: &'static str,
    channel: Option<&'static str>,
    kind: &'static str,
    outbound: bool,
    conversation: String,
    customer: Option<String>,
}

/// A counted group of messages.
#[derive(Default)]
struct Counted<'a> {
    group: Value,
    messages: i64,
    conversations: BTreeSet<&'a str>,
    customers: BTreeSet<&'a str>,
}

impl Counted<'_> {
    fn row(self) -> Value {
        let mut row = self.group;
        row["count"] = self.messages.into();
        row["conversations"] = self.conversations.len().into();
        row["customers"] = self.customers.len().into();
        row
    }
}

/// Messages of two years, many of them around the changes of clocks.
fn sent(dice: &mut Dice) -> Vec<Sent> {
    let changes = ["2024-03-31T01:00:00Z", "2024-10-27T01:00:00Z", "2025-03-09T07:00:00Z", "2025-11-02T06:00:00Z"];
    let changes = changes.map(|text| text.parse::<Timestamp>().unwrap().as_second());
    let mut sent = Vec::new();
    for n in 0..700 {
        let second = match n % 2 {
            0 => dice.pick(&changes) - 6 * 3600 + i64::try_from(dice.below(12 * 3600)).unwrap(),
            _ => 1_704_000_000 + i64::try_from(dice.below(2 * 365 * 86_400)).unwrap(),
        };
        let conversation = dice.below(20);
        sent.push(Sent {
            at: Timestamp::from_millisecond(second * 1000 + i64::try_from(dice.below(1000)).unwrap()).unwrap(),
            platform: dice.pick(&["zalo", "facebook", "web", "email", "telegram", "tiktok"]),
            channel: dice.pick(&[Some("oa-1"), Some("oa-2"), None]),
            kind: dice.pick(&["text", "image", "sticker", "hologram"]),
            outbound: dice.below(2) == 1,
            conversation: format!("k{conversation}"),
            // The last of ten customers is deleted; the other conversations have none.
            customer: (conversation < 9).then(|| format!("c{conversation}")),
        });
    }
    sent
}

fn entries(sent: &[Sent]) -> Vec<Entry> {
    let mut entries = Vec::new();
    for n in 0..10 {
        let mut customer = sample("customer-created");
        customer["_id"] = format!("c{n}").into();
        customer["id"] = format!("c{n}").into();
        customer["system_phone"] = format!("090000000{n}").into();
        customer["system_email"] = Value::Null;
        customer["social"] = json!([]);
        entries.push(entry(EventKind::CustomerCreated, &customer));
    }
    entries.push(entry(EventKind::CustomerDeleted, &json!({ "deletedContactIds": ["c9"] })));
    for (number, sent) in sent.iter().enumerate() {
        let mut message = message(&format!("m{number}"), &sent.conversation, "hoa", sent.at.as_millisecond());
        let contact = format!("090000000{}", &sent.conversation[1..]);
        let (from, to) = if sent.outbound { ("page".to_owned(), contact) } else { (contact, "page".to_owned()) };
        message["platform"] = sent.platform.into();
        message["oa_id"] = sent.channel.into();
        message["type"] = sent.kind.into();
        message["is_platform_sender"] = i32::from(sent.outbound).into();
        message["from_id"] = from.into();
        message["to_id"] = to.into();
        entries.push(entry(EventKind::MessageSent, &message));
    }
    entries
}

fn shown(at: Timestamp) -> String {
    format!("{at:.3}")
}

/// The start of the bucket, by the calendar.
pub(crate) fn bucket(at: Timestamp, interval: &str, zone: &TimeZone) -> String {
    let local = zone.to_datetime(at);
    let start = match interval {
        "HOUR" => {
            let hour = Time::new(local.hour(), 0, 0, 0).unwrap();
            return shown(at - local.time().duration_since(hour));
        }
        "DAY" => local.date(),
        "WEEK" => local.date() - i64::from(local.weekday().to_monday_zero_offset()).days(),
        "MONTH" => local.date().first_of_month(),
        _ => unreachable!(),
    };
    let midnight = zone.to_ambiguous_timestamp(start.to_datetime(Time::midnight()));
    if let AmbiguousOffset::Gap { .. } = midnight.offset() {
        unreachable!("these zones change clocks at other hours");
    }
    shown(midnight.earlier().unwrap())
}

fn platform(name: &str) -> &'static str {
    match name {
        "zalo" => "ZALO",
        "facebook" => "FACEBOOK",
        "web" => "WEB",
        "email" => "EMAIL",
        _ => "OTHER",
    }
}

fn as_set(rows: &Value) -> BTreeSet<String> {
    rows.as_array().unwrap().iter().map(Value::to_string).collect()
}

fn assert_by_time(rows: &Value) {
    let times: Vec<&str> = rows.as_array().unwrap().iter().filter_map(|row| row["time"].as_str()).collect();
    assert!(times.is_sorted(), "{times:?}");
}

const MESSAGES: &str = "query ($groupBy: [MessageDimension!], $interval: Interval, $timeZone: String, $filter: MessageFilter) {
  messageStats(groupBy: $groupBy, interval: $interval, timeZone: $timeZone, filter: $filter) {
    time platform channelId type direction count conversations customers
  }
}";

#[tokio::test]
async fn messages_are_counted_by_every_combination_of_dimensions_in_any_zone() {
    let app = TestApp::new().await;
    let sent = sent(&mut Dice(7));
    store(app.database_url(), &entries(&sent)).await;
    let zones = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Asia/Ho_Chi_Minh", "UTC"];
    let dimensions = ["TIME", "PLATFORM", "CHANNEL", "TYPE", "DIRECTION"];
    for subset in 0..32_usize {
        let group_by: Vec<&str> = (0..5).filter(|bit| subset & (1 << bit) != 0).map(|bit| dimensions[bit]).collect();
        let by = |dimension| group_by.contains(&dimension);
        let intervals: &[&str] = if by("TIME") { &["HOUR", "DAY", "WEEK", "MONTH"] } else { &[""] };
        for (number, interval) in intervals.iter().enumerate() {
            let zone = zones[(subset + number) % zones.len()];
            let tz = TimeZone::get(zone).unwrap();
            let mut groups: BTreeMap<String, Counted<'_>> = BTreeMap::new();
            for message in &sent {
                let group = json!({
                    "time": by("TIME").then(|| bucket(message.at, interval, &tz)),
                    "platform": by("PLATFORM").then(|| platform(message.platform)),
                    "channelId": by("CHANNEL").then_some(message.channel),
                    "type": by("TYPE").then(|| if message.kind == "hologram" { "OTHER".into() } else { message.kind.to_uppercase() }),
                    "direction": by("DIRECTION").then_some(if message.outbound { "OUTBOUND" } else { "INBOUND" }),
                });
                let counted = groups.entry(group.to_string()).or_insert(Counted { group, ..Counted::default() });
                counted.messages += 1;
                counted.conversations.insert(&message.conversation);
                counted.customers.extend(message.customer.as_deref());
            }
            let expected: Vec<Value> = groups.into_values().map(Counted::row).collect();
            let interval = (!interval.is_empty()).then_some(interval);
            let variables = json!({ "groupBy": group_by, "interval": interval, "timeZone": zone });
            let rows = app.query_with(MESSAGES, variables.clone()).await["messageStats"].take();
            assert_eq!(as_set(&rows), as_set(&json!(expected)), "{variables}");
            assert_by_time(&rows);
        }
    }
    app.stop().await;
}

#[tokio::test]
async fn without_grouping_there_is_one_row_even_over_no_messages() {
    let app = TestApp::new().await;
    let none = json!([{
        "time": null, "platform": null, "channelId": null, "type": null, "direction": null,
        "count": 0, "conversations": 0, "customers": 0,
    }]);
    assert_eq!(app.query_with(MESSAGES, json!({})).await["messageStats"], none);
    assert_eq!(app.query_with(MESSAGES, json!({ "groupBy": ["TIME", "TYPE"] })).await["messageStats"], json!([]));
    app.deliver_samples().await;
    let data = app
        .query(
            "{ messageStats { count } conversationStats { count unread firstResponseSeconds assignee { id } } ticketStats { count overdue }
               filtered: messageStats(filter: { platform: { eq: FACEBOOK } }, groupBy: [TIME]) { time count } }",
        )
        .await;
    assert_eq!(data["messageStats"], json!([{ "count": 2 }]));
    let conversations = json!([{ "count": 2, "unread": 1, "firstResponseSeconds": null, "assignee": null }]);
    assert_eq!(data["conversationStats"], conversations);
    assert_eq!(data["ticketStats"], json!([{ "count": 1, "overdue": 0 }]));
    assert_eq!(data["filtered"].as_array().unwrap().len(), 1, "{data}");
    app.stop().await;
}

/// A message of a conversation at a second, outbound or not.
fn message_at(conversation: &str, second: i64, outbound: bool, assignees: &[&str]) -> Entry {
    let id = format!("{conversation}-{second}-{outbound}");
    let mut message = message(&id, conversation, "hoa", 1_758_791_400_000 + second * 1000);
    message["is_platform_sender"] = i32::from(outbound).into();
    message["assign_by"] = json!(assignees);
    message["is_read"] = 0.into();
    entry(EventKind::MessageSent, &message)
}

#[tokio::test]
async fn the_first_response_is_the_next_outbound_message_after_the_first_inbound_one() {
    let app = TestApp::new().await;
    store(
        app.database_url(),
        &[
            // Answered after 30 seconds; the greeting before does not count.
            message_at("a", 0, true, &["s1"]),
            message_at("a", 10, false, &["s1"]),
            message_at("a", 20, false, &["s1"]),
            message_at("a", 40, true, &["s1"]),
            message_at("a", 50, true, &["s1"]),
            // Answered after 90 seconds, by two.
            message_at("b", 100, false, &["s1", "s2"]),
            message_at("b", 190, true, &["s1", "s2"]),
            // One without an answer, one without a question.
            message_at("c", 0, false, &[]),
            message_at("d", 0, true, &[]),
        ],
    )
    .await;
    let query = "{
      all: conversationStats { count unread firstResponseSeconds }
      byAssignee: conversationStats(groupBy: [ASSIGNEE]) { assignee { sourceId } count unread firstResponseSeconds }
      byState: conversationStats(groupBy: [IS_CLOSED, PLATFORM, CHANNEL]) { isClosed platform channelId count }
    }";
    let data = app.query(query).await;
    assert_eq!(data["all"], json!([{ "count": 4, "unread": 4, "firstResponseSeconds": 60.0 }]));
    let by_assignee = json!([
        { "assignee": { "sourceId": "s1" }, "count": 2, "unread": 3, "firstResponseSeconds": 60.0 },
        { "assignee": { "sourceId": "s2" }, "count": 1, "unread": 1, "firstResponseSeconds": 90.0 },
        { "assignee": null, "count": 2, "unread": 1, "firstResponseSeconds": null },
    ]);
    assert_eq!(data["byAssignee"], by_assignee);
    assert_eq!(data["byState"], json!([{ "isClosed": false, "platform": "ZALO", "channelId": "2873219003322110", "count": 4 }]));

    // At the same instant, the id decides which was first.
    store(app.database_url(), &[message_at("e", 0, false, &[]), message_at("e", 0, true, &[]), message_at("e", 7, true, &[])])
        .await;
    let same = app.query("{ conversationStats(filter: { id: { eq: \"e\" } }) { firstResponseSeconds } }").await;
    assert_eq!(same["conversationStats"], json!([{ "firstResponseSeconds": 0.0 }]));

    // A late message counts at the time it was sent.
    store(
        app.database_url(),
        &[message_at("a", 5, false, &["s1"]), message_at("b", 130, true, &["s1", "s2"]), message_at("c", 10, true, &[])],
    )
    .await;
    let data = app.query(query).await;
    let mean = (35.0 + 30.0 + 10.0 + 0.0) / 4.0;
    assert!((data["all"][0]["firstResponseSeconds"].as_f64().unwrap() - mean).abs() < 1e-9, "{data}");
    app.stop().await;
}

#[tokio::test]
async fn conversations_and_tickets_are_counted_by_time_and_by_their_other_dimensions() {
    let app = TestApp::new().await;
    let mut dice = Dice(3);
    let (mut payloads, mut conversations, mut tickets) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
    let tz = TimeZone::get("Europe/Berlin").unwrap();
    for n in 0..120 {
        let start = (dice.below(6) > 0).then(|| 1_740_000_000_000 + i64::try_from(dice.below(200 * 86_400_000)).unwrap());
        let mut message = message(&format!("m{n}"), &format!("k{n}"), "hoa", 1_758_791_400_000);
        message["start_time"] = start.into();
        message["start_date"] = Value::Null;
        message["is_closed"] = dice.below(2).into();
        let week = start.map(|ms| bucket(Timestamp::from_millisecond(ms).unwrap(), "WEEK", &tz));
        *conversations.entry((week.clone().unwrap_or("none".into()), message["is_closed"] == 1)).or_insert(0) += 1;
        payloads.push(entry(EventKind::MessageSent, &message));

        let (level, status) = (dice.pick(&["low", "high", "strange"]), dice.pick(&["process", "done", "waiting"]));
        // The test clock is at 1 October 2025.
        let due = dice.pick(&[Some(1_759_000_000), Some(1_760_000_000), None]);
        let (store, kind, staff) = (dice.pick(&["hn", "hcm"]), dice.pick(&[Some("t1"), None]), dice.pick(&["s1", "s2"]));
        let id = format!("T{n}");
        let ticket = json!({
            "ticket_id": id, "name": "Hoa", "level": level, "status": status, "employee": staff, "store_id": store,
            "type_ticket": kind, "date_created_timestamp": start.map(|ms| ms / 1000), "date_expire_timestamp": due,
        });
        payloads.push(entry(EventKind::TicketCreated, &ticket));
        if dice.below(5) == 0 {
            payloads.push(entry(EventKind::TicketDeleted, &json!({ "id": id })));
            continue;
        }
        let month = start.map(|ms| bucket(Timestamp::from_millisecond(ms / 1000 * 1000).unwrap(), "MONTH", &tz));
        let shown = |word: &str| if matches!(word, "strange" | "waiting") { "OTHER".into() } else { word.to_uppercase() };
        let group = json!({
            "time": month, "level": shown(level), "status": shown(status), "storeId": store, "typeId": kind,
            "assignee": { "sourceId": staff },
        });
        let counted = tickets.entry(group.to_string()).or_insert((group, 0, 0));
        counted.1 += 1;
        counted.2 += i32::from(status == "process" && due == Some(1_759_000_000));
    }
    store(app.database_url(), &payloads).await;
    let data = app
        .query(
            "{ conversationStats(groupBy: [IS_CLOSED, TIME], interval: WEEK, timeZone: \"Europe/Berlin\") { time isClosed count }
               ticketStats(groupBy: [TIME, LEVEL, STATUS, ASSIGNEE, STORE, TYPE], interval: MONTH, timeZone: \"Europe/Berlin\") {
                 time level status storeId typeId assignee { sourceId } count overdue } }",
        )
        .await;
    let expected: Vec<Value> = conversations
        .into_iter()
        .map(|((time, is_closed), count)| json!({ "time": (time != "none").then_some(time), "isClosed": is_closed, "count": count }))
        .collect();
    assert_eq!(as_set(&data["conversationStats"]), as_set(&json!(expected)));
    assert_by_time(&data["conversationStats"]);
    assert_eq!(data["conversationStats"].as_array().unwrap().last().unwrap()["time"], Value::Null, "without a start: last");
    let expected: Vec<Value> = tickets
        .into_values()
        .map(|(mut row, count, overdue)| {
            row["count"] = count.into();
            row["overdue"] = overdue.into();
            row
        })
        .collect();
    assert_eq!(as_set(&data["ticketStats"]), as_set(&json!(expected)));
    app.stop().await;
}

#[tokio::test]
async fn invalid_arguments_are_refused_by_name() {
    let app = TestApp::with(|config| config.crm.time_zone = "America/New_York".into()).await;
    for (arguments, argument, expected) in [
        ("groupBy: [TIME], timeZone: \"Asia/Saigon_City\"", "timeZone", "Asia/Saigon_City"),
        ("groupBy: [TYPE], interval: DAY", "interval", "TIME"),
    ] {
        let answer = app.answer(&format!("{{ messageStats({arguments}) {{ count }} }}"), json!({})).await;
        let error = &answer["errors"][0];
        assert_eq!(
            (&error["extensions"]["code"], &error["extensions"]["argument"]),
            (&json!("BAD_USER_INPUT"), &json!(argument))
        );
        assert!(error["message"].as_str().unwrap().contains(expected), "{error}");
    }
    for first in [-1, 201] {
        let answer = app.answer(&format!("{{ customFieldKeys(first: {first}) {{ key }} }}"), json!({})).await;
        let error = &answer["errors"][0]["extensions"];
        assert_eq!((&error["code"], &error["argument"]), (&json!("BAD_USER_INPUT"), &json!("first")), "{answer}");
    }
    // The default zone is the CRM's, the default interval a day.
    app.deliver("message-sent", &message("m1", "k", "hoa", 1_758_772_799_999)).await;
    let data = app.query("{ messageStats(groupBy: [TIME]) { time count } }").await;
    assert_eq!(data["messageStats"], json!([{ "time": "2025-09-24T04:00:00.000Z", "count": 1 }]));
    app.stop().await;
}

#[tokio::test]
async fn too_many_rows_are_refused() {
    let app = TestApp::new().await;
    let hour = |n: i64| entry(EventKind::MessageSent, &message(&format!("m{n}"), "k", "hoa", 1_600_000_000_000 + n * 3_600_000));
    store(app.database_url(), &(0..10_000).map(hour).collect::<Vec<_>>()).await;
    let query = "{ messageStats(groupBy: [TIME], interval: HOUR) { time } }";
    assert_eq!(app.query(query).await["messageStats"].as_array().unwrap().len(), 10_000);
    store(app.database_url(), &[hour(10_000)]).await;
    let answer = app.answer(query, json!({})).await;
    let expected = json!({ "code": "LIMIT_EXCEEDED", "argument": "groupBy", "limit": "statisticsRows", "allowed": 10_000, "requested": 10_001 });
    assert_eq!(answer["errors"][0]["extensions"], expected, "{answer}");
    app.stop().await;
}
