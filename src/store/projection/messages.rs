//! The messages of a batch, and their effect on their conversations.

use entity::message;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryTrait, sea_query::Expr};

use super::{Batch, Logged, history, subjects::Subjects, tracked::Set};
use crate::{
    domain::{
        change::{ChangeKind, SubjectType},
        conversation::Stamp,
        event::{Event, MessageSent},
        message::{Message, State},
        version::{Version, Versioned, fold},
    },
    store::{Error, bulk::Rows, rows, write::Transaction},
};

pub(super) type Messages = Set<State>;

pub(super) async fn load(db: &Transaction, subjects: &Subjects) -> Result<Messages, Error> {
    let stored = db.rows_in::<message::Entity>(message::Column::Key, subjects.messages.iter().cloned()).await?;
    let mut states = Vec::with_capacity(stored.len());
    for row in stored {
        states.push((row.key.clone(), rows::message_state(row)?));
    }
    Ok(Set::stored(states))
}

impl<L: Rows> Batch<'_, L> {
    pub(super) async fn apply_message(&mut self, logged: &Logged, payload: &MessageSent) -> Result<(), Error> {
        let (seq, received_at) = (logged.seq, logged.received_at);
        let key = payload.key();
        let is_new = self.messages.find(&key).is_none();
        let tracked = self.messages.touch(&key, || State::new(payload, received_at, seq));
        let before = tracked.now.clone();
        if before.is_late(payload, received_at) {
            let mut seqs = history::recorded(self.log, SubjectType::Message, std::slice::from_ref(&key)).await?;
            seqs.insert(before.shown.event_seq);
            let mut arrivals = history::arrivals(self.log, self.zone, &seqs, seq, |event| match event {
                Event::Message(message) => Some(*message),
                Event::Status(_)
                | Event::Customer(_)
                | Event::CustomerDeleted(_)
                | Event::Ticket(_)
                | Event::TicketDeleted { .. } => None,
            })
            .await?;
            tracked.now = fold(&before, &mut arrivals);
        } else {
            tracked.now.apply(payload, seq, received_at);
        }
        let after = tracked.now.shown.clone();
        let kind =
            if is_new { Some(ChangeKind::Created) } else { (!tracked.now.looks_like(&before)).then_some(ChangeKind::Updated) };
        self.changes.record(seq, SubjectType::Message, &key, kind);
        let version = Version { at: payload.sent_at(received_at), rank: 0, received_at };
        self.mention(payload.staff(), version);

        let stamp = Stamp::of_message(payload, received_at, logged.digest.as_deref().unwrap_or_default());
        let counted = (!is_new).then_some(&before.shown);
        self.change_conversation(seq, &payload.conversation_id, |conversation| {
            conversation.apply_message(payload, &stamp);
            if conversation.shown.id == after.conversation_id {
                count(&mut conversation.shown, counted, &after);
            }
        });
        if payload.conversation_id != after.conversation_id || counted.is_some_and(|counted| needs_recount(counted, &after)) {
            self.recount(seq, &before.shown.conversation_id);
            self.recount(seq, &after.conversation_id);
        }
        Ok(())
    }

    pub(super) async fn save_messages(&mut self) -> Result<(), Error> {
        let mut written = Vec::new();
        for (_, tracked) in self.messages.iter_mut() {
            let conversation = self.conversations.find(&tracked.now.shown.conversation_id);
            tracked.now.shown.customer_id = conversation.and_then(|conversation| conversation.now.shown.customer_id.clone());
            if !tracked.is_changed() {
                continue;
            }
            written.push((tracked.before.as_ref().map(rows::message_row), rows::message_row(&tracked.now)));
        }
        self.db.save::<message::Entity>(written).await?;
        // Every message must belong to its final conversation by now.
        for (customer, conversations) in &self.relinked {
            relink(self.db, conversations, customer.as_ref()).await?;
        }
        Ok(())
    }
}

/// Counts a message in its conversation. `counted` is the message as it was counted before.
fn count(conversation: &mut crate::domain::conversation::Conversation, counted: Option<&Message>, message: &Message) {
    let was_unread = counted.is_some_and(Message::is_unread);
    conversation.message_count += i64::from(counted.is_none());
    conversation.unread_count += i64::from(message.is_unread()) - i64::from(was_unread);
    let last = (conversation.last_message_at, conversation.last_message_key.as_ref());
    if (Some(message.sent_at), Some(&message.key)) > last {
        conversation.last_message_at = Some(message.sent_at);
        conversation.last_message_key = Some(message.key.clone());
    }
}

/// Whether a changed message invalidates the counts of its conversations, so that they must be recounted.
fn needs_recount(counted: &Message, message: &Message) -> bool {
    counted.conversation_id != message.conversation_id || counted.sent_at != message.sent_at
}

/// Sets the customer of all messages of these conversations.
async fn relink(db: &Transaction, conversations: &[String], customer: Option<&String>) -> Result<(), Error> {
    for chunk in conversations.chunks(500) {
        let update = message::Entity::update_many()
            .col_expr(message::Column::CustomerId, Expr::value(customer.cloned()))
            .filter(message::Column::ConversationId.is_in(chunk.iter().map(String::as_str)));
        db.execute(&update.into_query()).await?;
    }
    Ok(())
}
