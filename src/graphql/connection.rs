//! Lists as Relay connections: the pages and counts that resolvers ask for, gathered per level and read per list.
//!
//! A connection only knows what was asked. Its page is read when `edges`, `nodes` or `pageInfo` is selected and its count
//! when `totalCount` is, each through a loader: the lists of many parents that are asked for alike are one call of the
//! store, whatever the number of parents.

use std::{
    borrow::Cow,
    collections::HashMap,
    fmt::Debug,
    hash::Hash,
    mem::{Discriminant, discriminant},
    sync::Arc,
};

use async_graphql::{Context, Object, ObjectType, OutputType, SimpleObject, TypeName};
use futures_util::future::try_join_all;
use tokio::sync::OnceCell;

use super::{
    error::{Error, Result},
    loader::{Question, load},
    order::Choice,
    scalars::int,
};
use crate::{
    domain::page::{self, Page, PageArgs, PageRequest},
    store::{self, Counts, Pages, Parent, Reader},
};

type StoreResult<T> = std::result::Result<T, store::Error>;

/// A kind of list, named by its filter.
pub(crate) trait List: Clone + Debug + Eq + Hash + Send + Sync + 'static {
    /// What is listed.
    type Node: ObjectType + Clone + 'static;
    /// What it can be sorted by.
    type Order: page::Order + Debug + Eq + Hash + Send + Sync + 'static;
    /// How it is sorted unless asked otherwise.
    const ORDER: Choice<Self::Order>;

    /// Reads the pages of parents of one kind.
    fn pages(
        &self,
        reader: &Reader,
        parents: &[Parent],
        request: &PageRequest<Self::Order>,
    ) -> impl Future<Output = StoreResult<Pages<Self::Node>>> + Send;

    /// Counts the lists of parents of one kind.
    fn counts(&self, reader: &Reader, parents: &[Parent]) -> impl Future<Output = StoreResult<Counts>> + Send;
}

/// A list as it is being asked for.
pub(crate) struct Asked<L: List> {
    parent: Parent,
    filter: L,
    order: Choice<L::Order>,
}

impl<L: List> Asked<L> {
    pub(crate) fn of(parent: Parent, filter: L) -> Self {
        Self { parent, filter, order: L::ORDER }
    }

    /// With a filter that says more.
    pub(crate) fn with(mut self, change: impl FnOnce(&mut L)) -> Self {
        change(&mut self.filter);
        self
    }

    pub(crate) fn sorted(self, order: Option<Choice<L::Order>>) -> Self {
        Self { order: order.unwrap_or(self.order), ..self }
    }

    /// A page of it, still to be read.
    pub(crate) fn page(self, args: &PageArgs) -> Result<Connection<L>> {
        let (order, direction) = self.order;
        let request = PageRequest::new(args, order, direction, page::MAX_SIZE)?;
        Ok(Connection { asked: PageOf { parent: self.parent, filter: self.filter, request }, page: OnceCell::new() })
    }
}

/// Whose list it is: the store reads those of one kind together.
type Kind = Discriminant<Parent>;

/// Which pages are read together.
type PageKind<'a, L> = (Kind, &'a L, &'a PageRequest<<L as List>::Order>);

/// The page of a parent's list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct PageOf<L: List> {
    parent: Parent,
    filter: L,
    request: PageRequest<L::Order>,
}

impl<L: List> Question for PageOf<L> {
    type Answer = Arc<Page<L::Node>>;

    async fn answer(reader: &Reader, questions: &[Self]) -> StoreResult<HashMap<Self, Self::Answer>> {
        let mut alike: HashMap<PageKind<'_, L>, Vec<Parent>> = HashMap::new();
        for Self { parent, filter, request } in questions {
            alike.entry((discriminant(parent), filter, request)).or_default().push(parent.clone());
        }
        let read = try_join_all(alike.into_iter().map(async |((_, filter, request), parents)| {
            let mut pages = filter.pages(reader, &parents, request).await?;
            let answer = |parent: Parent| {
                let page = pages.remove(parent.id()).unwrap_or_else(Page::empty);
                (Self { parent, filter: filter.clone(), request: request.clone() }, Arc::new(page))
            };
            StoreResult::Ok(parents.into_iter().map(answer).collect::<Vec<_>>())
        }));
        Ok(read.await?.into_iter().flatten().collect())
    }
}

/// The number of rows of a parent's list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct CountOf<L: List> {
    parent: Parent,
    filter: L,
}

impl<L: List> Question for CountOf<L> {
    type Answer = i64;

    async fn answer(reader: &Reader, questions: &[Self]) -> StoreResult<HashMap<Self, i64>> {
        let mut alike: HashMap<(Kind, &L), Vec<Parent>> = HashMap::new();
        for Self { parent, filter } in questions {
            alike.entry((discriminant(parent), filter)).or_default().push(parent.clone());
        }
        let read = try_join_all(alike.into_iter().map(async |((_, filter), parents)| {
            let counts = filter.counts(reader, &parents).await?;
            let answer = |parent: Parent| {
                let count = counts.get(parent.id()).copied().unwrap_or(0);
                (Self { parent, filter: filter.clone() }, count)
            };
            StoreResult::Ok(parents.into_iter().map(answer).collect::<Vec<_>>())
        }));
        Ok(read.await?.into_iter().flatten().collect())
    }
}

/// A page of a list, and the number of rows of the whole list, each read when it is selected.
pub(crate) struct Connection<L: List> {
    asked: PageOf<L>,
    page: OnceCell<Arc<Page<L::Node>>>,
}

impl<L: List> Connection<L> {
    async fn page(&self, ctx: &Context<'_>) -> Result<&Page<L::Node>> {
        let read = self.page.get_or_try_init(async || {
            let page = load(ctx, self.asked.clone()).await?;
            page.ok_or_else(|| Error::dangling("page", self.asked.parent.id()))
        });
        Ok(read.await?)
    }
}

impl<L: List> TypeName for Connection<L> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", L::Node::type_name()).into()
    }
}

/// One page of a list, as the Relay specification describes it. A page has 20 objects unless `first` or `last` asks for
/// another number, and 200 at most.
#[Object(name_type)]
impl<L: List> Connection<L> {
    /// The objects of this page, each with its cursor.
    async fn edges(&self, ctx: &Context<'_>) -> Result<Vec<Edge<L::Node>>> {
        let rows = &self.page(ctx).await?.rows;
        Ok(rows.iter().map(|(cursor, node)| Edge { cursor: cursor.encode(), node: node.clone() }).collect())
    }

    /// The objects of this page: `edges { node }` without the cursors.
    async fn nodes(&self, ctx: &Context<'_>) -> Result<Vec<L::Node>> {
        Ok(self.page(ctx).await?.rows.iter().map(|(_, node)| node.clone()).collect())
    }

    /// Whether there is more before and after this page, and the cursors to go on from.
    async fn page_info(&self, ctx: &Context<'_>) -> Result<PageInfo> {
        let page = self.page(ctx).await?;
        Ok(PageInfo {
            has_next_page: page.has_next,
            has_previous_page: page.has_previous,
            start_cursor: page.rows.first().map(|(cursor, _)| cursor.encode()),
            end_cursor: page.rows.last().map(|(cursor, _)| cursor.encode()),
        })
    }

    /// How many objects the whole list has, on all its pages together. It is counted only when it is selected.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i32> {
        let PageOf { parent, filter, .. } = self.asked.clone();
        Ok(int(load(ctx, CountOf { parent, filter }).await?.unwrap_or(0)))
    }
}

/// An object of a page, with its cursor.
pub(crate) struct Edge<T> {
    cursor: String,
    node: T,
}

impl<T: ObjectType> TypeName for Edge<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", T::type_name()).into()
    }
}

/// An object of a page, with its place in the list.
#[Object(name_type)]
impl<T: ObjectType> Edge<T> {
    /// The place of this object in its list: pass it as `after` or `before` to go on from here. It is opaque, and good only
    /// for lists in the same order.
    async fn cursor(&self) -> &str {
        &self.cursor
    }

    /// The object.
    async fn node(&self) -> &T {
        &self.node
    }
}

/// Where a page lies in its list.
#[derive(SimpleObject)]
pub(super) struct PageInfo {
    /// Whether more objects follow: ask for them with `first` and `after: endCursor`.
    pub(super) has_next_page: bool,
    /// Whether objects precede: ask for them with `last` and `before: startCursor`.
    pub(super) has_previous_page: bool,
    /// The cursor of the first object of this page; null when the page is empty.
    pub(super) start_cursor: Option<String>,
    /// The cursor of the last object of this page; null when the page is empty.
    pub(super) end_cursor: Option<String>,
}
