//! The list of projection tables, and the version of what they hold.
//!
//! A rebuild clears these tables and `verify` compares them; both visit this list and have none of their own. A test holds
//! it against the tables of a migrated database, so that a new table is either listed here or known to be no projection.

use sea_orm::EntityName;

use crate::store::{Error, bulk::Stored};

/// The version of the projections. Raise it whenever folding changes or a projection gets a column: a store folded by
/// another version is rebuilt, or refused, when it is opened.
pub(in crate::store) const VERSION: u32 = 3;

/// The key in `meta` of the version of the projections. It is missing in stores from before there were versions.
pub(in crate::store) const VERSION_KEY: &str = "projection_version";

/// The version that `meta` holds: 0 where it is missing.
pub(in crate::store) fn parse_version(stored: Option<&str>) -> Result<u32, Error> {
    stored.map_or(Ok(0), |text| text.parse().map_err(|error| Error::damaged("meta", VERSION_KEY, error)))
}

/// Something done to each projection table.
pub(in crate::store) trait Visitor: Send {
    /// Does it to the table of `E`.
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
    read_by,
    social_account,
    staff,
    ticket,
    ticket_alias,
    total,
}
