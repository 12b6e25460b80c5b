//! The six lists: the sort column and the possible parents of each. Page queries are in `store::page`.
//!
//! Each function reads the pages (or counts) of many parents at once. The parents of one call are all of the same kind.

use std::collections::HashMap;

use entity::{assignee, conversation, customer, event, event_subject, message, staff, ticket, ticket_alias};
use sea_orm::{
    ColumnTrait, EntityTrait,
    sea_query::{Expr, ExprTrait, Query, SimpleExpr},
};

use super::{Reader, totals};
use crate::{
    domain::{
        change::SubjectType,
        conversation::Conversation,
        customer::Customer,
        filter::{Conversations, Customers, Events, Filter, Messages, StaffMembers, Tickets},
        message::Message,
        page::{ConversationOrder, CustomerOrder, EventOrder, MessageOrder, Page, PageRequest, StaffOrder, TicketOrder},
        staff::Staff,
        ticket::Ticket,
    },
    store::{
        Error, Parent, filter,
        log::{StoredEvent, stored_event},
        narrow::{self, Searchable, Wanted},
        page::{Belongs, List, Sort},
        rows,
        view::View,
    },
};

#[expect(clippy::unnecessary_wraps, reason = "every list but that of all has one")]
fn by(belongs: impl Fn(SimpleExpr) -> SimpleExpr + Send + Sync + 'static) -> Option<Belongs> {
    Some(Box::new(belongs))
}

/// No row belongs to a parent of an unsupported kind: such a list is empty.
fn nothing(_: SimpleExpr) -> SimpleExpr {
    Expr::value(false)
}

pub(in crate::store) fn customers(parent: &Parent, condition: &Filter<Customers>, view: View) -> List<customer::Entity> {
    let belongs = match parent {
        Parent::All => None,
        Parent::Staff(_) => by(|staff| customer::Column::ManagerId.into_expr().eq(staff)),
        Parent::Customer(_) | Parent::Conversation(_) | Parent::Ticket(_) => by(nothing),
    };
    List {
        id: customer::Column::Id,
        condition: filter::condition(condition, view),
        belongs,
        is_searched: false,
        is_gathered: false,
    }
}

pub(in crate::store) fn conversations(
    parent: &Parent,
    condition: &Filter<Conversations>,
    view: View,
) -> List<conversation::Entity> {
    let belongs = match parent {
        Parent::All => None,
        Parent::Customer(_) => by(move |customer| view.customer_link(conversation::Column::CustomerId).eq(customer)),
        Parent::Staff(_) => by(|staff| {
            let assigned = Query::select()
                .column(assignee::Column::ConversationId)
                .from(assignee::Entity)
                .and_where(assignee::Column::StaffId.into_expr().eq(staff))
                .to_owned();
            conversation::Column::Id.into_expr().in_subquery(assigned)
        }),
        Parent::Conversation(_) | Parent::Ticket(_) => by(nothing),
    };
    List {
        id: conversation::Column::Id,
        condition: filter::condition(condition, view),
        belongs,
        is_searched: false,
        is_gathered: false,
    }
}

pub(in crate::store) fn messages(parent: &Parent, condition: &Filter<Messages>, view: View) -> List<message::Entity> {
    let belongs = match parent {
        Parent::All => None,
        Parent::Customer(_) => by(move |customer| view.customer_link(message::Column::CustomerId).eq(customer)),
        Parent::Conversation(_) => by(|conversation| message::Column::ConversationId.into_expr().eq(conversation)),
        Parent::Staff(_) | Parent::Ticket(_) => by(nothing),
    };
    List {
        id: message::Column::Key,
        condition: filter::condition(condition, view),
        belongs,
        is_searched: false,
        is_gathered: false,
    }
}

pub(in crate::store) fn tickets(parent: &Parent, condition: &Filter<Tickets>, view: View) -> List<ticket::Entity> {
    let belongs = match parent {
        Parent::All => None,
        Parent::Customer(_) => by(|customer| ticket::Column::CustomerId.into_expr().eq(customer)),
        Parent::Staff(_) => by(|staff| ticket::Column::AssigneeId.into_expr().eq(staff)),
        Parent::Conversation(_) | Parent::Ticket(_) => by(nothing),
    };
    List {
        id: ticket::Column::Id,
        condition: filter::condition(condition, view),
        belongs,
        is_searched: false,
        is_gathered: false,
    }
}

pub(in crate::store) fn staff(condition: &Filter<StaffMembers>, view: View) -> List<staff::Entity> {
    List {
        id: staff::Column::Id,
        condition: filter::condition(condition, view),
        belongs: None,
        is_searched: false,
        is_gathered: false,
    }
}

fn about(subject: SubjectType, ids: SimpleExpr) -> SimpleExpr {
    let seqs = Query::select()
        .column(event_subject::Column::Seq)
        .from(event_subject::Entity)
        .and_where(event_subject::Column::SubjectType.eq(subject.word()))
        .and_where(ids)
        .to_owned();
    event::Column::Seq.into_expr().in_subquery(seqs)
}

pub(in crate::store) fn events(parent: &Parent, condition: &Filter<Events>, view: View) -> List<event::Entity> {
    let belongs = match parent {
        Parent::All => None,
        Parent::Customer(_) => {
            by(|customer| about(SubjectType::Customer, event_subject::Column::SubjectId.into_expr().eq(customer)))
        }
        Parent::Conversation(_) => {
            by(|conversation| about(SubjectType::Conversation, event_subject::Column::SubjectId.into_expr().eq(conversation)))
        }
        Parent::Ticket(_) => by(|ticket| {
            let aliases = Query::select()
                .column(ticket_alias::Column::Id)
                .from(ticket_alias::Entity)
                .and_where(ticket_alias::Column::TicketId.into_expr().eq(ticket))
                .to_owned();
            about(SubjectType::Ticket, event_subject::Column::SubjectId.into_expr().in_subquery(aliases))
        }),
        Parent::Staff(_) => by(nothing),
    };
    List {
        id: event::Column::Seq,
        condition: filter::condition(condition, view),
        belongs,
        is_searched: false,
        is_gathered: false,
    }
}

pub(in crate::store) fn event_sort(order: EventOrder) -> Sort<event::Column> {
    match order {
        EventOrder::Seq => Sort::int(event::Column::Seq),
    }
}

pub(in crate::store) fn customer_sort(order: CustomerOrder) -> Sort<customer::Column> {
    let sort = match order {
        CustomerOrder::Name => Sort::text(customer::Column::NameKey),
        CustomerOrder::CreatedAt => Sort::int(customer::Column::CreatedAt),
        CustomerOrder::UpdatedAt => Sort::int(customer::Column::UpdatedAt),
    };
    sort.nullable()
}

pub(in crate::store) fn conversation_sort(order: ConversationOrder) -> Sort<conversation::Column> {
    match order {
        ConversationOrder::LastMessageAt => Sort::int(conversation::Column::LastMessageAt).nullable(),
        ConversationOrder::StartedAt => Sort::int(conversation::Column::StartedAt).nullable(),
        ConversationOrder::UnreadCount => Sort::int(conversation::Column::UnreadCount),
    }
}

pub(in crate::store) fn message_sort(order: MessageOrder) -> Sort<message::Column> {
    match order {
        MessageOrder::SentAt => Sort::int(message::Column::SentAt),
    }
}

pub(in crate::store) fn ticket_sort(order: TicketOrder) -> Sort<ticket::Column> {
    let sort = match order {
        TicketOrder::CreatedAt => Sort::int(ticket::Column::CreatedAt),
        TicketOrder::DueAt => Sort::int(ticket::Column::DueAt),
        TicketOrder::UpdatedAt => Sort::int(ticket::Column::UpdatedAt),
        TicketOrder::Level => Sort::int(ticket::Column::LevelRank),
    };
    sort.nullable()
}

pub(in crate::store) fn staff_sort(order: StaffOrder) -> Sort<staff::Column> {
    match order {
        StaffOrder::Name => Sort::text(staff::Column::NameKey).nullable(),
    }
}

fn ids(parents: &[Parent]) -> Vec<String> {
    parents.iter().map(|parent| parent.id().to_owned()).collect()
}

/// Converts the rows of pages to domain values.
fn read<M, T>(pages: HashMap<String, Page<M>>, read: impl Fn(M) -> Result<T, Error>) -> Result<HashMap<String, Page<T>>, Error> {
    pages
        .into_iter()
        .map(|(parent, page)| {
            let rows = page.rows.into_iter().map(|(cursor, row)| Ok((cursor, read(row)?))).collect::<Result<_, Error>>()?;
            Ok((parent, Page { rows, has_next: page.has_next, has_previous: page.has_previous }))
        })
        .collect()
}

/// Pages by the parent's id.
pub type Pages<T> = HashMap<String, Page<T>>;

/// Counts by the parent's id.
pub type Counts = HashMap<String, i64>;

impl Reader {
    /// A list in the form that reads fastest. Only the list of all is long enough for a search to decide the form.
    async fn narrowed<C: Searchable, E: EntityTrait>(
        &self,
        parent: &Parent,
        filter: &Filter<C>,
        wanted: Wanted,
        list: fn(&Parent, &Filter<C>, View) -> List<E>,
    ) -> Result<List<E>, Error> {
        let mut list = list(parent, filter, self.view());
        if *parent == Parent::All {
            list.condition = narrow::narrow(&mut self.db().clone(), filter, wanted, self.view()).await?.condition(self.view());
        }
        Ok(list)
    }

    /// Customers: all, or those managed by staff members.
    pub async fn customers(
        &self,
        parents: &[Parent],
        filter: &Filter<Customers>,
        request: &PageRequest<CustomerOrder>,
    ) -> Result<Pages<Customer>, Error> {
        let Some(parent) = parents.first() else { return Ok(HashMap::new()) };
        let sort = customer_sort(request.order);
        let pages =
            self.narrowed(parent, filter, Wanted::Page, customers).await?.pages(self.db(), &ids(parents), sort, request).await?;
        read(pages, |row| Ok(rows::customer(row)))
    }

    /// The number of customers in each of these lists.
    pub async fn customer_counts(&self, parents: &[Parent], filter: &Filter<Customers>) -> Result<Counts, Error> {
        let Some(parent) = parents.first() else { return Ok(HashMap::new()) };
        if let Some(total) = totals::customers(parent, filter, self.view()) {
            return self.total(&total).await;
        }
        self.narrowed(parent, filter, Wanted::Every, customers).await?.counts(self.db(), &ids(parents)).await
    }

    /// Conversations: all, those of customers, or those assigned to staff members.
    pub async fn conversations(
        &self,
        parents: &[Parent],
        filter: &Filter<Conversations>,
        request: &PageRequest<ConversationOrder>,
    ) -> Result<Pages<Conversation>, Error> {
        let Some(parent) = parents.first() else { return Ok(HashMap::new()) };
        let sort = conversation_sort(request.order);
        let pages = conversations(parent, filter, self.view()).pages(self.db(), &ids(parents), sort, request).await?;
        read(pages, |row| Ok(rows::conversation(row)))
    }

    /// The number of conversations in each of these lists.
    pub async fn conversation_counts(&self, parents: &[Parent], filter: &Filter<Conversations>) -> Result<Counts, Error> {
        let Some(parent) = parents.first() else { return Ok(HashMap::new()) };
        if let Some(total) = totals::conversations(parent, filter, self.view()) {
            return self.total(&total).await;
        }
        conversations(parent, filter, self.view()).counts(self.db(), &ids(parents)).await
    }

    /// Messages: all, those of customers, or those of conversations.
    pub async fn messages(
        &self,
        parents: &[Parent],
        filter: &Filter<Messages>,
        request: &PageRequest<MessageOrder>,
    ) -> Result<Pages<Message>, Error> {
        let Some(parent) = parents.first() else { return Ok(HashMap::new()) };
        let sort = message_sort(request.order);
        let pages =
            self.narrowed(parent, filter, Wanted::Page, messages).await?.pages(self.db(), &ids(parents), sort, request).await?;
        read(pages, rows::message)
    }

    /// The number of messages in each of these lists.
    pub async fn message_counts(&self, parents: &[Parent], filter: &Filter<Messages>) -> Result<Counts, Error> {
        let Some(parent) = parents.first() else { return Ok(HashMap::new()) };
        if let Some(total) = totals::messages(parent, filter, self.view()) {
            return self.total(&total).await;
        }
        self.narrowed(parent, filter, Wanted::Every, messages).await?.counts(self.db(), &ids(parents)).await
    }

    /// Tickets: all, those of customers, or those assigned to staff members.
    pub async fn tickets(
        &self,
        parents: &[Parent],
        filter: &Filter<Tickets>,
        request: &PageRequest<TicketOrder>,
    ) -> Result<Pages<Ticket>, Error> {
        let Some(parent) = parents.first() else { return Ok(HashMap::new()) };
        let sort = ticket_sort(request.order);
        let pages =
            self.narrowed(parent, filter, Wanted::Page, tickets).await?.pages(self.db(), &ids(parents), sort, request).await?;
        read(pages, rows::ticket)
    }

    /// The number of tickets in each of these lists.
    pub async fn ticket_counts(&self, parents: &[Parent], filter: &Filter<Tickets>) -> Result<Counts, Error> {
        let Some(parent) = parents.first() else { return Ok(HashMap::new()) };
        if let Some(total) = totals::tickets(parent, filter, self.view()) {
            return self.total(&total).await;
        }
        self.narrowed(parent, filter, Wanted::Every, tickets).await?.counts(self.db(), &ids(parents)).await
    }

    /// Staff members.
    pub async fn staff(&self, filter: &Filter<StaffMembers>, request: &PageRequest<StaffOrder>) -> Result<Page<Staff>, Error> {
        let sort = staff_sort(request.order);
        let mut pages = read(staff(filter, self.view()).pages(self.db(), &[], sort, request).await?, |row| Ok(rows::staff(row)))?;
        Ok(pages.remove("").unwrap_or_else(Page::empty))
    }

    /// The number of staff members in this list.
    pub async fn staff_count(&self, filter: &Filter<StaffMembers>) -> Result<i64, Error> {
        let mut counts = match totals::staff(filter) {
            Some(total) => self.total(&total).await?,
            None => staff(filter, self.view()).counts(self.db(), &[]).await?,
        };
        Ok(counts.remove("").unwrap_or(0))
    }

    /// Events: all, or those about customers, conversations or tickets.
    pub async fn events(
        &self,
        parents: &[Parent],
        filter: &Filter<Events>,
        request: &PageRequest<EventOrder>,
    ) -> Result<Pages<StoredEvent>, Error> {
        let Some(parent) = parents.first() else { return Ok(HashMap::new()) };
        let sort = event_sort(request.order);
        read(events(parent, filter, self.view()).pages(self.db(), &ids(parents), sort, request).await?, stored_event)
    }

    /// The number of events in each of these lists.
    pub async fn event_counts(&self, parents: &[Parent], filter: &Filter<Events>) -> Result<Counts, Error> {
        let Some(parent) = parents.first() else { return Ok(HashMap::new()) };
        if let Some(total) = totals::events(parent, filter, self.view()) {
            return self.total(&total).await;
        }
        events(parent, filter, self.view()).counts(self.db(), &ids(parents)).await
    }
}
