//! What the tables look like to a reader: what conditions are written for. The statements themselves get what a scope hides
//! from `scoped`.

use sea_orm::{
    ColumnTrait,
    sea_query::{Alias, Expr, SimpleExpr},
};

use super::dialect::Dialect;
use crate::domain::scope::Restricted;

/// The column of conversations and messages with the link to a customer, where customers are hidden: `customer_id` has only
/// links to customers that are seen.
pub(super) const CUSTOMER_LINK: &str = "customer_link";

/// The name that the rules of a role have for a whole table, whatever stands in front of it.
pub(super) fn whole(table: &str) -> String {
    format!("all_{table}")
}

/// The texts of searched types that are masked: for each type a bit for each text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct MaskedTexts(pub(super) [u8; 4]);

impl MaskedTexts {
    /// Whether any text of a type is masked.
    pub(super) fn any_of(self, searched: usize) -> bool {
        self.0[searched] != 0
    }

    /// Whether a text of a type is masked.
    pub(super) fn has(self, searched: usize, at: usize) -> bool {
        self.0[searched] >> at & 1 != 0
    }
}

/// The SQL of a database, and what a reader's scope hides.
#[derive(Clone, Copy, Debug)]
pub(super) struct View {
    pub(super) sql: Dialect,
    pub(super) restricted: Restricted,
    pub(super) masked: MaskedTexts,
}

impl View {
    /// Of whole tables.
    pub(super) fn everything(sql: Dialect) -> Self {
        Self { sql, restricted: Restricted::default(), masked: MaskedTexts::default() }
    }

    /// The link of a conversation or a message to its customer, where that customer is known to be seen: indexes serve it.
    pub(super) fn customer_link<C: ColumnTrait>(self, customer_id: C) -> SimpleExpr {
        if self.restricted.customers {
            Expr::col((Alias::new(customer_id.entity_name().inner()), Alias::new(CUSTOMER_LINK)))
        } else {
            customer_id.into_expr()
        }
    }
}
