//! Lists as Relay connections.
//!
//! A connection is lazy: it reads its page only if `edges`, `nodes` or `pageInfo` is selected, and its count only if
//! `totalCount` is. Both use a loader, which reads the lists of all parents with the same filter, order and page in one call of
//! the store.

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

/// A kind of list, identified by the type of its filter.
pub(crate) trait List: Clone + Debug + Eq + Hash + Send + Sync + 'static {
    /// The type of the items.
    type Node: ObjectType + Clone + 'static;
    /// The sort keys.
    type Order: page::Order + Debug + Eq + Hash + Send + Sync + 'static;
    /// The default order.
    const ORDER: Choice<Self::Order>;

    /// Reads one page for each parent; all parents have the same type.
    fn pages(
        &self,
        reader: &Reader,
        parents: &[Parent],
        request: &PageRequest<Self::Order>,
    ) -> impl Future<Output = StoreResult<Pages<Self::Node>>> + Send;

    /// Counts the list of each parent; all parents have the same type.
    fn counts(&self, reader: &Reader, parents: &[Parent]) -> impl Future<Output = StoreResult<Counts>> + Send;
}

/// Builds a connection from the arguments of a list field.
pub(crate) struct ListRequest<L: List> {
    parent: Parent,
    filter: L,
    order: Choice<L::Order>,
}

impl<L: List> ListRequest<L> {
    pub(crate) fn of(parent: Parent, filter: L) -> Self {
        Self { parent, filter, order: L::ORDER }
    }

    /// Changes the filter.
    pub(crate) fn with(mut self, change: impl FnOnce(&mut L)) -> Self {
        change(&mut self.filter);
        self
    }

    pub(crate) fn sorted(self, order: Option<Choice<L::Order>>) -> Self {
        Self { order: order.unwrap_or(self.order), ..self }
    }

    /// The connection for the page that `args` select. Reads nothing yet.
    pub(crate) fn page(self, args: &PageArgs) -> Result<Connection<L>> {
        let (order, direction) = self.order;
        let request = PageRequest::new(args, order, direction, page::MAX_SIZE)?;
        Ok(Connection { key: PageOf { parent: self.parent, filter: self.filter, request }, page: OnceCell::new() })
    }
}

/// The type of a parent. The store reads lists together only for parents of one type.
type Kind = Discriminant<Parent>;

/// What pages must have in common to be read together.
type PageKind<'a, L> = (Kind, &'a L, &'a PageRequest<<L as List>::Order>);

/// Loader key: a page of a parent's list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct PageOf<L: List> {
    parent: Parent,
    filter: L,
    request: PageRequest<L::Order>,
}

impl<L: List> Question for PageOf<L> {
    type Answer = Arc<Page<L::Node>>;

    async fn answer(reader: &Reader, questions: &[Self]) -> StoreResult<HashMap<Self, Self::Answer>> {
        let mut groups: HashMap<PageKind<'_, L>, Vec<Parent>> = HashMap::new();
        for Self { parent, filter, request } in questions {
            groups.entry((discriminant(parent), filter, request)).or_default().push(parent.clone());
        }
        let read = try_join_all(groups.into_iter().map(async |((_, filter, request), parents)| {
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

/// Loader key: the number of items in a parent's list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct CountOf<L: List> {
    parent: Parent,
    filter: L,
}

impl<L: List> Question for CountOf<L> {
    type Answer = i64;

    async fn answer(reader: &Reader, questions: &[Self]) -> StoreResult<HashMap<Self, i64>> {
        let mut groups: HashMap<(Kind, &L), Vec<Parent>> = HashMap::new();
        for Self { parent, filter } in questions {
            groups.entry((discriminant(parent), filter)).or_default().push(parent.clone());
        }
        let read = try_join_all(groups.into_iter().map(async |((_, filter), parents)| {
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

/// A page of a list and the list's total count, each read when selected.
pub(crate) struct Connection<L: List> {
    key: PageOf<L>,
    page: OnceCell<Arc<Page<L::Node>>>,
}

impl<L: List> Connection<L> {
    async fn page(&self, ctx: &Context<'_>) -> Result<&Page<L::Node>> {
        let read = self.page.get_or_try_init(async || {
            let page = load(ctx, self.key.clone()).await?;
            page.ok_or_else(|| Error::dangling("page", self.key.parent.id()))
        });
        Ok(read.await?)
    }
}

impl<L: List> TypeName for Connection<L> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", L::Node::type_name()).into()
    }
}

/// One page of a list, as the Relay specification defines it. A page has up to 20 items by default and up to 200 with `first`
/// or `last`.
#[Object(name_type)]
impl<L: List> Connection<L> {
    /// The items of this page, each with its cursor.
    async fn edges(&self, ctx: &Context<'_>) -> Result<Vec<Edge<L::Node>>> {
        let rows = &self.page(ctx).await?.rows;
        Ok(rows.iter().map(|(cursor, node)| Edge { cursor: cursor.encode(), node: node.clone() }).collect())
    }

    /// The items of this page without cursors: shorthand for `edges { node }`.
    async fn nodes(&self, ctx: &Context<'_>) -> Result<Vec<L::Node>> {
        Ok(self.page(ctx).await?.rows.iter().map(|(_, node)| node.clone()).collect())
    }

    /// Whether there are more pages in each direction, and the cursors to request them with.
    async fn page_info(&self, ctx: &Context<'_>) -> Result<PageInfo> {
        let page = self.page(ctx).await?;
        Ok(PageInfo {
            has_next_page: page.has_next,
            has_previous_page: page.has_previous,
            start_cursor: page.rows.first().map(|(cursor, _)| cursor.encode()),
            end_cursor: page.rows.last().map(|(cursor, _)| cursor.encode()),
        })
    }

    /// The number of items in the whole list, across all pages. Computed only when selected.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i32> {
        let PageOf { parent, filter, .. } = self.key.clone();
        Ok(int(load(ctx, CountOf { parent, filter }).await?.unwrap_or(0)))
    }
}

/// An item of a page, with its cursor.
pub(crate) struct Edge<T> {
    cursor: String,
    node: T,
}

impl<T: ObjectType> TypeName for Edge<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", T::type_name()).into()
    }
}

/// An item of a page, with its position in the list.
#[Object(name_type)]
impl<T: ObjectType> Edge<T> {
    /// The position of this item in the list, for the arguments `after` and `before`. The string is opaque, and valid only in
    /// lists with the same order.
    async fn cursor(&self) -> &str {
        &self.cursor
    }

    /// The item.
    async fn node(&self) -> &T {
        &self.node
    }
}

/// The position of a page in its list, as the Relay specification defines it.
#[derive(SimpleObject)]
pub(super) struct PageInfo {
    /// Whether items follow this page. Request them with `first` and `after: endCursor`.
    pub(super) has_next_page: bool,
    /// Whether items precede this page. Request them with `last` and `before: startCursor`.
    pub(super) has_previous_page: bool,
    /// The cursor of the first item of this page. Null if the page is empty.
    pub(super) start_cursor: Option<String>,
    /// The cursor of the last item of this page. Null if the page is empty.
    pub(super) end_cursor: Option<String>,
}
