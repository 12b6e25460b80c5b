//! The page query behind every list: keyset pagination in any supported order, for one list or for the lists of many parents
//! in a single statement.
//!
//! Rows are sorted by a column and then by id, both in the same direction. Rows whose sort value is null come last in both
//! directions. A list therefore has two segments, non-null and null, each a plain index range. The query picks the ids of a page
//! from the segments that the page can touch, and then reads their rows. A page deep in a list costs the same as the first.

use std::collections::HashMap;

use sea_orm::{
    ColumnTrait, Condition, EntityTrait, FromQueryResult, IdenStatic, Iterable, JoinType, QueryResult,
    sea_query::{
        Alias, Asterisk, CommonTableExpression, DynIden, Expr, ExprTrait, Func, IntoIden, Order as SqlOrder, Query,
        SelectStatement, SimpleExpr, UnionType,
    },
};

use super::{Error, dialect::Dialect, readers::Source};
use crate::domain::page::{Cursor, Direction, Order, Page, PageRequest, SortValue};

/// The parent whose members are listed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Parent {
    /// No parent: the list of all.
    All,
    /// A customer's.
    Customer(String),
    /// A conversation's.
    Conversation(String),
    /// A ticket's.
    Ticket(String),
    /// A staff member's.
    Staff(String),
}

impl Parent {
    /// The id of the parent; empty for the list of all.
    pub fn id(&self) -> &str {
        match self {
            Self::All => "",
            Self::Customer(id) | Self::Conversation(id) | Self::Ticket(id) | Self::Staff(id) => id,
        }
    }
}

/// The column that a list is sorted by.
#[derive(Clone, Copy)]
pub(super) struct Sort<C> {
    pub(super) column: C,
    pub(super) kind: SortKind,
    pub(super) nullable: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum SortKind {
    Int,
    Text,
}

impl<C> Sort<C> {
    pub(super) fn int(column: C) -> Self {
        Self { column, kind: SortKind::Int, nullable: false }
    }

    pub(super) fn text(column: C) -> Self {
        Self { column, kind: SortKind::Text, nullable: false }
    }

    pub(super) fn nullable(self) -> Self {
        Self { nullable: true, ..self }
    }
}

/// How a row belongs to a parent, given an expression for the parent's id.
pub(super) type Belongs = Box<dyn Fn(SimpleExpr) -> SimpleExpr + Send + Sync>;

/// A list: which rows of a table are in it.
pub(super) struct List<E: EntityTrait> {
    /// The column that identifies a row.
    pub(super) id: E::Column,
    /// The condition on its rows, apart from their parent.
    pub(super) condition: Condition,
    /// How a row belongs to a parent, given an expression for the parent's id; `None` for the list of all.
    pub(super) belongs: Option<Belongs>,
    /// Whether the condition queries an index for matches: SQLite then finds and sorts them by row number before it reads rows.
    pub(super) is_searched: bool,
    /// Whether PostgreSQL must find all matches before sorting them, rather than walk the list in its order.
    pub(super) is_gathered: bool,
}

const PARENT: &str = "parent";
const PARENTS: &str = "parents";
const ROW: &str = "row";
const PICKED: &str = "picked";
const MATCHES: &str = "matches";

/// A segment of a list: its rows with a sort value, or its rows without.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Segment {
    Valued,
    Null,
}

impl<E: EntityTrait> List<E> {
    /// The page of each parent, by the parent's id; the list of all has the empty id. One statement.
    pub(super) async fn pages<O: Order>(
        &self,
        db: &Source,
        parents: &[String],
        sort: Sort<E::Column>,
        request: &PageRequest<O>,
    ) -> Result<HashMap<String, Page<E::Model>>, Error> {
        let mut found: HashMap<String, Vec<(Cursor, E::Model)>> = HashMap::new();
        for row in db.query_all(&self.page_statement(parents, sort, request, db.dialect())).await? {
            let parent = if self.belongs.is_some() { row.try_get("", PARENT)? } else { String::new() };
            let cursor = self.cursor(&row, sort, request)?;
            found.entry(parent).or_default().push((cursor, E::Model::from_query_result(&row, "")?));
        }
        let all = [String::new()];
        let parents = if self.belongs.is_some() { parents } else { &all };
        let page = |parent: &String| {
            let (rows, has_next, has_previous) = cut(found.remove(parent).unwrap_or_default(), request);
            (parent.clone(), Page { rows, has_next, has_previous })
        };
        Ok(parents.iter().map(page).collect())
    }

    /// The number of rows of each parent, by the parent's id; the list of all has the empty id. One statement.
    pub(super) async fn counts(&self, db: &Source, parents: &[String]) -> Result<HashMap<String, i64>, Error> {
        let mut counts = HashMap::new();
        for row in db.query_all(&self.count_statement(parents, db.dialect())).await? {
            let parent = if self.belongs.is_some() { row.try_get("", PARENT)? } else { String::new() };
            counts.insert(parent, row.try_get("", "total")?);
        }
        Ok(counts)
    }

    /// Selects all rows of the list of all.
    pub(super) fn matches(&self) -> SelectStatement {
        Query::select().expr(Expr::value(1)).from(E::default()).cond_where(self.condition.clone()).take()
    }

    /// The statement of [`Self::counts`]: the column `total`, and for lists of parents also the parent.
    pub(super) fn count_statement(&self, parents: &[String], sql: Dialect) -> SelectStatement {
        let mut count = Query::select();
        count.expr_as(Expr::col(Asterisk).count(), Alias::new("total")).from(E::default()).cond_where(self.condition.clone());
        let Some(belongs) = &self.belongs else { return count };
        count.and_where(belongs(parent()));
        let mut select = Query::select();
        from_parents(&mut select, parents, sql);
        select.expr_as(Expr::SubQuery(None, Box::new(count.into())), Alias::new("total")).expr_as(parent(), Alias::new(PARENT));
        select
    }

    /// The statement of [`Self::pages`].
    pub(super) fn page_statement<O: Order>(
        &self,
        parents: &[String],
        sort: Sort<E::Column>,
        request: &PageRequest<O>,
        sql: Dialect,
    ) -> SelectStatement {
        let mut select = Query::select();
        for column in E::Column::iter() {
            let shown = || column.select_as(Expr::col((Alias::new(ROW), column)));
            let value = if is_shown(column) { shown() } else { Expr::value(Option::<String>::None) };
            select.expr_as(value, Alias::new(column.as_str()));
        }
        let row = |column: E::Column| Expr::col((Alias::new(ROW), column));
        let key = sql.row_key(self.id);
        let row_key = Expr::col((Alias::new(ROW), key.clone()));
        let pick = self.pick(sort, request, &key);
        if self.belongs.is_some() {
            select.expr_as(parent(), Alias::new(PARENT));
        }
        match sql {
            // SQLite has no lateral join. A cross join keeps the parents in the outer loop, so ids are picked once per parent.
            Dialect::Sqlite if self.belongs.is_some() => {
                from_parents(&mut select, parents, sql);
                select.join_as(JoinType::CrossJoin, E::default(), Alias::new(ROW), Condition::all());
                select.and_where(row_key.in_subquery(pick));
            }
            Dialect::Sqlite => {
                select.from_as(E::default(), Alias::new(ROW)).and_where(row_key.in_subquery(pick));
            }
            Dialect::Postgres => {
                if self.belongs.is_some() {
                    from_parents(&mut select, parents, sql);
                    select.join_lateral(JoinType::InnerJoin, pick, Alias::new(PICKED), Condition::all());
                } else {
                    select.from_subquery(pick, Alias::new(PICKED));
                }
                let is_picked = row_key.eq(Expr::col((Alias::new(PICKED), key)));
                select.join_as(JoinType::InnerJoin, E::default(), Alias::new(ROW), is_picked);
            }
        }
        let (order, nulls) = sql_order(request);
        if sort.nullable {
            select.order_by_expr(row(sort.column).is_null(), nulls);
        }
        select.order_by_expr(row(sort.column), order.clone()).order_by_expr(row(self.id), order);
        select
    }

    /// Selects the rows of a page, and one more row that tells whether more follow.
    fn pick<O: Order>(&self, sort: Sort<E::Column>, request: &PageRequest<O>, key: &DynIden) -> SelectStatement {
        self.segments(std::slice::from_ref(key), sort, request)
    }

    /// Selects columns of the rows of a page, and one more row: rows with a sort value before those without, and each segment in
    /// reading order, unless the database runs the segments in another order.
    fn segments<O: Order>(&self, columns: &[DynIden], sort: Sort<E::Column>, request: &PageRequest<O>) -> SelectStatement {
        let segments: &[Segment] = if sort.nullable { &[Segment::Valued, Segment::Null] } else { &[Segment::Valued] };
        let mut picks = segments.iter().filter_map(|segment| self.pick_segment(*segment, sort, request, columns));
        match (picks.next(), picks.next()) {
            (Some(first), Some(second)) => {
                let mut both = wrapped(columns, first);
                both.union(UnionType::All, wrapped(columns, second));
                both
            }
            (Some(one), None) => one,
            (None, _) => Query::select().columns(columns.to_vec()).from(E::default()).and_where(Expr::value(false)).to_owned(),
        }
    }

    /// Selects columns of the rows of pages, in no order, with one more row per page. For lists of parents, the last column is
    /// the parent.
    pub(super) fn page_of<O: Order>(
        &self,
        columns: &[DynIden],
        parents: &[String],
        sort: Sort<E::Column>,
        request: &PageRequest<O>,
        sql: Dialect,
    ) -> SelectStatement {
        let mut select = Query::select();
        let row = Alias::new(ROW).into_iden();
        match (sql, &self.belongs) {
            (Dialect::Postgres, None) => return self.segments(columns, sort, request),
            (Dialect::Sqlite, None) if !self.is_searched => return self.segments(columns, sort, request),
            (Dialect::Postgres, Some(_)) => {
                from_parents(&mut select, parents, sql);
                let page = self.segments(columns, sort, request);
                select.join_lateral(JoinType::InnerJoin, page, Alias::new(ROW), Condition::all());
            }
            (Dialect::Sqlite, belongs) => {
                // SQLite has no lateral join. A cross join keeps the parents in the outer loop, so rows are picked once per parent.
                if belongs.is_some() {
                    from_parents(&mut select, parents, sql);
                    select.join_as(JoinType::CrossJoin, E::default(), Alias::new(ROW), Condition::all());
                } else {
                    select.from_as(E::default(), Alias::new(ROW));
                }
                let key = sql.row_key(self.id);
                select.and_where(Expr::col((row.clone(), key.clone())).in_subquery(self.pick(sort, request, &key)));
            }
        }
        for column in columns {
            select.column((row.clone(), column.clone()));
        }
        if self.belongs.is_some() {
            select.expr(parent());
        }
        select
    }

    /// Selects the rows of a page from one segment; nothing if the page's bounds exclude the segment.
    fn pick_segment<O: Order>(
        &self,
        segment: Segment,
        sort: Sort<E::Column>,
        request: &PageRequest<O>,
        columns: &[DynIden],
    ) -> Option<SelectStatement> {
        let mut pick = Query::select();
        pick.columns(columns.to_vec()).from(E::default()).cond_where(self.condition.clone());
        if let Some(belongs) = &self.belongs {
            pick.and_where(belongs(parent()));
        }
        if sort.nullable {
            pick.and_where(match segment {
                Segment::Valued => sort.column.into_expr().is_not_null(),
                Segment::Null if self.belongs.is_none() => sort.column.into_expr().is_null(),
                Segment::Null => unindexed(sort.column).is_null(),
            });
        }
        let ascending = request.direction == Direction::Asc;
        // After a cursor of an ascending list, values increase; before one, they decrease.
        for (cursor, grows) in [(&request.after, ascending), (&request.before, !ascending)] {
            let Some(cursor) = cursor else { continue };
            let is_after = grows == ascending;
            let id = cursor_id::<E>(self.id, &cursor.id);
            let value = match &cursor.value {
                SortValue::Null => None,
                SortValue::Int(value) => Some(Expr::value(*value)),
                SortValue::Text(value) => Some(Expr::value(value.clone())),
            };
            match (segment, value) {
                (Segment::Valued, Some(value)) => {
                    let here = Expr::tuple([sort.column.into_expr(), self.id.into_expr()]);
                    let there = Expr::tuple([value, id]);
                    pick.and_where(if grows { here.gt(there) } else { here.lt(there) });
                }
                (Segment::Null, None) => {
                    let here = self.id.into_expr();
                    pick.and_where(if grows { here.gt(id) } else { here.lt(id) });
                }
                // Rows without a sort value follow all others.
                (Segment::Valued, None) if is_after => return None,
                (Segment::Null, Some(_)) if !is_after => return None,
                (Segment::Valued, None) | (Segment::Null, Some(_)) => {}
            }
        }
        let (order, _) = sql_order(request);
        if self.is_gathered {
            let matches = CommonTableExpression::new().query(pick).table_name(Alias::new(MATCHES)).materialized(true).to_owned();
            let column = |column: E::Column| (Alias::new(MATCHES), column);
            let mut first = Query::select();
            first.with_cte(matches).columns(columns.to_vec()).from(Alias::new(MATCHES));
            first.order_by(column(sort.column), order.clone()).order_by(column(self.id), order);
            return Some(first.limit(u64::from(request.limit) + 1).take());
        }
        if segment == Segment::Valued {
            pick.order_by(sort.column, order.clone());
        }
        pick.order_by(self.id, order).limit(u64::from(request.limit) + 1);
        Some(pick)
    }

    fn cursor<O: Order>(&self, row: &QueryResult, sort: Sort<E::Column>, request: &PageRequest<O>) -> Result<Cursor, Error> {
        let value = match sort.kind {
            SortKind::Int => row.try_get::<Option<i64>>("", sort.column.as_str())?.map(SortValue::Int),
            SortKind::Text => row.try_get::<Option<String>>("", sort.column.as_str())?.map(SortValue::Text),
        };
        let id = match row.try_get::<String>("", self.id.as_str()) {
            Ok(id) => id,
            Err(_) => row.try_get::<i64>("", self.id.as_str())?.to_string(),
        };
        Ok(Cursor { order: request.order_name(), value: value.unwrap_or(SortValue::Null), id })
    }
}

/// Whether rows include a column. Folded copies of texts are only compared, and make up half of a row.
fn is_shown(column: impl IdenStatic) -> bool {
    !column.as_str().ends_with("_folded")
}

/// A cursor's id as a value of the id column's type.
fn cursor_id<E: EntityTrait>(column: E::Column, id: &str) -> SimpleExpr {
    match column.def().get_column_type() {
        sea_orm::ColumnType::BigInteger => Expr::value(id.parse::<i64>().unwrap_or(0)),
        _ => Expr::value(id),
    }
}

/// The direction in which rows are read, and where that places rows without a sort value.
fn sql_order<O: Order>(request: &PageRequest<O>) -> (SqlOrder, SqlOrder) {
    let ascending = (request.direction == Direction::Asc) != request.from_end;
    let order = if ascending { SqlOrder::Asc } else { SqlOrder::Desc };
    let nulls = if request.from_end { SqlOrder::Desc } else { SqlOrder::Asc };
    (order, nulls)
}

/// A column in a form that no index serves. Without statistics, a planner considers any index equally good; this keeps it from
/// finding a parent's rows without a value among the rows of all parents.
pub(super) fn unindexed(column: impl ColumnTrait) -> SimpleExpr {
    Func::coalesce([column.into_expr(), column.into_expr()]).into()
}

/// A limited select, wrapped as part of a union.
fn wrapped(columns: &[DynIden], select: SelectStatement) -> SelectStatement {
    Query::select().columns(columns.to_vec()).from_subquery(select, Alias::new(PICKED)).to_owned()
}

fn parent() -> SimpleExpr {
    Expr::col((Alias::new(PARENTS), Alias::new("value")))
}

/// Adds the parents as rows.
fn from_parents(select: &mut SelectStatement, parents: &[String], sql: Dialect) {
    select.from_function(sql.rows_of(parents), Alias::new(PARENTS));
}

/// Cuts the rows that were read, one more than requested, to the page, and restores the list's order. Also returns whether
/// there are rows after and before the page.
pub(super) fn cut<O: Order, T>(mut rows: Vec<T>, request: &PageRequest<O>) -> (Vec<T>, bool, bool) {
    let limit = request.limit as usize;
    // Two segments may each return a full page.
    let more = rows.len() > limit;
    rows.truncate(limit);
    // The cursor's own row lies beyond the page.
    let (before, after) = (request.before.is_some(), request.after.is_some());
    if request.from_end {
        rows.reverse();
        (rows, before, more || after)
    } else {
        (rows, more || before, after)
    }
}
