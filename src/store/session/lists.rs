//! Pages of lists, with selected columns.

use std::{cmp::Ordering, collections::HashMap};

use sea_orm::{
    EntityTrait, IdenStatic, StatementBuilder,
    sea_query::{Alias, DynIden, IntoIden},
};

use super::{
    super::{cells::Row, view::View},
    Dialect, Error, Rows, Session,
};
use crate::{
    domain::{
        dependency::{Dependencies, dependencies},
        filter::{Conversations, Customers, Events, Filter, Messages, StaffMembers, Tickets},
        page::{
            ConversationOrder, Cursor, CustomerOrder, Direction, EventOrder, MessageOrder, Order, PageRequest, SortValue,
            StaffOrder, TicketOrder,
        },
        scope::Restricted,
        window::Place,
    },
    store::{
        Parent,
        narrow::{self, Searchable, Wanted},
        page::{List, Sort, cut},
        postgres::Planned,
        read::{indexed, lists, totals},
    },
};

/// A list: its type, filter, order and page.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Listing {
    /// Customers.
    Customers(Filter<Customers>, PageRequest<CustomerOrder>),
    /// Conversations.
    Conversations(Filter<Conversations>, PageRequest<ConversationOrder>),
    /// Messages.
    Messages(Filter<Messages>, PageRequest<MessageOrder>),
    /// Tickets.
    Tickets(Filter<Tickets>, PageRequest<TicketOrder>),
    /// Staff members.
    Staff(Filter<StaffMembers>, PageRequest<StaffOrder>),
    /// Stored events.
    Events(Filter<Events>, PageRequest<EventOrder>),
}

impl Listing {
    /// The same list, with a page of this many rows.
    #[must_use]
    pub fn limited(mut self, rows: u32) -> Self {
        match &mut self {
            Self::Customers(_, request) => request.limit = rows,
            Self::Conversations(_, request) => request.limit = rows,
            Self::Messages(_, request) => request.limit = rows,
            Self::Tickets(_, request) => request.limit = rows,
            Self::Staff(_, request) => request.limit = rows,
            Self::Events(_, request) => request.limit = rows,
        }
        self
    }

    /// What membership depends on, besides the rows themselves.
    pub fn dependencies(&self) -> Dependencies {
        match self {
            Self::Customers(filter, _) => dependencies(&filter.predicate),
            Self::Conversations(filter, _) => dependencies(&filter.predicate),
            Self::Messages(filter, _) => dependencies(&filter.predicate),
            Self::Tickets(filter, _) => dependencies(&filter.predicate),
            Self::Staff(filter, _) => dependencies(&filter.predicate),
            // Events are immutable.
            Self::Events(..) => Dependencies::default(),
        }
    }

    /// The largest number of rows in a page, and the sort direction.
    pub fn page(&self) -> (u32, Direction) {
        match self {
            Self::Customers(_, request) => (request.limit, request.direction),
            Self::Conversations(_, request) => (request.limit, request.direction),
            Self::Messages(_, request) => (request.limit, request.direction),
            Self::Tickets(_, request) => (request.limit, request.direction),
            Self::Staff(_, request) => (request.limit, request.direction),
            Self::Events(_, request) => (request.limit, request.direction),
        }
    }
}

/// The pages of the lists of some parents, or the page of the list of all.
#[derive(Debug)]
pub struct Paged {
    /// The rows of all pages. The requested columns come first.
    pub rows: Rows,
    /// The pages, in the order of the parents.
    pub pages: Vec<Page>,
    order: String,
    key: Key,
}

/// A page.
#[derive(Debug, Default)]
pub struct Page {
    /// The indexes of its rows in [`Paged::rows`], in list order.
    pub rows: Vec<u32>,
    /// Whether more rows follow.
    pub has_next: bool,
    /// Whether rows precede the page.
    pub has_previous: bool,
}

impl Paged {
    /// The cursor of a row, in the form that clients get.
    pub fn cursor(&self, row: u32) -> String {
        let Place { value, id } = self.place(row);
        Cursor { order: self.order.clone(), value, id }.encode()
    }

    /// The position of a row in the list's order.
    pub fn place(&self, row: u32) -> Place {
        let row: Row<'_> = self.rows.row(row as usize);
        let Key { sort, id } = self.key;
        Place { value: sort_value(row, sort), id: row.key(id).unwrap_or_default().into_owned() }
    }
}

/// The sort value in a column.
pub(super) fn sort_value(row: Row<'_>, column: usize) -> SortValue {
    match (row.int(column), row.text(column)) {
        (Some(value), _) => SortValue::Int(value),
        (None, Some(text)) => SortValue::Text(text.to_owned()),
        (None, None) => SortValue::Null,
    }
}

impl Session {
    /// The page of each parent's list, with these columns. All parents are of the same kind. Takes one statement, and on SQLite
    /// one more for each search in the filter.
    pub async fn pages(&mut self, listing: &Listing, parents: &[Parent], columns: &[&'static str]) -> Result<Paged, Error> {
        let kind = parents.first().unwrap_or(&Parent::All);
        let ids = ids(parents);
        match listing {
            Listing::Customers(filter, request) => {
                let list = self.narrowed(kind, filter, Wanted::Page, lists::customers).await?;
                self.page(&list, &ids, lists::customer_sort(request.order), request, columns, Planned::ByEstimate).await
            }
            Listing::Conversations(filter, request) => {
                let list = lists::conversations(kind, filter, self.view);
                let planned = self.planned(kind, indexed::has_conversations(filter, request.order));
                self.page(&list, &ids, lists::conversation_sort(request.order), request, columns, planned).await
            }
            Listing::Messages(filter, request) => {
                let list = self.narrowed(kind, filter, Wanted::Page, lists::messages).await?;
                let planned = self.planned(kind, indexed::has_messages(filter, request.order));
                self.page(&list, &ids, lists::message_sort(request.order), request, columns, planned).await
            }
            Listing::Tickets(filter, request) => {
                let list = self.narrowed(kind, filter, Wanted::Page, lists::tickets).await?;
                self.page(&list, &ids, lists::ticket_sort(request.order), request, columns, Planned::ByEstimate).await
            }
            Listing::Staff(filter, request) => {
                let list = lists::staff(filter, self.view);
                self.page(&list, &ids, lists::staff_sort(request.order), request, columns, Planned::ByEstimate).await
            }
            Listing::Events(filter, request) => {
                let list = lists::events(kind, filter, self.view);
                self.page(&list, &ids, lists::event_sort(request.order), request, columns, Planned::ByEstimate).await
            }
        }
    }

    /// The number of rows in each parent's list. All parents are of the same kind. Takes one statement, and on SQLite one more for
    /// each search in the filter.
    pub async fn counts(&mut self, listing: &Listing, parents: &[Parent]) -> Result<Vec<i64>, Error> {
        let kind = parents.first().unwrap_or(&Parent::All);
        let (ids, sql, view) = (ids(parents), self.sql(), self.view);
        let total = match listing {
            Listing::Customers(filter, _) => totals::customers(kind, filter, view),
            Listing::Conversations(filter, _) => totals::conversations(kind, filter, view),
            Listing::Messages(filter, _) => totals::messages(kind, filter, view),
            Listing::Tickets(filter, _) => totals::tickets(kind, filter, view),
            Listing::Staff(filter, _) => totals::staff(filter),
            Listing::Events(filter, _) => totals::events(kind, filter, view),
        };
        let statement = match (total, listing) {
            (Some(total), _) => total,
            (None, Listing::Customers(filter, _)) => {
                self.narrowed(kind, filter, Wanted::Every, lists::customers).await?.count_statement(&ids, sql)
            }
            (None, Listing::Conversations(filter, _)) => lists::conversations(kind, filter, view).count_statement(&ids, sql),
            (None, Listing::Messages(filter, _)) => {
                self.narrowed(kind, filter, Wanted::Every, lists::messages).await?.count_statement(&ids, sql)
            }
            (None, Listing::Tickets(filter, _)) => {
                self.narrowed(kind, filter, Wanted::Every, lists::tickets).await?.count_statement(&ids, sql)
            }
            (None, Listing::Staff(filter, _)) => lists::staff(filter, view).count_statement(&ids, sql),
            (None, Listing::Events(filter, _)) => lists::events(kind, filter, view).count_statement(&ids, sql),
        };
        let rows = self.select(&statement).await?;
        if *kind == Parent::All {
            return Ok(vec![rows.iter().next().and_then(|row| row.int(0)).unwrap_or(0)]);
        }
        let counts: HashMap<&str, i64> = rows.iter().filter_map(|row| Some((row.text(1)?, row.int(0)?))).collect();
        Ok(ids.iter().map(|id| counts.get(id.as_str()).copied().unwrap_or(0)).collect())
    }

    /// A list in the form that reads fastest. Only the list of all is long enough for a search to decide the form.
    async fn narrowed<C: Searchable, E: EntityTrait>(
        &mut self,
        parent: &Parent,
        filter: &Filter<C>,
        wanted: Wanted,
        list: fn(&Parent, &Filter<C>, View) -> List<E>,
    ) -> Result<List<E>, Error> {
        let view = self.view;
        let mut list = list(parent, filter, view);
        if *parent == Parent::All {
            let narrowed = narrow::narrow(self, filter, wanted, view).await?;
            list.is_searched = narrowed.is_searched();
            list.condition = narrowed.condition(view);
            if view.sql == Dialect::Postgres && wanted == Wanted::Page && narrow::is_search(filter) {
                list.is_gathered = narrow::are_few(self.guess(&list.matches()).await?);
            }
        }
        Ok(list)
    }

    /// When the statement of a list is planned. A role's rules add conditions that no index has.
    fn planned(&self, parent: &Parent, is_indexed: bool) -> Planned {
        let is_whole = *parent == Parent::All && self.view.restricted == Restricted::default();
        if is_whole && is_indexed { Planned::Once } else { Planned::ByEstimate }
    }

    async fn page<E: EntityTrait, O: Order>(
        &mut self,
        list: &List<E>,
        parents: &[String],
        sort: Sort<E::Column>,
        request: &PageRequest<O>,
        columns: &[&'static str],
        planned: Planned,
    ) -> Result<Paged, Error> {
        let mut names = columns.to_vec();
        let mut place = |name: &'static str| {
            names.iter().position(|other| *other == name).unwrap_or_else(|| {
                names.push(name);
                names.len() - 1
            })
        };
        let key = Key { sort: place(sort.column.as_str()), id: place(list.id.as_str()) };
        let read: Vec<DynIden> = names.iter().map(|name| Alias::new(*name).into_iden()).collect();
        let statement = list.page_of(&read, parents, sort, request, self.sql());
        let rows = self.query(StatementBuilder::build(&statement, &self.backend()), planned).await?;
        let mut pages: Vec<Vec<u32>> = vec![Vec::new(); if list.belongs.is_none() { 1 } else { parents.len() }];
        if list.belongs.is_none() {
            pages[0].extend((0..).take(rows.len()));
        } else {
            let places: HashMap<&str, usize> = parents.iter().enumerate().map(|(place, id)| (id.as_str(), place)).collect();
            for (at, row) in (0..).zip(rows.iter()) {
                if let Some(place) = row.text(read.len()).and_then(|parent| places.get(parent)) {
                    pages[*place].push(at);
                }
            }
        }
        let sorted = |mut page: Vec<u32>| {
            page.sort_by(|a, b| key.compare(rows.row(*a as usize), rows.row(*b as usize), request));
            let (rows, has_next, has_previous) = cut(page, request);
            Page { rows, has_next, has_previous }
        };
        let pages = pages.into_iter().map(sorted).collect();
        Ok(Paged { rows, pages, order: request.order_name(), key })
    }
}

/// The columns that have the sort key of a list.
#[derive(Clone, Copy, Debug)]
struct Key {
    sort: usize,
    id: usize,
}

impl Key {
    /// Compares rows in reading order. Rows without a sort value come last in the list.
    fn compare<O: Order>(self, a: Row<'_>, b: Row<'_>, request: &PageRequest<O>) -> Ordering {
        let Self { sort, id } = self;
        let ascends = (request.direction == Direction::Asc) != request.from_end;
        let directed = |ordering: Ordering| if ascends { ordering } else { ordering.reverse() };
        let is_last = |row: Row<'_>| row.is_null(sort) != request.from_end;
        is_last(a)
            .cmp(&is_last(b))
            .then_with(|| directed(a.int(sort).cmp(&b.int(sort)).then_with(|| a.text(sort).cmp(&b.text(sort)))))
            .then_with(|| directed(a.int(id).cmp(&b.int(id)).then_with(|| a.text(id).cmp(&b.text(id)))))
    }
}

fn ids(parents: &[Parent]) -> Vec<String> {
    parents.iter().map(|parent| parent.id().to_owned()).collect()
}
