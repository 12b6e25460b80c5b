//! Live: subscriptions as followers of topics.
//!
//! Equal subscriptions (same document, operation, variables except `after`, and scope) share a [topic](topic). The [hub](hub)
//! tests each change against all topics, makes each payload once and publishes it to its topic. A [follower](follower) is a
//! position in a topic.
//!
//! ```text
//!   request ─ open ─▶ topic, created on demand ◀─ payloads ─ hub ◀─ changes ─ feed
//!                       ├─▶ follower ─▶ transport
//!                       └─▶ follower ─▶ transport
//! ```
//!
//! - [`registry`]: all topics, the source of each, and which of them a change may concern. The source of a topic is either
//!   changes ([`registry::watching`]), or a result that is [kept up to date](live_result): a [`page`] or a [`statistic`].
//! - [`hub`]: the task that serves changes; [`hub::updater`]: the task that updates live results.
//! - [`executed`]: payloads made by async-graphql, for documents that plans don't support.
//!
//! While the store is unavailable, a subscription waits; it loses no change and sends no error. A permanent error ends it, with
//! `INTERNAL`, or with `LIMIT_EXCEEDED` if its filter exceeds the time limit of a statement. Resuming after its last cursor
//! loses nothing either.

mod executed;
mod follower;
mod hub;
mod live_result;
mod page;
mod registry;
mod statistic;
mod topic;

use std::{
    any::TypeId,
    ops::BitOr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicI64},
    },
};

use async_graphql::{Request, Response, Variables};
use sha2::{Digest, Sha256};

use self::{
    executed::Executed,
    follower::{Follower, Membership, Needs, failed},
    hub::Hub,
    page::LivePage,
    registry::{
        Fingerprint, Key,
        source::Source,
        subject::Subject,
        watching::{Execution, Watching},
    },
    statistic::Statistic,
};
use super::{
    bookmark::Bookmark,
    document::Document,
    error::Error,
    executor::Executor,
    filter::Described,
    loader::{ConversationById, CustomerById, EventBySeq, MessageByKey, TicketById},
    plan::{Refused, Subscribed},
    request_id::RequestId,
    role::Viewer,
};
use crate::{
    clock::Clock,
    domain::{
        change::SubjectType,
        dependency::{Dependencies, Depends, dependencies},
        filter::{Conversations, Messages, Predicate, Tickets},
        scope::{Restricted, Scope},
    },
    feed::{self, Feed},
    metrics::Transport,
    store::Store,
};

/// The subscriptions of one gateway. Cheap to clone.
#[derive(Clone)]
pub(super) struct Live {
    hub: Arc<Hub>,
    store: Store,
}

/// The request of a subscription to be opened. It must be valid.
pub(super) struct Opening {
    pub(super) request: Request,
    pub(super) document: Arc<Document>,
    pub(super) viewer: Viewer,
    /// Executes payloads that plans don't support.
    pub(super) executor: Executor,
    pub(super) id: RequestId,
    pub(super) bookmark: Option<Bookmark>,
}

/// The outcome of opening a subscription.
pub(super) enum Opened {
    /// The stream of its responses.
    Follows(Follower),
    /// It can't start.
    Failed(Response),
    /// Its arguments are invalid; async-graphql has to produce the error message.
    Refused(Opening),
}

impl Live {
    pub(super) fn new(store: Store, feed: Feed, clock: Clock) -> Self {
        Self { hub: Arc::new(Hub::new(feed, clock)), store }
    }

    /// Opens a subscription.
    pub(super) async fn open(&self, opening: Opening) -> Opened {
        let variables = &opening.request.variables;
        let Some(subscribed) = opening.document.subscribed(variables, opening.viewer.masked()) else {
            return Opened::Refused(opening);
        };
        let Ok(after) = subscribed.after(variables) else { return Opened::Refused(opening) };
        let source = match &*subscribed.name {
            "messageAdded" => self.changes::<MessageByKey>(&opening, &subscribed),
            "conversationChanged" => self.changes::<ConversationById>(&opening, &subscribed),
            "customerChanged" => self.changes::<CustomerById>(&opening, &subscribed),
            "ticketChanged" => self.changes::<TicketById>(&opening, &subscribed),
            "eventStored" => self.changes::<EventBySeq>(&opening, &subscribed),
            "messageStatsLive" => self.statistic::<Messages>(&opening, &subscribed, SubjectType::Message),
            "conversationStatsLive" => self.statistic::<Conversations>(&opening, &subscribed, SubjectType::Conversation),
            "ticketStatsLive" => self.statistic::<Tickets>(&opening, &subscribed, SubjectType::Ticket),
            _ => self.page(&opening, &subscribed),
        };
        match source {
            Ok(source) => self.follow(opening, &subscribed, source, after).await,
            Err(Unserved::Refused) => Opened::Refused(opening),
            Err(Unserved::Failed(error)) => Opened::Failed(failed(error, &subscribed.key, subscribed.pos, &opening.id)),
        }
    }

    async fn follow(&self, opening: Opening, subscribed: &Subscribed, source: Source, after: Option<String>) -> Opened {
        let key = key(&opening, subscribed);
        let left = opening.bookmark.as_ref().and_then(Bookmark::left).map(str::to_owned);
        let after = left.or(after);
        let (id, bookmark) = (opening.id.clone(), opening.bookmark.clone());
        let root = (subscribed.key.clone(), subscribed.pos);
        let transport = transport(&opening.request);
        let entered = async {
            self.hub.run(&self.store).await?;
            // The topic is entered before the position is read, so that no change is missed between the two.
            let (topic, source) = self.hub.registry().enter(key.clone(), &self.hub.through, source, self.hub.feed.metrics());
            let membership = Membership::new(self.hub.clone(), topic, source, key);
            let after = match &after {
                Some(after) => Some(self.hub.feed.resume(after, self.hub.through()).await?),
                None => None,
            };
            let position = match &after {
                Some(after) => after.position,
                None => self.hub.feed.head().await?,
            };
            let needs = match (membership.source(), after) {
                (Source::Changes(_), _) => Needs::Payloads,
                (Source::Result(_), None) => Needs::Start,
                (Source::Result(_), Some(after)) => Needs::StartUnlessSame(after),
            };
            Ok::<_, feed::Error>((membership, position, needs))
        };
        match entered.await {
            Ok((membership, position, needs)) => {
                if let Some(bookmark) = &bookmark {
                    let is_first_needed = matches!(needs, Needs::Start);
                    bookmark.begin(self.hub.feed.store_id().clone(), position, is_first_needed, membership.topic().clone());
                }
                Opened::Follows(Follower::new(membership, position, needs, bookmark, id, Arc::new(root), transport))
            }
            Err(error) => Opened::Failed(failed(Error::from(error), &root.0, root.1, &id)),
        }
    }

    /// The source for changes of one type of object.
    fn changes<Q: Subject>(&self, opening: &Opening, subscribed: &Arc<Subscribed>) -> Result<Source, Unserved>
    where
        Q::Collection: Described,
    {
        let filter = subscribed.predicate::<Q::Collection>(&opening.request.variables)?;
        let filter = filter.map(Predicate::simplified).filter(|filter| *filter != Predicate::default());
        let scope = opening.viewer.scope().clone();
        let clock = self.hub.clock.clone();
        let variables = opening.request.variables.clone();
        let document = fingerprint(&(&opening.request.query, &opening.request.operation_name));
        let execution = if subscribed.accepts(&variables, clock.now()) {
            // Without dependence on variables, none need to be kept.
            let variables = if subscribed.has_variables { variables } else { Variables::default() };
            Execution::Planned(subscribed.clone(), variables)
        } else {
            Execution::Executed(Box::new(self.executed(opening, scope.clone())))
        };
        let filter = filter.map(Arc::new);
        let watching = Watching::<Q> { filter, reader: self.store.reader(scope), document, execution, clock };
        Ok(Source::Changes(Arc::new(watching)))
    }

    /// The source for a live page.
    fn page(&self, opening: &Opening, subscribed: &Arc<Subscribed>) -> Result<Source, Unserved> {
        let (variables, scope) = (opening.request.variables.clone(), opening.viewer.scope().clone());
        let Some(page) = &subscribed.page else {
            return Err(Unserved::Failed(Error::BadInput {
                argument: subscribed.name.to_string().into(),
                message: format!(
                    "`{}` can't keep all of this up to date: leave out `cursor` and `subjects` of events, and read them with a query",
                    subscribed.name
                ),
            }));
        };
        let query = subscribed.page_query(&variables, self.hub.clock.now()).ok_or(Unserved::Refused)?;
        let of_scope = scope.dependencies();
        let restricted = scope.restricted();
        let mut membership = query.listing.dependencies() | of_scope;
        if restricted.customers && membership.links {
            // A link is null while its customer is hidden.
            membership = membership | Dependencies::on(SubjectType::Customer);
        }
        let mut contents = page.reach().any;
        if restricted.customers && page.reach().single.has(SubjectType::Customer) {
            // A hidden customer stays unknown here until it becomes visible.
            contents = contents | Dependencies::on(SubjectType::Customer) | of_scope;
        }
        let through = Arc::new(AtomicI64::new(0));
        Ok(Source::Result(Arc::new(LivePage {
            subscribed: subscribed.clone(),
            membership,
            contents,
            is_open: restricted == Restricted::default(),
            variables,
            reader: self.store.reader(scope),
            clock: self.hub.clock.clone(),
            through,
            is_stale: AtomicBool::new(true),
            state: Mutex::default(),
        })))
    }

    /// The source for a live statistic.
    fn statistic<C: Described + Depends>(
        &self,
        opening: &Opening,
        subscribed: &Arc<Subscribed>,
        of: SubjectType,
    ) -> Result<Source, Unserved> {
        let filter = subscribed.predicate::<C>(&opening.request.variables)?;
        let scope = opening.viewer.scope().clone();
        let time = if of == SubjectType::Ticket { Dependencies::on_time() } else { Dependencies::default() };
        // Rows contain staff members, count messages and their customers, and say when messages were answered.
        let counted = [of, SubjectType::Conversation, SubjectType::Message, SubjectType::Customer].map(Dependencies::on);
        let depends = counted.into_iter().fold(Dependencies::on_staff() | time, BitOr::bitor);
        let depends = depends | filter.as_ref().map(dependencies).unwrap_or_default() | scope.dependencies();
        Ok(Source::Result(Arc::new(Statistic {
            executed: self.executed(opening, scope.clone()),
            store: self.store.clone(),
            reader: self.store.reader(scope),
            depends,
            through: Arc::default(),
            is_stale: AtomicBool::new(true),
            state: Mutex::default(),
        })))
    }

    fn executed(&self, opening: &Opening, scope: Scope) -> Executed {
        Executed {
            executor: opening.executor.clone(),
            document: opening.document.clone(),
            text: opening.request.query.clone(),
            operation_name: opening.request.operation_name.clone(),
            variables: opening.request.variables.clone(),
            id: opening.id.clone(),
            reader: self.store.waiting_reader(scope),
            clock: self.hub.clock.clone(),
        }
    }
}

/// Why a subscription gets no topic.
enum Unserved {
    /// An argument is invalid; async-graphql has to produce the error message.
    Refused,
    /// It failed.
    Failed(Error),
}

impl From<Refused> for Unserved {
    fn from(_: Refused) -> Self {
        Self::Refused
    }
}

/// How a subscriber is connected, from the request's data, where transports put it.
fn transport(request: &Request) -> Transport {
    let given = request.data.get(&TypeId::of::<Transport>()).and_then(|transport| transport.downcast_ref::<Transport>());
    given.copied().unwrap_or(Transport::Internal)
}

/// The key that equal subscriptions share.
fn key(opening: &Opening, subscribed: &Subscribed) -> Key {
    let request = &opening.request;
    let mut variables: Variables = request.variables.clone();
    if let Some(name) = &subscribed.after_variable {
        variables.remove(name);
    }
    (fingerprint(&(&request.query, &request.operation_name, &*variables)), opening.viewer.scope().clone())
}

fn fingerprint(of: &impl serde::Serialize) -> Fingerprint {
    Sha256::digest(serde_json::to_vec(of).expect("a request is plain data")).into()
}
