//! Roles: what a client may see, parsed from the settings into the form that the store and the executor apply.
//!
//! Rules are filters as in the API, with the variable `$staff` for the id of the client's staff member. They are parsed once,
//! when the gateway starts; a client's [`Viewer`] has them with its staff member filled in. The store applies the rules about
//! rows (`store::scoped`). The rules about the schema are applied here: masked fields are null, and anything that would reveal
//! their values is refused, as is the raw log if the role may not see it.

mod masking;
mod reveals;
mod rule;

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

/// The number of staff members per role whose scopes are cached.
const SCOPES: usize = 1_000;

/// The number of credentials per role whose use is counted. Beyond it, some are dropped and start again from zero.
const CREDENTIALS: usize = 10_000;

/// A role.
pub struct Role {
    name: Arc<str>,
    conversations: Option<Rule<Conversations>>,
    customers: Option<Rule<Customers>>,
    tickets: Option<Rule<Tickets>>,
    events: bool,
    masks: Arc<Masks>,
    /// Members of the schema that a document must not name, with the reason.
    refused: Vec<(Member, String)>,
    scopes: Cache<Option<Arc<str>>, Scope>,
    introspection: bool,
    limits: allowance::Allowed,
    allowances: Cache<String, Arc<Allowance>>,
}

impl Role {
    /// Parses the rules of a role.
    pub fn of(name: &str, rules: &Rules) -> Result<Self, Invalid> {
        let conversations = rule::read("conversations", rules.conversations.as_deref())?;
        let customers = rule::read("customers", rules.customers.as_deref())?;
        let tickets = rule::read("tickets", rules.tickets.as_deref())?;
        let masks = rule::masks(&rules.masks)?;
        // Payloads contain everything that is hidden or masked.
        let is_limited = conversations.is_some() || customers.is_some() || tickets.is_some() || !masks.is_empty();
        let events = rules.events.unwrap_or(!is_limited);
        let mut refused = Vec::new();
        for (of, field) in &masks {
            let reason = format!("it would reveal the value of `{of}.{field}`, which is masked");
            refused.extend(
                reveals::members_revealing(of, field).into_iter().map(|(on, name)| ((on.to_owned(), name), reason.clone())),
            );
        }
        if !events {
            let reason = "the role may not see the raw log";
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

    /// The allowance of a credential, if its use is limited.
    fn allowance(&self, credential: &str) -> Option<Arc<Allowance>> {
        if self.limits == allowance::Allowed::default() {
            return None;
        }
        let allowance =
            self.allowances.get_or_insert_with(credential, || Ok::<_, Infallible>(Arc::new(Allowance::of(&self.limits))));
        allowance.map_or_else(|never| match never {}, Some)
    }

    /// The scope of a client of a staff member.
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

/// All roles of a gateway, by name. Cheap to clone.
#[derive(Clone, Default)]
pub struct Roles(Arc<HashMap<Arc<str>, Arc<Role>>>);

impl Roles {
    /// A collection of roles.
    pub fn of(roles: impl IntoIterator<Item = Role>) -> Self {
        Self(Arc::new(roles.into_iter().map(|role| (role.name.clone(), Arc::new(role))).collect()))
    }

    /// All roles.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Role>> {
        self.0.values()
    }

    /// The role with a name.
    pub fn named(&self, name: &str) -> Option<&Arc<Role>> {
        self.0.get(name)
    }
}

/// The members of the schema that lead to the raw log.
const RAW_LOG: &[(&str, &str)] = &[
    ("Query", "events"),
    ("Subscription", "eventStored"),
    ("Message", "event"),
    ("Customer", "events"),
    ("Conversation", "events"),
    ("Ticket", "events"),
];

/// The client that a request is executed for.
#[derive(Clone)]
pub struct Viewer {
    scope: Scope,
    role: Option<Arc<Role>>,
    allowance: Option<Arc<Allowance>>,
}

impl Viewer {
    /// A client who may see everything, on a gateway without roles.
    pub fn of_everything() -> Self {
        Self { scope: Scope::Everything, role: None, allowance: None }
    }

    /// A client with a role, and possibly a staff member. Its use is counted under the id of its credential.
    pub fn with(role: &Arc<Role>, staff: Option<&Arc<str>>, credential: &str) -> Self {
        Self { scope: role.scope(staff), role: Some(role.clone()), allowance: role.allowance(credential) }
    }

    /// Opens a live connection, if the credential's allowance permits.
    pub fn connect(&self) -> Result<Option<Permit>, Used> {
        self.allowance.as_ref().map(|allowance| allowance.connect()).transpose()
    }

    /// Whether the role permits introspection.
    pub fn sees_schema(&self) -> bool {
        self.role.as_ref().is_none_or(|role| role.introspection)
    }

    pub(super) fn allowance(&self) -> Option<&Arc<Allowance>> {
        self.allowance.as_ref()
    }

    /// Which objects it may see.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The name and the masks of its role, if it has masks.
    pub(super) fn masked(&self) -> Option<(&Arc<str>, &Masks)> {
        self.role.as_ref().map(|role| (&role.name, &**role.masks())).filter(|(_, masks)| !masks.is_empty())
    }

    pub(super) fn role(&self) -> Option<&Role> {
        self.role.as_deref()
    }

    /// Checks that a document names only what the role may use.
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
