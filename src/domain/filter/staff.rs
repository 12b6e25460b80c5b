//! The filter fields of staff members.

use super::{Collection, IdOf, Kind, Value, fields, relations};
use crate::domain::{staff::Staff, time::Timestamp};

/// Staff members.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct StaffMembers;

fields! {
    /// The fields of a staff member.
    StaffField {
        Id: Kind::Id(IdOf::Staff),
        Name: Kind::Text,
    }
}

relations! {
    /// A staff member has no relations.
    StaffRelation, named StaffRelationName {}
}

impl Collection for StaffMembers {
    type Object = Staff;
    type Field = StaffField;
    type Relation = StaffRelation;

    fn value(staff: &Staff, field: StaffField, _: Timestamp) -> Value<'_> {
        match field {
            StaffField::Id => staff.id.as_str().into(),
            StaffField::Name => staff.name.as_deref().into(),
        }
    }
}
