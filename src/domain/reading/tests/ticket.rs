//! Tickets, in the variants found in real traffic.

use serde_json::{Value, json};

use super::{ZONE, at, person, set, ticket};
use crate::domain::{
    event::{Event, Field, Reminder, TicketSnapshot},
    kind::EventKind,
    reading::read,
    words::ReminderUnit,
};

#[test]
fn a_missing_field_is_absent_and_unknown_fields_are_ignored() {
    let bare = TicketSnapshot { ticket_id: Some("t".into()), ..TicketSnapshot::default() };
    assert_eq!(ticket(json!({})), bare);
    assert_eq!(ticket(json!({"unknown": [{}], "nameStaff": "Hà"})), bare);
}

#[test]
fn empty_values_clear_a_field() {
    for empty in [json!(null), json!(""), json!([])] {
        let fields = [
            "name",
            "description",
            "type_ticket",
            "level",
            "status",
            "customer",
            "employee",
            "created_by",
            "store_id",
            "date_created_timestamp",
            "date_expire",
            "updatedAt",
            "time_notify",
            "is_remind",
            "file_path",
        ];
        let payload: Value = fields.iter().map(|field| ((*field).to_owned(), empty.clone())).collect();
        let cleared = TicketSnapshot {
            created: false,
            ticket_id: Some("t".into()),
            object_ids: vec![],
            name: Field::Clear,
            description: Field::Clear,
            type_id: Field::Clear,
            level: Field::Clear,
            status: Field::Clear,
            customer_id: Field::Clear,
            assignee: Field::Clear,
            created_by: Field::Clear,
            store_id: Field::Clear,
            created_at: Field::Clear,
            due_at: Field::Clear,
            updated_at: Field::Clear,
            reminder: Field::Clear,
            is_reminded: Field::Clear,
            attachments: Field::Clear,
        };
        assert_eq!(ticket(payload), cleared, "{empty}");
    }
}

#[test]
fn any_one_of_the_ids_names_a_ticket() {
    let ids = |payload: Value| match read(EventKind::TicketCreated, &payload, &ZONE) {
        Ok(Event::Ticket(ticket)) => (ticket.ticket_id, ticket.object_ids),
        other => panic!("{other:?}"),
    };
    assert_eq!(ids(json!({"ticket_id": 731})), (Some("731".into()), vec![]));
    assert_eq!(ids(json!({"id": "a"})), (None, vec!["a".into()]));
    assert_eq!(ids(json!({"ticket_id": {}, "_id": "a", "id": " a "})), (None, vec!["a".into()]));
    assert_eq!(ids(json!({"ticket_id": "t", "_id": "b", "id": "a"})), (Some("t".into()), vec!["a".into(), "b".into()]));
    assert_eq!(ids(json!({"ticket_id": "t", "_id": null, "id": true})), (Some("t".into()), vec![]));
}

#[test]
fn customer_and_people_may_be_objects() {
    let read = ticket(json!({
        "customer": {"_id": "k", "system_name": "Mai"}, "employee": {"_id": "e", "full_name": "Hà"}, "created_by": {"id": 7, "name": "An"},
    }));
    assert_eq!(read.customer_id, set("k"));
    assert_eq!(read.assignee, Field::Set(person("e", Some("Hà"))));
    assert_eq!(read.created_by, Field::Set(person("7", Some("An"))));
    assert_eq!(ticket(json!({"customer": 7})).customer_id, set("7"));
    assert_eq!(ticket(json!({"employee": 7, "nameStaff": "Hà"})).assignee, Field::Set(person("7", Some("Hà"))));
    let read = ticket(json!({"customer": {}, "employee": {"full_name": "Hà"}, "created_by": true}));
    assert_eq!((read.customer_id, read.assignee, read.created_by), (Field::Absent, Field::Absent, Field::Absent));
}

#[test]
fn unlisted_words_are_kept() {
    let read = ticket(json!({"level": "Khẩn cấp", "status": 3}));
    assert_eq!((read.level, read.status), (set("Khẩn cấp"), set("3")));
}

#[test]
fn a_numeric_time_wins_over_a_text_and_that_over_an_iso_time() {
    let (number, text, iso) = (json!(1_758_792_000), json!("25-09-2025 16:21:00"), json!("2025-09-25T09:22:00.000Z"));
    let created = |fields| ticket(fields).created_at.set().map(|at| at.to_string());
    let all = json!({"date_created_timestamp": number, "date_created": text, "createdAt": iso});
    assert_eq!(created(all).as_deref(), Some("2025-09-25T09:20:00.000Z"));
    let no_number = json!({"date_created_timestamp": null, "date_created": text, "createdAt": iso});
    assert_eq!(created(no_number).as_deref(), Some("2025-09-25T09:21:00.000Z"));
    let iso_only = json!({"date_created_timestamp": 0, "date_created": "hôm qua", "createdAt": iso});
    assert_eq!(created(iso_only).as_deref(), Some("2025-09-25T09:22:00.000Z"));
    let due = ticket(json!({"date_expire_timestamp": "", "date_expire": "27/09/2025 16:20"})).due_at;
    assert_eq!(due, Field::Set(at("2025-09-27T09:20:00Z")));
}

#[test]
fn a_reminder_is_an_amount_and_a_unit() {
    let reminder = |amount: Value, unit: Value| ticket(json!({"time_notify": amount, "time_notify_unit": unit})).reminder;
    let of = |amount, unit| Field::Set(Reminder { amount, unit });
    for (unit, expected) in [
        ("Phút", ReminderUnit::Minute),
        ("phut", ReminderUnit::Minute),
        (" PHU\u{301}T ", ReminderUnit::Minute),
        ("minutes", ReminderUnit::Minute),
        ("Minute", ReminderUnit::Minute),
        ("Giờ", ReminderUnit::Hour),
        ("GIO\u{31b}\u{300}", ReminderUnit::Hour),
        ("hours", ReminderUnit::Hour),
        ("Ngày", ReminderUnit::Day),
        ("days", ReminderUnit::Day),
    ] {
        assert_eq!(reminder(json!("30"), json!(unit)), of(30, expected), "{unit}");
    }
    assert_eq!(reminder(json!(0), json!("Giờ")), of(0, ReminderUnit::Hour));
    assert_eq!(reminder(json!(2.0), json!("Ngày")), of(2, ReminderUnit::Day));
}

#[test]
fn a_reminder_that_is_empty_or_unreadable_is_cleared() {
    for payload in [
        json!({"time_notify": "30"}),
        json!({"time_notify_unit": "Phút"}),
        json!({"time_notify": "", "time_notify_unit": ""}),
        json!({"time_notify": null, "time_notify_unit": "Phút"}),
        json!({"time_notify": "30", "time_notify_unit": "Tuần"}),
        json!({"time_notify": "30", "time_notify_unit": 1}),
        json!({"time_notify": "1.5", "time_notify_unit": "Giờ"}),
        json!({"time_notify": -1, "time_notify_unit": "Giờ"}),
        json!({"time_notify": 2_147_483_648_i64, "time_notify_unit": "Phút"}),
        json!({"time_notify": true, "time_notify_unit": "Phút"}),
        json!({"time_notify": "30 phút", "time_notify_unit": "Phút"}),
    ] {
        assert_eq!(ticket(payload.clone()).reminder, Field::Clear, "{payload}");
    }
}

#[test]
fn files_may_be_a_list_or_a_single_item_of_any_shape() {
    let files = |files: Value| ticket(json!({ "file_path": files })).attachments;
    assert_eq!(files(json!("u")), Field::Set(vec![json!("u")]));
    assert_eq!(files(json!({"link": "u"})), Field::Set(vec![json!({"link": "u"})]));
    assert_eq!(files(json!(["u", 7, {"href": "v"}, null])), Field::Set(vec![json!("u"), json!(7), json!({"href": "v"})]));
    assert_eq!(files(json!([])), Field::Clear);
}
