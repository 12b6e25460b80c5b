//! Live: subscriptions as followers of topics.
//!
//! Equal subscriptions (document, operation, variables but `after`, scope) are one [topic](topic). The [hub](hub) tests each
//! change against all topics, makes each payload once and puts it there; a [follower](follower) is a position in it.
//!
//! ```text
//!   request ─ open ─▶ topic, made by the first ◀─ payloads ─ hub ◀─ changes ─ feed
//!                       ├─▶ follower ─▶ transport
//!                       └─▶ follower ─▶ transport
//! ```
//!
//! - [`source`]: what a topic is about, whatever it is; [`watching`]: the changes of one type of subject.
//! - [`registry`]: all topics, and which of them a change may concern.
//! - [`executed`]: payloads that async-graphql makes, for what plans do not know.
//!
//! While the store is out of reach a subscription waits; it loses no change and sends no error. An error that does not pass ends
//! it, with `INTERNAL`, or with `LIMIT_EXCEEDED` where its filter is too slow for the time limit of a statement. Resuming after
//! its last cursor loses nothing either.

mod executed;
mod follower;
mod hub;
mod registry;
mod source;
mod subject;
mod topic;
mod watching;

use std::sync::Arc;

use async_graphql::{Request, Response, Variables};
use sha2::{Digest, Sha256};

use self::{
    executed::Executed,
    follower::{Follower, Membership, failed},
    hub::Hub,
    registry::{Fingerprint, Key},
    source::Source,
    subject::Subject,
    watching::{Execution, Watching},
};
use super::{
    bookmark::Bookmark,
    document::Document,
    error::Error,
    executor::Executor,
    filter::Described,
    loader::{ConversationById, CustomerById, EventBySeq, MessageByKey, TicketById},
    plan::Subscribed,
    request_id::RequestId,
    role::Viewer,
};
use crate::{
    clock::Clock,
    domain::{filter::Predicate, scope::Scope},
    feed::{self, Feed},
    store::Store,
};

/// The subscriptions of one gateway. Cheap to clone.
#[derive(Clone)]
pub(super) struct Live {
    hub: Arc<Hub>,
    store: Store,
}

/// A subscription to be opened: a valid request.
pub(super) struct Opening {
    pub(super) request: Request,
    pub(super) document: Arc<Document>,
    pub(super) viewer: Viewer,
    /// Executes payloads that plans do not know.
    pub(super) executor: Executor,
    pub(super) id: RequestId,
    pub(super) bookmark: Option<Bookmark>,
}

/// What has become of a subscription that was to be opened.
pub(super) enum Opened {
    /// Its responses.
    Follows(Follower),
    /// It can't start.
    Failed(Response),
    /// Its arguments are refused; async-graphql words the error.
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
        match &*subscribed.name {
            "messageAdded" => self.follow::<MessageByKey>(opening, subscribed, after).await,
            "conversationChanged" => self.follow::<ConversationById>(opening, subscribed, after).await,
            "customerChanged" => self.follow::<CustomerById>(opening, subscribed, after).await,
            "ticketChanged" => self.follow::<TicketById>(opening, subscribed, after).await,
            "eventStored" => self.follow::<EventBySeq>(opening, subscribed, after).await,
            _ => Opened::Refused(opening),
        }
    }

    async fn follow<Q: Subject>(&self, opening: Opening, subscribed: Arc<Subscribed>, after: Option<String>) -> Opened
    where
        Q::Collection: Described,
    {
        let Ok(filter) = subscribed.predicate::<Q::Collection>(&opening.request.variables) else {
            return Opened::Refused(opening);
        };
        let filter = filter.filter(|filter| *filter != Predicate::default());
        let key = key(&opening, &subscribed);
        let left = opening.bookmark.as_ref().and_then(Bookmark::left).map(str::to_owned);
        let after = left.or(after);
        let (id, bookmark) = (opening.id.clone(), opening.bookmark.clone());
        let root = (subscribed.key.clone(), subscribed.pos);
        let entered = async {
            self.hub.run().await?;
            // The topic is entered before the position is read, so that nothing falls between the two.
            let topic = self.hub.registry().enter(key.clone(), &self.hub.through, || {
                Box::new(self.watching::<Q>(opening, subscribed, filter)) as Box<dyn Source>
            });
            let membership = Membership::new(self.hub.clone(), topic, key);
            let position = match &after {
                Some(after) => self.hub.feed.resume(after).await?,
                None => self.hub.feed.head().await?,
            };
            Ok::<_, feed::Error>((membership, position))
        };
        match entered.await {
            Ok((membership, position)) => {
                if let Some(bookmark) = &bookmark {
                    bookmark.begin(self.hub.feed.store_id().clone(), position, membership.topic().clone());
                }
                Opened::Follows(Follower::new(membership, position, bookmark, id, Arc::new(root)))
            }
            Err(error) => Opened::Failed(failed(Error::from(error), &root.0, root.1, &id)),
        }
    }

    fn watching<Q: Subject>(
        &self,
        opening: Opening,
        subscribed: Arc<Subscribed>,
        filter: Option<Predicate<Q::Collection>>,
    ) -> Arc<Watching<Q>> {
        let scope = opening.viewer.scope().clone();
        let clock = self.hub.clock.clone();
        let variables = opening.request.variables.clone();
        let document = fingerprint(&(&opening.request.query, &opening.request.operation_name));
        let execution = if subscribed.accepts(&variables, clock.now()) {
            Execution::Planned(subscribed, variables)
        } else {
            Execution::Executed(Box::new(self.executed(opening, scope.clone())))
        };
        Arc::new(Watching { filter: filter.map(Arc::new), reader: self.store.reader(scope), document, execution, clock })
    }

    fn executed(&self, opening: Opening, scope: Scope) -> Executed {
        Executed {
            executor: opening.executor,
            document: opening.document,
            text: opening.request.query,
            operation_name: opening.request.operation_name,
            variables: opening.request.variables,
            id: opening.id,
            reader: self.store.waiting_reader(scope),
            clock: self.hub.clock.clone(),
        }
    }
}

/// What makes subscriptions equal.
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
