//! The settings. The subscribers of a setting are in *groups*: those of a group send the same document and filter, so that a
//! message concerns all of a group or none.

use serde_json::{Value, json};

use crate::traffic::{Message, PLATFORMS, WORDS};

/// Nine fields and two links, as an inbox shows a message.
const INBOX: &str = "id sourceId platform direction type text isRead sentAt sender { name } \
    customer { id name } conversation { id contact { name } unreadCount }";

/// The documents of the mixed setting select different fields, and follow both links, one or none.
const SELECTIONS: [&str; 4] = [
    INBOX,
    "id text direction sentAt sender { name }",
    "id preview conversation { id contact { name } messageCount unreadCount lastMessageAt }",
    "id type isRead customer { id name phone email }",
];

/// The groups of the mixed setting.
const MIXED: usize = 20;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Setting {
    /// All send one document without a filter.
    Common,
    /// Each follows its own conversation.
    Own,
    /// Twenty documents and filters.
    Mixed,
}

/// The request of a subscriber.
pub(crate) struct Subscription {
    pub(crate) document: String,
    pub(crate) filter: Value,
}

impl Setting {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Common => "one document for all",
            Self::Own => "each its own conversation",
            Self::Mixed => "twenty documents and filters",
        }
    }

    /// The rate of the paced measurement.
    pub(crate) fn messages_per_second(self) -> f64 {
        if self == Self::Own { 50.0 } else { 20.0 }
    }

    /// The number of groups for a number of subscribers.
    pub(crate) fn groups(self, subscribers: usize) -> usize {
        match self {
            Self::Common => 1,
            Self::Own => subscribers,
            Self::Mixed => MIXED.min(subscribers),
        }
    }

    /// The request of the subscribers of a group.
    pub(crate) fn subscription(self, group: usize) -> Subscription {
        let (selection, filter) = match self {
            Self::Common => (INBOX, Value::Null),
            Self::Own => (INBOX, json!({ "conversationId": { "eq": format!("con_c-{group}") } })),
            Self::Mixed => (SELECTIONS[group % SELECTIONS.len()], Mixed::of(group).filter()),
        };
        let document = format!(
            "subscription($after: String, $filter: MessageFilter) {{ \
             messageAdded(after: $after, filter: $filter) {{ cursor message {{ {selection} }} }} }}"
        );
        Subscription { document, filter }
    }

    /// The groups that a message concerns.
    pub(crate) fn concerned(self, message: &Message, groups: usize) -> Vec<usize> {
        match self {
            Self::Common => vec![0],
            Self::Own => vec![message.conversation],
            Self::Mixed => (0..groups).filter(|group| Mixed::of(*group).matches(message)).collect(),
        }
    }
}

/// A filter of the mixed setting: every given condition must hold.
#[derive(Default)]
struct Mixed {
    platform: Option<&'static str>,
    is_outbound: Option<bool>,
    word: Option<&'static str>,
}

impl Mixed {
    fn of(group: usize) -> Self {
        let platform = Some(PLATFORMS[group % 4]);
        let is_outbound = Some(group.is_multiple_of(2));
        let word = Some(WORDS[group % 4]);
        match group {
            0..4 => Self { platform, ..Self::default() },
            4..8 => Self { word, ..Self::default() },
            8..12 => Self { platform, is_outbound: Some(false), ..Self::default() },
            12..16 => Self { platform, is_outbound: Some(true), ..Self::default() },
            16..18 => Self { is_outbound, ..Self::default() },
            18 => Self { is_outbound, word, ..Self::default() },
            _ => Self::default(),
        }
    }

    fn filter(&self) -> Value {
        let mut filter = json!({});
        if let Some(platform) = self.platform {
            filter["platform"] = json!({ "eq": platform.to_ascii_uppercase() });
        }
        if let Some(is_outbound) = self.is_outbound {
            filter["direction"] = json!({ "eq": if is_outbound { "OUTBOUND" } else { "INBOUND" } });
        }
        if let Some(word) = self.word {
            filter["text"] = json!({ "contains": word });
        }
        filter
    }

    fn matches(&self, message: &Message) -> bool {
        self.platform.is_none_or(|platform| platform == message.platform())
            && self.is_outbound.is_none_or(|is_outbound| is_outbound == message.is_outbound())
            && self.word.is_none_or(|word| word == message.word())
    }
}
