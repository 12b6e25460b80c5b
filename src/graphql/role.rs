//! Roles: what a client may see, as the settings say it, and as the store and the executor apply it.
//!
//! Rules are filters in the API's own terms, with the variable `$staff` for the id of the client's staff member. They are read
//! once, when the gateway starts; a client's [`Viewer`] has them with its staff member filled in. The store applies the rules
//! about rows (`store::scoped`). What concerns the schema is applied here: masked fields are null, and what would tell their
//! values is refused, as is the raw log where a role does not see it.

mod masking;
mod rule;
mod told;

use std::{collections::HashMap, convert::Infallible, sync::Arc};

use async_graphql::{ServerError, Variables};
use quick_cache::sync::Cache;

pub(super) use self::masking::Masking;
use self::rule::Rule;
pub use self::rule::{Invalid, Rules};
use super::{
    code,
    document::{Document, Member},
    error::coded,
    limits::allowance::{self, Allowance, Permit, Used},
};
use crate::domain::{
    filter::{Conversations, Customers, Predicate, Tickets},
    scope::{Allowed, Masks, Scope},
};

/// Staff members of a role whose scopes are kept.
const SCOPES: usize = 1_000;

/// Credentials of a role whose use is counted. Of more, some are forgotten and begin anew.
const CREDENTIALS: usize = 10_000;

/// A role.
pub struct Role {
    name: Arc<str>,
    conversations: Option<Rule<Conversations>>,
    customers: Option<Rule<Customers>>,
    tickets: Option<Rule<Tickets>>,
    events: bool,
    masks: Arc<Masks>,
    /// What a document may not name, and why.
    refused: Vec<(Member, String)>,
    scopes: Cache<Option<Arc<str>>, Scope>,
    introspection: bool,
    limits: allowance::Allowed,
    allowances: Cache<String, Arc<Allowance>>,
}

impl Role {
    /// Reads the rules of a role.
    pub fn of(name: &str, rules: &Rules) -> Result<Self, Invalid> {
        let conversations = rule::read("conversations", rules.conversations.as_deref())?;
        let customers = rule::read("customers", rules.customers.as_deref())?;
        let tickets = rule::read("tickets", rules.tickets.as_deref())?;
        let masks = rule::masks(&rules.masks)?;
        // Payloads have what is hidden and what is masked.
        let is_limited = conversations.is_some() || customers.is_some() || tickets.is_some() || !masks.is_empty();
        let events = rules.events.unwrap_or(!is_limited);
        let mut refused = Vec::new();
        for (of, field) in &masks {
            let reason = format!("it would tell the value of `{of}.{field}`, which is masked");
            refused.extend(told::telling(of, field).into_iter().map(|(on, name)| ((on.to_owned(), name), reason.clone())));
        }
        if !events {
            let reason = "the role does not see the raw log";
            refused.extend(RAW_LOG.iter().map(|(on, name)| (((*on).to_owned(), (*name).to_owned()), reason.to_owned())));
        }
        Ok(Self {
            name: name.into(),
            conversations,
            customers,
            tickets,
            events,
            masks: Arc::new(Masks::of(masks)),
            refused,
            scopes: Cache::new(SCOPES),
            introspection: rules.introspection,
            limits: rules.limits.clone(),
            allowances: Cache::new(CREDENTIALS),
        })
    }

    /// The name.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    pub(super) fn masks(&self) -> &Arc<Masks> {
        &self.masks
    }

    /// What a credential has used, if its use is limited.
    fn allowance(&self, credential: &str) -> Option<Arc<Allowance>> {
        if self.limits == allowance::Allowed::default() {
            return None;
        }
        let allowance =
            self.allowances.get_or_insert_with(credential, || Ok::<_, Infallible>(Arc::new(Allowance::of(&self.limits))));
        allowance.map_or_else(|never| match never {}, Some)
    }

    /// What a client of a staff member may see.
    fn scope(&self, staff: Option<&Arc<str>>) -> Scope {
        let scope = self.scopes.get_or_insert_with(&staff.cloned(), || {
            let staff = staff.cloned();
            let allowed = Allowed {
                role: self.name.clone(),
                conversations: predicate(self.conversations.as_ref(), staff.as_deref()),
                customers: predicate(self.customers.as_ref(), staff.as_deref()),
                tickets: predicate(self.tickets.as_ref(), staff.as_deref()),
                events: self.events,
                masks: self.masks.clone(),
                staff,
            };
            Ok::<_, Infallible>(Scope::Role(Arc::new(allowed)))
        });
        scope.unwrap_or_else(|never| match never {})
    }
}

fn predicate<C: super::filter::Described>(rule: Option<&Rule<C>>, staff: Option<&str>) -> Option<Predicate<C>> {
    rule.map(|rule| rule.predicate(staff))
}

/// All roles of a gateway, by their names. Cheap to clone.
#[derive(Clone, Default)]
pub struct Roles(Arc<HashMap<Arc<str>, Arc<Role>>>);

impl Roles {
    /// These roles.
    pub fn of(roles: impl IntoIterator<Item = Role>) -> Self {
        Self(Arc::new(roles.into_iter().map(|role| (role.name.clone(), Arc::new(role))).collect()))
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Role>> {
        self.0.values()
    }

    /// The role with a name.
    pub fn named(&self, name: &str) -> Option<&Arc<Role>> {
        self.0.get(name)
    }
}

/// The ways to the raw log.
const RAW_LOG: &[(&str, &str)] = &[
    ("Query", "events"),
    ("Subscription", "eventStored"),
    ("Message", "event"),
    ("Customer", "events"),
    ("Conversation", "events"),
    ("Ticket", "events"),
];

/// For whom a request is executed.
#[derive(Clone)]
pub struct Viewer {
    scope: Scope,
    role: Option<Arc<Role>>,
    allowance: Option<Arc<Allowance>>,
}

impl Viewer {
    /// Someone who sees everything: a client of a gateway without roles.
    pub fn of_everything() -> Self {
        Self { scope: Scope::Everything, role: None, allowance: None }
    }

    /// A client with a role, perhaps of a staff member. What it uses is counted under the name of its credential.
    pub fn with(role: &Arc<Role>, staff: Option<&Arc<str>>, credential: &str) -> Self {
        Self { scope: role.scope(staff), role: Some(role.clone()), allowance: role.allowance(credential) }
    }

    /// Opens a live connection, as long as its credential may have another.
    pub fn connect(&self) -> Result<Option<Permit>, Used> {
        self.allowance.as_ref().map(|allowance| allowance.connect()).transpose()
    }

    /// Whether it may ask for the schema, as far as its role says.
    pub fn sees_schema(&self) -> bool {
        self.role.as_ref().is_none_or(|role| role.introspection)
    }

    pub(super) fn allowance(&self) -> Option<&Arc<Allowance>> {
        self.allowance.as_ref()
    }

    /// What it may see.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The name of its role and the fields that this masks, if it masks any.
    pub(super) fn masked(&self) -> Option<(&Arc<str>, &Masks)> {
        self.role.as_ref().map(|role| (&role.name, &**role.masks())).filter(|(_, masks)| !masks.is_empty())
    }

    pub(super) fn role(&self) -> Option<&Role> {
        self.role.as_deref()
    }

    /// Whether a document names only what the role may use.
    pub(super) fn check(&self, document: &Document, variables: &Variables) -> Result<(), ServerError> {
        let Some(role) = self.role.as_deref().filter(|role| !role.refused.is_empty()) else { return Ok(()) };
        match document.named().first_of(&role.refused, variables) {
            None => Ok(()),
            Some(((of, name), reason)) => {
                let message = format!("`{of}.{name}` is not available to the role `{}`: {reason}", role.name);
                Err(coded(code::FORBIDDEN, message))
            }
        }
    }
}
