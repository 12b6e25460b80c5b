//! Reads the rows of a query level by level: one statement for each link and each list of a level, for all of its rows.

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashMap},
};

use super::{
    LinkPlan, ListPlan, Plan, Root, RowsPlan,
    arguments::{LinkQuery, ListQuery, Query, RootQuery, RowsQuery},
    fields::Type,
};
use crate::{
    graphql::error::{Error, Result},
    store::{self, Keyed, Paged, Parent, Rows, Session, Table},
};

/// The data read for a query, for each root field.
#[derive(Debug)]
pub(super) struct Data(pub(super) Vec<RootData>);

#[derive(Debug)]
pub(super) enum RootData {
    Nothing,
    Head(Result<()>),
    Object(Result<ObjectData>),
    List(ListData),
}

/// An object requested by id, if it exists.
#[derive(Debug)]
pub(super) struct ObjectData {
    pub(super) row: Option<u32>,
    pub(super) rows: Rows,
    pub(super) links: Vec<LinkData>,
}

/// The data of a link.
#[derive(Debug)]
pub(super) enum LinkData {
    Rows(Result<RowsData>),
    List(ListData),
}

#[derive(Debug)]
pub(super) struct RowsData {
    pub(super) found: Keyed,
    pub(super) links: Vec<LinkData>,
}

/// The pages and counts of a list, for all parents.
#[derive(Debug)]
pub(super) struct ListData {
    /// The index of each parent, by id.
    pub(super) parents: HashMap<String, usize>,
    /// Pages by parent index.
    pub(super) pages: Option<Result<PagesData>>,
    /// Counts by parent index.
    pub(super) counts: Option<Result<Vec<i64>>>,
}

#[derive(Debug)]
pub(super) struct PagesData {
    pub(super) paged: Paged,
    pub(super) links: Vec<LinkData>,
}

impl Data {
    pub(super) async fn read(plan: &Plan, query: &Query, session: &mut Session) -> Self {
        let mut data = Vec::with_capacity(plan.root.len());
        for ((_, root), query) in plan.root.iter().zip(&query.root) {
            data.push(match (root, query) {
                (Root::Object { of, rows, .. }, RootQuery::Object(keys, below)) => {
                    RootData::Object(object(*of, keys, rows, below, session).await)
                }
                (Root::List(list), RootQuery::List(query)) => {
                    RootData::List(self::list(list, query, vec![Parent::All], session).await)
                }
                _ => RootData::Nothing,
            });
        }
        // Last, since the first statement that reads determines the position of the state that all of them see.
        for ((_, root), data) in plan.root.iter().zip(&mut data) {
            if let Root::Head(_) = root {
                *data = RootData::Head(session.position().await.map(drop).map_err(Error::from));
            }
        }
        Self(data)
    }
}

fn table(of: Type) -> Table {
    match of {
        Type::Customer => Table::Customer,
        Type::Conversation => Table::Conversation,
        Type::Message => Table::Message,
        Type::Ticket => Table::Ticket,
        Type::Staff => Table::Staff,
        Type::Event => Table::Event,
        Type::SocialAccount => Table::SocialAccount,
        Type::CustomerStatus => Table::CustomerStatus,
        Type::CustomField => Table::CustomField,
    }
}

async fn object(of: Type, keys: &[String], plan: &RowsPlan, query: &RowsQuery, session: &mut Session) -> Result<ObjectData> {
    let found = session.by_key(table(of), keys, &plan.columns).await?;
    let row = keys.iter().find_map(|key| found.of.get(key)).and_then(|rows| rows.first().copied());
    let links = links(plan, query, &found.rows, session).await;
    Ok(ObjectData { row, rows: found.rows, links })
}

/// Reads the links of rows.
async fn links(plan: &RowsPlan, query: &RowsQuery, rows: &Rows, session: &mut Session) -> Vec<LinkData> {
    let mut data = Vec::with_capacity(plan.links.len());
    for (link, query) in plan.links.iter().zip(query) {
        data.push(match (link, query) {
            (LinkPlan::Rows { key, table, rows: linked, .. }, LinkQuery::Rows { rows: below, .. }) => {
                LinkData::Rows(linked_rows(*table, keys(rows, *key), linked, below, session).await.map_err(Error::from))
            }
            (LinkPlan::List { key, parent, list }, LinkQuery::List(query)) => {
                let parents = keys(rows, *key).into_iter().map(parent).collect();
                LinkData::List(self::list(list, query, parents, session).await)
            }
            _ => unreachable!("a query has the shape of its plan"),
        });
    }
    data
}

/// Reads the objects with these keys.
pub(super) async fn rows(
    of: Type,
    keys: Vec<String>,
    plan: &RowsPlan,
    query: &RowsQuery,
    session: &mut Session,
) -> std::result::Result<RowsData, store::Error> {
    linked_rows(table(of), keys, plan, query, session).await
}

async fn linked_rows(
    table: Table,
    keys: Vec<String>,
    plan: &RowsPlan,
    query: &RowsQuery,
    session: &mut Session,
) -> std::result::Result<RowsData, store::Error> {
    let found = session.by_key(table, &keys, &plan.columns).await?;
    let links = Box::pin(links(plan, query, &found.rows, session)).await;
    Ok(RowsData { found, links })
}

async fn list(plan: &ListPlan, query: &ListQuery, parents: Vec<Parent>, session: &mut Session) -> ListData {
    let places = parents.iter().enumerate().map(|(place, parent)| (parent.id().to_owned(), place)).collect();
    let (mut pages, mut counts) = (None, None);
    if plan.reads_page {
        pages = Some(self::pages(plan, query, &parents, session).await);
    }
    if plan.counts {
        counts = Some(match parents.as_slice() {
            [] => Ok(Vec::new()),
            _ => session.counts(&query.listing, &parents).await.map_err(Error::from),
        });
    }
    ListData { parents: places, pages, counts }
}

async fn pages(plan: &ListPlan, query: &ListQuery, parents: &[Parent], session: &mut Session) -> Result<PagesData> {
    let paged = session.pages(&query.listing, parents, &plan.rows.columns).await?;
    let links = Box::pin(links(&plan.rows, &query.rows, &paged.rows, session)).await;
    Ok(PagesData { paged, links })
}

/// The distinct keys in a column.
fn keys(rows: &Rows, column: u8) -> Vec<String> {
    let keys: BTreeSet<Cow<'_, str>> = rows.iter().filter_map(|row| row.key(column.into())).collect();
    keys.into_iter().map(Cow::into_owned).collect()
}
