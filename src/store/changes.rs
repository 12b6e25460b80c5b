//! Reads the change table for the feed.

use std::collections::HashMap;

use entity::change as table;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};

use super::{Error, Reader, bulk::Rows, rows};
use crate::domain::change::{Change, SubjectType};

impl Reader {
    /// The position of the newest change (within a snapshot, as of that snapshot), or 0 if there is none.
    pub async fn head(&self) -> Result<i64, Error> {
        if let Some(position) = self.position().await? {
            return Ok(position);
        }
        let newest = table::Entity::find().select_only().column_as(table::Column::Position.max(), "position");
        let newest = self.db().select(newest.into_tuple::<Option<i64>>()).await?;
        Ok(newest.first().copied().flatten().unwrap_or(0))
    }

    /// The change positions of events, by sequence number.
    pub async fn event_positions(&self, seqs: &[i64]) -> Result<HashMap<i64, i64>, Error> {
        let mut positions = HashMap::new();
        for chunk in seqs.chunks(500) {
            let of_events = table::Entity::find()
                .select_only()
                .columns([table::Column::Seq, table::Column::Position])
                .filter(table::Column::Seq.is_in(chunk.iter().copied()))
                // Written out, so that both databases use the index of these rows.
                .filter(Expr::cust(format!("subject_type = '{}'", SubjectType::Event.word())));
            positions.extend(self.db().select(of_events.into_tuple::<(i64, i64)>()).await?);
        }
        Ok(positions)
    }

    /// Up to `limit` changes after `after`, in order.
    pub async fn changes_after(&self, after: i64, limit: u64) -> Result<Vec<Change>, Error> {
        let select =
            table::Entity::find().filter(table::Column::Position.gt(after)).order_by_asc(table::Column::Position).limit(limit);
        let rows = self.db().all(select).await?;
        rows.into_iter().map(rows::change).collect()
    }
}
