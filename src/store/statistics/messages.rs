//! Statistics of messages.

use entity::{
    customer,
    message::{Column, Entity},
};
use sea_orm::{
    ColumnTrait,
    sea_query::{Asterisk, Expr, ExprTrait, Func, Query, SimpleExpr},
};

use super::{Counted, Error, Grouped, Reader, group, platform, time::Axis};
use crate::domain::{
    filter::{Filter, Messages},
    statistics::{Grouping, MessageCounts, MessageDimension, MessageStats},
    words::{MessageType, Platform},
};

impl Reader {
    /// Messages in groups, by time and then by the other dimensions. Returns one row more than allowed if there are too many.
    pub async fn message_stats(
        &self,
        filter: &Filter<Messages>,
        grouping: &Grouping<MessageDimension>,
        counts: MessageCounts,
    ) -> Result<Vec<MessageStats>, Error> {
        use MessageDimension::{Channel, Direction, Platform as OfPlatform, Time, Type};
        let is_by = |dimension| grouping.is_by(&dimension);
        let axis = if is_by(Time) { Some(Axis::over(self, Entity, Column::SentAt, grouping).await?) } else { None };
        // The tables of counts can't count distinct conversations or customers.
        let only_messages = counts == MessageCounts::default();
        let counted = only_messages.then(|| Counted::groups(filter, grouping, axis.as_ref(), self.view())).flatten();
        let (mut grouped, number) = if let Some(counted) = counted {
            (Grouped::over(counted.select()), Counted::number())
        } else {
            (Grouped::listed(self, Entity, filter).await?, Expr::col(Asterisk).count())
        };
        if let Some(axis) = &axis {
            axis.group(&mut grouped, &Column::SentAt.into_expr());
        }
        if is_by(OfPlatform) {
            grouped.by("by_platform", platform(Column::Platform.into_expr()));
        }
        if is_by(Channel) {
            grouped.by("by_channel", Column::ChannelId.into_expr());
        }
        if is_by(Type) {
            grouped.by("by_type", Column::TypeKey.into_expr());
        }
        if is_by(Direction) {
            grouped.by("by_direction", Column::Outbound.into_expr());
        }
        grouped.count("messages", number);
        if counts.conversations {
            grouped.count("conversations", Expr::expr(Func::count_distinct(Column::ConversationId.into_expr())));
        }
        if counts.customers {
            grouped.count("customers", Expr::expr(Func::count_distinct(customer())));
        }
        let rows = grouped.rows(self).await?;
        let read = |row| {
            Ok(MessageStats {
                time: axis.as_ref().map_or(Ok(None), |axis| axis.start(row))?.into(),
                platform: group::<String>(row, is_by(OfPlatform), "by_platform")?.map(|word| Platform::of(&word)).into(),
                channel_id: group(row, is_by(Channel), "by_channel")?.into(),
                kind: group::<String>(row, is_by(Type), "by_type")?.map(|word| MessageType::of(&word)).into(),
                outbound: group(row, is_by(Direction), "by_direction")?.into(),
                count: row.try_get("", "messages")?,
                conversations: group(row, counts.conversations, "conversations")?.unwrap_or(0),
                customers: group(row, counts.customers, "customers")?.unwrap_or(0),
            })
        };
        let mut stats = rows.iter().map(read).collect::<Result<Vec<_>, Error>>()?;
        stats.sort_unstable();
        Ok(stats)
    }
}

/// The message's customer, unless deleted.
fn customer() -> SimpleExpr {
    let deleted = Query::select()
        .column(customer::Column::Id)
        .from(customer::Entity)
        .and_where(customer::Column::DeletedAt.is_not_null())
        .to_owned();
    let id = Column::CustomerId.into_expr();
    Expr::case(id.clone().not_in_subquery(deleted), id).into()
}
