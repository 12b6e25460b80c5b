//! Small values that several types show: channels, participants, attachments.

use async_graphql::SimpleObject;

use super::words::ChannelKind;
use crate::{
    domain::{event::ChannelRef, message, reading},
    graphql::scalars::Json,
};

/// Which of the business's accounts a message or conversation goes through: a Zalo Official Account, a Facebook page, a web site.
#[derive(SimpleObject)]
pub(crate) struct Channel {
    /// The channel's id on its platform: what it is the id of is told by `kind`.
    source_id: Option<String>,
    /// What kind of channel it is.
    kind: ChannelKind,
    /// The platform's application id, such as a Zalo app id.
    app_id: Option<String>,
}

impl Channel {
    /// The channel, where anything is known of one.
    pub(crate) fn of(channel: Option<&ChannelRef>, app_id: Option<&String>) -> Option<Self> {
        (channel.is_some() || app_id.is_some()).then(|| Self {
            source_id: channel.map(|channel| channel.id.clone()),
            kind: channel.map_or(ChannelKind::Other, |channel| channel.kind.into()),
            app_id: app_id.cloned(),
        })
    }
}

/// Someone who takes part in a conversation, as the platform shows them.
#[derive(SimpleObject)]
pub(crate) struct Participant {
    /// Their id on the platform.
    source_id: Option<String>,
    /// Their display name on the platform.
    name: Option<String>,
    /// The address of their picture.
    avatar_url: Option<String>,
}

impl Participant {
    /// The participant, where anything is known of them.
    pub(crate) fn known(participant: &message::Participant) -> Option<Self> {
        (!participant.is_unknown()).then(|| participant.into())
    }
}

impl From<&message::Participant> for Participant {
    fn from(participant: &message::Participant) -> Self {
        let message::Participant { source_id, name, avatar } = participant.clone();
        Self { source_id, name, avatar_url: avatar }
    }
}

/// An attached file: what could be read of it, and all of it under `raw`.
#[derive(SimpleObject)]
pub(crate) struct Attachment {
    /// The address of the file.
    url: Option<String>,
    /// The file's name.
    name: Option<String>,
    /// The type as the CRM sent it, such as `image`.
    #[graphql(name = "type")]
    type_name: Option<String>,
    /// The size in bytes.
    size: Option<i32>,
    /// The attachment exactly as the CRM sent it.
    raw: Json,
}

impl Attachment {
    /// The attachments read from their raw items.
    pub(crate) fn all(items: &[serde_json::Value]) -> Vec<Self> {
        items.iter().map(|item| reading::attachment(item).into()).collect()
    }
}

impl From<reading::Attachment> for Attachment {
    fn from(reading::Attachment { url, name, type_name, size, raw }: reading::Attachment) -> Self {
        Self { url, name, type_name, size, raw: Json(raw) }
    }
}
