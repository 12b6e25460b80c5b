//! The interface of results that are kept up to date (live pages and live statistics), and a batch of changes prepared for all
//! of them.

use std::{
    collections::HashMap,
    sync::{Arc, atomic::AtomicI64},
};

use futures_util::future::BoxFuture;

use super::topic::{Payload, Topic};
use crate::{
    domain::{
        change::{Change, SubjectType},
        conversation::Conversation,
        customer::Customer,
        filter::Verdict,
        message::Message,
        time::Timestamp,
    },
    feed::Batch,
    store::{self, Listing, Reader},
};

/// A result that is kept up to date.
pub(super) trait LiveResult: Send + Sync {
    /// The position up to which the result has been checked against the log.
    fn through(&self) -> &Arc<AtomicI64>;

    /// Checks a batch of changes. If they may concern the result, it is due; otherwise its position advances.
    fn check(&self, prepared: &PreparedBatch);

    /// Marks it as due.
    fn mark_due(&self);

    /// Whether it contains names of staff members.
    fn depends_on_staff(&self) -> bool;

    /// The type of objects by which it can tell that a change does not concern it.
    fn objects(&self) -> Option<SubjectType>;

    /// Whether it may have changed by now.
    fn is_due(&self, now: Timestamp) -> bool;

    /// When it may change without a change in the log.
    fn due(&self) -> Option<Timestamp>;

    /// Whether some of these changes, or the passing of time, may have changed it, for any previous state.
    fn may_have_changed(&self, changes: &[Change]) -> bool;

    /// Updates the result and publishes the difference to its topic. Returns the payload that the topic keeps. An error means
    /// that the database is unavailable.
    fn advance(self: Arc<Self>, topic: Arc<Topic>) -> BoxFuture<'static, std::result::Result<Option<Payload>, store::Error>>;
}

/// A batch of changes, with the objects that were read once for all results.
pub(super) struct PreparedBatch {
    pub(super) batch: Batch,
    /// The position of the last change.
    pub(super) end: i64,
    pub(super) now: Timestamp,
    pub(super) staff_changed: bool,
    objects: Objects,
}

/// The changed objects by id, of the types that results need.
#[derive(Default)]
pub(super) struct Objects {
    customers: Option<HashMap<String, Customer>>,
    conversations: Option<HashMap<String, Conversation>>,
    messages: Option<HashMap<String, Message>>,
}

impl Objects {
    /// Reads the objects of these types.
    pub(super) async fn read(reader: &Reader, batch: &Batch, types: &[SubjectType]) -> Result<Self, store::Error> {
        let ids = |of: SubjectType| {
            let of_type = batch.iter().filter(|change| change.subject_type == of && types.contains(&of));
            let mut ids: Vec<String> = of_type.map(|change| change.subject_id.clone()).collect();
            ids.sort_unstable();
            ids.dedup();
            (!ids.is_empty()).then_some(ids)
        };
        let mut objects = Self::default();
        if let Some(ids) = ids(SubjectType::Customer) {
            objects.customers = Some(reader.customers_by_id(&ids).await?.into_iter().collect());
        }
        if let Some(ids) = ids(SubjectType::Conversation) {
            objects.conversations = Some(reader.conversations_by_id(&ids).await?.into_iter().collect());
        }
        if let Some(ids) = ids(SubjectType::Message) {
            objects.messages = Some(reader.messages_by_key(&ids).await?.into_iter().collect());
        }
        Ok(objects)
    }
}

impl PreparedBatch {
    pub(super) fn new(batch: Batch, now: Timestamp, staff_changed: bool, objects: Objects) -> Self {
        let end = batch.last().map_or(0, |change| change.position);
        Self { batch, end, now, staff_changed, objects }
    }

    /// Whether a changed object may be in a list, as far as its own row tells.
    pub(super) fn may_match(&self, listing: &Listing, id: &str) -> bool {
        let Objects { customers, conversations, messages } = &self.objects;
        let verdict = match listing {
            Listing::Customers(filter, _) => customers
                .as_ref()
                .map(|read| read.get(id).map_or(Verdict::No, |customer| filter.predicate.verdict(customer, self.now))),
            Listing::Conversations(filter, _) => conversations
                .as_ref()
                .map(|read| read.get(id).map_or(Verdict::No, |conversation| filter.predicate.verdict(conversation, self.now))),
            Listing::Messages(filter, _) => messages
                .as_ref()
                .map(|read| read.get(id).map_or(Verdict::No, |message| filter.predicate.verdict(message, self.now))),
            Listing::Tickets(..) | Listing::Staff(..) | Listing::Events(..) => None,
        };
        verdict != Some(Verdict::No)
    }
}
