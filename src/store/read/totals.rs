//! The lengths of lists of all rows, from the tables of counts: every unfiltered list, and messages filtered only by the
//! dimensions of the counts. A statement returns the length as `total`. `None` if the counts can't answer, for example because
//! rows are hidden from the reader.

use entity::total;
use sea_orm::{
    ColumnTrait,
    sea_query::{Alias, Expr, ExprTrait, Func, Query, SelectStatement},
};

use super::{Counts, Reader};
use crate::{
    domain::filter::{Collection, Conversations, Customers, Events, Filter, Messages, Predicate, StaffMembers, Tickets},
    store::{Error, Parent, projection::counts::Total, statistics::Counted, view::View},
};

/// The length of a list of customers.
pub(in crate::store) fn customers(parent: &Parent, filter: &Filter<Customers>, view: View) -> Option<SelectStatement> {
    if view.restricted.customers {
        return None;
    }
    of_list(parent, filter, Total::Customers, Some(Total::DeletedCustomers))
}

/// The length of a list of conversations.
pub(in crate::store) fn conversations(parent: &Parent, filter: &Filter<Conversations>, view: View) -> Option<SelectStatement> {
    if view.restricted.conversations {
        return None;
    }
    of_list(parent, filter, Total::Conversations, None)
}

/// The length of a list of tickets.
pub(in crate::store) fn tickets(parent: &Parent, filter: &Filter<Tickets>, view: View) -> Option<SelectStatement> {
    if view.restricted.tickets {
        return None;
    }
    of_list(parent, filter, Total::Tickets, Some(Total::DeletedTickets))
}

/// The length of the list of staff members.
pub(in crate::store) fn staff(filter: &Filter<StaffMembers>) -> Option<SelectStatement> {
    of_list(&Parent::All, filter, Total::Staff, None)
}

/// The length of a list of events.
pub(in crate::store) fn events(parent: &Parent, filter: &Filter<Events>, view: View) -> Option<SelectStatement> {
    if view.restricted.events {
        return None;
    }
    of_list(parent, filter, Total::Events, None)
}

/// The length of a list from these totals, if it is the list of all and its filter matches every row.
fn of_list<C: Collection>(parent: &Parent, filter: &Filter<C>, alive: Total, deleted: Option<Total>) -> Option<SelectStatement> {
    if *parent != Parent::All || !matches_all(&filter.predicate) {
        return None;
    }
    let totals = [Some(alive), deleted.filter(|_| filter.include_deleted)];
    let names = totals.into_iter().flatten().map(Total::name);
    let sum = Func::coalesce([total::Column::Count.into_expr().sum(), Expr::value(0_i64)]);
    let select = Query::select()
        .expr_as(ExprTrait::cast_as(sum, "bigint"), Alias::new("total"))
        .from(total::Entity)
        .and_where(total::Column::Name.is_in(names))
        .take();
    Some(select)
}

/// The length of a list of messages, if it is the list of all and the counts can answer it.
pub(in crate::store) fn messages(parent: &Parent, filter: &Filter<Messages>, view: View) -> Option<SelectStatement> {
    let counted = (*parent == Parent::All).then(|| Counted::list(filter, view)).flatten()?;
    Some(counted.select().expr_as(Counted::number(), Alias::new("total")).take())
}

impl Reader {
    /// Runs a statement with the column `total`, and returns its value as the length of the list of all.
    pub(super) async fn total(&self, statement: &SelectStatement) -> Result<Counts, Error> {
        let row = self.db().query_one(statement).await?;
        Ok(of_all(row.map_or(Ok(0), |row| row.try_get("", "total"))?))
    }
}

fn of_all(count: i64) -> Counts {
    Counts::from([(Parent::All.id().to_owned(), count)])
}

fn matches_all<C: Collection>(predicate: &Predicate<C>) -> bool {
    matches!(predicate, Predicate::All(parts) if parts.iter().all(matches_all))
}
