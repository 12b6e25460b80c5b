//! Customers and their parts: social accounts, statuses, custom fields.

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
    /// The `domain` value that this type presents.
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

/// A customer of the business, as recorded in the CRM. A deleted customer has a `deletedAt`: lists and counts leave it out
/// unless `includeDeleted` is set, while `node`, `customer` and fields of other objects still return it.
#[Object]
impl Customer {
    /// The global id: `cus_` followed by the CRM's id, such as `cus_64f2aa`.
    pub(crate) async fn id(&self) -> ID {
        self.node_id().to_string().into()
    }

    /// The CRM's id, such as `64f2aa`.
    async fn source_id(&self) -> &str {
        &self.0.profile.id
    }

    /// The customer's name.
    async fn name(&self) -> Option<&str> {
        self.0.profile.name.as_deref()
    }

    /// The phone number as the CRM sent it; its notation varies.
    async fn phone(&self) -> Option<&str> {
        self.0.profile.phone.as_deref()
    }

    /// The email address as the CRM sent it.
    async fn email(&self) -> Option<&str> {
        self.0.profile.email.as_deref()
    }

    /// The team's note on the customer.
    async fn note(&self) -> Option<&str> {
        self.0.profile.note.as_deref()
    }

    /// The mobile carrier of the phone number, such as `Vinaphone`.
    async fn telco(&self) -> Option<&str> {
        self.0.profile.telco.as_deref()
    }

    /// The customer's accounts on social platforms, in the CRM's order. They link conversations to the customer.
    async fn social_accounts(&self, ctx: &Context<'_>) -> Result<Vec<SocialAccount>> {
        let accounts = load(ctx, SocialAccountsOf(self.key())).await?.unwrap_or_default();
        Ok(accounts.into_iter().map(Into::into).collect())
    }

    /// The statuses that the team has assigned to the customer, such as `Tiềm năng`, in the CRM's order.
    async fn statuses(&self, ctx: &Context<'_>) -> Result<Vec<CustomerStatus>> {
        let statuses = load(ctx, StatusesOf(self.key())).await?.unwrap_or_default();
        Ok(statuses.into_iter().map(Into::into).collect())
    }

    /// The staff member who manages the customer. Null if there is none.
    async fn manager(&self, ctx: &Context<'_>) -> Result<Option<Staff>> {
        load_linked(ctx, self.0.profile.manager_id.clone().map(StaffById)).await
    }

    /// The staff member who created the customer in the CRM. Null if unknown.
    async fn created_by(&self, ctx: &Context<'_>) -> Result<Option<Staff>> {
        load_linked(ctx, self.0.profile.created_by_id.clone().map(StaffById)).await
    }

    /// The staff member who last updated the customer in the CRM. Null if unknown.
    async fn updated_by(&self, ctx: &Context<'_>) -> Result<Option<Staff>> {
        load_linked(ctx, self.0.profile.updated_by_id.clone().map(StaffById)).await
    }

    /// The custom fields that have a value, ordered by key.
    async fn custom_fields(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Returns only the fields with these keys, such as `cf_birthday`. Default: all fields.")] keys: Option<
            Vec<String>,
        >,
    ) -> Result<Vec<CustomField>> {
        let fields = load(ctx, CustomFieldsOf(self.key())).await?.unwrap_or_default();
        let is_selected = |key: &String| keys.as_ref().is_none_or(|keys| keys.contains(key));
        Ok(fields.into_iter().filter(|(key, _)| is_selected(key)).map(Into::into).collect())
    }

    /// When the customer was created in the CRM. Null if unknown.
    async fn created_at(&self) -> Option<DateTime> {
        self.0.profile.created_at.map(Into::into)
    }

    /// When the customer was last updated in the CRM. Null if unknown.
    async fn updated_at(&self) -> Option<DateTime> {
        self.0.profile.updated_at.map(Into::into)
    }

    /// When the customer was deleted. Null unless it is deleted.
    async fn deleted_at(&self) -> Option<DateTime> {
        self.0.deleted_at.map(Into::into)
    }

    #[graphql(flatten)]
    async fn lists(&self) -> OfCustomer {
        OfCustomer(Parent::Customer(self.key()))
    }
}

/// A customer's account on a social platform. `raw` has all of it; the other fields are null where `raw` has no such value.
#[derive(SimpleObject)]
struct SocialAccount {
    /// The platform. `OTHER` stands for a platform outside this list and for an unknown one.
    platform: Platform,
    /// The platform's name as the CRM sent it, such as `zalo`.
    platform_name: Option<String>,
    /// The account's id on the platform. A conversation whose contact has this id belongs to the customer.
    source_id: Option<String>,
    /// The account's display name.
    name: Option<String>,
    /// The URL of the account's profile.
    url: Option<String>,
    /// The account as the CRM sent it, unchanged.
    raw: Json,
}

impl From<event::SocialAccount> for SocialAccount {
    fn from(account: event::SocialAccount) -> Self {
        let event::SocialAccount { platform, source_id, name, url, raw } = account;
        let known = platform.as_deref().map_or(words::Platform::Other, words::Platform::of);
        Self { platform: known.into(), platform_name: platform, source_id, name, url, raw: Json(raw) }
    }
}

/// A status that the team has assigned to a customer, such as `Tiềm năng`.
#[derive(SimpleObject)]
struct CustomerStatus {
    /// The CRM's id of the status.
    source_id: Option<String>,
    /// The name of the status.
    name: Option<String>,
    /// The color in which the CRM displays the status.
    color: Option<Color>,
}

impl From<event::CustomerStatus> for CustomerStatus {
    fn from(event::CustomerStatus { source_id, name, color }: event::CustomerStatus) -> Self {
        Self { source_id, name, color: color.map(Into::into) }
    }
}

/// An RGBA color.
#[derive(SimpleObject)]
struct Color {
    /// The red component, from 0 to 255.
    r: u8,
    /// The green component, from 0 to 255.
    g: u8,
    /// The blue component, from 0 to 255.
    b: u8,
    /// The opacity, from 0 (transparent) to 1 (opaque).
    a: f64,
    /// The color without its opacity in CSS notation, such as `#1fa3d8`.
    hex: String,
}

impl From<event::Color> for Color {
    fn from(event::Color { r, g, b, a }: event::Color) -> Self {
        Self { r, g, b, a, hex: format!("#{r:02x}{g:02x}{b:02x}") }
    }
}

/// A custom field of a customer, with its value.
#[derive(SimpleObject)]
struct CustomField {
    /// The field's key as the CRM sends it, including the prefix `cf_`: `cf_birthday`.
    key: String,
    /// The value, of any JSON type.
    value: Option<Json>,
}

impl From<(String, serde_json::Value)> for CustomField {
    fn from((key, value): (String, serde_json::Value)) -> Self {
        Self { key, value: Some(Json(value)) }
    }
}
