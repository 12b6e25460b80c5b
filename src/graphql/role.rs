//! Roles: what a client may see, as the settings say it, and as the store and the executor apply it.
//!
//! Rules are filters in the API's own terms, with the variable `$staff` for the id of the client's staff member. They are read
//! once, when the gateway starts; a client's [`Viewer`] has them with its staff member filled in. The store applies the rules
//! about rows (`store::view`). What concerns the schema is applied here: masked fields are null, and what would tell their
//! values is refused, as is the raw log where a role does not see it.

mod masking;
mod rule;
mod told;

use std::{convert::Infallible, sync::Arc};

use async_graphql::{ServerError, Variables};
use quick_cache::sync::Cache;

pub(super) use self::masking::Masking;
use self::rule::Rule;
pub use self::rule::{Invalid, Rules};
use super::{
    code,
    document::{Document, Member},
};
use crate::domain::{
    filter::{Conversations, Customers, Predicate, Tickets},
    scope::{Allowed, Masks, Scope},
};

/// Staff members of a role whose scopes are kept.
const SCOPES: usize = 1_000;

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
        let mut refuse = |members: &[(&str, &str)], reason: &str| {
            refused.extend(members.iter().map(|(on, name)| (((*on).to_owned(), (*name).to_owned()), reason.to_owned())));
        };
        if !events {
            refuse(RAW_LOG, "the role does not see the raw log");
        }
        if !rules.introspection {
            refuse(INTROSPECTION, "introspection is turned off");
        }
        let (name, masks, scopes) = (name.into(), Arc::new(Masks::of(masks)), Cache::new(SCOPES));
        Ok(Self { name, conversations, customers, tickets, events, masks, refused, scopes })
    }

    /// The name.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    pub(super) fn masks(&self) -> &Arc<Masks> {
        &self.masks
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

/// The ways to the raw log.
const RAW_LOG: &[(&str, &str)] = &[
    ("Query", "events"),
    ("Subscription", "eventStored"),
    ("Message", "event"),
    ("Customer", "events"),
    ("Conversation", "events"),
    ("Ticket", "events"),
];

/// The ways to the schema.
const INTROSPECTION: &[(&str, &str)] = &[("Query", "__schema"), ("Query", "__type")];

/// For whom a request is executed.
#[derive(Clone)]
pub struct Viewer {
    scope: Scope,
    role: Option<Arc<Role>>,
}

impl Viewer {
    /// Someone who sees everything: a client of a gateway without roles.
    pub fn of_everything() -> Self {
        Self { scope: Scope::Everything, role: None }
    }

    /// A client with a role, perhaps of a staff member.
    pub fn with(role: &Arc<Role>, staff: Option<&Arc<str>>) -> Self {
        Self { scope: role.scope(staff), role: Some(role.clone()) }
    }

    /// What it may see.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    pub(super) fn masks(&self) -> Option<&Masks> {
        self.role.as_ref().map(|role| &**role.masks()).filter(|masks| !masks.is_empty())
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
                let mut extensions = async_graphql::ErrorExtensionValues::default();
                extensions.set("code", code::FORBIDDEN);
                Err(ServerError { extensions: Some(extensions), ..ServerError::new(message, None) })
            }
        }
    }
}
