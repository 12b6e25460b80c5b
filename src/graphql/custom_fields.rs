//! The query field `customFieldKeys`: the custom field keys that customers can be filtered by.

use async_graphql::{Context, Object, SimpleObject};

use super::{error::Result, request::RequestContext, scalars::int};
use crate::domain::{page, statistics};

/// How many keys are returned without `first`.
pub(super) const DEFAULT_KEYS: u32 = 50;

/// The field `customFieldKeys`, to be flattened into the query root.
pub(crate) struct CustomFields;

#[Object]
impl CustomFields {
    /// Returns the keys of the custom fields that customers have, the most used first, and by key where they are used alike.
    /// Deleted customers do not count. Only the 10,000 most used keys are looked at.
    async fn custom_field_keys(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Returns the first n keys: at most 200; 50 by default.")] first: Option<i32>,
        #[graphql(desc = "Returns only keys that contain this text. Case and diacritics are ignored.")] search: Option<String>,
    ) -> Result<Vec<CustomFieldKey>> {
        let limit = page::size("first", first, page::MAX_SIZE)?.unwrap_or(DEFAULT_KEYS) as usize;
        let keys = RequestContext::of(ctx).reader.custom_field_keys(search.as_deref().unwrap_or_default(), limit).await?;
        Ok(keys.into_iter().map(Into::into).collect())
    }
}

/// A key of custom fields.
#[derive(SimpleObject)]
pub(crate) struct CustomFieldKey {
    /// The key as the CRM sends it, including the prefix `cf_`: `cf_birthday`.
    key: String,
    /// The number of customers that have a value for it, without deleted ones.
    customers: i32,
    /// Whether every value is a number, or a text that reads as one: whether `number` of a `CustomFieldFilter` can match each of
    /// them.
    is_numeric: bool,
}

impl From<statistics::CustomFieldKey> for CustomFieldKey {
    fn from(key: statistics::CustomFieldKey) -> Self {
        Self { key: key.key, customers: int(key.customers), is_numeric: key.is_numeric }
    }
}
