//! A staff member: an id mentioned in some event, and the newest name given with it.

use super::version::Version;

/// A staff member as readers see it.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Staff {
    /// The CRM's id.
    pub id: String,
    /// The name from the newest version that has one.
    pub name: Option<String>,
}

/// The folded state of a staff member. The name is a last-writer-wins register, so mentions need no order.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct State {
    /// The part that readers see.
    pub shown: Staff,
    /// The version that set the name.
    pub named: Option<Version>,
}

impl State {
    /// A staff member of whom only the id is known.
    pub fn new(id: &str) -> Self {
        Self { shown: Staff { id: id.to_owned(), name: None }, named: None }
    }

    /// Takes the name from a mention unless a newer one is known. For equal versions the greater name wins.
    pub fn mention(&mut self, name: Option<&str>, version: Version) {
        let Some(name) = name else { return };
        if (Some(version), Some(name)) > (self.named, self.shown.name.as_deref()) {
            self.named = Some(version);
            self.shown.name = Some(name.to_owned());
        }
    }
}
