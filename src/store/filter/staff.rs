//! Staff members.

use entity::staff::Column;
use sea_orm::sea_query::SimpleExpr;

use super::{Compiler, Stored, Table, View};
use crate::domain::{
    filter::{StaffField, StaffMembers, StaffRelation},
    time::Timestamp,
};

impl Table for StaffMembers {
    fn stored(field: StaffField, _: Timestamp, _: View) -> Stored {
        match field {
            StaffField::Id => Stored::plain(Column::Id),
            StaffField::Name => Stored::text(Column::Name, Column::NameKey),
        }
    }

    fn related(relation: &StaffRelation, _: Compiler) -> Option<SimpleExpr> {
        match *relation {}
    }
}
