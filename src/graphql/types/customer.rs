//! Customers, with what belongs to them.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, SimpleObject};

use super::{Staff, words::Platform};
use crate::{
    domain::{customer, event, id::NodeId, words},
    graphql::{
        error::Result,
        lists::OfCustomer,
        loader::{CustomFieldsOf, SocialAccountsOf, StaffById, StatusesOf, load, load_linked},
        scalars::{DateTime, Json},
    },
    store::Parent,
};

/// A customer.
#[derive(Clone)]
pub(crate) struct Customer(Arc<customer::Customer>);

impl Customer {
    /// The value of `domain` behind it.
    pub(crate) fn as_domain(&self) -> &customer::Customer {
        &self.0
    }
}

impl From<customer::Customer> for Customer {
    fn from(customer: customer::Customer) -> Self {
        Self(Arc::new(customer))
    }
}

impl Customer {
    pub(crate) fn node_id(&self) -> NodeId {
        NodeId::Customer(self.0.profile.id.clone())
    }

    fn key(&self) -> String {
        self.0.profile.id.clone()
    }
}

/// Someone the business deals with, as the CRM keeps them. A deleted customer has a `deletedAt`; it is left out of lists and
/// counts unless asked for, but links still lead to it.
#[Object]
impl Customer {
    /// The global id: `cus_` and the CRM's own id.
    pub(crate) async fn id(&self) -> ID {
        self.node_id().to_string().into()
    }

    /// The CRM's own id.
    async fn source_id(&self) -> &str {
        &self.0.profile.id
    }

    /// The name.
    async fn name(&self) -> Option<&str> {
        self.0.profile.name.as_deref()
    }

    /// The phone number, as the CRM keeps it.
    async fn phone(&self) -> Option<&str> {
        self.0.profile.phone.as_deref()
    }

    /// The e-mail address, as the CRM keeps it.
    async fn email(&self) -> Option<&str> {
        self.0.profile.email.as_deref()
    }

    /// The team's note about the customer.
    async fn note(&self) -> Option<&str> {
        self.0.profile.note.as_deref()
    }

    /// The phone carrier, such as `viettel`.
    async fn telco(&self) -> Option<&str> {
        self.0.profile.telco.as_deref()
    }

    /// The customer's accounts on social platforms, in the CRM's order. They tell which conversations are the customer's.
    async fn social_accounts(&self, ctx: &Context<'_>) -> Result<Vec<SocialAccount>> {
        let accounts = load(ctx, SocialAccountsOf(self.key())).await?.unwrap_or_default();
        Ok(accounts.into_iter().map(Into::into).collect())
    }

    /// The statuses the team has given the customer, such as `Tiềm năng`, in the CRM's order.
    async fn statuses(&self, ctx: &Context<'_>) -> Result<Vec<CustomerStatus>> {
        let statuses = load(ctx, StatusesOf(self.key())).await?.unwrap_or_default();
        Ok(statuses.into_iter().map(Into::into).collect())
    }

    /// Who manages the customer.
    async fn manager(&self, ctx: &Context<'_>) -> Result<Option<Staff>> {
        load_linked(ctx, self.0.profile.manager_id.clone().map(StaffById)).await
    }

    /// Who created the customer in the CRM.
    async fn created_by(&self, ctx: &Context<'_>) -> Result<Option<Staff>> {
        load_linked(ctx, self.0.profile.created_by_id.clone().map(StaffById)).await
    }

    /// Who changed the customer last.
    async fn updated_by(&self, ctx: &Context<'_>) -> Result<Option<Staff>> {
        load_linked(ctx, self.0.profile.updated_by_id.clone().map(StaffById)).await
    }

    /// The custom fields that have a value, by key.
    async fn custom_fields(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only these keys, such as `cf_birthday`. Without it, all fields.")] keys: Option<Vec<String>>,
    ) -> Result<Vec<CustomField>> {
        let fields = load(ctx, CustomFieldsOf(self.key())).await?.unwrap_or_default();
        let wanted = |key: &String| keys.as_ref().is_none_or(|keys| keys.contains(key));
        Ok(fields.into_iter().filter(|(key, _)| wanted(key)).map(Into::into).collect())
    }

    /// When the CRM created the customer.
    async fn created_at(&self) -> Option<DateTime> {
        self.0.profile.created_at.map(Into::into)
    }

    /// When the CRM changed the customer last.
    async fn updated_at(&self) -> Option<DateTime> {
        self.0.profile.updated_at.map(Into::into)
    }

    /// When the customer was deleted; null while it is not.
    async fn deleted_at(&self) -> Option<DateTime> {
        self.0.deleted_at.map(Into::into)
    }

    #[graphql(flatten)]
    async fn lists(&self) -> OfCustomer {
        OfCustomer(Parent::Customer(self.key()))
    }
}

/// A customer's account on a social platform: what could be read of it, and all of it under `raw`.
#[derive(SimpleObject)]
struct SocialAccount {
    /// The platform; OTHER where it is another one, or not told.
    platform: Platform,
    /// The platform's name as the CRM sent it.
    platform_name: Option<String>,
    /// The account's id on the platform: conversations with it are the customer's.
    source_id: Option<String>,
    /// The display name.
    name: Option<String>,
    /// The address of the profile.
    url: Option<String>,
    /// The account exactly as the CRM sent it.
    raw: Json,
}

impl From<event::SocialAccount> for SocialAccount {
    fn from(account: event::SocialAccount) -> Self {
        let event::SocialAccount { platform, source_id, name, url, raw } = account;
        let known = platform.as_deref().map_or(words::Platform::Other, words::Platform::of);
        Self { platform: known.into(), platform_name: platform, source_id, name, url, raw: Json(raw) }
    }
}

/// A status that the team has given a customer, such as `Tiềm năng`.
#[derive(SimpleObject)]
struct CustomerStatus {
    /// The status's id in the CRM.
    source_id: Option<String>,
    /// The status's name.
    name: Option<String>,
    /// The colour the CRM shows it in.
    color: Option<Color>,
}

impl From<event::CustomerStatus> for CustomerStatus {
    fn from(event::CustomerStatus { source_id, name, color }: event::CustomerStatus) -> Self {
        Self { source_id, name, color: color.map(Into::into) }
    }
}

/// A colour.
#[derive(SimpleObject)]
struct Color {
    /// Red, from 0 to 255.
    r: u8,
    /// Green, from 0 to 255.
    g: u8,
    /// Blue, from 0 to 255.
    b: u8,
    /// Opacity, from 0 (transparent) to 1 (opaque).
    a: f64,
    /// The colour without its opacity, as CSS writes it: `#1fa3d8`.
    hex: String,
}

impl From<event::Color> for Color {
    fn from(event::Color { r, g, b, a }: event::Color) -> Self {
        Self { r, g, b, a, hex: format!("#{r:02x}{g:02x}{b:02x}") }
    }
}

/// A custom field of a customer.
#[derive(SimpleObject)]
struct CustomField {
    /// The key as the CRM sends it, with its `cf_`: `cf_birthday`.
    key: String,
    /// The value: any JSON.
    value: Option<Json>,
}

impl From<(String, serde_json::Value)> for CustomField {
    fn from((key, value): (String, serde_json::Value)) -> Self {
        Self { key, value: Some(Json(value)) }
    }
}
