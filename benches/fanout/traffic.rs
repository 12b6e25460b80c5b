//! The messages, and the customers of their conversations: every conversation is matched to a customer by its contact, so that
//! both links of a message have a target.

use deskgraph::{domain::kind::EventKind, store::Entry};
use serde_json::{Value, json};

use crate::{
    setting::Setting,
    support::{self, entry},
};

/// The platforms of conversations, as the CRM writes them.
pub(crate) const PLATFORMS: [&str; 4] = ["zalo", "facebook", "web", "email"];

/// The texts of messages.
pub(crate) const WORDS: [&str; 4] = ["giao hàng", "đổi size", "thanh toán", "bảo hành"];

/// The marker before the number of a message in a frame; the number follows the next hyphen.
pub(crate) const MARK: &[u8] = br#""msg_"#;

/// The number of conversations if subscribers do not have their own.
const CONVERSATIONS: usize = 200;

/// When the first message was sent.
const BEGINNING_MS: u64 = 1_758_791_400_000;

/// A number that is coprime to any likely number of conversations.
const STRIDE: u64 = 7919;

/// Numbered messages for a number of subscribers.
pub(crate) struct Traffic {
    pub(crate) setting: Setting,
    pub(crate) subscribers: usize,
    groups: usize,
    conversations: usize,
    /// A message as the CRM sends it.
    sample: Value,
}

#[derive(Clone, Copy)]
pub(crate) struct Message {
    pub(crate) number: u64,
    pub(crate) conversation: usize,
}

impl Message {
    pub(crate) fn platform(&self) -> &'static str {
        platform(self.conversation)
    }

    pub(crate) fn is_outbound(&self) -> bool {
        (self.number / 4).is_multiple_of(3)
    }

    pub(crate) fn word(&self) -> &'static str {
        WORDS[(self.number / 12 % 4) as usize]
    }

    /// Its id in the CRM, with the same length for all.
    pub(crate) fn id(number: u64) -> String {
        format!("fan-{number:08}")
    }
}

fn platform(conversation: usize) -> &'static str {
    PLATFORMS[conversation % PLATFORMS.len()]
}

impl Traffic {
    pub(crate) fn new(setting: Setting, subscribers: usize) -> Self {
        let conversations = if setting == Setting::Own { subscribers } else { CONVERSATIONS };
        let groups = setting.groups(subscribers);
        Self { setting, subscribers, groups, conversations, sample: support::sample("message-sent") }
    }

    /// The group of a subscriber.
    pub(crate) fn group(&self, subscriber: usize) -> usize {
        subscriber % self.groups
    }

    pub(crate) fn message(&self, number: u64) -> Message {
        let conversation = usize::try_from(number * STRIDE % self.conversations as u64).unwrap();
        Message { number, conversation }
    }

    /// The groups that a message concerns.
    pub(crate) fn concerned(&self, message: &Message) -> Vec<usize> {
        self.setting.concerned(message, self.groups)
    }

    /// The number of subscribers that get a message.
    pub(crate) fn deliveries(&self, message: &Message) -> u64 {
        let (each, more) = (self.subscribers / self.groups, self.subscribers % self.groups);
        self.concerned(message).into_iter().map(|group| (each + usize::from(group < more)) as u64).sum()
    }

    /// The average number of subscribers that get a message.
    pub(crate) fn mean_deliveries(&self) -> f64 {
        // All combinations of the values that filters compare.
        let messages = 4 * 3 * 4;
        let all: u64 = (1..=messages).map(|number| self.deliveries(&self.message(number))).sum();
        (all as f64 / messages as f64).max(1.0)
    }

    /// A message as the CRM sends it.
    pub(crate) fn payload(&self, message: &Message) -> Value {
        let &Message { number, conversation } = message;
        let (id, text) = (Message::id(number), message.word());
        let text = format!("Chào shop, đơn DH-{number} của mình: {text} thế nào ạ? Mình cần trước cuối tuần này.");
        let (contact, shop) = (("from", "to"), ("to", "from"));
        let (contact, shop) = if message.is_outbound() { (shop, contact) } else { (contact, shop) };
        let mut payload = self.sample.clone();
        for (field, value) in [
            ("message_id", id.into()),
            ("conversation_id", format!("c-{conversation}").into()),
            ("platform", message.platform().into()),
            ("message_short", text[..text.floor_char_boundary(30)].into()),
            ("message", text.into()),
            ("time", (BEGINNING_MS + number).into()),
            ("is_platform_sender", u8::from(message.is_outbound()).into()),
        ] {
            payload[field] = value;
        }
        payload[format!("{}_id", contact.0)] = contact_id(conversation).into();
        payload[format!("{}_display_name", contact.0)] = name(conversation).into();
        payload[format!("{}_id", shop.0)] = "2873219003322110".into();
        payload[format!("{}_display_name", shop.0)] = "Shop Hoa Mai".into();
        payload
    }

    /// Fills the store: every conversation with a first message, and its customer. Further messages are numbered after those.
    pub(crate) async fn fill(&self, database_url: &str) -> u64 {
        let customer = support::sample("customer-created");
        let mut entries = Vec::<Entry>::with_capacity(2 * self.conversations);
        for number in 1..=self.conversations as u64 {
            let message = self.message(number);
            entries.push(entry(EventKind::CustomerCreated, &customer_of(&customer, message.conversation)));
            entries.push(entry(EventKind::MessageSent, &self.payload(&message)));
        }
        support::store(database_url, &entries).await;
        self.conversations as u64
    }
}

fn contact_id(conversation: usize) -> String {
    format!("contact-{conversation}")
}

fn name(conversation: usize) -> String {
    format!("Nguyễn Thị Mai {conversation}")
}

/// The customer of a conversation, who has the contact's account.
fn customer_of(sample: &Value, conversation: usize) -> Value {
    let mut customer = sample.clone();
    let id = Value::from(format!("64f2aa{conversation:018}"));
    customer["id"] = id.clone();
    customer["_id"] = id;
    customer["system_name"] = name(conversation).into();
    customer["system_phone"] = format!("0912{conversation:06}").into();
    customer["system_email"] = format!("mai.{conversation}@example.com").into();
    customer["social"] = json!([{
        "type": platform(conversation), "id": contact_id(conversation), "name": name(conversation),
    }]);
    customer
}
