//! Writes responses directly as bytes, from the rows of either database.

use deskgraph::domain::page::{Cursor, SortValue};

/// The number of rows in a page.
pub(crate) const PAGE: usize = 50;

/// A row, accessed by column index.
pub(crate) trait Cells {
    fn text(&self, at: usize) -> Option<&str>;
    fn number(&self, at: usize) -> Option<i64>;
    fn flag(&self, at: usize) -> bool;
}

/// The columns of a message, in the order expected by [`Json::message`]; `m` stands for the row.
pub(crate) const MESSAGE: &str = "m.key, m.source_id, m.platform, m.platform_name, m.outbound, m.type_key, m.text, m.is_read, \
                                  m.sent_at, m.created_at";

/// The columns of its links; `c` stands for its customer.
pub(crate) const LINKS: &str = "m.conversation_id, c.id, c.name";

/// JSON being written.
pub(crate) struct Json(pub(crate) Vec<u8>);

impl Json {
    pub(crate) fn new() -> Self {
        Self(Vec::with_capacity(32 * 1024))
    }

    pub(crate) fn raw(&mut self, json: &str) -> &mut Self {
        self.0.extend_from_slice(json.as_bytes());
        self
    }

    /// A text after a prefix that needs no escapes.
    pub(crate) fn prefixed(&mut self, prefix: &str, text: &str) -> &mut Self {
        self.raw("\"").raw(prefix);
        let mut rest = text.as_bytes();
        while let Some(at) = rest.iter().position(|byte| *byte < 0x20 || matches!(byte, b'"' | b'\\')) {
            self.0.extend_from_slice(&rest[..at]);
            match rest[at] {
                b'"' => self.raw("\\\""),
                b'\\' => self.raw("\\\\"),
                b'\n' => self.raw("\\n"),
                b'\r' => self.raw("\\r"),
                b'\t' => self.raw("\\t"),
                other => self.raw(&format!("\\u{other:04x}")),
            };
            rest = &rest[at + 1..];
        }
        self.0.extend_from_slice(rest);
        self.raw("\"")
    }

    pub(crate) fn text(&mut self, text: Option<&str>) -> &mut Self {
        match text {
            Some(text) => self.prefixed("", text),
            None => self.raw("null"),
        }
    }

    pub(crate) fn number(&mut self, number: i64) -> &mut Self {
        if number < 0 {
            self.raw("-");
        }
        let (mut digits, mut at, mut rest) = ([0; 20], 20, number.unsigned_abs());
        while at == 20 || rest > 0 {
            at -= 1;
            digits[at] = digit(rest % 10);
            rest /= 10;
        }
        self.0.extend_from_slice(&digits[at..]);
        self
    }

    pub(crate) fn flag(&mut self, flag: bool) -> &mut Self {
        self.raw(if flag { "true" } else { "false" })
    }

    pub(crate) fn platform(&mut self, key: &str) -> &mut Self {
        self.raw("\"").raw(PLATFORMS[platform(key)]).raw("\"")
    }

    pub(crate) fn direction(&mut self, outbound: bool) -> &mut Self {
        self.raw(if outbound { "\"OUTBOUND\"" } else { "\"INBOUND\"" })
    }

    /// An enum value, from its word in lower case.
    pub(crate) fn word(&mut self, word: &str) -> &mut Self {
        self.raw("\"");
        self.0.extend(word.bytes().map(|byte| byte.to_ascii_uppercase()));
        self.raw("\"")
    }

    /// An instant, such as `"2025-09-25T09:10:00.123Z"`.
    pub(crate) fn time(&mut self, millis: Option<i64>) -> &mut Self {
        const DAY: i64 = 86_400_000;
        let Some(millis) = millis else { return self.raw("null") };
        let (day, in_day) = (millis.div_euclid(DAY), millis.rem_euclid(DAY).unsigned_abs());
        // Converts the number of days to a calendar date, counting years from March.
        let from_march = day + 719_468;
        let (era, in_era) = (from_march.div_euclid(146_097), from_march.rem_euclid(146_097).unsigned_abs());
        let year_of_era = (in_era - in_era / 1460 + in_era / 36_524 - in_era / 146_096) / 365;
        let in_year = in_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * in_year + 2) / 153;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        let year = era.unsigned_abs() * 400 + year_of_era + u64::from(month <= 2);
        let mut text = *b"\"0000-00-00T00:00:00.000Z\"";
        for (last, width, value) in [
            (4, 4, year),
            (7, 2, month),
            (10, 2, in_year - (153 * from_march + 2) / 5 + 1),
            (13, 2, in_day / 3_600_000),
            (16, 2, in_day / 60_000 % 60),
            (19, 2, in_day / 1000 % 60),
            (23, 3, in_day % 1000),
        ] {
            let mut rest = value;
            for at in (last + 1 - width..=last).rev() {
                text[at] = digit(rest % 10);
                rest /= 10;
            }
        }
        self.0.extend_from_slice(&text);
        self
    }

    /// A message, left open for its links.
    pub(crate) fn message(&mut self, row: &impl Cells) -> &mut Self {
        self.raw("{\"id\":").prefixed("msg_", row.text(0).unwrap());
        self.raw(",\"sourceId\":").text(row.text(1));
        self.raw(",\"platform\":").platform(row.text(2).unwrap());
        self.raw(",\"platformName\":").text(row.text(3));
        self.raw(",\"direction\":").direction(row.flag(4));
        self.raw(",\"type\":").word(row.text(5).unwrap());
        self.raw(",\"text\":").text(row.text(6));
        self.raw(",\"isRead\":").flag(row.flag(7));
        self.raw(",\"sentAt\":").time(row.number(8));
        self.raw(",\"createdAt\":").time(row.number(9))
    }

    /// The links of a message.
    pub(crate) fn links(&mut self, row: &impl Cells) -> &mut Self {
        self.raw(",\"conversation\":{\"id\":").prefixed("con_", row.text(10).unwrap()).raw("},\"customer\":");
        match row.text(11) {
            Some(id) => self.raw("{\"id\":").prefixed("cus_", id).raw(",\"name\":").text(row.text(12)).raw("}"),
            None => self.raw("null"),
        }
    }
}

/// A page of messages, from rows with one more than the page.
pub(crate) struct Page {
    json: Json,
    linked: bool,
    rows: usize,
    last: (i64, String),
}

impl Page {
    pub(crate) fn new(linked: bool) -> Self {
        let mut json = Json::new();
        json.raw(r#"{"data":{"messages":{"nodes":["#);
        Self { json, linked, rows: 0, last: (0, String::new()) }
    }

    pub(crate) fn row(&mut self, row: &impl Cells) {
        self.rows += 1;
        if self.rows > PAGE {
            return;
        }
        if self.rows > 1 {
            self.json.raw(",");
        }
        self.json.message(row);
        if self.linked {
            self.json.links(row);
        }
        self.json.raw("}");
        self.last.0 = row.number(8).unwrap();
        self.last.1.clear();
        self.last.1.push_str(row.text(0).unwrap());
    }

    pub(crate) fn end(self) -> Vec<u8> {
        let Self { mut json, rows, last: (at, id), .. } = self;
        let cursor = Cursor { order: "message.sent_at.desc".into(), value: SortValue::Int(at), id };
        json.raw(r#"],"pageInfo":{"hasNextPage":"#).flag(rows > PAGE).raw(",\"endCursor\":");
        json.text((rows > 0).then(|| cursor.encode()).as_deref()).raw("}}}}");
        json.0
    }
}

const PLATFORMS: [&str; 5] = ["ZALO", "FACEBOOK", "WEB", "EMAIL", "OTHER"];

fn platform(key: &str) -> usize {
    ["zalo", "facebook", "web", "email"].iter().position(|known| *known == key).unwrap_or(4)
}

/// Counts by platform, in the form of the response.
#[derive(Default)]
pub(crate) struct Counts([i64; 5]);

impl Counts {
    pub(crate) fn row(&mut self, row: &impl Cells) {
        self.0[platform(row.text(0).unwrap())] += row.number(1).unwrap();
    }

    pub(crate) fn end(self) -> Vec<u8> {
        let mut json = Json::new();
        json.raw(r#"{"data":{"messageStats":["#);
        let mut comma = "";
        for (name, count) in PLATFORMS.iter().zip(self.0).filter(|(_, count)| *count > 0) {
            json.raw(comma).raw("{\"platform\":\"").raw(name).raw("\",\"count\":").number(count).raw("}");
            comma = ",";
        }
        json.raw("]}}");
        json.0
    }
}

fn digit(value: u64) -> u8 {
    b'0' + u8::try_from(value).expect("one digit")
}
