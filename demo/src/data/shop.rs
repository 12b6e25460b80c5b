//! `shop.toml`: what the shop sells, its channels and staff, and how it describes customers.

use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShopData {
    pub(crate) products: Vec<Product>,
    pub(crate) staff: Vec<Staff>,
    pub(crate) notes: Vec<String>,
    pub(crate) tags: Vec<String>,
    pub(crate) sources: Vec<String>,
    pub(crate) channels: Vec<Channel>,
    statuses: Statuses,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Product {
    /// In the form used inside a sentence.
    pub(crate) name: String,
    /// Price in thousands of đồng.
    pub(crate) price: i64,
    pub(crate) picture: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Staff {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) picture: String,
}

/// The platform of a conversation.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Platform {
    Zalo,
    Facebook,
    Web,
    Email,
}

impl Platform {
    /// The word in payloads.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Zalo => "zalo",
            Self::Facebook => "facebook",
            Self::Web => "web",
            Self::Email => "email",
        }
    }
}

/// One of the shop's accounts on a platform.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Channel {
    pub(crate) platform: Platform,
    pub(crate) id: String,
    pub(crate) app_id: String,
    pub(crate) name: String,
    pub(crate) avatar: String,
}

/// The statuses of a customer, in the order of progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Lead,
    Advised,
    Buyer,
    Regular,
    Vip,
    Inactive,
}

/// A status as shown by the CRM.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StatusLabel {
    pub(crate) id: String,
    pub(crate) name: String,
    /// Red, green and blue, 0 to 255.
    pub(crate) color: [u8; 3],
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Statuses {
    lead: StatusLabel,
    advised: StatusLabel,
    buyer: StatusLabel,
    regular: StatusLabel,
    vip: StatusLabel,
    inactive: StatusLabel,
}

impl ShopData {
    pub(crate) fn status(&self, status: Status) -> &StatusLabel {
        match status {
            Status::Lead => &self.statuses.lead,
            Status::Advised => &self.statuses.advised,
            Status::Buyer => &self.statuses.buyer,
            Status::Regular => &self.statuses.regular,
            Status::Vip => &self.statuses.vip,
            Status::Inactive => &self.statuses.inactive,
        }
    }
}
