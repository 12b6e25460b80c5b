//! The one page query behind every list: keyset paging in any offered order, for one list or for the lists of many parents
//! in a single statement.
//!
//! Rows are sorted by a column and then by id, both in the same direction; rows without a value come last in both
//! directions. A list is therefore two segments, with a value and without, each a plain index range; the ids of a page are
//! picked from the segments it can touch, and then their rows are read. A page deep in a list costs what the first costs.

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

/// Whose members are listed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Parent {
    /// Nobody's: the list of all.
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

/// The column by which a list is sorted.
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
    /// What its rows fulfil, whoever's they are.
    pub(super) condition: Condition,
    /// How a row belongs to a parent, given an expression for the parent's id; `None` for the list of all.
    pub(super) belongs: Option<Belongs>,
    /// Whether the condition asks an index for matches: SQLite then finds and sorts them by row numbers before it reads them.
    pub(super) is_searched: bool,
    /// Whether PostgreSQL is to find all matches before it sorts them, rather than walk the list in its order.
    pub(super) is_gathered: bool,
}

const PARENT: &str = "parent";
const PARENTS: &str = "parents";
const ROW: &str = "row";
const PICKED: &str = "picked";
const MATCHES: &str = "matches";

/// Which part of a list: its rows with a sort value, or without.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Segment {
    Valued,
    Null,
}

impl<E: EntityTrait> List<E> {
    /// The page of each parent, by its id; of the list of all under the empty id. One statement.
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

    /// The number of rows of each parent, by its id; of the list of all under the empty id. One statement.
    pub(super) async fn counts(&self, db: &Source, parents: &[String]) -> Result<HashMap<String, i64>, Error> {
        let mut counts = HashMap::new();
        for row in db.query_all(&self.count_statement(parents, db.dialect())).await? {
            let parent = if self.belongs.is_some() { row.try_get("", PARENT)? } else { String::new() };
            counts.insert(parent, row.try_get("", "total")?);
        }
        Ok(counts)
    }

    /// All rows of the list of all.
    pub(super) fn matches(&self) -> SelectStatement {
        Query::select().expr(Expr::value(1)).from(E::default()).cond_where(self.condition.clone()).take()
    }

    /// The statement behind [`Self::counts`]: `total`, and of parents' lists then the parent.
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

    /// The statement behind [`Self::pages`].
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
            // SQLite has no lateral join. A cross join keeps the parents outside: the ids are picked once for each.
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

    /// The rows of a page: one more than asked, which tells whether there is more.
    fn pick<O: Order>(&self, sort: Sort<E::Column>, request: &PageRequest<O>, key: &DynIden) -> SelectStatement {
        self.segments(std::slice::from_ref(key), sort, request)
    }

    /// Columns of the rows of a page, one row more than asked: those with a sort value before those without, and each part in
    /// the order in which it is read, unless the database runs the parts in another order.
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

    /// Selected columns of the rows of pages, in no order, and one row more for each page than asked. Of parents' lists, the
    /// last column is the parent.
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
                // SQLite has no lateral join. A cross join keeps the parents outside: the rows are picked once for each.
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

    /// The rows of a page from one segment, or nothing where the page's bounds exclude it.
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
        // After a cursor of an ascending list values grow; before one they shrink.
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
                // Rows without a value follow all others.
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

/// Whether readers get a column. A folded copy of a text is only compared, and the copies are half of a row.
fn is_shown(column: impl IdenStatic) -> bool {
    !column.as_str().ends_with("_folded")
}

/// The id in a cursor as a value of the id column's type.
fn cursor_id<E: EntityTrait>(column: E::Column, id: &str) -> SimpleExpr {
    match column.def().get_column_type() {
        sea_orm::ColumnType::BigInteger => Expr::value(id.parse::<i64>().unwrap_or(0)),
        _ => Expr::value(id),
    }
}

/// The direction in which rows are read, and where that puts those without a value.
fn sql_order<O: Order>(request: &PageRequest<O>) -> (SqlOrder, SqlOrder) {
    let ascending = (request.direction == Direction::Asc) != request.from_end;
    let order = if ascending { SqlOrder::Asc } else { SqlOrder::Desc };
    let nulls = if request.from_end { SqlOrder::Desc } else { SqlOrder::Asc };
    (order, nulls)
}

/// A column as an expression that no index serves, where rows are better found otherwise: a planner without statistics takes
/// one index for as good as another. So a parent's rows without a value are found among its rows, not among everyone's.
pub(super) fn unindexed(column: impl ColumnTrait) -> SimpleExpr {
    Func::coalesce([column.into_expr(), column.into_expr()]).into()
}

/// A limited select as part of a union.
fn wrapped(columns: &[DynIden], select: SelectStatement) -> SelectStatement {
    Query::select().columns(columns.to_vec()).from_subquery(select, Alias::new(PICKED)).to_owned()
}

fn parent() -> SimpleExpr {
    Expr::col((Alias::new(PARENTS), Alias::new("value")))
}

/// The parents as rows.
fn from_parents(select: &mut SelectStatement, parents: &[String], sql: Dialect) {
    select.from_function(sql.rows_of(parents), Alias::new(PARENTS));
}

/// Cuts what was read, one row more than asked for, to the page, back in the list's own order. Returns also whether there are
/// rows after and before the page.
pub(super) fn cut<O: Order, T>(mut rows: Vec<T>, request: &PageRequest<O>) -> (Vec<T>, bool, bool) {
    let limit = request.limit as usize;
    // Two segments may each give a full page.
    let more = rows.len() > limit;
    rows.truncate(limit);
    // The row of a cursor is itself beyond the page.
    let (before, after) = (request.before.is_some(), request.after.is_some());
    if request.from_end {
        rows.reverse();
        (rows, before, more || after)
    } else {
        (rows, more || before, after)
    }
}
