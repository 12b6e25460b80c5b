//! The list of projection tables, and the version of their content.
//!
//! Rebuild clears these tables and `verify` compares them; both use this list. A test compares it with the tables of a migrated
//! database, so that a new table must be either listed here or declared as not a projection.

use sea_orm::EntityName;

use crate::store::{Error, bulk::Stored};

/// The version of the projections. Raise it whenever folding changes or a projection gets a column: a store folded by
/// another version is rebuilt, or refused, when it is opened.
pub(in crate::store) const VERSION: u32 = 4;

/// The key in `meta` of the version of the projections. Stores from before versioning do not have it.
pub(in crate::store) const VERSION_KEY: &str = "projection_version";

/// Parses the version in `meta`; 0 if it is missing.
pub(in crate::store) fn parse_version(stored: Option<&str>) -> Result<u32, Error> {
    stored.map_or(Ok(0), |text| text.parse().map_err(|error| Error::damaged("meta", VERSION_KEY, error)))
}

/// An operation on each projection table.
pub(in crate::store) trait Visitor: Send {
    /// Runs the operation on the table of `E`.
    fn visit<E: Stored>(&mut self) -> impl Future<Output = Result<(), Error>> + Send;
}

macro_rules! projections {
    ($($table:ident),+ $(,)?) => {
        /// The names of the projection tables.
        pub fn projection_tables() -> Vec<&'static str> {
            vec![$(entity::$table::Entity.table_name()),+]
        }

        /// Visits every projection table.
        pub(in crate::store) async fn visit_all(visitor: &mut impl Visitor) -> Result<(), Error> {
            $(visitor.visit::<entity::$table::Entity>().await?;)+
            Ok(())
        }
    };
}

projections! {
    assignee,
    conversation,
    custom_field,
    customer,
    customer_status,
    message,
    message_hour,
    message_quarter,
    message_total,
    social_account,
    staff,
    ticket,
    ticket_alias,
    total,
}
