//! `message.sent`. The registers of its conversation are told as they stand; only what was read differs between two
//! tellings of one message.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde_json::{Value, json};

use super::{Loose, body, iso, staff_face};
use crate::demo::{
    dice::{Dice, mix},
    phrases::{By, Media},
    words::{CHANNELS, PRODUCTS, Platform, STAFF},
    world::{Conversation, Said},
};

/// What `encodeURIComponent` escapes.
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
/// The letters of a preview.
const PREVIEW: usize = 40;

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

/// One side of a message.
struct Side<'a> {
    id: &'a str,
    name: &'a str,
    avatar: &'a str,
}

pub(super) fn write(conversation: &Conversation, said: &Said, dice: &mut Dice) -> String {
    let oddity = dice.below(400);
    let channel = &CHANNELS[conversation.channel];
    let by_shop = said.spoken.by != By::Customer;
    let contact = Side { id: &conversation.contact.id, name: &conversation.contact.name, avatar: &conversation.contact.avatar };
    let shop = Side { id: channel.id, name: channel.name, avatar: channel.avatar };
    let (from, to) = if by_shop { (shop, contact) } else { (contact, shop) };
    let of = |platform| (channel.platform == platform).then_some(channel.id);
    let is_answer = said.spoken.by == By::Staff;
    let seconds = said.at.div_euclid(1000);
    let body_of_message = Body {
        assign_time: conversation.assigned_at.map(|at| match oddity {
            0..=3 => Loose::Number(at),
            4..=7 => Loose::Text(at.div_euclid(1000).to_string()),
            _ => Loose::Number(at.div_euclid(1000)),
        }),
        is_create_contact: u8::from(said.creates_contact),
        from_display_name: from.name,
        time_create_at: if (8..12).contains(&oddity) {
            Loose::Number(said.at)
        } else {
            Loose::number(seconds, (12..16).contains(&oddity))
        },
        conversation_id: &conversation.id,
        from_avatar: from.avatar,
        message: encode(&said.spoken.text),
        platform: (oddity != 16).then_some(channel.platform.word()),
        to_id: to.id,
        is_read_by_staff: said.readers.iter().map(|reader| reader_item(*reader, oddity)).collect(),
        src: match said.spoken.by {
            By::System => 0,
            By::Customer => 1,
            By::Staff => 2,
        },
        to_avatar: to.avatar,
        from_id: match from.id.parse::<u64>() {
            // Sixteen digits: a number without loss even in JavaScript.
            Ok(number) if (17..20).contains(&oddity) && from.id.len() == 16 => json!(number),
            _ => json!(from.id),
        },
        message_short: encode(&preview(said)),
        is_read: u8::from(said.is_read),
        app_id: channel.app_id,
        attachments: attachments(said, oddity),
        to_display_name: to.name,
        assign_by: match conversation.assigned_at {
            Some(_) => conversation.assignees.iter().map(|staff| STAFF[*staff].id).collect(),
            None => vec![],
        },
        time: Loose::number(said.at, (20..24).contains(&oddity)),
        start_date: iso(conversation.started_at),
        oa_id: of(Platform::Zalo),
        page_id: of(Platform::Facebook),
        website_id: of(Platform::Web),
        sendgrid_id: of(Platform::Email),
        chat_mode: if conversation.is_private { "private" } else { "public" },
        start_time: Loose::number(conversation.started_at, (24..28).contains(&oddity)),
        kind: match said.spoken.media {
            Media::Text => "text",
            Media::Image => "image",
            Media::Sticker => "sticker",
            Media::Audio => "audio",
            Media::File => "file",
            Media::Link => "link",
        },
        is_platform_sender: Loose::number(i64::from(by_shop), (28..32).contains(&oddity)),
        message_id: message_id(channel.platform, said.key),
        is_closed: if (32..40).contains(&oddity) { Loose::Flag(said.is_closed) } else { Loose::Number(said.is_closed.into()) },
        name_response: if is_answer { STAFF[said.staff].name } else { "" },
        avatar_response: if is_answer { staff_face(said.staff) } else { String::new() },
        payload: special(said),
    };
    body(&body_of_message)
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, COMPONENT).to_string()
}

/// Ids in the manner of each platform, all from a key that no other message has.
fn message_id(platform: Platform, key: u64) -> String {
    match platform {
        Platform::Zalo => format!("zl-{key:016x}"),
        Platform::Facebook => format!("m_{key:016X}"),
        Platform::Web => format!("wm-{key:016x}"),
        Platform::Email => format!("{key:016x}@mail.moclan.example"),
    }
}

fn preview(said: &Said) -> String {
    let text = &said.spoken.text;
    if text.is_empty() {
        return match said.spoken.media {
            Media::Text | Media::Link => "",
            Media::Image => "[Hình ảnh]",
            Media::Sticker => "[Sticker]",
            Media::Audio => "[Tin nhắn thoại]",
            Media::File => "[Tệp đính kèm]",
        }
        .to_owned();
    }
    match text.char_indices().nth(PREVIEW) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.clone(),
    }
}

fn reader_item(staff: usize, oddity: usize) -> Value {
    if oddity == 40 { json!({"_id": STAFF[staff].id, "full_name": STAFF[staff].name}) } else { json!(STAFF[staff].id) }
}

/// What a message carries. It follows from the message alone, so that it is the same each time it is told.
fn attachments(said: &Said, oddity: usize) -> Vec<Value> {
    let number = mix(said.key);
    let size = number % 900_000 + 40_000;
    let (kind, url, name) = match said.spoken.media {
        Media::Text => return vec![],
        Media::Image if said.spoken.by == By::Customer => {
            ("image", format!("https://files.example/khach/{number:016x}.jpg"), format!("IMG_{:04}.jpg", number % 10_000))
        }
        Media::Image => {
            let (_, _, picture) = Dice::of(number).pick(PRODUCTS);
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
        Media::Link => return vec![json!({"type": "link", "url": said.spoken.text})],
    };
    match oddity {
        41..=43 => vec![json!(url)],
        44..=46 => vec![json!({"type": kind, "link": url, "fileName": name, "size": size.to_string()})],
        _ => vec![json!({"type": kind, "url": url, "name": name, "size": size})],
    }
}

fn special(said: &Said) -> Value {
    match (said.spoken.by, said.spoken.media) {
        (By::System, _) => {
            json!({"action": "close_conversation", "staff_id": STAFF[said.staff].id, "staff_name": STAFF[said.staff].name})
        }
        (_, Media::Sticker) => json!({"sticker_id": mix(said.key) % 48}),
        _ => json!({}),
    }
}
