//! Statistics of customers, except deleted ones.

use entity::{
    customer::{Column, Entity},
    customer_status,
};
use sea_orm::{
    ColumnTrait,
    sea_query::{Asterisk, Expr, ExprTrait, Func},
};

use super::{Error, Grouped, Reader, group};
use crate::domain::{
    filter::{Customers, Filter},
    statistics::{CustomerDimension, CustomerStats, Grouping},
};

impl Reader {
    /// Customers in groups, by time and then by the other dimensions. Returns one row more than allowed if there are too many.
    pub async fn customer_stats(
        &self,
        filter: &Filter<Customers>,
        grouping: &Grouping<CustomerDimension>,
    ) -> Result<Vec<CustomerStats>, Error> {
        use CustomerDimension::{Manager, Status, Telco, Time};
        let is_by = |dimension| grouping.is_by(&dimension);
        let mut grouped = Grouped::listed(self, Entity, filter).await?;
        let axis = grouped.by_time(self, (Entity, Column::CreatedAt), grouping, Time).await?;
        let number = if is_by(Status) {
            // As in filters, a status without a name does not count.
            let of_it = customer_status::Column::CustomerId.into_expr().eq(Column::Id.into_expr());
            grouped.0.left_join(customer_status::Entity, of_it.and(customer_status::Column::Name.is_not_null()));
            grouped.by("by_status", customer_status::Column::Name.into_expr());
            // A customer may have two statuses with the same name.
            Expr::expr(Func::count_distinct(Column::Id.into_expr()))
        } else {
            Expr::col(Asterisk).count()
        };
        for (dimension, name, column) in [(Manager, "by_manager", Column::ManagerId), (Telco, "by_telco", Column::Telco)] {
            if is_by(dimension) {
                grouped.by(name, column.into_expr());
            }
        }
        grouped.count("customers", number);
        let rows = grouped.rows(self).await?;
        let read = |row| {
            Ok(CustomerStats {
                time: axis.as_ref().map_or(Ok(None), |axis| axis.start(row))?.into(),
                status: group(row, is_by(Status), "by_status")?.into(),
                manager_id: group(row, is_by(Manager), "by_manager")?.into(),
                telco: group(row, is_by(Telco), "by_telco")?.into(),
                count: row.try_get("", "customers")?,
            })
        };
        let mut stats = rows.iter().map(read).collect::<Result<Vec<_>, Error>>()?;
        stats.sort_unstable();
        Ok(stats)
    }
}
