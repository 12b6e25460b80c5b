//! The fields of objects that are part of a row: channels, participants, attached files.

use super::{Cells, Field, Leaf, optional_text_leaf};
use crate::{
    domain::{reading, words},
    graphql::{plan::json::Json, types::ChannelKind},
};

/// The channel of a message or conversation.
pub(super) const CHANNEL: Field = Field::Part {
    name: "Channel",
    nullable: true,
    columns: &["channel_kind", "channel_id", "app_id"],
    is_known: |cells| has_channel(cells) || cells.has(2),
    field: |name| {
        Some(match name {
            "sourceId" => Leaf {
                nullable: true,
                columns: &["channel_kind", "channel_id"],
                write: |cells, json| Ok(json.text_or_null(cells.text(1).filter(|_| has_channel(cells)))),
            },
            "kind" => Leaf {
                nullable: false,
                columns: &["channel_kind", "channel_id"],
                write: |cells, json| {
                    let kind = cells.text(0).filter(|_| has_channel(cells)).map(words::ChannelKind::of);
                    Ok(json.word(kind.map_or(ChannelKind::Other, ChannelKind::from)))
                },
            },
            "appId" => optional_text_leaf(&["app_id"]),
            _ => return None,
        })
    },
};

/// Whether the first two cells contain a channel.
fn has_channel(cells: Cells<'_>) -> bool {
    cells.has(0) && cells.has(1)
}

macro_rules! participant {
    ($(#[$doc:meta])* $name:ident: $nullable:literal, $id:literal, $named:literal, $avatar:literal, $is_known:expr) => {
        $(#[$doc])*
        pub(super) const $name: Field = Field::Part {
            name: "Participant",
            nullable: $nullable,
            columns: &[$id, $named, $avatar],
            is_known: $is_known,
            field: |name| {
                Some(match name {
                    "sourceId" => optional_text_leaf(&[$id]),
                    "name" => optional_text_leaf(&[$named]),
                    "avatarUrl" => optional_text_leaf(&[$avatar]),
                    _ => return None,
                })
            },
        };
    };
}

fn is_something_known(cells: Cells<'_>) -> bool {
    (0..3).any(|column| cells.has(column))
}

participant! {
    /// The sender of a message.
    SENDER: false, "sender_id", "sender_name", "sender_avatar", |_| true
}
participant! {
    /// The recipient of a message.
    RECIPIENT: false, "recipient_id", "recipient_name", "recipient_avatar", |_| true
}
participant! {
    /// The contact of a conversation.
    CONTACT: true, "contact_id", "contact_name", "contact_avatar", is_something_known
}

/// The staff member who wrote a reply. Has no id.
pub(super) const RESPONDER: Field = Field::Part {
    name: "Participant",
    nullable: true,
    columns: &["responder_name", "responder_avatar"],
    is_known: |cells| cells.has(0) || cells.has(1),
    field: |name| {
        Some(match name {
            "sourceId" => Leaf { nullable: true, columns: &[], write: |_, json| Ok(json.null()) },
            "name" => optional_text_leaf(&["responder_name"]),
            "avatarUrl" => optional_text_leaf(&["responder_avatar"]),
            _ => return None,
        })
    },
};

/// A field of an attached file.
#[derive(Clone, Copy, Debug)]
pub(in crate::graphql::plan) enum AttachmentField {
    Typename,
    Url,
    Name,
    Type,
    Size,
    Raw,
    /// A masked nullable field: null.
    Null,
    /// A masked non-null field: `{}`.
    Empty,
}

impl AttachmentField {
    /// The masked form of the field.
    pub(in crate::graphql::plan) fn masked(self) -> Self {
        if matches!(self, Self::Raw) { Self::Empty } else { Self::Null }
    }

    pub(in crate::graphql::plan) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "__typename" => Self::Typename,
            "url" => Self::Url,
            "name" => Self::Name,
            "type" => Self::Type,
            "size" => Self::Size,
            "raw" => Self::Raw,
            _ => return None,
        })
    }

    pub(in crate::graphql::plan) fn write(self, file: &reading::Attachment, json: &mut Json) {
        match self {
            Self::Typename => json.text("Attachment"),
            Self::Url => json.text_or_null(file.url.as_deref()),
            Self::Name => json.text_or_null(file.name.as_deref()),
            Self::Type => json.text_or_null(file.type_name.as_deref()),
            Self::Size => match file.size {
                Some(size) => json.int(size.into()),
                None => json.null(),
            },
            Self::Raw => json.value(&file.raw),
            Self::Null => json.null(),
            Self::Empty => json.value(&serde_json::json!({})),
        }
    }
}
