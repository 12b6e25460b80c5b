//! `phrases.toml`: the texts of conversations, as short exchanges by topic.

use serde::Deserialize;

use crate::template::Template;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Phrases {
    pub(crate) closed: String,
    pub(crate) delivery_days: Vec<DeliveryDay>,
    pub(crate) greetings: Vec<Exchange>,
    pub(crate) prices: Vec<Exchange>,
    pub(crate) advice: Vec<Exchange>,
    pub(crate) orders: Vec<Exchange>,
    pub(crate) payments: Vec<Exchange>,
    pub(crate) deliveries: Vec<Exchange>,
    pub(crate) complaints: Vec<Exchange>,
    pub(crate) changes: Vec<Exchange>,
    pub(crate) thanks: Vec<Exchange>,
    pub(crate) returns: Vec<Exchange>,
    pub(crate) letters: Vec<Exchange>,
    pub(crate) strangers: Vec<Exchange>,
    previews: Previews,
}

/// A day for which a delivery can be promised, with its first and last hour.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeliveryDay {
    pub(crate) day: String,
    pub(crate) from: i64,
    pub(crate) to: i64,
}

/// A few messages that belong together.
pub(crate) type Exchange = Vec<Line>;

/// One message of an exchange.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Line {
    pub(crate) by: Speaker,
    #[serde(default)]
    pub(crate) media: Media,
    /// Alternative texts, one of which is used.
    #[serde(default = "no_text")]
    pub(crate) text: Vec<Template>,
}

fn no_text() -> Vec<Template> {
    vec![Template::default()]
}

/// Who speaks.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Speaker {
    Customer,
    Staff,
    /// The CRM itself, on the shop's side.
    #[serde(skip)]
    System,
}

/// The attachment of a message.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Media {
    #[default]
    Text,
    Image,
    Sticker,
    Audio,
    File,
    Link,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Previews {
    image: String,
    sticker: String,
    audio: String,
    file: String,
}

impl Phrases {
    /// The preview of a message without text.
    pub(crate) fn preview(&self, media: Media) -> &str {
        match media {
            Media::Text | Media::Link => "",
            Media::Image => &self.previews.image,
            Media::Sticker => &self.previews.sticker,
            Media::Audio => &self.previews.audio,
            Media::File => &self.previews.file,
        }
    }
}
