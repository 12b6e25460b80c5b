//! The conversations that a batch touches.

use std::collections::BTreeMap;

use entity::{assignee, conversation, message};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait},
};

use super::{
    Batch, Logged,
    links::Contact,
    messages::Messages,
    subjects::Subjects,
    tracked::{Set, Tracked},
};
use crate::{
    domain::{
        change::{ChangeKind, SubjectType},
        conversation::{Stamp, State},
        event::StatusChanged,
    },
    store::{Error, bulk::Rows, rows, write::Transaction},
};

/// The conversations of the batch, and those whose messages must be recounted.
#[derive(Debug)]
pub(super) struct Conversations {
    set: Set<State>,
    /// The ids, with the event that requires the recount.
    recount: BTreeMap<String, i64>,
}

impl Conversations {
    pub(super) fn find(&self, id: &str) -> Option<&Tracked<State>> {
        self.set.find(id)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&String, &Tracked<State>)> {
        self.set.iter()
    }

    pub(super) fn find_mut(&mut self, id: &str) -> Option<&mut Tracked<State>> {
        self.set.find_mut(id)
    }

    /// Adds stored conversations that are not in the batch yet.
    pub(super) async fn add(&mut self, db: &Transaction, stored: Vec<conversation::Model>) -> Result<(), Error> {
        let missing: Vec<_> = stored.into_iter().filter(|row| self.set.find(&row.id).is_none()).collect();
        self.set.add_stored(states(db, missing).await?);
        Ok(())
    }
}

pub(super) async fn load(db: &Transaction, subjects: &Subjects, messages: &Messages) -> Result<Conversations, Error> {
    // A stored message may belong to a different conversation than its event says.
    let mut ids = subjects.conversations.clone();
    ids.extend(messages.iter().map(|(_, tracked)| tracked.now.shown.conversation_id.clone()));
    let stored = db.rows_in::<conversation::Entity>(conversation::Column::Id, ids).await?;
    Ok(Conversations { set: Set::stored(states(db, stored).await?), recount: BTreeMap::new() })
}

async fn states(db: &Transaction, stored: Vec<conversation::Model>) -> Result<Vec<(String, State)>, Error> {
    let ids: Vec<String> = stored.iter().map(|row| row.id.clone()).collect();
    let mut assignees: BTreeMap<String, Vec<(i64, String)>> = BTreeMap::new();
    for row in db.rows_in::<assignee::Entity>(assignee::Column::ConversationId, ids).await? {
        assignees.entry(row.conversation_id).or_default().push((row.position, row.staff_id));
    }
    let mut states = Vec::with_capacity(stored.len());
    for row in stored {
        let mut state = rows::conversation_state(row)?;
        let mut assigned = assignees.remove(&state.shown.id).unwrap_or_default();
        assigned.sort_unstable();
        state.assignees = assigned.into_iter().map(|(_, staff_id)| staff_id).collect();
        states.push((state.shown.id.clone(), state));
    }
    Ok(states)
}

impl<L: Rows> Batch<'_, L> {
    pub(super) fn apply_status(&mut self, logged: &Logged, status: &StatusChanged) {
        let stamp = Stamp::of_status(status, logged.received_at);
        self.change_conversation(logged.seq, &status.conversation_id, |conversation| conversation.apply_status(status, &stamp));
    }

    /// Changes a conversation, creating it if needed, and records the change.
    pub(super) fn change_conversation(&mut self, seq: i64, id: &str, change: impl FnOnce(&mut State)) {
        let is_new = self.conversations.set.find(id).is_none();
        let tracked = self.conversations.set.touch(id, || State::new(id));
        let before = tracked.now.clone();
        change(&mut tracked.now);
        if Contact::of(&tracked.now) != Contact::of(&before) {
            self.deciders.conversation(id, seq);
        }
        let kind =
            if is_new { Some(ChangeKind::Created) } else { (!tracked.now.looks_like(&before)).then_some(ChangeKind::Updated) };
        self.changes.record(seq, SubjectType::Conversation, id, kind);
    }

    /// Schedules a recount of a conversation's messages, to run after they are written.
    pub(super) fn recount(&mut self, seq: i64, id: &str) {
        self.conversations.recount.insert(id.to_owned(), seq);
    }

    /// Writes the conversations. Their messages must already be written.
    pub(super) async fn save_conversations(&mut self) -> Result<(), Error> {
        for (id, seq) in std::mem::take(&mut self.conversations.recount) {
            let Some(tracked) = self.conversations.set.find_mut(&id) else { continue };
            let before = tracked.now.clone();
            let of_it = || message::Entity::find().select_only().filter(message::Column::ConversationId.eq(&id));
            let is_unread = message::Column::Outbound.eq(false).and(message::Column::IsRead.eq(false));
            let unread = Expr::case(is_unread, 1_i64).finally(0_i64);
            let counted = of_it().expr(message::Column::Key.count()).expr(Expr::expr(unread).sum().cast_as("bigint"));
            let counted = self.db.query(&counted.into_query()).await?;
            let newest = of_it().columns([message::Column::SentAt, message::Column::Key]);
            let newest = newest.order_by_desc(message::Column::SentAt).order_by_desc(message::Column::Key).limit(1);
            let newest = self.db.query(&newest.into_query()).await?;
            let shown = &mut tracked.now.shown;
            let count = |at| counted.iter().next().and_then(|row| row.int(at)).unwrap_or(0);
            (shown.message_count, shown.unread_count) = (count(0), count(1));
            shown.last_message_at = rows::time(newest.iter().next().and_then(|row| row.int(0)));
            shown.last_message_key = newest.iter().next().and_then(|row| row.text(1)).map(ToOwned::to_owned);
            let kind = (!tracked.now.looks_like(&before)).then_some(ChangeKind::Updated);
            self.changes.record(seq, SubjectType::Conversation, &id, kind);
        }
        let changed: Vec<&Tracked<State>> = self.conversations.set.changed().collect();
        let row = |tracked: &&Tracked<State>| {
            (tracked.before.as_ref().map(rows::conversation_row), rows::conversation_row(&tracked.now))
        };
        self.db.save::<conversation::Entity>(changed.iter().map(row).collect()).await?;

        let reassigned =
            |tracked: &&&Tracked<State>| tracked.before.as_ref().is_none_or(|before| before.assignees != tracked.now.assignees);
        let stale: Vec<String> = changed
            .iter()
            .filter(reassigned)
            .filter(|tracked| tracked.before.is_some())
            .map(|tracked| tracked.now.shown.id.clone())
            .collect();
        self.db.delete_in::<assignee::Entity>(assignee::Column::ConversationId, stale).await?;
        let assigned = changed.iter().filter(reassigned).flat_map(|tracked| {
            (0..).zip(&tracked.now.assignees).map(|(position, staff_id)| assignee::Model {
                conversation_id: tracked.now.shown.id.clone(),
                staff_id: staff_id.clone(),
                position,
            })
        });
        self.db.insert::<assignee::Entity>(assigned.collect()).await
    }
}
