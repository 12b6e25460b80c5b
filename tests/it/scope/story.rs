//! A sequence of deliveries, each marked with the object it is about, so that it can be delivered without some objects.
//!
//! Every object has its own texts, numbers and times, besides words that all of them share. Roles do not hide staff members:
//! each is also mentioned by a visible object.

use std::collections::BTreeSet;

use deskgraph::domain::kind::EventKind;
use serde_json::{Value, json};

use crate::support::desk::{iso, ms};

/// The staff member of the role with `$staff`, and another one.
pub(super) const MINE: &str = "staff-mine";
const THEIRS: &str = "staff-theirs";

/// A delivery, and the global id of the object it is about.
pub(super) struct Delivery {
    pub(super) kind: EventKind,
    pub(super) payload: Value,
    pub(super) about: String,
}

/// The objects that are hidden from some role.
pub(super) type Hidden = BTreeSet<&'static str>;

pub(super) const CUSTOMERS: [&str; 4] = ["cus_hidelinked", "cus_hidedeleted", "cus_hidealone", "cus_hidephone"];
pub(super) const CONVERSATIONS: [&str; 4] = ["con_veiledofseen", "con_veiledoflinked", "con_veiledofalone", "con_veiledstatus"];
pub(super) const TICKETS: [&str; 4] = ["tkt_maskedofseen", "tkt_maskedoflinked", "tkt_maskeddeleted", "tkt_maskedalias"];

/// The objects hidden from the role of a staff member: customers without a conversation assigned to it, and the conversations
/// and tickets of others.
pub(super) fn of_others() -> Hidden {
    let customers = ["cus_plain", "cus_gone", "cus_hidedeleted", "cus_hidealone"];
    customers.into_iter().chain(CONVERSATIONS).chain(TICKETS).collect()
}

/// Ids of the objects that end subscriptions.
pub(super) const LAST: [(&str, &str); 4] =
    [("Customer", "cus_last"), ("Conversation", "con_last"), ("Message", "msg_zalo_lastone"), ("Ticket", "tkt_last")];

/// An object's own number.
fn number(of: &str) -> i64 {
    of.bytes().fold(7, |sum, byte| (sum * 31 + i64::from(byte)) % 89_989)
}

fn staff_of(is_hidden: bool) -> [&'static str; 2] {
    if is_hidden { [THEIRS, THEIRS] } else { [MINE, THEIRS] }
}

fn name(staff: &str) -> &'static str {
    if staff == MINE { "Lê Minh" } else { "Phạm Thu Hà" }
}

struct Story(Vec<Delivery>);

impl Story {
    fn deliver(&mut self, kind: EventKind, about: String, payload: Value) {
        self.0.push(Delivery { kind, payload, about });
    }

    fn customer(&mut self, kind: EventKind, id: &str, contacts: &Value) {
        let n = number(id);
        let updated = n + if kind == EventKind::CustomerUpdated { 200_000 } else { 100_000 };
        let [manager, creator] = staff_of(id.starts_with("hide"));
        let payload = json!({
            "id": id, "_id": id, "system_name": format!("Nguyễn {id}name"), "system_phone": format!("0912{n:06}"),
            "system_email": format!("{id}mail@example.com"), "note": format!("Khách quen {id}note"), "system_telco": format!("telco-{id}"),
            "social": contacts,
            "status": [{ "id": format!("st-{id}"), "value": format!("Tiềm năng {id}status"), "color": { "r": n % 256, "g": 1, "b": 2, "a": 1 } }],
            "manager": { "_id": manager, "full_name": name(manager) },
            "system_create_by": creator, "system_create_by_name": name(creator),
            "system_update_by": manager, "system_update_by_name": name(manager),
            "createdAt": iso(n), "updatedAt": iso(updated), "cf_points": n, "cf_tag": format!("tag {id}cf"),
        });
        self.deliver(kind, format!("cus_{id}"), payload);
    }

    /// A message to the shop, and one back.
    fn conversation(&mut self, id: &str, platform: &str, contact: &str) {
        for (part, outbound) in [("one", false), ("two", true)] {
            let message = format!("{id}{part}");
            let (n, [assignee, other]) = (number(&message), staff_of(id.starts_with("veiled")));
            let (inside, outside) = if outbound { ("from", "to") } else { ("to", "from") };
            let channel = if platform == "zalo" { "oa_id" } else { "page_id" };
            let mut payload = json!({
                "message_id": message, "conversation_id": id, "platform": platform, "is_platform_sender": i32::from(outbound),
                "message": format!("Khách chào shop {message}text"), "message_short": format!("Chào {message}short"),
                "type": if outbound { "image" } else { "text" }, "time": ms(n % 500 + i64::from(outbound) * 600), "time_create_at": ms(n % 500) / 1000,
                "start_time": ms(n % 400), "assign_time": ms(n % 300) / 1000, "assign_by": [assignee, other], "is_read": i32::from(outbound),
                "is_read_by_staff": [other], "is_closed": n % 2, "chat_mode": "private", "src": n % 7, "app_id": format!("app-{id}"),
                "attachments": [{ "type": "image", "url": format!("https://files.example/{message}.jpg"), "name": format!("{message}file"), "size": n }],
                "payload": { "template": format!("{message}template") }, "name_response": format!("{message}responder"),
            });
            payload[format!("{inside}_id")] = format!("shop-{id}").into();
            payload[format!("{inside}_display_name")] = format!("Shop {id}shop").into();
            payload[format!("{outside}_id")] = contact.into();
            payload[format!("{outside}_display_name")] = format!("Khách {id}contact").into();
            payload[channel] = format!("channel-{id}").into();
            self.deliver(EventKind::MessageSent, format!("con_{id}"), payload);
        }
    }

    fn ticket(&mut self, kind: EventKind, id: &str, customer: &str) {
        let (n, [assignee, creator]) = (number(id), staff_of(id.starts_with("masked")));
        let of = |words: &[&'static str]| words[usize::try_from(n).unwrap() % words.len()];
        let (level, status) = (of(&["low", "medium", "high", "gấp"]), of(&["process", "done", "chờ"]));
        let updated = n + if kind == EventKind::TicketUpdated { 200_000 } else { 100_000 };
        let payload = json!({
            "ticket_id": id, "id": format!("{id}object"), "name": format!("Khách đặt {id}name"), "description": format!("Giao chậm {id}description"),
            "type_ticket": format!("type-{id}"), "level": level,
            "status": status, "customer": customer,
            "employee": assignee, "nameStaff": name(assignee), "created_by": creator, "store_id": format!("store-{id}"),
            "date_created_timestamp": ms(n % 500) / 1000, "date_expire_timestamp": ms(n * 10) / 1000, "time_notify": n.to_string(),
            "time_notify_unit": "Phút", "is_remind": n % 2 == 0, "file_path": [format!("https://files.example/{id}.pdf")],
            "updatedAt": iso(updated),
        });
        self.deliver(kind, format!("tkt_{id}"), payload);
    }

    fn customer_is_deleted(&mut self, id: &str) {
        let payload = json!({ "deletedContactIds": [id], "deletedCount": 1 });
        self.deliver(EventKind::CustomerDeleted, format!("cus_{id}"), payload);
    }

    fn ticket_is_deleted(&mut self, id: &str) {
        self.deliver(EventKind::TicketDeleted, format!("tkt_{id}"), json!({ "id": id }));
    }
}

/// The whole story in log order, with hidden and visible objects interleaved.
pub(super) fn story() -> Vec<Delivery> {
    let mut story = Story(Vec::new());
    let zalo = |id: &str| json!({ "type": "zalo", "id": id, "name": format!("{id}account"), "url": format!("https://zalo.example/{id}") });
    let facebook = |id: &str| json!({ "type": "facebook", "id": id, "secret": id });
    // Links that wait for a hidden object.
    story.conversation("ofhidden", "zalo", "contact-of-hidelinked");
    story.ticket(EventKind::TicketCreated, "ofhidden", "hidelinked");
    story.customer(
        EventKind::CustomerCreated,
        "hidelinked",
        &json!([zalo("contact-of-hidelinked"), facebook("second-of-hidelinked")]),
    );
    story.ticket(EventKind::TicketUpdated, "ofhidden", "hidelinked");
    story.customer(EventKind::CustomerCreated, "seen", &json!([zalo("contact-of-seen"), facebook("second-of-seen")]));
    story.conversation("veiledofseen", "facebook", "second-of-seen");
    story.conversation("ofseen", "zalo", "contact-of-seen");
    story.ticket(EventKind::TicketCreated, "maskedofseen", "seen");
    story.ticket(EventKind::TicketCreated, "ofseen", "seen");
    story.customer(EventKind::CustomerCreated, "plain", &json!([zalo("contact-of-plain")]));
    story.customer(EventKind::CustomerUpdated, "hidealone", &json!([zalo("contact-of-hidealone")]));
    story.conversation("veiledofalone", "zalo", "contact-of-hidealone");
    story.conversation("veiledoflinked", "facebook", "second-of-hidelinked");
    story.ticket(EventKind::TicketUpdated, "maskedoflinked", "hidelinked");
    story.ticket(EventKind::TicketUpdated, "ofalone", "hidealone");
    story.conversation("byphone", "zalo", &format!("0912{:06}", number("hidephone")));
    story.customer(EventKind::CustomerCreated, "hidephone", &json!([]));
    story.customer(EventKind::CustomerCreated, "hidedeleted", &json!([zalo("contact-of-hidedeleted")]));
    story.customer(EventKind::CustomerCreated, "gone", &json!([zalo("contact-of-gone")]));
    story.ticket(EventKind::TicketCreated, "ofdeleted", "hidedeleted");
    story.ticket(EventKind::TicketCreated, "maskeddeleted", "seen");
    story.ticket(EventKind::TicketCreated, "gone", "seen");
    for id in ["hidedeleted", "gone"] {
        story.customer_is_deleted(id);
    }
    for id in ["maskeddeleted", "gone"] {
        story.ticket_is_deleted(id);
    }
    let status = |id: &str| json!({ "conversation_id": id, "is_closed": true });
    for id in ["veiledofseen", "veiledstatus", "ofhidden"] {
        story.deliver(EventKind::ConversationStatusChanged, format!("con_{id}"), status(id));
    }
    story.ticket(EventKind::TicketCreated, "maskedalias", "seen");
    story.customer(
        EventKind::CustomerUpdated,
        "hidelinked",
        &json!([zalo("contact-of-hidelinked"), facebook("second-of-hidelinked")]),
    );
    story.customer(EventKind::CustomerUpdated, "seen", &json!([zalo("contact-of-seen"), facebook("second-of-seen")]));
    // The objects that end subscriptions, assigned to the staff member of the role.
    story.customer(EventKind::CustomerCreated, "last", &json!([]));
    story.ticket(EventKind::TicketCreated, "last", "last");
    story.conversation("last", "zalo", "last");
    let last = story.0.last_mut().unwrap();
    last.payload["message_id"] = "lastone".into();
    story.0.swap_remove(story.0.len() - 2);
    story.0
}
