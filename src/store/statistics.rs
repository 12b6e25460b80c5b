//! Statistics: counts of rows by groups, computed in the database by one statement each. A statistic over time first reads the
//! range of its time column from two index entries, and passes the zone's offsets within that range to the statement. Messages
//! are counted from the tables of counts (`counted`) if these can answer.

mod conversations;
mod counted;
mod custom_fields;
mod customers;
mod messages;
mod tickets;
mod time;

use sea_orm::{
    ColumnTrait, EntityTrait, QueryResult, TryGetable,
    sea_query::{Alias, Expr, ExprTrait, Query, SelectStatement, SimpleExpr},
};

pub(super) use self::counted::Counted;
use self::time::Axis;
use super::{
    Error, Reader,
    narrow::{self, Searchable, Wanted},
};
use crate::domain::{
    filter::Filter,
    statistics::{Grouping, MAX_ROWS},
    words::Platform,
};

/// A statement that counts in groups. Its output names differ from all column names, so that a group is never taken for a column.
struct Grouped(SelectStatement);

impl Grouped {
    fn from<E: EntityTrait>(table: E) -> Self {
        Self::over(Query::select().from(table).to_owned())
    }

    /// Groups the rows of a select that has no output columns yet.
    fn over(mut select: SelectStatement) -> Self {
        select.limit(MAX_ROWS as u64 + 1);
        Self(select)
    }

    /// Groups the objects of a list by its filter.
    async fn listed<C: Searchable>(reader: &Reader, table: impl EntityTrait, filter: &Filter<C>) -> Result<Self, Error> {
        let narrowed = narrow::narrow(&mut reader.db().clone(), filter, Wanted::Every, reader.view()).await?;
        let mut grouped = Self::from(table);
        grouped.0.cond_where(narrowed.condition(reader.view()));
        Ok(grouped)
    }

    /// Groups the rows by the time in a column, if the statistic is over time.
    async fn by_time<E: EntityTrait, D: PartialEq>(
        &mut self,
        reader: &Reader,
        (table, column): (E, E::Column),
        grouping: &Grouping<D>,
        time: D,
    ) -> Result<Option<Axis>, Error> {
        if !grouping.is_by(&time) {
            return Ok(None);
        }
        let axis = Axis::over(reader, table, column, grouping).await?;
        axis.group(self, &column.into_expr());
        Ok(Some(axis))
    }

    /// Adds a dimension to group by.
    fn by(&mut self, name: &'static str, value: SimpleExpr) -> &mut Self {
        self.0.expr_as(value, Alias::new(name)).add_group_by([Expr::col(Alias::new(name))]);
        self
    }

    /// Adds an aggregate for each group.
    fn count(&mut self, name: &'static str, value: SimpleExpr) -> &mut Self {
        self.0.expr_as(value, Alias::new(name));
        self
    }

    async fn rows(&self, reader: &Reader) -> Result<Vec<QueryResult>, Error> {
        reader.db().query_all(&self.0).await
    }
}

/// A group's value of a dimension; `None` if the dimension is not grouped by.
fn group<T: TryGetable>(row: &QueryResult, is_grouped: bool, name: &str) -> Result<Option<T>, Error> {
    if is_grouped { Ok(row.try_get("", name)?) } else { Ok(None) }
}

/// A platform, normalized: all unlisted platforms form one group.
fn platform(column: SimpleExpr) -> SimpleExpr {
    let listed = Platform::LISTED.iter().map(|(word, _)| *word);
    Expr::case(column.clone().is_in(listed), column).finally(Platform::Other.word()).into()
}
