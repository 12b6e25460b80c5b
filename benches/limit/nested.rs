//! Writes the response with customers, their conversations and their messages while the rows arrive: a customer, then one of
//! its conversations, then a message of that.

use crate::json::{Cells, Json};

/// The columns of each level, which start at an index; `c`, `v` and `m` stand for the rows.
pub(crate) const CUSTOMER: &str = "c.id, c.name, c.phone, c.email, c.created_at";
pub(crate) const CONVERSATION: &str = "v.id, v.platform, v.is_closed, v.unread_count, v.last_message_at";
pub(crate) const MESSAGE: &str = "m.key, m.text, m.outbound, m.is_read, m.sent_at";

/// Columns of a level.
pub(crate) const WIDTH: usize = 5;

pub(crate) struct Nested {
    json: Json,
    /// The number of rows so far on each level, within the open parent.
    rows: [usize; 3],
}

impl Nested {
    pub(crate) fn new() -> Self {
        let mut json = Json::new();
        json.raw(r#"{"data":{"customers":{"nodes":["#);
        Self { json, rows: [0; 3] }
    }

    pub(crate) fn customer(&mut self, row: &impl Cells) {
        self.close(1);
        self.open(0).prefixed("cus_", row.text(0).unwrap());
        self.json.raw(",\"name\":").text(row.text(1));
        self.json.raw(",\"phone\":").text(row.text(2));
        self.json.raw(",\"email\":").text(row.text(3));
        self.json.raw(",\"createdAt\":").time(row.number(4));
        self.json.raw(r#","conversations":{"nodes":["#);
    }

    pub(crate) fn conversation(&mut self, row: &impl Cells, from: usize) {
        self.close(2);
        self.open(1).prefixed("con_", row.text(from).unwrap());
        self.json.raw(",\"platform\":").platform(row.text(from + 1).unwrap());
        self.json.raw(",\"isClosed\":").flag(row.flag(from + 2));
        self.json.raw(",\"unreadCount\":").number(row.number(from + 3).unwrap());
        self.json.raw(",\"lastMessageAt\":").time(row.number(from + 4));
        self.json.raw(r#","messages":{"nodes":["#);
    }

    pub(crate) fn message(&mut self, row: &impl Cells, from: usize) {
        self.open(2).prefixed("msg_", row.text(from).unwrap());
        self.json.raw(",\"text\":").text(row.text(from + 1));
        self.json.raw(",\"direction\":").direction(row.flag(from + 2));
        self.json.raw(",\"isRead\":").flag(row.flag(from + 3));
        self.json.raw(",\"sentAt\":").time(row.number(from + 4)).raw("}");
    }

    pub(crate) fn end(mut self) -> Vec<u8> {
        self.close(1);
        self.json.raw("]}}}");
        self.json.0
    }

    /// Opens an object, up to its id.
    fn open(&mut self, level: usize) -> &mut Json {
        let comma = if self.rows[level] > 0 { "," } else { "" };
        self.rows[level] += 1;
        self.json.raw(comma).raw("{\"id\":")
    }

    /// Closes the open lists from a level on, with their objects.
    fn close(&mut self, from: usize) {
        for level in (from..=2).rev() {
            if self.rows[level - 1] > 0 {
                self.json.raw("]}}");
            }
            self.rows[level] = 0;
        }
    }
}
