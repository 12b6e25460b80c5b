//! Who reads: what a reader may see. Every read of the store is given a scope, and the store applies it in one place
//! (`store::scoped`).
//!
//! A scope is a role's rules with the variable `$staff` filled in. Two scopes are equal if role and staff member are, since a
//! role means the same for as long as the process runs.

use std::{
    collections::BTreeSet,
    hash::{Hash, Hasher},
    sync::Arc,
};

use super::{
    dependency::{Dependencies, dependencies},
    filter::{Conversations, Customers, Predicate, Tickets},
};

/// What a reader may see. Cheap to clone. There is no default: whoever reads says for whom.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Everything: the gateway's own work, and clients of a gateway without roles.
    Everything,
    /// What a role allows.
    Role(Arc<Allowed>),
}

/// What a role allows a client.
#[derive(Debug)]
pub struct Allowed {
    /// The name of the role.
    pub role: Arc<str>,
    /// The id of the staff member whose client it is.
    pub staff: Option<Arc<str>>,
    /// The conversations; `None`: all. Messages are seen where their conversation is.
    pub conversations: Option<Predicate<Conversations>>,
    /// The customers; `None`: all.
    pub customers: Option<Predicate<Customers>>,
    /// The tickets; `None`: all.
    pub tickets: Option<Predicate<Tickets>>,
    /// Whether the raw log is seen.
    pub events: bool,
    /// The fields whose values are hidden.
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
    /// These fields, each as the name of its type and its own.
    pub fn of(fields: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(fields.into_iter().collect())
    }

    /// Whether nothing is hidden.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a field is hidden.
    pub fn hide(&self, of: &str, field: &str) -> bool {
        // Types have few fields, and few of them are hidden.
        self.0.iter().any(|(type_name, name)| type_name == of && name == field)
    }
}

/// The collections of which a scope hides something.
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
    /// Of which collections something is hidden.
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

    /// What decides which objects are seen, beside the objects themselves.
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

    /// Whether a field's value is hidden.
    pub fn masks(&self, of: &str, field: &str) -> bool {
        match self {
            Self::Everything => false,
            Self::Role(allowed) => allowed.masks.hide(of, field),
        }
    }
}
