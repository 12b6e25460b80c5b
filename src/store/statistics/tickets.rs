//! Statistics of tickets, except deleted ones.

use entity::ticket::{Column, Entity};
use sea_orm::{
    ColumnTrait,
    sea_query::{Asterisk, Expr, ExprTrait},
};

use super::{Error, Grouped, Reader, group};
use crate::domain::{
    filter::{Filter, Tickets},
    statistics::{Grouping, TicketDimension, TicketStats},
    words::{TicketLevel, TicketStatus},
};

impl Reader {
    /// Tickets in groups, by time and then by the other dimensions, with the number of overdue ones. Returns one row more than
    /// allowed if there are too many.
    pub async fn ticket_stats(
        &self,
        filter: &Filter<Tickets>,
        grouping: &Grouping<TicketDimension>,
    ) -> Result<Vec<TicketStats>, Error> {
        use TicketDimension::{Assignee, Level, Status, Store, Time, Type};
        let is_by = |dimension| grouping.is_by(&dimension);
        let mut grouped = Grouped::listed(self, Entity, filter).await?;
        let axis = grouped.by_time(self, (Entity, Column::CreatedAt), grouping, Time).await?;
        for (dimension, name, column) in [
            (Level, "by_level", Column::LevelKey),
            (Status, "by_status", Column::StatusKey),
            (Assignee, "by_assignee", Column::AssigneeId),
            (Store, "by_store", Column::StoreId),
            (Type, "by_type", Column::TypeId),
        ] {
            if is_by(dimension) {
                grouped.by(name, column.into_expr());
            }
        }
        let is_overdue = Column::StatusKey.eq(TicketStatus::Process.word()).and(Column::DueAt.lt(filter.now.as_millis()));
        grouped.count("tickets", Expr::col(Asterisk).count());
        grouped.count("overdue", Expr::expr(Expr::case(is_overdue, 1_i64)).count());
        let rows = grouped.rows(self).await?;
        let read = |row| {
            Ok(TicketStats {
                time: axis.as_ref().map_or(Ok(None), |axis| axis.start(row))?.into(),
                level: group::<String>(row, is_by(Level), "by_level")?.map(|word| TicketLevel::of(&word)).into(),
                status: group::<String>(row, is_by(Status), "by_status")?.map(|word| TicketStatus::of(&word)).into(),
                assignee_id: group(row, is_by(Assignee), "by_assignee")?.into(),
                store_id: group(row, is_by(Store), "by_store")?.into(),
                type_id: group(row, is_by(Type), "by_type")?.into(),
                count: row.try_get("", "tickets")?,
                overdue: row.try_get("", "overdue")?,
            })
        };
        let mut stats = rows.iter().map(read).collect::<Result<Vec<_>, Error>>()?;
        stats.sort_unstable();
        Ok(stats)
    }
}
