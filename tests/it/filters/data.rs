//! Deliveries of a shop with irregular data: missing values, ties, texts of every kind, unlisted words, objects that are
//! deleted, unknown or without links. Generated from a seed, so always the same.

use deskgraph::domain::kind::EventKind;
use serde_json::{Map, Value, json};
use unicode_normalization::UnicodeNormalization;

/// A random number generator: splitmix64, the same on every machine.
#[derive(Clone)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn of(seed: u64) -> Self {
        Self(seed)
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.roll() >> 33).unwrap() % bound
    }

    pub(super) fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    pub(super) fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

pub(super) const STAFF: [&str; 6] = ["s0", "s1", "s2", "s3", "stf_s4", "s5"];

/// Texts with characters that could be misinterpreted.
pub(super) fn texts() -> Vec<String> {
    let composed = [
        "Nguyễn Thị Mai",
        "nguyen thi mai",
        "NGUYỄN Ánh",
        "Đà Nẵng",
        "đà nẵng, Huế",
        "Da Nang",
        "Trần Hùng đường Đặng",
        "giảm 50% hôm nay",
        "50%",
        "a_b",
        "axb",
        "a%b",
        "%",
        "_",
        "O'Brien \"quoted\"",
        "'; DROP TABLE message; --",
        "🎁 quà 🎉",
        "back\\slash",
        "Khách quen, thích giao buổi chiều",
        "İstanbul",
        "zero\0width",
        "*[a-z]?",
        "đơn DH-1029",
    ];
    let decomposed = composed.iter().step_by(3).map(|text| text.nfd().collect::<String>());
    composed.iter().map(|text| (*text).to_owned()).chain(decomposed).collect()
}

/// The deliveries, in order.
pub(super) fn deliveries(seed: u64) -> Vec<(EventKind, Value)> {
    let mut shop = Shop { dice: Dice::of(seed), texts: texts(), sent: Vec::new() };
    for n in 0..36 {
        shop.customer(n);
    }
    for n in 0..70 {
        shop.conversation(n);
    }
    for n in 70..80 {
        shop.sent.push((EventKind::ConversationStatusChanged, json!({ "conversation_id": format!("k{n}"), "is_closed": n % 2 })));
    }
    for n in 0..56 {
        shop.ticket(n);
    }
    for n in 0..5 {
        let closed = shop.dice.percent(50);
        shop.sent.push((
            EventKind::ConversationStatusChanged,
            json!({ "conversation_id": format!("k{}", n * 9), "is_closed": closed }),
        ));
    }
    let deleted =
        json!({ "deletedContactIds": ["c3", "c7", "c11", "never-seen"], "deletedPotentialIds": ["c18"], "deletedCount": 1 });
    shop.sent.push((EventKind::CustomerDeleted, deleted));
    for id in ["t1", "o2", "t8", "t14", "t15", "t21", "never-seen"] {
        shop.sent.push((EventKind::TicketDeleted, json!({ "id": id })));
    }
    // Customers that come after their conversations and tickets, and some that change.
    for n in (30..40).chain([2, 11]) {
        shop.customer(n);
    }
    // The last of everything.
    shop.sent.push((EventKind::CustomerCreated, json!({ "id": "last" })));
    shop.sent.push((EventKind::TicketCreated, json!({ "ticket_id": "last", "store_id": "last" })));
    let message = json!({ "platform": "zalo", "message_id": "last", "conversation_id": "last", "message": "hết", "time": 1_759_000_000_000_i64 });
    shop.sent.push((EventKind::MessageSent, message));
    shop.sent
}

/// Every id that a ticket can have here.
pub(super) fn ticket_ids() -> impl Iterator<Item = String> {
    (0..56).flat_map(|n| [format!("t{n}"), format!("o{n}")])
}

struct Shop {
    dice: Dice,
    texts: Vec<String>,
    sent: Vec<(EventKind, Value)>,
}

impl Shop {
    /// Usually sets a field; sometimes leaves it out or sets it to null.
    fn put(&mut self, payload: &mut Map<String, Value>, key: &str, value: impl Into<Value>) {
        match self.dice.below(10) {
            0 => {}
            1 => drop(payload.insert(key.to_owned(), Value::Null)),
            _ => drop(payload.insert(key.to_owned(), value.into())),
        }
    }

    fn text(&mut self) -> String {
        self.dice.one(&self.texts).clone()
    }

    /// One of a few instants, so that there are ties; in milliseconds.
    fn moment(&mut self) -> i64 {
        1_758_790_000_000 + 3_600_000 * i64::try_from(self.dice.below(24)).unwrap() + i64::try_from(self.dice.below(3)).unwrap()
    }

    fn iso(&mut self) -> String {
        deskgraph::domain::time::Timestamp::from_millis(self.moment()).unwrap().to_string()
    }

    fn staff(&mut self) -> String {
        (*self.dice.one(&STAFF)).to_owned()
    }

    fn people(&mut self) -> Value {
        let people: Vec<String> = (0..self.dice.below(4)).map(|_| self.staff()).collect();
        json!(people)
    }

    fn customer(&mut self, n: usize) {
        let id = if n == 5 { "cus_c5".to_owned() } else { format!("c{n}") };
        let mut payload = Map::from_iter([("id".to_owned(), json!(id))]);
        for key in ["system_name", "note", "system_telco"] {
            let text = self.text();
            self.put(&mut payload, key, text);
        }
        self.put(&mut payload, "system_phone", *["0912345678", "+84 912 345 679", "Số 0900%"].get(n % 4).unwrap_or(&"none"));
        self.put(&mut payload, "system_email", format!("Khách{}@example.com", n % 6));
        let statuses: Vec<Value> = (0..self.dice.below(4))
            .map(|_| match self.dice.below(5) {
                0 => json!({ "id": "st-1" }),
                1 => json!({ "id": "st-2", "value": "Tiềm năng", "color": { "r": 1, "g": 2, "b": 3 } }),
                2 => json!({ "value": "tiềm NĂNG cao".nfd().collect::<String>() }),
                3 => json!("Đã mua hàng"),
                _ => json!({ "value": "50%_off" }),
            })
            .collect();
        self.put(&mut payload, "status", statuses);
        let contacts: Vec<Value> = (0..self.dice.below(3))
            .map(|_| match self.dice.below(3) {
                0 => json!(format!("p{}", self.dice.below(30))),
                1 => json!({ "type": "Zalo", "id": format!("p{}", self.dice.below(30)) }),
                _ => json!({ "platform": "facebook", "uid": format!("p{}", self.dice.below(30)) }),
            })
            .collect();
        self.put(&mut payload, "social", contacts);
        let (manager, name) = (self.staff(), self.text());
        self.put(
            &mut payload,
            "manager",
            json!({ "_id": manager, "full_name": if manager == "s5" { Value::Null } else { name.into() } }),
        );
        if !n.is_multiple_of(3) {
            payload.insert("system_create_by".to_owned(), json!(format!("s{}", n % 6)));
        }
        let (created, updated) = (self.iso(), self.iso());
        self.put(&mut payload, "createdAt", created);
        self.put(&mut payload, "updatedAt", updated);
        let points = [
            json!(120),
            json!("120"),
            json!(" 7.5 "),
            json!("nhiều"),
            json!(true),
            json!([1]),
            json!(-3.25),
            json!("1e3"),
            json!("inf"),
        ];
        let (points, tag) = (self.dice.one(&points).clone(), self.text());
        self.put(&mut payload, "cf_points", points);
        self.put(&mut payload, "cf_tag", tag);
        if n.is_multiple_of(3) {
            self.put(&mut payload, "cf_Điểm", n % 5);
        }
        let kind = if self.dice.percent(60) { EventKind::CustomerCreated } else { EventKind::CustomerUpdated };
        self.sent.push((kind, payload.into()));
    }

    fn conversation(&mut self, n: usize) {
        let platforms = ["zalo", "Zalo", "facebook", "WEB", "email", "telegram", "TikTok_Shop 50%", "Điện thoại"];
        let platform = self.dice.one(&platforms).to_owned();
        let contact = match self.dice.below(12) {
            0 => "khách1@EXAMPLE.com".to_owned(),
            1 => "84912345678".to_owned(),
            2 => format!("c{}", self.dice.below(40)),
            // Deleted customers that no other customer replaces.
            3 => (*self.dice.one(&["c3", "c18"])).to_owned(),
            _ => format!("p{}", self.dice.below(40)),
        };
        let name = self.text();
        for m in 0..=self.dice.below(8) {
            let outbound = self.dice.percent(40);
            let mut payload = Map::from_iter([
                ("message_id".to_owned(), json!(format!("m{n}-{m}"))),
                ("conversation_id".to_owned(), json!(format!("k{n}"))),
                ("is_platform_sender".to_owned(), json!(i32::from(outbound))),
            ]);
            if !n.is_multiple_of(7) {
                payload.insert("platform".to_owned(), json!(platform));
            }
            let (inside, outside) = if outbound { ("from", "to") } else { ("to", "from") };
            self.put(&mut payload, &format!("{inside}_id"), "shop_1");
            self.put(&mut payload, &format!("{inside}_display_name"), "Shop Hoa Mai");
            self.put(&mut payload, &format!("{outside}_id"), contact.clone());
            self.put(&mut payload, &format!("{outside}_display_name"), name.clone());
            let text = self.text();
            self.put(&mut payload, "message", text);
            let word = *self.dice.one(&["text", "Text", "image", "AUDIO", "video", "file", "contact_card", "sticker"]);
            self.put(&mut payload, "type", word);
            let time = self.moment();
            self.put(&mut payload, "time", time);
            let start = self.moment();
            self.put(&mut payload, "start_time", start);
            let read = self.dice.percent(40);
            self.put(&mut payload, "is_read", i32::from(read));
            let (readers, assignees) = (self.people(), self.people());
            self.put(&mut payload, "is_read_by_staff", readers);
            self.put(&mut payload, "assign_by", assignees);
            let mode = *self.dice.one(&["public", "Private", "đội_nhóm", "team"]);
            self.put(&mut payload, "chat_mode", mode);
            if !(n + m).is_multiple_of(3) {
                payload.insert("time_create_at".to_owned(), json!(1_758_000_000 + 3_600 * (n % 7) + m));
                payload.insert("assign_time".to_owned(), json!(1_758_100_000 + 3_600 * (n % 5)));
            }
            let channel = *self.dice.one(&["oa_id", "page_id", "website_id", "sendgrid_id"]);
            self.put(&mut payload, channel, format!("ch_{}%", n % 5));
            if self.dice.percent(25) {
                self.put(&mut payload, "attachments", json!(["https://files.example/a.pdf"]));
            }
            let closed = self.dice.percent(20);
            self.put(&mut payload, "is_closed", i32::from(closed));
            self.sent.push((EventKind::MessageSent, payload.into()));
        }
    }

    fn ticket(&mut self, n: usize) {
        let mut payload = Map::new();
        if n % 5 != 4 {
            payload.insert("ticket_id".to_owned(), json!(format!("t{n}")));
        }
        if n % 3 == 2 || n % 5 == 4 {
            payload.insert("id".to_owned(), json!(format!("o{n}")));
        }
        for key in ["name", "description"] {
            let text = self.text();
            self.put(&mut payload, key, text);
        }
        self.put(&mut payload, "type_ticket", format!("tt_{}", n % 3));
        let level = *self.dice.one(&["low", "Medium", "HIGH", "khẩn cấp", "urgent"]);
        self.put(&mut payload, "level", level);
        let status = *self.dice.one(&["process", "PROCESS", "done", "cancel", "chờ"]);
        self.put(&mut payload, "status", status);
        let customer = match self.dice.below(8) {
            0 => "unknown".to_owned(),
            1 => "c3".to_owned(),
            2 => "cus_c5".to_owned(),
            _ => format!("c{}", self.dice.below(40)),
        };
        self.put(&mut payload, "customer", customer);
        let (employee, creator) = (self.staff(), self.staff());
        self.put(&mut payload, "employee", employee);
        self.put(&mut payload, "created_by", creator);
        self.put(&mut payload, "store_id", format!("store-{}", n % 4));
        let (created, due) = (self.moment(), self.moment() + self.dice.one(&[0, 900_000_000]));
        self.put(&mut payload, "date_created_timestamp", created / 1000);
        self.put(&mut payload, "date_expire_timestamp", due / 1000);
        let updated = self.iso();
        self.put(&mut payload, "updatedAt", updated);
        self.put(&mut payload, "is_remind", n.is_multiple_of(4));
        let kind = if self.dice.percent(50) { EventKind::TicketCreated } else { EventKind::TicketUpdated };
        self.sent.push((kind, payload.into()));
    }
}
