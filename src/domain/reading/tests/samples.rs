//! Every sample, compared as a whole value, so that no field is left out.

use serde_json::{Value, json};

use super::{ZONE, at, person, set};
use crate::domain::{
    event::{
        ChannelRef, Color, CustomerSnapshot, CustomerStatus, CustomersDeleted, Event, Field, MessageSent, Party, Reminder,
        SocialAccount, StatusChanged, TicketSnapshot,
    },
    kind::EventKind,
    reading::{kind_of_shape, read},
    words::{ChannelKind, ReminderUnit},
};

macro_rules! sample {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/samples/", $name, ".json"))
    };
}

fn event(kind: EventKind, sample: &str) -> Event {
    let event = read(kind, &payload(sample), &ZONE).unwrap();
    assert_eq!(event.kind(), kind);
    event
}

fn payload(sample: &str) -> Value {
    serde_json::from_str(sample).unwrap()
}

#[test]
fn an_inbound_zalo_text() {
    let expected = MessageSent {
        message_id: "zl-4f1c0a9e7b".into(),
        conversation_id: "6510c0ffee0000000000a001".into(),
        platform: Some("zalo".into()),
        channel: Field::Set(ChannelRef { kind: ChannelKind::ZaloOa, id: "2873219003322110".into() }),
        app_id: set("1298887765"),
        text: set("Chào shop, đơn DH-1029 bao giờ giao?"),
        preview: set("Chào shop, đơn DH-1029…"),
        type_name: set("text"),
        attachments: Field::Clear,
        payload: Field::Set(json!({})),
        time: Field::Set(at("2025-09-25T09:10:00.123Z")),
        created_at: Field::Set(at("2025-09-25T09:10:00Z")),
        sender: Party {
            id: set("7740118822334455"),
            name: set("Nguyễn Thị Mai"),
            avatar: set("https://avatars.example/mai.jpg"),
        },
        recipient: Party {
            id: set("2873219003322110"),
            name: set("Shop Hoa Mai"),
            avatar: set("https://avatars.example/oa.png"),
        },
        responder_name: Field::Clear,
        responder_avatar: Field::Clear,
        outbound: Field::Set(false),
        source: Field::Set(1),
        is_read: Field::Set(false),
        read_by: vec![person("64d1f0000000000000000101", None)],
        creates_contact: Field::Set(true),
        assignees: Field::Set(vec![person("64d1f0000000000000000101", None)]),
        assigned_at: Field::Set(at("2025-09-25T09:10:02Z")),
        started_at: Some(at("2025-09-25T09:10:00Z")),
        is_closed: Field::Set(false),
        chat_mode: set("public"),
    };
    assert_eq!(event(EventKind::MessageSent, sample!("message-sent")), Event::Message(Box::new(expected)));
}

#[test]
fn an_outbound_facebook_image() {
    let file = json!({
        "type": "image", "url": "https://files.example/mau-ao-01.jpg", "name": "mau-ao-01.jpg", "size": 183_422
    });
    let expected = MessageSent {
        message_id: "m_Qk1eXzAa".into(),
        conversation_id: "6510c0ffee0000000000a002".into(),
        platform: Some("facebook".into()),
        channel: Field::Set(ChannelRef { kind: ChannelKind::FacebookPage, id: "104455667788990".into() }),
        app_id: set("556677"),
        text: Field::Clear,
        preview: set("[Hình ảnh]"),
        type_name: set("image"),
        attachments: Field::Set(vec![file]),
        payload: Field::Set(json!({"template": "media"})),
        time: Field::Set(at("2025-09-25T10:11:01.984Z")),
        created_at: Field::Set(at("2025-09-25T10:11:01Z")),
        sender: Party {
            id: set("104455667788990"),
            name: set("Cửa hàng Sen Việt"),
            avatar: set("https://avatars.example/sen.png"),
        },
        recipient: Party {
            id: set("9988776655443322"), name: set("Trần Hùng"), avatar: set("https://avatars.example/hung.jpg")
        },
        responder_name: set("Lê Minh"),
        responder_avatar: set("https://avatars.example/minh.jpg"),
        outbound: Field::Set(true),
        source: Field::Set(2),
        is_read: Field::Set(true),
        read_by: vec![],
        creates_contact: Field::Set(false),
        assignees: Field::Set(vec![person("64d1f0000000000000000102", None), person("64d1f0000000000000000103", None)]),
        assigned_at: Field::Set(at("2025-09-25T10:10:00Z")),
        started_at: Some(at("2025-09-25T10:00:00Z")),
        is_closed: Field::Set(false),
        chat_mode: set("private"),
    };
    assert_eq!(event(EventKind::MessageSent, sample!("message-sent-facebook-image")), Event::Message(Box::new(expected)));
}

#[test]
fn a_closed_conversation() {
    let expected = StatusChanged { conversation_id: "6510c0ffee0000000000a001".into(), is_closed: true };
    let read = event(EventKind::ConversationStatusChanged, sample!("conversation-status-changed"));
    assert_eq!(read, Event::Status(expected));
}

fn mai() -> CustomerSnapshot {
    CustomerSnapshot {
        created: true,
        id: "64f2aa000000000000000c01".into(),
        name: set("Nguyễn Thị Mai"),
        phone: set("0912345678"),
        email: set("mai.nguyen@example.com"),
        note: set("Khách quen, thích giao buổi chiều"),
        telco: set("Vinaphone"),
        social: Field::Set(vec![SocialAccount {
            platform: Some("zalo".into()),
            source_id: Some("7740118822334455".into()),
            name: Some("Mai Nguyễn".into()),
            url: None,
            raw: json!({"type": "zalo", "id": "7740118822334455", "name": "Mai Nguyễn"}),
        }]),
        statuses: Field::Set(vec![CustomerStatus {
            source_id: Some("st-01".into()),
            name: Some("Tiềm năng".into()),
            color: Some(Color { r: 255, g: 170, b: 0, a: 1.0 }),
        }]),
        manager: Field::Set(person("64d1f0000000000000000101", Some("Lê Minh"))),
        created_by: Field::Set(person("64d1f0000000000000000101", Some("Lê Minh"))),
        updated_by: Field::Set(person("64d1f0000000000000000101", Some("Lê Minh"))),
        created_at: Field::Set(at("2025-09-25T09:10:05.120Z")),
        updated_at: Field::Set(at("2025-09-25T09:10:05.120Z")),
        custom_fields: vec![
            ("cf_birthday".into(), Field::Set(json!("1994-03-08"))),
            ("cf_points".into(), Field::Set(json!(120))),
            ("cf_tags".into(), Field::Set(json!(["vip", "hà nội"]))),
        ],
    }
}

#[test]
fn a_new_customer() {
    assert_eq!(event(EventKind::CustomerCreated, sample!("customer-created")), Event::Customer(Box::new(mai())));
}

#[test]
fn a_changed_customer() {
    let mut expected = CustomerSnapshot {
        created: false,
        note: set("Đổi địa chỉ sang Đà Nẵng"),
        statuses: Field::Set(vec![CustomerStatus {
            source_id: Some("st-02".into()),
            name: Some("Đã mua hàng".into()),
            color: Some(Color { r: 0, g: 160, b: 80, a: 1.0 }),
        }]),
        manager: Field::Set(person("64d1f0000000000000000102", Some("Phạm Thu Hà"))),
        updated_by: Field::Set(person("64d1f0000000000000000102", Some("Phạm Thu Hà"))),
        updated_at: Field::Set(at("2025-09-27T02:00:00.300Z")),
        custom_fields: vec![
            ("cf_birthday".into(), Field::Set(json!("1994-03-08"))),
            ("cf_points".into(), Field::Set(json!(180))),
        ],
        ..mai()
    };
    if let Field::Set(accounts) = &mut expected.social {
        accounts.push(SocialAccount {
            platform: Some("facebook".into()),
            source_id: Some("9988776655443300".into()),
            name: None,
            url: None,
            raw: json!({"type": "facebook", "id": "9988776655443300"}),
        });
    }
    assert_eq!(event(EventKind::CustomerUpdated, sample!("customer-updated")), Event::Customer(Box::new(expected)));
}

#[test]
fn deleted_customers() {
    let ids = ["64f2aa000000000000000c02", "64f2aa000000000000000c03", "64f2aa000000000000000c04"];
    let expected = CustomersDeleted { ids: ids.map(str::to_owned).to_vec(), count: Some(3) };
    assert_eq!(event(EventKind::CustomerDeleted, sample!("customer-deleted")), Event::CustomerDeleted(expected));
}

fn late_order() -> TicketSnapshot {
    TicketSnapshot {
        created: true,
        ticket_id: Some("TK-000731".into()),
        object_ids: vec![],
        name: set("Đơn DH-1029 giao chậm"),
        description: set("Khách hỏi thời gian giao, chưa có mã vận đơn"),
        type_id: set("tt-giao-hang"),
        level: set("high"),
        status: set("process"),
        customer_id: set("64f2aa000000000000000c01"),
        assignee: Field::Set(person("64d1f0000000000000000102", Some("Phạm Thu Hà"))),
        created_by: Field::Set(person("64d1f0000000000000000101", None)),
        store_id: set("store-hn-01"),
        created_at: Field::Set(at("2025-09-25T09:20:00Z")),
        due_at: Field::Set(at("2025-09-27T09:20:00Z")),
        updated_at: Field::Absent,
        reminder: Field::Set(Reminder { amount: 30, unit: ReminderUnit::Minute }),
        is_reminded: Field::Absent,
        attachments: Field::Set(vec![json!("https://files.example/dh-1029.pdf")]),
    }
}

#[test]
fn a_new_ticket() {
    assert_eq!(event(EventKind::TicketCreated, sample!("ticket-created")), Event::Ticket(Box::new(late_order())));
}

#[test]
fn a_changed_ticket() {
    let expected = TicketSnapshot {
        created: false,
        object_ids: vec!["64f3bb000000000000000d31".into()],
        description: set("Đã gọi đơn vị vận chuyển, giao trong hôm nay"),
        level: set("medium"),
        status: set("done"),
        updated_at: Field::Set(at("2025-09-26T03:15:00Z")),
        is_reminded: Field::Set(false),
        ..late_order()
    };
    assert_eq!(event(EventKind::TicketUpdated, sample!("ticket-updated")), Event::Ticket(Box::new(expected)));
}

#[test]
fn a_deleted_ticket() {
    let expected = Event::TicketDeleted { id: "64f3bb000000000000000d31".into() };
    assert_eq!(event(EventKind::TicketDeleted, sample!("ticket-deleted")), expected);
}

#[test]
fn the_shape_of_a_sample_tells_its_kind_where_it_can() {
    for (sample, kind) in [
        (sample!("message-sent"), Some(EventKind::MessageSent)),
        (sample!("message-sent-facebook-image"), Some(EventKind::MessageSent)),
        (sample!("conversation-status-changed"), Some(EventKind::ConversationStatusChanged)),
        (sample!("customer-created"), Some(EventKind::CustomerUpdated)),
        (sample!("customer-updated"), Some(EventKind::CustomerUpdated)),
        (sample!("customer-deleted"), Some(EventKind::CustomerDeleted)),
        (sample!("ticket-created"), Some(EventKind::TicketUpdated)),
        (sample!("ticket-updated"), Some(EventKind::TicketUpdated)),
        (sample!("ticket-deleted"), None),
    ] {
        assert_eq!(kind_of_shape(&payload(sample)), kind, "{sample}");
    }
}
