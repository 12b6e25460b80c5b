//! A scope: what a reader may see. Every read of the store takes a scope, and `store::scoped` applies it in one place.
//!
//! A scope holds a role's rules with the variable `$staff` filled in. Roles don't change while the process runs, so two scopes
//! are equal if their role and staff member are.

use std::{
    collections::BTreeSet,
    hash::{Hash, Hasher},
    sync::Arc,
};

use super::{
    change::{Change, SubjectType},
    dependency::{Dependencies, dependencies},
    filter::{Conversations, Customers, Predicate, Tickets},
};

/// What a reader may see. Cheap to clone. There is no default: every caller has to state the scope.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Everything: the gateway's own work, and clients of a gateway without roles.
    Everything,
    /// What a role permits.
    Role(Arc<Allowed>),
}

/// What a role permits a client.
#[derive(Debug)]
pub struct Allowed {
    /// The name of the role.
    pub role: Arc<str>,
    /// The staff member that the client acts for, if any.
    pub staff: Option<Arc<str>>,
    /// Visible conversations; `None` means all. A message is visible if its conversation is.
    pub conversations: Option<Predicate<Conversations>>,
    /// Visible customers; `None` means all.
    pub customers: Option<Predicate<Customers>>,
    /// Visible tickets; `None` means all.
    pub tickets: Option<Predicate<Tickets>>,
    /// Whether the raw event log is visible.
    pub events: bool,
    /// Fields whose values are hidden.
    pub masks: Arc<Masks>,
}

impl PartialEq for Allowed {
    fn eq(&self, other: &Self) -> bool {
        (&self.role, &self.staff) == (&other.role, &other.staff)
    }
}

impl Eq for Allowed {}

impl Hash for Allowed {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.role, &self.staff).hash(state);
    }
}

/// Fields of the schema whose values are hidden.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Masks(BTreeSet<(String, String)>);

impl Masks {
    /// Masks the given fields, each a pair of type name and field name.
    pub fn of(fields: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(fields.into_iter().collect())
    }

    /// Whether nothing is hidden.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a field is hidden.
    pub fn hide(&self, of: &str, field: &str) -> bool {
        // Types have few fields, and few of them are masked.
        self.0.iter().any(|(type_name, name)| type_name == of && name == field)
    }
}

/// The collections in which a scope may hide objects.
#[expect(clippy::struct_excessive_bools, reason = "one for each collection")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Restricted {
    /// Some customers may be hidden.
    pub customers: bool,
    /// Some conversations may be hidden, with their messages.
    pub conversations: bool,
    /// Some tickets may be hidden.
    pub tickets: bool,
    /// All events are hidden.
    pub events: bool,
}

impl Scope {
    /// The collections in which this scope may hide objects.
    pub fn restricted(&self) -> Restricted {
        match self {
            Self::Everything => Restricted::default(),
            Self::Role(allowed) => Restricted {
                customers: allowed.customers.is_some(),
                conversations: allowed.conversations.is_some(),
                tickets: allowed.tickets.is_some(),
                events: !allowed.events,
            },
        }
    }

    /// What decides which objects are visible, besides the objects themselves.
    pub fn dependencies(&self) -> Dependencies {
        match self {
            Self::Everything => Dependencies::default(),
            Self::Role(allowed) => {
                allowed.customers.as_ref().map(dependencies).unwrap_or_default()
                    | allowed.conversations.as_ref().map(dependencies).unwrap_or_default()
                    | allowed.tickets.as_ref().map(dependencies).unwrap_or_default()
            }
        }
    }

    /// The customers on which it depends whether a change is to be seen: one of them must be visible. `None` if the change is to
    /// be seen in any case: unless nothing but a link changed, and also if links decide which of the linked objects are visible, or
    /// if the customer before may have been visible only because of its link.
    pub fn deciding_customers<'c>(&self, change: &'c Change) -> Option<impl Iterator<Item = &'c str> + use<'c>> {
        let (relinked, Self::Role(allowed)) = (change.relinked.as_ref()?, self) else { return None };
        let of_customers = dependencies(allowed.customers.as_ref()?);
        let of_linked = match change.subject_type {
            SubjectType::Conversation | SubjectType::Message => allowed.conversations.as_ref().map(dependencies),
            SubjectType::Ticket => allowed.tickets.as_ref().map(dependencies),
            SubjectType::Customer | SubjectType::Event => return None,
        };
        let may_have_been_visible = relinked.before.is_some() && of_customers.links;
        let is_seen = may_have_been_visible || of_linked.is_some_and(|of_linked| of_linked.links);
        (!is_seen).then(|| relinked.customers())
    }

    /// Whether a field's value is hidden.
    pub fn masks(&self, of: &str, field: &str) -> bool {
        match self {
            Self::Everything => false,
            Self::Role(allowed) => allowed.masks.hide(of, field),
        }
    }
}
