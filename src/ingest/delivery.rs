//! Parses one delivery: the kind of its event, its delivery id and its content (docs/events.md, "Which event is it").

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Value, value::RawValue};

use crate::{
    domain::{
        digest::message_digest,
        event::Event,
        kind::EventKind,
        reading::{self, Unreadable},
        text,
        time::Timestamp,
        zone::Zone,
    },
    store::{Delivery, Entry, Rejection},
};

/// The longest accepted delivery id, in bytes, since the ids are indexed. Longer ids are ignored.
pub const MAX_DELIVERY_ID: usize = 512;

/// What is known about a delivery from outside its body.
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// The kind, if the URL path or the store determines it. The body is then the bare payload.
    pub kind: Option<EventKind>,
    /// The `X-Event-Type` header. If it is set, the body is the bare payload.
    pub event_type: Option<String>,
    /// The delivery id from a header.
    pub delivery_id: Option<String>,
    /// Whether the envelope's `receivedAt` is used. Only the command line may set the time of arrival.
    pub may_set_arrival: bool,
}

/// The body is not JSON. The delivery is not kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the body is not JSON: {0}")]
pub struct NotReadable(pub String);

/// Parses a body as an event, or as a rejected delivery with the reason. Local times in it are those of `zone`.
pub fn read(body: &str, source: &Source, zone: &Zone) -> Result<Entry, NotReadable> {
    let value: Value = serde_json::from_str(body).map_err(|error| NotReadable(error.to_string()))?;
    let envelope = if source.kind.is_some() || source.event_type.is_some() { None } else { Envelope::of(&value, body) };
    let mut delivery_id = source.delivery_id.clone();
    let (payload, value, named, arrival) = match envelope {
        None => (Arc::from(body.trim()), value, source.event_type.as_deref().map(ToOwned::to_owned), None),
        Some(envelope) => {
            delivery_id = delivery_id.or(envelope.id);
            (Arc::from(envelope.payload), envelope.data, Some(envelope.event), envelope.received_at)
        }
    };
    let delivery_id = delivery_id.map(|id| text::without_nul(&id)).filter(|id| !id.is_empty() && id.len() <= MAX_DELIVERY_ID);
    let reject = |kind, delivery_id, fault: Unreadable, payload| {
        Ok(Entry::Rejection(Rejection { delivery_id, kind, payload, path: fault.path, reason: fault.reason }))
    };
    let kind = match kind_of(source, named.as_deref(), &value) {
        Ok(kind) => kind,
        Err(fault) => return reject(None, delivery_id, fault, payload),
    };
    let received_at = match arrival.filter(|_| source.may_set_arrival) {
        None => None,
        Some(Ok(at)) => Some(at),
        Some(Err(fault)) => return reject(Some(kind), delivery_id, fault, payload),
    };
    match reading::read(kind, &value, zone) {
        Err(fault) => reject(Some(kind), delivery_id, fault, payload),
        Ok(event) => {
            let digest = match &event {
                Event::Message(message) => Some(message_digest(&message.key(), &value)),
                _ => None,
            };
            Ok(Entry::Delivery(Delivery { seq: None, delivery_id, received_at, payload, event: Arc::new(event), digest }))
        }
    }
}

fn kind_of(source: &Source, named: Option<&str>, payload: &Value) -> Result<EventKind, Unreadable> {
    if let Some(kind) = source.kind {
        return Ok(kind);
    }
    match named {
        Some(word) => EventKind::parse(word).ok_or_else(|| {
            let place = if source.event_type.is_some() { "the header X-Event-Type" } else { "$.event" };
            let known = EventKind::ALL.map(EventKind::name).join(", ");
            Unreadable {
                path: place.into(),
                reason: format!("expected one of {known}, found `{}`", word.chars().take(64).collect::<String>()),
            }
        }),
        None => reading::kind_of_shape(payload).ok_or_else(|| Unreadable {
            path: "$".into(),
            reason: "the payload does not tell which event it is: post it to /webhooks/<event>, wrap it in \
                     {\"event\": …, \"data\": …}, or send the header X-Event-Type"
                .into(),
        }),
    }
}

/// `{"event": kind, "id"?: delivery id, "data": payload}`
struct Envelope<'a> {
    event: String,
    id: Option<String>,
    /// The text of `data`, exactly as received.
    payload: &'a str,
    data: Value,
    /// `receivedAt`, if present.
    received_at: Option<Result<Timestamp, Unreadable>>,
}

impl<'a> Envelope<'a> {
    fn of(value: &Value, body: &'a str) -> Option<Self> {
        let event = value.get("event")?.as_str()?.to_owned();
        let data = value.get("data")?.clone();
        let id = value.get("id").and_then(|id| match id {
            Value::String(id) => Some(id.trim().to_owned()),
            Value::Number(id) => Some(id.to_string()),
            _ => None,
        });
        let fields: BTreeMap<String, &RawValue> = serde_json::from_str(body).ok()?;
        let payload = fields.get("data")?.get();
        let received_at = value.get("receivedAt").filter(|at| !at.is_null()).map(|at| {
            let unreadable = || Unreadable { path: "$.receivedAt".into(), reason: "expected an RFC 3339 time".into() };
            at.as_str().and_then(Timestamp::parse_rfc3339).ok_or_else(unreadable)
        });
        Some(Self { event, id, payload, data, received_at })
    }
}

#[cfg(test)]
mod tests {
    use super::{Source, read};
    use crate::{
        domain::{kind::EventKind, zone::Zone},
        store::{Delivery, Entry, Rejection},
    };

    fn read_with(body: &str, source: &Source) -> Entry {
        read(body, source, &Zone::named("Asia/Ho_Chi_Minh").unwrap()).unwrap()
    }

    fn delivery(body: &str, source: &Source) -> Delivery {
        match read_with(body, source) {
            Entry::Delivery(delivery) => delivery,
            Entry::Rejection(rejection) => panic!("rejected: {rejection:?}"),
        }
    }

    fn rejection(body: &str, source: &Source) -> Rejection {
        match read_with(body, source) {
            Entry::Rejection(rejection) => rejection,
            Entry::Delivery(delivery) => panic!("read: {delivery:?}"),
        }
    }

    const STATUS: &str = r#"{"conversation_id": "c1", "is_closed": true}"#;

    #[test]
    fn the_kind_comes_from_the_address_the_envelope_the_header_or_the_shape() {
        let by_address = Source { kind: Some(EventKind::ConversationStatusChanged), ..Source::default() };
        let by_header = Source { event_type: Some("conversation-status-changed".into()), ..Source::default() };
        let envelope = format!(r#"{{"event":"conversation.status_changed","id":7,"data":{STATUS}}}"#);
        for (body, source) in
            [(STATUS, &by_address), (STATUS, &by_header), (&envelope, &Source::default()), (STATUS, &Source::default())]
        {
            let read = delivery(body, source);
            assert_eq!(read.event.kind(), EventKind::ConversationStatusChanged);
            assert_eq!(&*read.payload, STATUS, "stored as received, without the envelope");
        }
        assert_eq!(delivery(&envelope, &Source::default()).delivery_id.as_deref(), Some("7"));
    }

    #[test]
    fn a_header_id_beats_the_envelopes() {
        let body = format!(r#"{{"event":"conversation.status_changed","id":"inner","data":{STATUS}}}"#);
        let source = Source { delivery_id: Some("outer".into()), ..Source::default() };
        assert_eq!(delivery(&body, &source).delivery_id.as_deref(), Some("outer"));
    }

    #[test]
    fn what_tells_no_kind_is_rejected_without_one() {
        assert_eq!(rejection(r#"{"id": "x"}"#, &Source::default()).kind, None);
        let unknown = rejection(r#"{"event": "customer.merged", "data": {}}"#, &Source::default());
        assert_eq!((unknown.kind, unknown.path.as_str()), (None, "$.event"));
    }

    #[test]
    fn arrival_counts_only_where_it_may_be_set() {
        let body = format!(r#"{{"event":"conversation.status_changed","receivedAt":"2025-01-01T00:00:00Z","data":{STATUS}}}"#);
        assert_eq!(delivery(&body, &Source::default()).received_at, None);
        let trusted = Source { may_set_arrival: true, ..Source::default() };
        assert!(delivery(&body, &trusted).received_at.is_some());
        let bad = body.replace("2025-01-01T00:00:00Z", "yesterday");
        assert_eq!(rejection(&bad, &trusted).path, "$.receivedAt");
    }

    #[test]
    fn what_is_not_json_or_nested_without_end_is_not_readable() {
        for body in ["", "{", "not json", &"[".repeat(100_000)] {
            assert!(read(body, &Source::default(), &Zone::UTC).is_err());
        }
    }
}
