//! Messages, in the variants found in real traffic.

use serde_json::{Value, json};

use super::{ZONE, message, person, set};
use crate::domain::{
    event::{ChannelRef, Event, Field, MessageSent, Party},
    kind::EventKind,
    reading::read,
    words::ChannelKind,
};

#[test]
fn a_missing_field_is_absent_and_unknown_fields_are_ignored() {
    let bare = MessageSent { message_id: "m".into(), conversation_id: "c".into(), ..MessageSent::default() };
    assert_eq!(message(json!({})), bare);
    assert_eq!(message(json!({"unknown": {"deep": [1, null]}, "": 0, "From_Id": "x"})), bare);
}

#[test]
fn empty_values_clear_a_field() {
    for empty in [json!(null), json!(""), json!([])] {
        let fields = [
            "platform",
            "oa_id",
            "page_id",
            "app_id",
            "message",
            "message_short",
            "type",
            "attachments",
            "payload",
            "time",
            "time_create_at",
            "from_id",
            "from_display_name",
            "from_avatar",
            "to_id",
            "to_display_name",
            "to_avatar",
            "name_response",
            "avatar_response",
            "is_platform_sender",
            "src",
            "is_read",
            "is_read_by_staff",
            "is_create_contact",
            "assign_by",
            "assign_time",
            "start_time",
            "start_date",
            "is_closed",
            "chat_mode",
        ];
        let payload: Value = fields.iter().map(|field| ((*field).to_owned(), empty.clone())).collect();
        let nobody = Party { id: Field::Clear, name: Field::Clear, avatar: Field::Clear };
        let cleared = MessageSent {
            message_id: "m".into(),
            conversation_id: "c".into(),
            platform: None,
            channel: Field::Clear,
            app_id: Field::Clear,
            text: Field::Clear,
            preview: Field::Clear,
            type_name: Field::Clear,
            attachments: Field::Clear,
            payload: Field::Clear,
            time: Field::Clear,
            created_at: Field::Clear,
            sender: nobody.clone(),
            recipient: nobody,
            responder_name: Field::Clear,
            responder_avatar: Field::Clear,
            outbound: Field::Clear,
            source: Field::Clear,
            is_read: Field::Clear,
            read_by: vec![],
            creates_contact: Field::Clear,
            assignees: Field::Clear,
            assigned_at: Field::Clear,
            started_at: None,
            is_closed: Field::Clear,
            chat_mode: Field::Clear,
        };
        assert_eq!(message(payload), cleared, "{empty}");
    }
}

#[test]
fn text_is_decoded_once_or_kept_as_sent() {
    for (sent, text) in [
        ("Ch%C3%A0o", "Chào"),
        ("1+1%3D2", "1+1=2"),
        ("%2520", "%20"),
        ("giảm 50% hôm nay", "giảm 50% hôm nay"),
        ("%FF", "%FF"),
        ("%00", "\u{FFFD}"),
        ("a\0b", "a\u{FFFD}b"),
        (" ", " "),
    ] {
        let read = message(json!({"message": sent, "message_short": sent}));
        assert_eq!((read.text, read.preview), (set(text), set(text)), "{sent}");
    }
}

#[test]
fn a_text_sent_as_a_number_is_read_as_its_digits_and_other_types_are_ignored() {
    assert_eq!(message(json!({"message": 50})).text, set("50"));
    assert_eq!(message(json!({"from_display_name": 7.0})).sender.name, set("7"));
    for value in [json!(true), json!({}), json!({"text": "a"}), json!(["a"])] {
        assert_eq!(message(json!({"message": value})).text, Field::Absent, "{value}");
    }
}

#[test]
fn names_are_not_decoded() {
    assert_eq!(message(json!({"from_display_name": "100%25"})).sender.name, set("100%25"));
}

#[test]
fn optional_ids_are_trimmed_and_may_be_numbers() {
    let read = message(json!({"from_id": 7_740_118_822_334_455_i64, "to_id": " a ", "app_id": "  "}));
    assert_eq!(read.sender.id, set("7740118822334455"));
    assert_eq!(read.recipient.id, set("a"));
    assert_eq!(read.app_id, Field::Clear);
    let read = message(json!({"from_id": {"id": "a"}, "to_id": true, "app_id": "x".repeat(513)}));
    assert_eq!((read.sender.id, read.recipient.id, read.app_id), (Field::Absent, Field::Absent, Field::Absent));
}

#[test]
fn a_platform_is_kept_as_sent_and_a_missing_one_follows_from_the_channel() {
    assert_eq!(message(json!({"platform": " Telegram ", "oa_id": "1"})).platform.as_deref(), Some("Telegram"));
    for (channel, platform) in [("oa_id", "zalo"), ("page_id", "facebook"), ("website_id", "web"), ("sendgrid_id", "email")] {
        for unreadable in [json!(null), json!(""), json!({}), json!(true)] {
            let read = message(json!({"platform": unreadable, channel: "1"}));
            assert_eq!(read.platform.as_deref(), Some(platform), "{channel} {unreadable}");
        }
        assert_eq!(message(json!({channel: 1})).platform.as_deref(), Some(platform));
    }
    assert_eq!(message(json!({"oa_id": ""})).platform, None);
    assert_eq!(message(json!({})).platform_key(), "unknown");
}

#[test]
fn the_channel_is_the_first_id_with_a_value() {
    let channel = |fields| message(fields).channel;
    let of = |kind, id: &str| Field::Set(ChannelRef { kind, id: id.to_owned() });
    assert_eq!(channel(json!({"oa_id": "1", "page_id": "2"})), of(ChannelKind::ZaloOa, "1"));
    assert_eq!(channel(json!({"oa_id": "", "page_id": null, "website_id": 3})), of(ChannelKind::Website, "3"));
    assert_eq!(channel(json!({"oa_id": {}, "sendgrid_id": "4"})), of(ChannelKind::EmailSender, "4"));
    assert_eq!(channel(json!({"page_id": null})), Field::Clear);
    assert_eq!(channel(json!({"page_id": {}})), Field::Absent);
    assert_eq!(channel(json!({})), Field::Absent);
}

#[test]
fn flags_come_as_numbers_booleans_and_words() {
    for (value, flag) in [
        (json!(1), Field::Set(true)),
        (json!(true), Field::Set(true)),
        (json!("1"), Field::Set(true)),
        (json!(" True"), Field::Set(true)),
        (json!(0), Field::Set(false)),
        (json!(false), Field::Set(false)),
        (json!("0"), Field::Set(false)),
        (json!("FALSE"), Field::Set(false)),
        (json!(null), Field::Clear),
        (json!(""), Field::Clear),
        (json!([]), Field::Clear),
        (json!(2), Field::Absent),
        (json!("on"), Field::Absent),
        (json!({}), Field::Absent),
    ] {
        let read = message(json!({
            "is_platform_sender": value, "is_read": value, "is_create_contact": value, "is_closed": value,
        }));
        assert_eq!(
            [read.outbound, read.is_read, read.creates_contact, read.is_closed],
            [(); 4].map(|()| flag.clone()),
            "{value}"
        );
    }
}

#[test]
fn a_source_is_a_whole_number_of_32_bits() {
    for (value, source) in [
        (json!(0), Field::Set(0)),
        (json!("2"), Field::Set(2)),
        (json!(3.0), Field::Set(3)),
        (json!(-1), Field::Set(-1)),
        (json!(2_147_483_648_i64), Field::Absent),
        (json!(1.5), Field::Absent),
        (json!("api"), Field::Absent),
        (json!(true), Field::Absent),
    ] {
        assert_eq!(message(json!({"src": value})).source, source, "{value}");
    }
}

#[test]
fn staff_lists_accept_items_of_any_shape_and_drop_repetitions() {
    let items = json!([
        "a", 7, " a ", null, "", [], true, {}, {"name": "nobody"}, ["b"],
        {"_id": "c", "full_name": "Cúc"}, {"uid": 8}, {"user_id": "d", "name": "Dũng"}, {"social_id": "e"},
        {"staff_id": "f", "file_name": "Phúc"}, {"id": "a", "name": "An"}, {"id": "a", "name": "Ánh"}, {"id": null, "_id": "g"},
    ]);
    let expected = vec![
        person("a", Some("An")),
        person("7", None),
        person("c", Some("Cúc")),
        person("8", None),
        person("d", Some("Dũng")),
        person("e", None),
        person("f", Some("Phúc")),
        person("g", None),
    ];
    let read = message(json!({"is_read_by_staff": items, "assign_by": items}));
    assert_eq!(read.read_by, expected);
    assert_eq!(read.assignees, Field::Set(expected));
}

#[test]
fn a_single_item_is_a_list_of_one() {
    for (lone, staff) in [
        (json!("a"), person("a", None)),
        (json!(7), person("7", None)),
        (json!({"_id": "a", "full_name": "An"}), person("a", Some("An"))),
    ] {
        let read = message(json!({"is_read_by_staff": lone, "assign_by": lone}));
        assert_eq!((read.read_by, read.assignees), (vec![staff.clone()], Field::Set(vec![staff])), "{lone}");
    }
    let read = message(json!({"attachments": {"url": "u"}}));
    assert_eq!(read.attachments, Field::Set(vec![json!({"url": "u"})]));
    assert_eq!(message(json!({"attachments": "u"})).attachments, Field::Set(vec![json!("u")]));
}

#[test]
fn a_list_without_readable_items_is_absent_and_a_list_of_empty_items_clears() {
    assert_eq!(message(json!({"assign_by": [{}, true]})).assignees, Field::Absent);
    assert_eq!(message(json!({"assign_by": true})).assignees, Field::Absent);
    assert_eq!(message(json!({"assign_by": [null, ""]})).assignees, Field::Clear);
    assert_eq!(message(json!({"attachments": [null]})).attachments, Field::Clear);
    assert_eq!(message(json!({"attachments": false})).attachments, Field::Absent);
}

#[test]
fn raw_attachments_and_payload_are_kept_except_for_nul() {
    let items = json!([{"url": "u", "odd": {"deep\0": ["\0"]}}, 7, "u", true, [1]]);
    let kept = json!([{"url": "u", "odd": {"deep\u{FFFD}": ["\u{FFFD}"]}}, 7, "u", true, [1]]);
    let read = message(json!({"attachments": items, "payload": items}));
    assert_eq!(read.attachments, Field::Set(kept.as_array().unwrap().clone()));
    assert_eq!(read.payload, Field::Set(kept));
    for payload in [json!({}), json!("closed"), json!(0), json!(false), json!([null])] {
        assert_eq!(message(json!({"payload": payload})).payload, Field::Set(payload));
    }
}

#[test]
fn the_start_is_the_first_readable_one_of_its_two_fields() {
    let start = |fields| message(fields).started_at.map(|at| at.to_string());
    let date = "2025-09-25T10:00:00.000Z";
    assert_eq!(
        start(json!({"start_time": 1_758_794_401_000_i64, "start_date": date})).as_deref(),
        Some("2025-09-25T10:00:01.000Z")
    );
    for unreadable in [json!(null), json!(0), json!("x"), json!({})] {
        assert_eq!(start(json!({"start_time": unreadable, "start_date": date})).as_deref(), Some(date), "{unreadable}");
    }
    assert_eq!(start(json!({})), None);
}

fn made_id(payload: &Value) -> String {
    let Ok(Event::Message(message)) = read(EventKind::MessageSent, payload, &ZONE) else { panic!("unreadable: {payload}") };
    message.message_id
}

#[test]
fn a_message_without_an_id_gets_the_same_generated_id_however_its_values_are_typed() {
    let id = made_id(&json!({
        "conversation_id": 1, "time": 1_758_791_400_123_i64, "from_id": 2, "message": "Ch%C3%A0o", "type": "text",
        "attachments": [{"url": "u", "name": "n"}], "is_read": 0,
    }));
    assert!(id.strip_prefix("gen-").is_some_and(|rest| rest.len() == 32 && rest.bytes().all(|b| b.is_ascii_hexdigit())), "{id}");
    for unreadable in [json!(null), json!(""), json!("  "), json!({}), json!(true), json!("x".repeat(513))] {
        let same = json!({
            "message_id": unreadable, "conversation_id": "1", "time": "1758791400123", "from_id": "2", "message": "Chào",
            "type": "text", "attachments": {"name": "n", "url": "u"}, "is_read": 1,
        });
        assert_eq!(made_id(&same), id, "{unreadable}");
    }
    assert_eq!(made_id(&json!({"conversation_id": "c", "message_id": 7})), "7");
}

#[test]
fn different_messages_get_different_generated_ids() {
    let payloads = [
        json!({"conversation_id": "c"}),
        json!({"conversation_id": "d"}),
        json!({"conversation_id": "c", "time": 1}),
        json!({"conversation_id": "c", "time": 2}),
        json!({"conversation_id": "c", "from_id": "1"}),
        json!({"conversation_id": "c", "message": "1"}),
        json!({"conversation_id": "c", "type": "1"}),
        json!({"conversation_id": "c", "attachments": ["1"]}),
        json!({"conversation_id": "c1", "from_id": "2"}),
        json!({"conversation_id": "c", "from_id": "12"}),
        json!({"conversation_id": "c", "from_id": "1", "message": "2"}),
    ];
    let ids: std::collections::HashSet<_> = payloads.iter().map(made_id).collect();
    assert_eq!(ids.len(), payloads.len());
}
