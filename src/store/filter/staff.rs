//! Staff members.

use entity::staff::Column;
use sea_orm::{ColumnTrait, sea_query::SimpleExpr};

use super::{
    Dialect, all,
    comparator::{Text, ids},
};
use crate::domain::filter::StaffFilter;

pub(super) fn condition(filter: &StaffFilter, sql: Dialect) -> Option<SimpleExpr> {
    let mut parts = Vec::new();
    parts.extend(filter.id.iter().flat_map(|is| ids(&Column::Id.into_expr(), is)));
    parts.extend(filter.name.iter().flat_map(|is| Text::of(Column::Name, Column::NameKey).filter(is, sql)));
    all(parts)
}
