//! `message.sent`: the message, with the current state of its conversation. When the CRM sends a message again, only the read
//! marks differ.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde_json::{Value, json};

use super::json::{Loose, iso, write_json};
use crate::{
    data::{Media, Platform, Speaker, phrases, shop},
    ids::mix,
    rng::Rng,
    shop::{Conversation, Message},
};

/// The characters that `encodeURIComponent` escapes.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');
/// The length of a preview, in characters.
const PREVIEW_LENGTH: usize = 40;

#[derive(Serialize)]
struct Body<'a> {
    assign_time: Option<Loose>,
    is_create_contact: u8,
    from_display_name: &'a str,
    time_create_at: Loose,
    conversation_id: &'a str,
    from_avatar: &'a str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    platform: Option<&'a str>,
    to_id: &'a str,
    is_read_by_staff: Vec<Value>,
    src: u8,
    to_avatar: &'a str,
    from_id: Value,
    message_short: String,
    is_read: u8,
    app_id: &'a str,
    attachments: Vec<Value>,
    to_display_name: &'a str,
    assign_by: Vec<&'a str>,
    time: Loose,
    start_date: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    oa_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    page_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    website_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sendgrid_id: Option<&'a str>,
    chat_mode: &'a str,
    start_time: Loose,
    #[serde(rename = "type")]
    kind: &'a str,
    is_platform_sender: Loose,
    message_id: String,
    is_closed: Loose,
    name_response: &'a str,
    avatar_response: String,
    payload: Value,
}

/// The sender or recipient of a message.
struct Side<'a> {
    id: &'a str,
    name: &'a str,
    avatar: &'a str,
}

pub(super) fn write(conversation: &Conversation, message: &Message, rng: &mut Rng) -> String {
    let oddity = rng.below(400);
    let channel = &shop().channels[conversation.channel];
    let by_shop = message.draft.by != Speaker::Customer;
    let contact = Side { id: &conversation.contact.id, name: &conversation.contact.name, avatar: &conversation.contact.avatar };
    let own = Side { id: &channel.id, name: &channel.name, avatar: &channel.avatar };
    let (from, to) = if by_shop { (own, contact) } else { (contact, own) };
    let of = |platform| (channel.platform == platform).then_some(channel.id.as_str());
    let is_answer = message.draft.by == Speaker::Staff;
    let staff = &shop().staff;
    let seconds = message.at.div_euclid(1000);
    write_json(&Body {
        assign_time: conversation.assigned_at.map(|at| match oddity {
            0..=3 => Loose::Number(at),
            4..=7 => Loose::Text(at.div_euclid(1000).to_string()),
            _ => Loose::Number(at.div_euclid(1000)),
        }),
        is_create_contact: u8::from(message.creates_contact),
        from_display_name: from.name,
        time_create_at: if (8..12).contains(&oddity) {
            Loose::Number(message.at)
        } else {
            Loose::number(seconds, (12..16).contains(&oddity))
        },
        conversation_id: &conversation.id,
        from_avatar: from.avatar,
        message: encode(&message.draft.text),
        platform: (oddity != 16).then_some(channel.platform.word()),
        to_id: to.id,
        is_read_by_staff: message.readers.iter().map(|reader| reader_item(*reader, oddity)).collect(),
        src: match message.draft.by {
            Speaker::System => 0,
            Speaker::Customer => 1,
            Speaker::Staff => 2,
        },
        to_avatar: to.avatar,
        from_id: match from.id.parse::<u64>() {
            // Sixteen digits: exact as a number even in JavaScript.
            Ok(number) if (17..20).contains(&oddity) && from.id.len() == 16 => json!(number),
            _ => json!(from.id),
        },
        message_short: encode(&preview(message)),
        is_read: u8::from(message.is_read),
        app_id: &channel.app_id,
        attachments: attachments(message, oddity),
        to_display_name: to.name,
        assign_by: match conversation.assigned_at {
            Some(_) => conversation.assignees.iter().map(|index| staff[*index].id.as_str()).collect(),
            None => vec![],
        },
        time: Loose::number(message.at, (20..24).contains(&oddity)),
        start_date: iso(conversation.started_at),
        oa_id: of(Platform::Zalo),
        page_id: of(Platform::Facebook),
        website_id: of(Platform::Web),
        sendgrid_id: of(Platform::Email),
        chat_mode: if conversation.is_private { "private" } else { "public" },
        start_time: Loose::number(conversation.started_at, (24..28).contains(&oddity)),
        kind: match message.draft.media {
            Media::Text => "text",
            Media::Image => "image",
            Media::Sticker => "sticker",
            Media::Audio => "audio",
            Media::File => "file",
            Media::Link => "link",
        },
        is_platform_sender: Loose::number(i64::from(by_shop), (28..32).contains(&oddity)),
        message_id: message_id(channel.platform, message.key),
        is_closed: if (32..40).contains(&oddity) {
            Loose::Flag(message.is_closed)
        } else {
            Loose::Number(message.is_closed.into())
        },
        name_response: if is_answer { &staff[message.staff].name } else { "" },
        avatar_response: if is_answer {
            format!("https://avatars.example/{}.jpg", staff[message.staff].picture)
        } else {
            String::new()
        },
        payload: special(message),
    })
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, COMPONENT).to_string()
}

/// The id in the format of each platform, from a unique key.
fn message_id(platform: Platform, key: u64) -> String {
    match platform {
        Platform::Zalo => format!("zl-{key:016x}"),
        Platform::Facebook => format!("m_{key:016X}"),
        Platform::Web => format!("wm-{key:016x}"),
        Platform::Email => format!("{key:016x}@mail.moclan.example"),
    }
}

fn preview(message: &Message) -> String {
    let text = &message.draft.text;
    if text.is_empty() {
        return phrases().preview(message.draft.media).to_owned();
    }
    match text.char_indices().nth(PREVIEW_LENGTH) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.clone(),
    }
}

fn reader_item(index: usize, oddity: usize) -> Value {
    let reader = &shop().staff[index];
    if oddity == 40 { json!({"_id": reader.id, "full_name": reader.name}) } else { json!(reader.id) }
}

/// The attachments. They depend only on the message, so that they are the same each time it is sent.
fn attachments(message: &Message, oddity: usize) -> Vec<Value> {
    let number = mix(message.key);
    let size = number % 900_000 + 40_000;
    let (kind, url, name) = match message.draft.media {
        Media::Text => return vec![],
        Media::Image if message.draft.by == Speaker::Customer => {
            ("image", format!("https://files.example/khach/{number:016x}.jpg"), format!("IMG_{:04}.jpg", number % 10_000))
        }
        Media::Image => {
            let picture = &Rng::new(number).pick(&shop().products).picture;
            ("image", format!("https://files.example/mau/{picture}.jpg"), format!("{picture}.jpg"))
        }
        Media::Sticker => {
            return vec![json!({"type": "sticker", "url": format!("https://files.example/sticker/{}.png", number % 48)})];
        }
        Media::Audio => {
            let url = format!("https://files.example/thoai/{number:016x}.m4a");
            return vec![json!({"type": "audio", "url": url, "size": size / 4, "duration": number % 40 + 2})];
        }
        Media::File => {
            ("file", format!("https://files.example/tep/{number:016x}.pdf"), format!("moc-lan-{:04}.pdf", number % 10_000))
        }
        Media::Link => return vec![json!({"type": "link", "url": message.draft.text})],
    };
    match oddity {
        41..=43 => vec![json!(url)],
        44..=46 => vec![json!({"type": kind, "link": url, "fileName": name, "size": size.to_string()})],
        _ => vec![json!({"type": kind, "url": url, "name": name, "size": size})],
    }
}

fn special(message: &Message) -> Value {
    match (message.draft.by, message.draft.media) {
        (Speaker::System, _) => {
            let staff = &shop().staff[message.staff];
            json!({"action": "close_conversation", "staff_id": staff.id, "staff_name": staff.name})
        }
        (_, Media::Sticker) => json!({"sticker_id": mix(message.key) % 48}),
        _ => json!({}),
    }
}
