//! Writes and parses the lines of an exported log: envelopes with the event's sequence number and its payload as text.
//!
//! ```text
//!   {"seq":7,"event":"ticket.deleted","id":"d-7","receivedAt":"2025-09-25T09:10:00.123Z","data":"{\"ids\": [\"t1\"]}"}
//! ```
//!
//! `data` is a JSON string that contains the payload's text, so white space, key order and number spellings are preserved.
//! `id` is absent if the delivery had none. Parsing a line restores the event byte for byte, with its sequence number.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Source, read};
use crate::{
    domain::{kind::EventKind, time::Timestamp, zone::Zone},
    store::{Delivery, Entry, StoredEvent},
};

#[derive(Serialize)]
struct Written<'a> {
    seq: i64,
    event: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(rename = "receivedAt")]
    received_at: String,
    data: &'a str,
}

/// Writes an event as a line, including the line break.
pub fn write_line(event: &StoredEvent, out: &mut Vec<u8>) {
    let written = Written {
        seq: event.seq,
        event: event.kind.name(),
        id: event.delivery_id.as_deref(),
        received_at: event.received_at.to_string(),
        data: &event.payload,
    };
    serde_json::to_writer(&mut *out, &written).expect("texts and numbers can be written to memory");
    out.push(b'\n');
}

/// The keys that identify a line of an exported log; the others are ignored.
#[derive(Deserialize)]
struct LineKeys<'a> {
    #[serde(borrow, default)]
    seq: Option<&'a RawValue>,
    #[serde(borrow, default)]
    event: Option<&'a RawValue>,
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    seq: i64,
    event: String,
    #[serde(default)]
    id: Option<String>,
    #[serde(rename = "receivedAt")]
    received_at: String,
    data: String,
}

/// Parses a line of an exported log as a delivery; `None` for any other line.
pub(super) fn restore(text: &str, zone: &Zone) -> Option<Result<Delivery, String>> {
    let keys: LineKeys<'_> = serde_json::from_str(text).ok()?;
    (keys.seq.is_some() && keys.event.is_some() && keys.data.is_some()).then(|| restored(text, zone))
}

fn restored(text: &str, zone: &Zone) -> Result<Delivery, String> {
    let line: Line = serde_json::from_str(text).map_err(|error| format!("this is no line of an exported log: {error}"))?;
    let fault = |fault: String| format!("event {} can't be restored: {fault}", line.seq);
    if line.seq < 1 {
        return Err(fault("numbers begin at 1".into()));
    }
    let kind = EventKind::parse(&line.event).ok_or_else(|| fault(format!("no event is called `{}`", line.event)))?;
    let received_at = Timestamp::parse_rfc3339(&line.received_at)
        .ok_or_else(|| fault(format!("`{}` is no RFC 3339 time", line.received_at)))?;
    let source = Source { kind: Some(kind), ..Source::default() };
    match read(&line.data, &source, zone).map_err(|error| fault(error.to_string()))? {
        Entry::Rejection(rejection) => Err(fault(format!("{}: {}", rejection.path, rejection.reason))),
        Entry::Delivery(delivery) => Ok(Delivery {
            seq: Some(line.seq),
            delivery_id: line.id,
            received_at: Some(received_at),
            payload: line.data.into(),
            ..delivery
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::{restore, write_line};
    use crate::{
        domain::{kind::EventKind, time::Timestamp, zone::Zone},
        store::{Delivery, StoredEvent},
    };

    fn event(payload: &str, delivery_id: Option<&str>) -> StoredEvent {
        StoredEvent {
            seq: 7,
            kind: EventKind::ConversationStatusChanged,
            delivery_id: delivery_id.map(str::to_owned),
            received_at: Timestamp::clamped(1_758_791_400_123),
            payload: payload.to_owned(),
        }
    }

    fn line(event: &StoredEvent) -> String {
        let mut line = Vec::new();
        write_line(event, &mut line);
        String::from_utf8(line).unwrap()
    }

    fn restore_line(text: &str) -> Option<Result<Delivery, String>> {
        restore(text.trim_end(), &Zone::named("Asia/Ho_Chi_Minh").unwrap())
    }

    #[test]
    fn what_was_written_comes_back_in_every_byte() {
        for payload in [
            r#"{"conversation_id":"c1","is_closed":true}"#,
            "{ \"is_closed\" : 1.0e0,\r\n\t\"conversation_id\":\"c\\u0031 \\\"\\\\ \u{2028} ữ 🌸\" }",
        ] {
            for id in [None, Some(" d \"7\" ")] {
                let written = line(&event(payload, id));
                assert_eq!(written.matches('\n').count(), 1, "one line: {written}");
                let read = restore_line(&written).unwrap().unwrap();
                assert_eq!((&*read.payload, read.delivery_id.as_deref(), read.seq), (payload, id, Some(7)));
                assert_eq!(read.received_at, Some(Timestamp::clamped(1_758_791_400_123)));
                assert_eq!(read.event.kind(), EventKind::ConversationStatusChanged);
            }
        }
    }

    #[test]
    fn the_form_of_a_line_is_this_one() {
        let written = line(&event(r#"{"conversation_id":"c1","is_closed":0}"#, Some("d-7")));
        let expected = r#"{"seq":7,"event":"conversation.status_changed","id":"d-7","receivedAt":"2025-09-25T09:10:00.123Z","data":"{\"conversation_id\":\"c1\",\"is_closed\":0}"}"#;
        assert_eq!(written, format!("{expected}\n"));
    }

    #[test]
    fn other_lines_are_left_alone() {
        for other in ["not json", r#"{"event":"ticket.deleted","data":{"id":"t"}}"#, r#"{"seq":1,"ticket_id":"t"}"#, "[1]"] {
            assert!(restore_line(other).is_none(), "{other}");
        }
    }

    #[test]
    fn a_line_of_a_log_that_cannot_be_restored_has_a_reason() {
        let good = line(&event(r#"{"conversation_id":"c1","is_closed":0}"#, None));
        for (from, to, why) in [
            (r#""seq":7"#, r#""seq":0"#, "begin at 1"),
            (r#""seq":7"#, r#""seq":"7""#, "invalid type"),
            ("status_changed", "merged", "conversation.merged"),
            ("T09", "X09", "RFC 3339"),
            ("conversation_id", "id_conversation", "$.conversation_id"),
            (r#""data":"{"#, r#""data":"["#, "not JSON"),
            (r#""receivedAt""#, r#""received""#, "received"),
        ] {
            let bad = good.replace(from, to);
            assert_ne!(bad, good);
            let error = restore_line(&bad).unwrap().unwrap_err();
            assert!(error.contains(why), "{bad}: {error}");
        }
    }
}
