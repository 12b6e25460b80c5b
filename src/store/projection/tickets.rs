//! The tickets that a batch touches. A ticket has several ids. If an event names two ids that belonged to different tickets,
//! these are merged into one ticket, which is folded again from the events of both.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use entity::{ticket, ticket_alias};

use super::{
    Batch, Logged, history,
    subjects::Subjects,
    tracked::{Set, Tracked},
};
use crate::{
    domain::{
        change::{ChangeKind, Presence, SubjectType},
        event::{Event, TicketSnapshot},
        ticket::{Alias, State, canonical},
        version::{Lifecycle, Versioned, fold},
    },
    store::{Error, bulk::Rows, rows, write::Transaction},
};

/// The tickets, with all ids of each.
#[derive(Debug)]
pub(super) struct Tickets {
    set: Set<State>,
    /// The stored tickets by id, including those that are merged into others.
    stored: BTreeMap<String, State>,
    /// The ids of each ticket, by its canonical id.
    aliases: BTreeMap<String, BTreeSet<Alias>>,
    /// The canonical id of a ticket, by each of its ids.
    by_alias: HashMap<String, String>,
    /// Canonical ids of tickets whose alias rows must be written.
    renamed: BTreeSet<String>,
}

impl Tickets {
    /// Whether the batch touches the ticket with this canonical id.
    pub(super) fn holds(&self, id: &str) -> bool {
        self.set.find(id).is_some()
    }

    /// The life-cycle states of the tickets as stored.
    pub(super) fn lifecycles_before(&self) -> impl Iterator<Item = Lifecycle> {
        self.stored.values().map(|state| state.lifecycle)
    }

    /// The life-cycle states of the tickets after the batch.
    pub(super) fn lifecycles_now(&self) -> impl Iterator<Item = Lifecycle> {
        self.set.iter().map(|(_, tracked)| tracked.now.lifecycle)
    }

    /// The batch's visible tickets of this customer.
    pub(super) fn of_customer(&self, customer_id: &str) -> impl Iterator<Item = &String> {
        let is_of =
            move |ticket: &State| ticket.lifecycle.is_seen() && ticket.details.customer_id.as_deref() == Some(customer_id);
        self.set.iter().filter(move |(_, tracked)| is_of(&tracked.now)).map(|(id, _)| id)
    }
}

pub(super) async fn load(db: &Transaction, subjects: &Subjects) -> Result<Tickets, Error> {
    let found = db.rows_in::<ticket_alias::Entity>(ticket_alias::Column::Id, subjects.tickets.iter().cloned()).await?;
    let ids: BTreeSet<String> = found.into_iter().map(|row| row.ticket_id).collect();
    let mut tickets = Tickets {
        set: Set::stored([]),
        stored: BTreeMap::new(),
        aliases: BTreeMap::new(),
        by_alias: HashMap::new(),
        renamed: BTreeSet::new(),
    };
    for row in db.rows_in::<ticket_alias::Entity>(ticket_alias::Column::TicketId, ids.iter().cloned()).await? {
        tickets.by_alias.insert(row.id.clone(), row.ticket_id.clone());
        tickets.aliases.entry(row.ticket_id).or_default().insert(Alias { is_ticket_id: row.is_ticket_id, id: row.id });
    }
    for row in db.rows_in::<ticket::Entity>(ticket::Column::Id, ids).await? {
        let (id, state) = (row.id.clone(), rows::ticket_state(row)?);
        tickets.stored.insert(id.clone(), state.clone());
        tickets.set.add_stored([(id, state)]);
    }
    Ok(tickets)
}

pub(super) async fn save(db: &Transaction, tickets: &Tickets) -> Result<(), Error> {
    let merged = tickets.stored.keys().filter(|id| tickets.set.find(id).is_none());
    db.delete_searched::<ticket::Entity>(ticket::Column::Id, merged.cloned().collect()).await?;
    let row = |(id, tracked): (&String, &Tracked<State>)| {
        let stored = tickets.stored.get(id);
        (stored != Some(&tracked.now)).then(|| (stored.map(rows::ticket_row), rows::ticket_row(&tracked.now)))
    };
    db.save::<ticket::Entity>(tickets.set.iter().filter_map(row).collect()).await?;
    let aliases =
        tickets.renamed.iter().filter_map(|id| Some((id, tickets.aliases.get(id)?))).flat_map(|(ticket_id, aliases)| {
            aliases.iter().map(|alias| ticket_alias::Model {
                id: alias.id.clone(),
                ticket_id: ticket_id.clone(),
                is_ticket_id: alias.is_ticket_id,
            })
        });
    db.upsert::<ticket_alias::Entity>(aliases.collect()).await
}

impl<L: Rows> Batch<'_, L> {
    pub(super) async fn apply_ticket(&mut self, logged: &Logged, snapshot: &TicketSnapshot) -> Result<(), Error> {
        let (seq, received_at) = (logged.seq, logged.received_at);
        let (id, before, merged) = self.unite(&snapshot.aliases());
        let tracked = self.tickets.set.touch(&id, || State::new(&id));
        if merged || tracked.now.is_late(snapshot, received_at) {
            let ids = self.tickets.aliases.get(&id).into_iter().flatten().map(|alias| alias.id.clone()).collect::<Vec<_>>();
            let seqs = history::recorded(self.log, SubjectType::Ticket, &ids).await?;
            let mut arrivals = history::arrivals(self.log, self.zone, &seqs, seq, |event| match event {
                Event::Ticket(snapshot) => Some(*snapshot),
                // A deletion is not a snapshot: folding keeps the earlier state.
                Event::TicketDeleted { .. }
                | Event::Message(_)
                | Event::Status(_)
                | Event::Customer(_)
                | Event::CustomerDeleted(_) => None,
            })
            .await?;
            tracked.now = fold(&tracked.now, &mut arrivals);
        } else {
            tracked.now.apply(snapshot, seq, received_at);
        }
        let differs = before.as_ref().is_none_or(|before| !tracked.now.looks_like(before));
        let presence = before.map_or(Presence::Unseen, |before| before.lifecycle.into());
        let kind = ChangeKind::between(presence, tracked.now.lifecycle.into(), differs);
        self.changes.record(seq, SubjectType::Ticket, &id, kind);
        let version = State::version_of(snapshot, received_at);
        self.mention(snapshot.staff(), version);
        Ok(())
    }

    pub(super) fn delete_ticket(&mut self, logged: &Logged, named: &str) {
        let alias = Alias { is_ticket_id: false, id: named.to_owned() };
        let (id, before, _) = self.unite(std::slice::from_ref(&alias));
        let tracked = self.tickets.set.touch(&id, || State::new(&id));
        tracked.now.lifecycle.delete(logged.received_at);
        let before = before.map_or_else(Lifecycle::default, |state| state.lifecycle);
        let after = tracked.now.lifecycle;
        let kind = ChangeKind::between(before.into(), after.into(), before.deleted_at() != after.deleted_at());
        self.changes.record(logged.seq, SubjectType::Ticket, &id, kind);
    }

    /// Merges all tickets that have any of these ids. Returns the canonical id, the ticket as readers saw it before (if several,
    /// the first visible one), and whether several tickets were merged.
    fn unite(&mut self, named: &[Alias]) -> (String, Option<State>, bool) {
        let tickets = &mut self.tickets;
        let owners: BTreeSet<String> = named.iter().filter_map(|alias| tickets.by_alias.get(&alias.id)).cloned().collect();
        let mut aliases: BTreeSet<Alias> = BTreeSet::new();
        for owner in &owners {
            aliases.extend(tickets.aliases.remove(owner).into_iter().flatten());
        }
        let known = aliases.clone();
        for alias in named {
            let given_before = aliases.iter().find(|known| known.id == alias.id).is_some_and(|known| known.is_ticket_id);
            aliases.retain(|known| known.id != alias.id);
            aliases.insert(Alias { is_ticket_id: alias.is_ticket_id || given_before, id: alias.id.clone() });
        }
        let id = canonical(&aliases).expect("an event names at least one id").to_owned();
        for alias in &aliases {
            tickets.by_alias.insert(alias.id.clone(), id.clone());
        }
        let stays = owners.len() == 1 && owners.contains(&id);
        if aliases != known || !stays {
            tickets.renamed.insert(id.clone());
        }
        tickets.aliases.insert(id.clone(), aliases);

        let mut before: Option<State> = None;
        let mut last_deleted_at = None;
        for owner in &owners {
            let Some(tracked) = tickets.set.find(owner) else { continue };
            last_deleted_at = last_deleted_at.max(tracked.now.lifecycle.last_deleted_at);
            if before.as_ref().is_none_or(|state| !state.lifecycle.is_seen()) {
                before = Some(tracked.now.clone());
            }
        }
        if !stays && let Some(state) = &before {
            let stored = owners.iter().filter(|owner| **owner != id).cloned().collect::<Vec<_>>();
            let as_stored = tickets.set.remove(&id).and_then(|tracked| tracked.before);
            for owner in stored {
                tickets.set.remove(&owner);
            }
            let mut now = state.clone();
            now.details.id.clone_from(&id);
            now.lifecycle.last_deleted_at = last_deleted_at;
            tickets.set.insert(id.clone(), Tracked { before: as_stored, now });
        }
        (id, before, owners.len() > 1)
    }
}
