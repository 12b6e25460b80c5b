//! What live results read from a snapshot: the changes since a position, and which changed objects are in a list.

use sea_orm::{
    ColumnTrait, Condition, EntityTrait, IdenStatic, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Statement,
    sea_query::{Alias, Expr, ExprTrait, IntoIden, Query, SimpleExpr},
};

use super::{Error, Listing, Session, lists::sort_value};
use crate::{
    domain::{
        change::{Change, ChangeKind, Relinked, SubjectType},
        time::Timestamp,
        window::Place,
        words::TicketStatus,
    },
    store::{filter, narrow, page::Sort, postgres::Planned, read::lists},
};
use entity::{change, conversation, customer, message, staff, ticket, ticket_alias};

/// A value that changes whenever the name of a staff member changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StaffMark([Option<i64>; 3]);

impl Session {
    /// The changes after a position, in order, at most `limit`.
    pub async fn changes_after(&mut self, after: i64, limit: u64) -> Result<Vec<Change>, Error> {
        use change::Column::{Kind, LinkAfter, LinkBefore, Position, Seq, SubjectId, SubjectType as Type};
        let select = change::Entity::find()
            .select_only()
            .columns([Position, Seq, Type, SubjectId, Kind, LinkBefore, LinkAfter])
            .filter(Position.gt(after))
            .order_by_asc(Position)
            .limit(limit);
        let rows = self.query(select.build(self.backend()), Planned::ByEstimate).await?;
        let read = |row: crate::store::Row<'_>| {
            let position = row.int(0).unwrap_or_default();
            let damaged = || Error::damaged("change", position.to_string(), "it has an unknown type or kind");
            Ok(Change {
                position,
                seq: row.int(1).unwrap_or_default(),
                subject_type: row.text(2).and_then(SubjectType::parse).ok_or_else(damaged)?,
                subject_id: row.text(3).unwrap_or_default().to_owned(),
                kind: row.text(4).and_then(ChangeKind::parse).ok_or_else(damaged)?,
                relinked: Relinked::between(row.text(5).map(ToOwned::to_owned), row.text(6).map(ToOwned::to_owned)),
            })
        };
        rows.iter().map(read).collect()
    }

    /// The objects among these that are in a list, with their places, in no order. Tickets may be named by any of their ids; the
    /// result has their canonical ids. One statement.
    pub async fn members(&mut self, listing: &Listing, ids: &[String]) -> Result<Vec<Place>, Error> {
        let view = self.view;
        let named = |column: SimpleExpr| column.is_in(ids.iter().map(String::as_str));
        match listing {
            Listing::Customers(filter, request) => {
                let given = narrow::of_given(filter, view).condition(view).add(named(customer::Column::Id.into_expr()));
                self.places::<customer::Entity>(customer::Column::Id, lists::customer_sort(request.order), given).await
            }
            Listing::Conversations(filter, request) => {
                let given = filter::condition(filter, view).add(named(conversation::Column::Id.into_expr()));
                let sort = lists::conversation_sort(request.order);
                self.places::<conversation::Entity>(conversation::Column::Id, sort, given).await
            }
            Listing::Messages(filter, request) => {
                let given = narrow::of_given(filter, view).condition(view).add(named(message::Column::Key.into_expr()));
                self.places::<message::Entity>(message::Column::Key, lists::message_sort(request.order), given).await
            }
            Listing::Tickets(filter, request) => {
                let by = Query::select()
                    .column(ticket_alias::Column::TicketId)
                    .from(ticket_alias::Entity)
                    .and_where(named(ticket_alias::Column::Id.into_expr()))
                    .to_owned();
                let given = narrow::of_given(filter, view).condition(view).add(ticket::Column::Id.into_expr().in_subquery(by));
                self.places::<ticket::Entity>(ticket::Column::Id, lists::ticket_sort(request.order), given).await
            }
            Listing::Staff(..) | Listing::Events(..) => Ok(Vec::new()),
        }
    }

    async fn places<E: EntityTrait>(
        &mut self,
        id: E::Column,
        sort: Sort<E::Column>,
        condition: Condition,
    ) -> Result<Vec<Place>, Error> {
        let column = |column: E::Column| Alias::new(column.as_str()).into_iden();
        let mut select = Query::select();
        select.column(column(sort.column)).column(column(id)).from(E::default()).cond_where(condition);
        let rows = self.select(&select).await?;
        let place =
            |row: crate::store::Row<'_>| Place { value: sort_value(row, 0), id: row.text(1).unwrap_or_default().to_owned() };
        Ok(rows.iter().map(place).collect())
    }

    /// The current mark of the names of all staff members.
    pub async fn staff_mark(&mut self) -> Result<StaffMark, Error> {
        let mut select = Query::select();
        select
            .expr(Expr::col(staff::Column::Id).count())
            .expr(Expr::col(staff::Column::NamedAt).sum().cast_as(Alias::new("bigint")))
            .expr(Expr::col(staff::Column::NamedReceivedAt).sum().cast_as(Alias::new("bigint")))
            .from(staff::Entity);
        let rows = self.select(&select).await?;
        Ok(StaffMark(rows.iter().next().map_or([None; 3], |row| [row.int(0), row.int(1), row.int(2)])))
    }

    /// When the next ticket becomes overdue, at or after `now`.
    pub async fn next_due(&mut self, now: Timestamp) -> Result<Option<Timestamp>, Error> {
        let select = ticket::Entity::find()
            .select_only()
            .column_as(ticket::Column::DueAt.min(), "due")
            .filter(ticket::Column::StatusKey.eq(TicketStatus::Process.word()))
            .filter(ticket::Column::DueAt.gte(now.as_millis()));
        let statement: Statement = select.build(self.backend());
        let rows = self.query(statement, Planned::ByEstimate).await?;
        Ok(rows.iter().next().and_then(|row| row.int(0)).map(Timestamp::clamped))
    }
}
