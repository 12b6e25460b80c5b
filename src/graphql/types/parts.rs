//! Values that several types share: channels, participants, attachments.

use async_graphql::SimpleObject;

use super::words::ChannelKind;
use crate::{
    domain::{event::ChannelRef, message, reading},
    graphql::scalars::Json,
};

/// A business account that messages go through, such as a Zalo Official Account, a Facebook page or a website.
#[derive(SimpleObject)]
pub(crate) struct Channel {
    /// The channel's id on its platform; `kind` tells what it identifies. Null if unknown.
    source_id: Option<String>,
    /// The kind of channel.
    kind: ChannelKind,
    /// The platform's application id, such as a Zalo app id. Null if unknown.
    app_id: Option<String>,
}

impl Channel {
    /// The channel, unless nothing is known of it.
    pub(crate) fn of(channel: Option<&ChannelRef>, app_id: Option<&String>) -> Option<Self> {
        (channel.is_some() || app_id.is_some()).then(|| Self {
            source_id: channel.map(|channel| channel.id.clone()),
            kind: channel.map_or(ChannelKind::Other, |channel| channel.kind.into()),
            app_id: app_id.cloned(),
        })
    }
}

/// A participant in a conversation, as shown on the platform.
#[derive(SimpleObject)]
pub(crate) struct Participant {
    /// The participant's id on the platform. Null if unknown.
    source_id: Option<String>,
    /// The participant's display name on the platform. Null if unknown.
    name: Option<String>,
    /// The URL of the participant's profile picture. Null if unknown.
    avatar_url: Option<String>,
}

impl Participant {
    /// The participant, unless nothing is known of them.
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

/// An attached file. `raw` has all of it; the other fields are null where `raw` has no such value.
#[derive(SimpleObject)]
pub(crate) struct Attachment {
    /// The URL of the file.
    url: Option<String>,
    /// The name of the file.
    name: Option<String>,
    /// The type of the file as the CRM sent it, such as `image`.
    #[graphql(name = "type")]
    type_name: Option<String>,
    /// The size of the file in bytes.
    size: Option<i32>,
    /// The attachment as the CRM sent it, unchanged.
    raw: Json,
}

impl Attachment {
    /// Reads attachments from their raw JSON items.
    pub(crate) fn all(items: &[serde_json::Value]) -> Vec<Self> {
        items.iter().map(|item| reading::attachment(item).into()).collect()
    }
}

impl From<reading::Attachment> for Attachment {
    fn from(reading::Attachment { url, name, type_name, size, raw }: reading::Attachment) -> Self {
        Self { url, name, type_name, size, raw: Json(raw) }
    }
}
