//! Compares log and projections for a sample of subjects: those of the newest events and of some randomly chosen ones.
//!
//! All events of these subjects are folded into an empty store by the code that folds live traffic. Then the rows of
//! conversations, messages, customers and tickets are compared. A conversation's customer depends on events about other
//! subjects, so it is left out. `deskgraph verify` compares everything.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use entity::{conversation, customer, event, message, ticket, ticket_alias};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, ModelTrait, QueryFilter, QueryOrder, QuerySelect};

use super::Inspection;
use crate::{
    domain::{change::SubjectType, zone::Zone},
    store::{
        Difference, Error,
        bulk::{IN_LIST, Rows, Stored, rows_in},
        projection::{self, Logged, history},
        rebuild::snapshot,
        scratch::Scratch,
        write::Transaction,
    },
};

/// The number of newest events whose subjects are compared, and of randomly chosen ones.
const EVENTS: u64 = 25;

/// Subjects with more events than this are skipped.
const LONGEST: usize = 1000;

/// The result of a comparison for some subjects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sampled {
    /// The number of events folded.
    pub events: usize,
    /// The number of rows compared.
    pub rows: usize,
    /// The rows that differ.
    pub differences: Vec<Difference>,
}

/// The subjects to compare.
#[derive(Default)]
struct Chosen {
    ids: BTreeMap<&'static str, BTreeSet<String>>,
    /// The sequence numbers of the events about them.
    seqs: BTreeSet<i64>,
}

impl Chosen {
    fn of(&self, subject: SubjectType) -> Vec<String> {
        self.ids.get(subject.word()).into_iter().flatten().cloned().collect()
    }

    /// Adds a subject and all subjects that depend on it, unless it has too many events.
    async fn add(&mut self, log: &DatabaseTransaction, subject: SubjectType, id: String) -> Result<(), Error> {
        let mut ids = vec![id.clone()];
        if subject == SubjectType::Ticket {
            let tickets = rows_in::<ticket_alias::Entity>(log, ticket_alias::Column::Id, [id]).await?;
            let tickets = tickets.into_iter().map(|alias| alias.ticket_id);
            let aliases = rows_in::<ticket_alias::Entity>(log, ticket_alias::Column::TicketId, tickets).await?;
            ids.extend(aliases.into_iter().map(|alias| alias.id));
        }
        if self.ids.get(subject.word()).is_some_and(|chosen| chosen.contains(&ids[0])) {
            return Ok(());
        }
        let seqs = match subject {
            SubjectType::Message => about_messages(log, &ids).await?,
            _ => history::recorded(log, subject, &ids).await?,
        };
        if seqs.len() <= LONGEST {
            self.seqs.extend(seqs);
            self.ids.entry(subject.word()).or_default().extend(ids);
        }
        Ok(())
    }
}

impl Inspection {
    /// Compares a sample, using a temporary store in `folder`. The inspected store must have this program's migrations and
    /// version of the projections.
    pub async fn sample(&self, folder: &Path) -> Result<Sampled, Error> {
        let scratch = Scratch::create(folder, &self.options).await?;
        let log = snapshot(&self.db).await?;
        let db = scratch.begin().await?;
        let sampled = compare(&log, &db, &self.options.zone).await;
        log.commit().await?;
        db.commit().await?;
        sampled
    }
}

async fn compare(log: &DatabaseTransaction, folded: &Transaction, zone: &Zone) -> Result<Sampled, Error> {
    let chosen = choose(log, zone).await?;
    let logged = logged(log, zone, chosen.seqs.iter().copied()).await?;
    projection::project(folded, log, zone, &logged).await?;
    let mut sampled = Sampled { events: logged.len(), ..Sampled::default() };
    let mut check = Check { stored: log, folded, sampled: &mut sampled, seen: BTreeSet::new() };
    let conversations = chosen.of(SubjectType::Conversation);
    check.rows::<conversation::Entity>(conversation::Column::Id, &conversations, |row| row.customer_id = None).await?;
    check.rows::<message::Entity>(message::Column::ConversationId, &conversations, |row| row.customer_id = None).await?;
    let keys = chosen.of(SubjectType::Message);
    check.rows::<message::Entity>(message::Column::Key, &keys, |row| row.customer_id = None).await?;
    check.rows::<customer::Entity>(customer::Column::Id, &chosen.of(SubjectType::Customer), |_| ()).await?;
    check.rows::<ticket::Entity>(ticket::Column::Id, &chosen.of(SubjectType::Ticket), |_| ()).await?;
    Ok(sampled)
}

/// Both stores, and the result so far.
struct Check<'a> {
    stored: &'a DatabaseTransaction,
    folded: &'a Transaction,
    sampled: &'a mut Sampled,
    /// The keys of the rows compared so far.
    seen: BTreeSet<(&'static str, Vec<String>)>,
}

impl Check<'_> {
    /// Compares the rows whose column has one of the values. `leave_out` clears what is not compared.
    async fn rows<E: Stored>(
        &mut self,
        column: E::Column,
        values: &[String],
        leave_out: impl Fn(&mut E::Model),
    ) -> Result<(), Error>
    where
        E::Model: std::fmt::Debug,
    {
        let text = |mut row: E::Model| {
            leave_out(&mut row);
            let key: Vec<String> = <E::PrimaryKey as sea_orm::Iterable>::iter()
                .map(|key| format!("{:?}", row.get(sea_orm::PrimaryKeyToColumn::into_column(key))))
                .collect();
            (key, format!("{row:?}"))
        };
        let stored = rows_in::<E>(self.stored, column, values.iter().cloned()).await?;
        let folded = rows_in::<E>(self.folded, column, values.iter().cloned()).await?;
        let mut stored: BTreeMap<Vec<String>, String> = stored.into_iter().map(text).collect();
        let folded: BTreeMap<Vec<String>, String> = folded.into_iter().map(text).collect();
        let table = sea_orm::EntityName::table_name(&E::default());
        for (key, folded) in folded {
            if !self.seen.insert((table, key.clone())) {
                stored.remove(&key);
                continue;
            }
            self.sampled.rows += 1;
            let stored = stored.remove(&key);
            if stored.as_ref() != Some(&folded) {
                self.sampled.differences.push(Difference { table, stored, folded: Some(folded) });
            }
        }
        self.sampled.rows += stored.len();
        let left = stored.into_values().map(|row| Difference { table, stored: Some(row), folded: None });
        self.sampled.differences.extend(left);
        Ok(())
    }
}

/// Chooses the subjects.
async fn choose(log: &DatabaseTransaction, zone: &Zone) -> Result<Chosen, Error> {
    let mut chosen = Chosen::default();
    let newest = event::Entity::find().order_by_desc(event::Column::Seq).limit(EVENTS).all(log).await?;
    let Some(last) = newest.first().map(|event| event.seq) else { return Ok(chosen) };
    let drawn = (0..EVENTS).map(|_| rand::random_range(1..=last));
    for event in logged(log, zone, newest.into_iter().map(|event| event.seq).chain(drawn)).await? {
        for (subject, id) in projection::subjects(&event.event) {
            chosen.add(log, subject, id).await?;
        }
    }
    // A message may have moved between conversations, so all events about the messages of all chosen events are included.
    let mut keys = BTreeSet::new();
    for event in logged(log, zone, chosen.seqs.iter().copied()).await? {
        let subjects = projection::subjects(&event.event).into_iter();
        keys.extend(subjects.filter_map(|(subject, id)| (subject == SubjectType::Message).then_some(id)));
    }
    let keys: Vec<String> = keys.into_iter().collect();
    for keys in keys.chunks(IN_LIST) {
        chosen.seqs.extend(about_messages(log, keys).await?);
    }
    Ok(chosen)
}

/// The sequence numbers of the events about messages.
async fn about_messages(log: &DatabaseTransaction, keys: &[String]) -> Result<BTreeSet<i64>, Error> {
    let mut seqs = history::recorded(log, SubjectType::Message, keys).await?;
    let messages = rows_in::<message::Entity>(log, message::Column::Key, keys.iter().cloned()).await?;
    seqs.extend(messages.into_iter().map(|message| message.event_seq));
    Ok(seqs)
}

/// Reads these events, in log order.
async fn logged(log: &DatabaseTransaction, zone: &Zone, seqs: impl Iterator<Item = i64>) -> Result<Vec<Logged>, Error> {
    let seqs: Vec<i64> = seqs.collect::<BTreeSet<_>>().into_iter().collect();
    let mut logged = Vec::with_capacity(seqs.len());
    for seqs in seqs.chunks(IN_LIST) {
        let rows = event::Entity::find().filter(event::Column::Seq.is_in(seqs.iter().copied())).order_by_asc(event::Column::Seq);
        for row in log.all(rows).await? {
            logged.push(history::logged(zone, &row)?);
        }
    }
    Ok(logged)
}
