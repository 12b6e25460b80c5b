//! The codec of cursors: how both kinds of them, of pages and of changes, become the opaque texts that clients keep.
//!
//! A text is the URL-safe base64 of the cursor's content. Clients keep cursors for long: one that was ever given out must
//! stay valid, so the content must never change its form.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

/// The text of a cursor with this content.
pub(super) fn encode(content: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(content)
}

/// The content of a client's text, if it is one that [`encode`] makes.
pub(super) fn decode(text: &str) -> Option<String> {
    String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use crate::domain::{
        change::LiveCursor,
        page::{Cursor, SortValue},
    };

    fn page(order: &str, value: SortValue, id: &str) -> Cursor {
        Cursor { order: order.into(), value, id: id.into() }
    }

    const FIRST_LIVE: &str = "bGl2ZTowMGMwZmZlZTAwYzBmZmVlOjEwMjk";
    const LIVE: &str = "bGl2ZTI6MDBjMGZmZWUwMGMwZmZlZToxMDI5";

    /// The texts are those of the first release; live cursors have a version since.
    #[test]
    fn cursors_that_were_given_out_stay_good() {
        let name = SortValue::Text("đỗ thu".into());
        for (text, cursor) in [
            (
                "eyJvIjoiY3VzdG9tZXIubmFtZS5hc2MiLCJrIjoixJHhu5cgdGh1IiwiaSI6IjY0ZjJhYSJ9",
                page("customer.name.asc", name, "64f2aa"),
            ),
            (
                "eyJvIjoibWVzc2FnZS5zZW50X2F0LmRlc2MiLCJrIjoxNzU4NzkxNDAwMTIzLCJpIjoiemFsb196bC00ZjFjIn0",
                page("message.sent_at.desc", SortValue::Int(1_758_791_400_123), "zalo_zl-4f1c"),
            ),
            ("eyJvIjoidGlja2V0LmR1ZV9hdC5hc2MiLCJrIjpudWxsLCJpIjoidDEifQ", page("ticket.due_at.asc", SortValue::Null, "t1")),
        ] {
            assert_eq!(cursor.encode(), text);
            assert_eq!(Cursor::decode(text), Some(cursor));
        }
        let live = LiveCursor::at("00c0ffee00c0ffee", 1029);
        assert_eq!(live.to_string(), LIVE);
        for text in [FIRST_LIVE, LIVE] {
            assert_eq!(LiveCursor::decode(text), Some(live.clone()));
        }
    }
}
