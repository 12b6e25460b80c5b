//! A staff member: an id that some event mentions, and the newest name beside it.

use super::version::Version;

/// A staff member as readers get it.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Staff {
    /// The CRM's id.
    pub id: String,
    /// The name from the newest version that gives one.
    pub name: Option<String>,
}

/// A staff member as it is folded: the name is a register, so mentions need no order.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct State {
    /// What readers get.
    pub shown: Staff,
    /// The version that gave the name.
    pub named: Option<Version>,
}

impl State {
    /// A staff member known by id.
    pub fn new(id: &str) -> Self {
        Self { shown: Staff { id: id.to_owned(), name: None }, named: None }
    }

    /// Takes a name from a mention, if none newer is known; between equal versions the greater name stays.
    pub fn mention(&mut self, name: Option<&str>, version: Version) {
        let Some(name) = name else { return };
        if (Some(version), Some(name)) > (self.named, self.shown.name.as_deref()) {
            self.named = Some(version);
            self.shown.name = Some(name.to_owned());
        }
    }
}
