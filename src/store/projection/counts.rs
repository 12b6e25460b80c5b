//! The tables of counts: messages by time and other dimensions, and the lengths of the unfiltered lists.
//!
//! Counts are a function of the projected rows. A batch adds to each count the difference between its rows as stored and as
//! they are now. Rows with a count of zero are deleted, so that the tables do not depend on the history of changes.

use std::collections::BTreeMap;

use entity::{message_hour, message_quarter, message_total, total};
use sea_orm::{ColumnTrait, QueryFilter, QueryTrait};

use super::Batch;
use crate::{
    domain::{
        calendar::{HOUR_MS, QUARTER_MS},
        message::Message,
        version::Lifecycle,
        words::Platform,
    },
    store::{
        Error,
        bulk::{IN_LIST, Rows, Stored},
        write::Transaction,
    },
};

/// The rows of the table `total`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::store) enum Total {
    /// Customers, without deleted ones.
    Customers,
    /// Deleted customers.
    DeletedCustomers,
    Conversations,
    /// Tickets, without deleted ones.
    Tickets,
    /// Deleted tickets.
    DeletedTickets,
    Staff,
    Events,
}

impl Total {
    /// The key of its row.
    pub(in crate::store) fn name(self) -> &'static str {
        match self {
            Self::Customers => "customer",
            Self::DeletedCustomers => "customer_deleted",
            Self::Conversations => "conversation",
            Self::Tickets => "ticket",
            Self::DeletedTickets => "ticket_deleted",
            Self::Staff => "staff",
            Self::Events => "event",
        }
    }
}

/// The dimensions of counted messages, besides the time.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Kind {
    platform: &'static str,
    /// Empty if the message has no channel.
    channel_id: String,
    type_key: &'static str,
    outbound: bool,
}

impl Kind {
    fn of(message: &Message) -> Self {
        Self {
            platform: Platform::of(&message.platform).word(),
            channel_id: message.channel.as_ref().map(|channel| channel.id.clone()).unwrap_or_default(),
            type_key: message.kind().word(),
            outbound: message.outbound,
        }
    }
}

/// Differences by key, in key order; none is zero.
struct Differences<K>(BTreeMap<K, i64>);

impl<K: Ord> Differences<K> {
    fn new() -> Self {
        Self(BTreeMap::new())
    }

    fn add(&mut self, key: K, difference: i64) {
        *self.0.entry(key).or_default() += difference;
    }

    /// The differences that are not zero.
    fn nonzero(&self) -> impl Iterator<Item = (&K, i64)> {
        self.0.iter().map(|(key, difference)| (key, *difference)).filter(|(_, difference)| *difference != 0)
    }

    /// The keys whose counts decrease.
    fn decreased(&self) -> impl Iterator<Item = &K> {
        self.0.iter().filter(|(_, difference)| **difference < 0).map(|(key, _)| key)
    }
}

impl<L: Rows> Batch<'_, L> {
    /// Writes the batch's differences. Everything else of the batch must have been folded before.
    pub(super) async fn save_counts(&self) -> Result<(), Error> {
        self.count_messages().await?;
        self.count_lists().await
    }

    async fn count_messages(&self) -> Result<(), Error> {
        let (mut quarters, mut hours, mut totals) = (Differences::new(), Differences::new(), Differences::new());
        let mut count = |message: &Message, difference: i64| {
            let at = message.sent_at.as_millis();
            let kind = Kind::of(message);
            hours.add((floor(at, HOUR_MS), kind.platform, kind.outbound), difference);
            quarters.add((floor(at, QUARTER_MS), kind.clone()), difference);
            totals.add(kind, difference);
        };
        for (_, tracked) in self.messages.iter().filter(|(_, tracked)| tracked.is_changed()) {
            if let Some(before) = &tracked.before {
                count(&before.shown, -1);
            }
            count(&tracked.now.shown, 1);
        }

        let rows = quarters.nonzero().map(|((start, kind), count)| message_quarter::Model {
            start: *start,
            platform: kind.platform.to_owned(),
            channel_id: kind.channel_id.clone(),
            type_key: kind.type_key.to_owned(),
            outbound: kind.outbound,
            count,
        });
        write::<message_quarter::Entity>(
            self.db,
            rows.collect(),
            message_quarter::Column::Count,
            message_quarter::Column::Start,
            quarters.decreased().map(|(start, _)| (*start).into()),
        )
        .await?;

        let rows = hours.nonzero().map(|((start, platform, outbound), count)| message_hour::Model {
            start: *start,
            platform: (*platform).to_owned(),
            outbound: *outbound,
            count,
        });
        write::<message_hour::Entity>(
            self.db,
            rows.collect(),
            message_hour::Column::Count,
            message_hour::Column::Start,
            hours.decreased().map(|(start, ..)| (*start).into()),
        )
        .await?;

        let rows = totals.nonzero().map(|(kind, count)| message_total::Model {
            platform: kind.platform.to_owned(),
            channel_id: kind.channel_id.clone(),
            type_key: kind.type_key.to_owned(),
            outbound: kind.outbound,
            count,
        });
        write::<message_total::Entity>(
            self.db,
            rows.collect(),
            message_total::Column::Count,
            message_total::Column::ChannelId,
            totals.decreased().map(|kind| kind.channel_id.clone().into()),
        )
        .await
    }

    async fn count_lists(&self) -> Result<(), Error> {
        let mut lists = Differences::new();
        let mut live = |lifecycle: Lifecycle, [alive, deleted]: [Total; 2], difference| {
            if lifecycle.is_seen() {
                lists.add(if lifecycle.deleted_at().is_none() { alive } else { deleted }, difference);
            }
        };
        let customers = [Total::Customers, Total::DeletedCustomers];
        for (_, tracked) in self.customers.iter() {
            if let Some(before) = &tracked.before {
                live(before.lifecycle, customers, -1);
            }
            live(tracked.now.lifecycle, customers, 1);
        }
        let tickets = [Total::Tickets, Total::DeletedTickets];
        self.tickets.lifecycles_before().for_each(|lifecycle| live(lifecycle, tickets, -1));
        self.tickets.lifecycles_now().for_each(|lifecycle| live(lifecycle, tickets, 1));

        lists.add(Total::Events, length(self.events));
        lists.add(Total::Staff, length(self.staff.iter().filter(|(_, tracked)| tracked.before.is_none()).count()));
        let new_conversations = self.conversations.iter().filter(|(_, tracked)| tracked.before.is_none());
        lists.add(Total::Conversations, length(new_conversations.count()));

        let rows = lists.nonzero().map(|(list, count)| total::Model { name: list.name().to_owned(), count });
        let decreased = lists.decreased().map(|list| list.name().into());
        write::<total::Entity>(self.db, rows.collect(), total::Column::Count, total::Column::Name, decreased).await
    }
}

/// Adds differences to stored counts. Then deletes counts that are zero, among the rows that have one of the values
/// `decreased` in `column`.
async fn write<E: Stored>(
    db: &Transaction,
    rows: Vec<E::Model>,
    count: E::Column,
    column: E::Column,
    decreased: impl Iterator<Item = sea_orm::Value>,
) -> Result<(), Error> {
    db.add::<E>(count, rows).await?;
    let mut decreased: Vec<sea_orm::Value> = decreased.collect();
    decreased.dedup();
    for chunk in decreased.chunks(IN_LIST) {
        db.execute(&E::delete_many().filter(column.is_in(chunk.to_vec())).filter(count.eq(0_i64)).into_query()).await?;
    }
    Ok(())
}

/// The start of the time span of this length that contains the time.
fn floor(at_ms: i64, length_ms: i64) -> i64 {
    at_ms.div_euclid(length_ms) * length_ms
}

fn length(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
