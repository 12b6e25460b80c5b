//! The codec of page cursors and live cursors: their content, as opaque texts for clients.
//!
//! A text is the URL-safe base64 of the content. Clients store cursors, and every cursor ever issued must stay valid. So
//! existing formats of the content must keep decoding.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

/// Encodes the content of a cursor.
pub(super) fn encode(content: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(content)
}

/// Decodes a client's text; `None` if [`encode`] can't have produced it.
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

    /// These texts are from the first release, before live cursors had a version.
    #[test]
    fn cursors_of_the_first_release_stay_valid() {
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
