//! A reader's view of the tables, for which conditions are written. `scoped` applies the row restrictions of a scope to the
//! statements themselves.

use entity::message;
use sea_orm::{
    ColumnTrait, EntityName,
    sea_query::{Alias, DynIden, Expr, IntoIden, SimpleExpr},
};

use super::dialect::Dialect;
use crate::domain::scope::Restricted;

/// The column of conversations and messages with every link to a customer, if customers are restricted: `customer_id` then has
/// only links to visible customers.
pub(super) const CUSTOMER_LINK: &str = "customer_link";

/// The name under which a role's rules see a whole table.
pub(super) fn whole(table: &str) -> String {
    format!("all_{table}")
}

/// The masked texts of searched types: one bit per text for each type.
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

/// The SQL dialect, and what a reader's scope hides.
#[derive(Clone, Copy, Debug)]
pub(super) struct View {
    pub(super) sql: Dialect,
    pub(super) restricted: Restricted,
    pub(super) masked: MaskedTexts,
}

impl View {
    /// The view of whole tables.
    pub(super) fn everything(sql: Dialect) -> Self {
        Self { sql, restricted: Restricted::default(), masked: MaskedTexts::default() }
    }

    /// The name of the table of messages with all rows, even hidden ones.
    pub(super) fn all_messages(self) -> DynIden {
        let table = message::Entity.table_name().to_owned();
        if self.restricted.conversations { Alias::new(whole(&table)).into_iden() } else { Alias::new(table).into_iden() }
    }

    /// The customer link of a conversation or message, for customers known to be visible. Indexes serve it.
    pub(super) fn customer_link<C: ColumnTrait>(self, customer_id: C) -> SimpleExpr {
        if self.restricted.customers {
            Expr::col((Alias::new(customer_id.entity_name().inner()), Alias::new(CUSTOMER_LINK)))
        } else {
            customer_id.into_expr()
        }
    }
}
