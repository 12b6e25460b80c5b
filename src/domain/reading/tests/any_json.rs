//! Arbitrary JSON under the names that the reader looks for: nothing panics, and the results keep their invariants.

use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Value, json};

use super::ZONE;
use crate::domain::{
    event::Event,
    kind::EventKind,
    reading::{attachment, kind_of_shape, read},
};

const NAMES: &[&str] = &[
    "conversation_id",
    "message_id",
    "platform",
    "oa_id",
    "message",
    "type",
    "attachments",
    "payload",
    "time",
    "start_date",
    "from_id",
    "is_closed",
    "is_read_by_staff",
    "assign_by",
    "src",
    "id",
    "_id",
    "system_name",
    "social",
    "status",
    "color",
    "r",
    "g",
    "b",
    "a",
    "manager",
    "system_manager",
    "system_manager_name",
    "createdAt",
    "cf_x",
    "deletedContactIds",
    "deletedPotentialIds",
    "deletedCount",
    "ticket_id",
    "customer",
    "employee",
    "nameStaff",
    "date_created",
    "date_created_timestamp",
    "time_notify",
    "time_notify_unit",
    "file_path",
    "size",
    "url",
    "name",
    "value",
];

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[0-9+eE.: TZ/-]{0,24}",
        "[0-9]{1,4}[-/][0-9]{1,2}[-/][0-9]{1,4}[ T][0-9]{1,2}:[0-9]{1,2}(:[0-9]{1,2}([.][0-9]{0,12})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?",
        "(%[0-9A-Fa-f]{2}|[a%]){0,12}",
        select(vec!["", " ", "0", "1", "true", "Phút", "Giờ", "\0", "NaN", "-inf", "1e308"]).prop_map(str::to_owned),
    ]
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (-2_i64..3).prop_map(Value::from),
        any_text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 6, |inner| {
        let name = prop_oneof![4 => select(NAMES).prop_map(str::to_owned), 1 => any::<String>()];
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            vec((name, inner), 0..8).prop_map(|fields| fields.into_iter().collect()),
        ]
    })
}

/// A payload with its required ids, so that its other fields are read.
fn any_payload() -> impl Strategy<Value = Value> {
    vec((select(NAMES), any_value()), 0..24).prop_map(|fields| {
        let ids = json!({"conversation_id": "c", "id": "i", "ticket_id": "t", "is_closed": 0, "deletedContactIds": []});
        fields.into_iter().fold(ids, |mut payload, (name, value)| {
            payload[name] = value;
            payload
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_json_makes_the_reader_panic(payload in prop_oneof![any_value(), any_payload()]) {
        for kind in EventKind::ALL {
            match read(kind, &payload, &ZONE) {
                Ok(event) => {
                    prop_assert_eq!(event.kind(), kind);
                    // U+0000 is written `\0`, a backslash before a zero `\\0`.
                    let shown = format!("{event:?}").replace("\\\\", "");
                    prop_assert!(!shown.contains("\\0"), "U+0000 in {shown}");
                }
                Err(unreadable) => prop_assert!(unreadable.path.starts_with('$') && !unreadable.reason.is_empty()),
            }
        }
        kind_of_shape(&payload);
        prop_assert_eq!(attachment(&payload).raw, payload);
    }

    #[test]
    fn every_message_has_an_id(payload in any_payload()) {
        let Ok(Event::Message(message)) = read(EventKind::MessageSent, &payload, &ZONE) else {
            // The test fails if too many cases are rejected.
            return Err(TestCaseError::reject("an id is not readable"));
        };
        prop_assert!(!message.message_id.is_empty() && message.message_id.len() <= 512);
    }
}
