//! Required fields of each event, and the error when one is missing.

use serde_json::{Value, json};

use super::{ZONE, customers_deleted};
use crate::domain::{
    event::{CustomersDeleted, Event, StatusChanged},
    kind::EventKind,
    reading::{Unreadable, read},
};

fn path(kind: EventKind, payload: &Value) -> String {
    read(kind, payload, &ZONE).expect_err("readable").path
}

#[test]
fn a_payload_that_is_not_an_object_is_reported_at_the_root() {
    for kind in EventKind::ALL {
        for payload in [json!(null), json!([]), json!([{"id": "a"}]), json!("a"), json!(1), json!(true)] {
            assert_eq!(path(kind, &payload), "$", "{kind} {payload}");
        }
    }
}

#[test]
fn every_event_reports_the_first_name_of_its_missing_id() {
    for (kind, expected) in [
        (EventKind::MessageSent, "$.conversation_id"),
        (EventKind::ConversationStatusChanged, "$.conversation_id"),
        (EventKind::CustomerCreated, "$.id"),
        (EventKind::CustomerUpdated, "$.id"),
        (EventKind::CustomerDeleted, "$.deletedContactIds"),
        (EventKind::TicketCreated, "$.ticket_id"),
        (EventKind::TicketUpdated, "$.ticket_id"),
        (EventKind::TicketDeleted, "$.id"),
    ] {
        assert_eq!(path(kind, &json!({"unknown": 1})), expected, "{kind}");
    }
}

#[test]
fn an_id_that_is_empty_too_long_or_of_another_type_is_unreadable() {
    let long = "x".repeat(513);
    for id in
        [json!(null), json!(""), json!("  "), json!([]), json!(["a"]), json!({}), json!({"$oid": "a"}), json!(true), json!(long)]
    {
        assert_eq!(path(EventKind::MessageSent, &json!({"conversation_id": id})), "$.conversation_id", "{id}");
        assert_eq!(path(EventKind::CustomerCreated, &json!({"id": id, "_id": id})), "$.id", "{id}");
        assert_eq!(path(EventKind::TicketCreated, &json!({"ticket_id": id, "id": id, "_id": id})), "$.ticket_id", "{id}");
        assert_eq!(path(EventKind::TicketDeleted, &json!({"id": id})), "$.id", "{id}");
    }
}

#[test]
fn the_reason_says_what_was_expected_and_what_was_found() {
    let found = |payload| read(EventKind::MessageSent, &payload, &ZONE).unwrap_err().to_string();
    assert_eq!(
        found(json!({"conversation_id": {"$oid": "a"}})),
        "$.conversation_id: expected an id (a number, or a string of 1 to 512 bytes), found an object"
    );
    assert!(found(json!({})).ends_with("found nothing"));
    assert!(found(json!({"conversation_id": null})).ends_with("found null"));
    assert!(found(json!({"conversation_id": "x".repeat(600)})).ends_with("found a string of 600 bytes"));
    assert_eq!(
        read(EventKind::MessageSent, &json!([1]), &ZONE).unwrap_err(),
        Unreadable { path: "$".into(), reason: "expected an object, found an array".into() }
    );
}

#[test]
fn ids_are_trimmed_and_numbers_are_written_out() {
    for (id, expected) in [
        (json!(" c-1\n"), "c-1"),
        (json!(42), "42"),
        (json!(u64::MAX), "18446744073709551615"),
        (json!(i64::MIN), "-9223372036854775808"),
        (json!(42.0), "42"),
        (json!(-0.0), "0"),
        (json!(1e21), "1000000000000000000000"),
        (json!(1.5), "1.5"),
        (json!("a\0b"), "a\u{FFFD}b"),
        (json!("x".repeat(512)), &"x".repeat(512)),
    ] {
        let event = read(EventKind::TicketDeleted, &json!({ "id": id }), &ZONE);
        assert_eq!(event, Ok(Event::TicketDeleted { id: expected.to_owned() }), "{id}");
    }
}

#[test]
fn another_name_is_used_if_the_first_is_unreadable() {
    for first in [json!(null), json!({}), json!(["a"]), json!(true), json!("")] {
        let Ok(Event::Customer(customer)) = read(EventKind::CustomerUpdated, &json!({"id": first, "_id": "b"}), &ZONE) else {
            panic!("unreadable with {first}");
        };
        assert_eq!(customer.id, "b");
        for other in ["_id", "ticket_id"] {
            let event = read(EventKind::TicketDeleted, &json!({"id": first, other: "b"}), &ZONE);
            assert_eq!(event, Ok(Event::TicketDeleted { id: "b".into() }));
        }
    }
}

#[test]
fn a_status_needs_a_readable_flag() {
    let status =
        |flag: &Value| read(EventKind::ConversationStatusChanged, &json!({"conversation_id": 7, "is_closed": flag}), &ZONE);
    for (flag, is_closed) in [
        (json!(true), true),
        (json!(1), true),
        (json!(1.0), true),
        (json!("1"), true),
        (json!(" TRUE "), true),
        (json!(false), false),
        (json!(0), false),
        (json!("0"), false),
        (json!("False"), false),
    ] {
        let expected = StatusChanged { conversation_id: "7".into(), is_closed };
        assert_eq!(status(&flag), Ok(Event::Status(expected)), "{flag}");
    }
    for flag in [json!(null), json!(""), json!([]), json!(2), json!(-1), json!(0.5), json!("yes"), json!({}), json!([1])] {
        assert_eq!(status(&flag).unwrap_err().path, "$.is_closed", "{flag}");
    }
    assert_eq!(path(EventKind::ConversationStatusChanged, &json!({"conversation_id": "c"})), "$.is_closed");
}

#[test]
fn a_delete_takes_the_ids_of_both_lists_once() {
    let payload = json!({
        "deletedContactIds": ["a", 7, {"_id": "b"}, " a ", {"id": null, "uid": 8}],
        "deletedPotentialIds": ["c", "b", {"social_id": "d"}, {"user_id": "e"}],
        "deletedCount": "9",
    });
    let ids = ["a", "7", "b", "8", "c", "d", "e"].map(str::to_owned).to_vec();
    assert_eq!(customers_deleted(&payload), Ok(CustomersDeleted { ids, count: Some(9) }));
}

#[test]
fn a_delete_with_an_empty_list_is_readable() {
    let nobody = |count| Ok(CustomersDeleted { ids: vec![], count });
    assert_eq!(
        customers_deleted(&json!({"deletedContactIds": [], "deletedPotentialIds": [], "deletedCount": 0})),
        nobody(Some(0))
    );
    assert_eq!(customers_deleted(&json!({"deletedPotentialIds": []})), nobody(None));
    assert_eq!(customers_deleted(&json!({"deletedContactIds": null, "deletedCount": "many"})), nobody(None));
    assert!(customers_deleted(&json!({"deletedCount": 2})).is_err());
}

#[test]
fn a_single_id_is_a_list_of_one() {
    let one = |id: &str| Ok(CustomersDeleted { ids: vec![id.to_owned()], count: None });
    assert_eq!(customers_deleted(&json!({"deletedContactIds": "a"})), one("a"));
    assert_eq!(customers_deleted(&json!({"deletedPotentialIds": 7})), one("7"));
}

#[test]
fn an_unreadable_list_or_item_of_a_delete_is_named_in_the_error() {
    for (payload, expected) in [
        (json!({"deletedContactIds": {"id": "a"}}), "$.deletedContactIds"),
        (json!({"deletedContactIds": [], "deletedPotentialIds": false}), "$.deletedPotentialIds"),
        (json!({"deletedContactIds": ["a", "b", {}]}), "$.deletedContactIds[2]"),
        (json!({"deletedContactIds": ["a", null]}), "$.deletedContactIds[1]"),
        (json!({"deletedContactIds": [""]}), "$.deletedContactIds[0]"),
        (json!({"deletedContactIds": ["a"], "deletedPotentialIds": [["b"]]}), "$.deletedPotentialIds[0]"),
        (json!({"deletedContactIds": [true]}), "$.deletedContactIds[0]"),
    ] {
        assert_eq!(customers_deleted(&payload).unwrap_err().path, expected, "{payload}");
    }
}
