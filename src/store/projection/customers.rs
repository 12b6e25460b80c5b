//! The customers that a batch touches, with their social accounts, statuses and custom fields.

use entity::{custom_field, customer, customer_status, social_account};

use super::{
    Batch, Logged, history,
    links::Linkage,
    subjects::Subjects,
    tracked::{Set, Tracked},
};
use crate::{
    domain::{
        change::{ChangeKind, Presence, SubjectType},
        customer::State,
        event::{CustomerSnapshot, Event},
        version::{Versioned, fold},
    },
    store::{Error, bulk::Rows, rows, write::Transaction},
};

pub(super) type Customers = Set<State>;

pub(super) async fn load(db: &Transaction, subjects: &Subjects) -> Result<Customers, Error> {
    let stored = db.rows_in::<customer::Entity>(customer::Column::Id, subjects.customers.iter().cloned()).await?;
    let mut customers = Set::stored(stored.into_iter().map(|row| (row.id.clone(), rows::customer_state(row))));
    let ids: Vec<String> = customers.iter().map(|(id, _)| id.clone()).collect();
    let mut accounts = db.rows_in::<social_account::Entity>(social_account::Column::CustomerId, ids.clone()).await?;
    accounts.sort_unstable_by_key(|row| row.position);
    for row in accounts {
        let id = row.customer_id.clone();
        let account = rows::social_account(row)?;
        complete(&mut customers, &id, |state| state.social.push(account.clone()));
    }
    let mut statuses = db.rows_in::<customer_status::Entity>(customer_status::Column::CustomerId, ids.clone()).await?;
    statuses.sort_unstable_by_key(|row| row.position);
    for row in statuses {
        let id = row.customer_id.clone();
        let status = rows::status(row);
        complete(&mut customers, &id, |state| state.statuses.push(status.clone()));
    }
    for row in db.rows_in::<custom_field::Entity>(custom_field::Column::CustomerId, ids).await? {
        let value = rows::json("custom_field", &row.customer_id, &row.value)?;
        complete(&mut customers, &row.customer_id, |state| {
            state.custom_fields.insert(row.key.clone(), value.clone());
        });
    }
    Ok(customers)
}

/// Adds to a state just loaded, in both its stored and its current copy.
fn complete(customers: &mut Customers, id: &str, add: impl Fn(&mut State)) {
    if let Some(tracked) = customers.find_mut(id) {
        add(&mut tracked.now);
        if let Some(before) = &mut tracked.before {
            add(before);
        }
    }
}

pub(super) async fn save(db: &Transaction, customers: &Customers) -> Result<(), Error> {
    let changed: Vec<&Tracked<State>> = customers.changed().collect();
    let row = |tracked: &&Tracked<State>| (tracked.before.as_ref().map(rows::customer_row), rows::customer_row(&tracked.now));
    db.save::<customer::Entity>(changed.iter().map(row).collect()).await?;

    let id = |tracked: &Tracked<State>| tracked.now.profile.id.clone();
    let replaced = |differs: fn(&State, &State) -> bool| {
        changed
            .iter()
            .filter(|tracked| tracked.before.as_ref().is_some_and(|before| differs(before, &tracked.now)))
            .map(|t| id(t))
            .collect::<Vec<_>>()
    };
    db.delete_in::<social_account::Entity>(social_account::Column::CustomerId, replaced(|a, b| a.social != b.social)).await?;
    db.delete_in::<customer_status::Entity>(customer_status::Column::CustomerId, replaced(|a, b| a.statuses != b.statuses))
        .await?;
    db.delete_in::<custom_field::Entity>(custom_field::Column::CustomerId, replaced(|a, b| a.custom_fields != b.custom_fields))
        .await?;

    let (mut accounts, mut statuses, mut fields) = (Vec::new(), Vec::new(), Vec::new());
    for tracked in &changed {
        let (now, before) = (&tracked.now, tracked.before.as_ref());
        let id = &now.profile.id;
        if before.is_none_or(|before| before.social != now.social) {
            accounts.extend((0..).zip(&now.social).map(|(position, account)| rows::social_account_row(id, position, account)));
        }
        if before.is_none_or(|before| before.statuses != now.statuses) {
            statuses.extend((0..).zip(&now.statuses).map(|(position, status)| rows::status_row(id, position, status)));
        }
        if before.is_none_or(|before| before.custom_fields != now.custom_fields) {
            fields.extend(now.custom_fields.iter().map(|(key, value)| rows::custom_field_row(id, key, value)));
        }
    }
    db.insert::<social_account::Entity>(accounts).await?;
    db.insert::<customer_status::Entity>(statuses).await?;
    db.insert::<custom_field::Entity>(fields).await
}

impl<L: Rows> Batch<'_, L> {
    pub(super) async fn apply_customer(&mut self, logged: &Logged, snapshot: &CustomerSnapshot) -> Result<(), Error> {
        let (seq, received_at) = (logged.seq, logged.received_at);
        let tracked = self.customers.touch(&snapshot.id, || State::new(&snapshot.id));
        let before = tracked.now.clone();
        if before.is_late(snapshot, received_at) {
            let ids = [snapshot.id.clone()];
            let seqs = history::recorded(self.log, SubjectType::Customer, &ids).await?;
            let mut arrivals = history::arrivals(self.log, self.zone, &seqs, seq, |event| match event {
                Event::Customer(snapshot) => Some(*snapshot),
                // A deletion is not a snapshot: folding keeps the earlier state.
                Event::CustomerDeleted(_)
                | Event::Message(_)
                | Event::Status(_)
                | Event::Ticket(_)
                | Event::TicketDeleted { .. } => None,
            })
            .await?;
            tracked.now = fold(&before, &mut arrivals);
        } else {
            tracked.now.apply(snapshot, seq, received_at);
        }
        let kind = ChangeKind::between(before.lifecycle.into(), tracked.now.lifecycle.into(), !tracked.now.looks_like(&before));
        self.changes.record(seq, SubjectType::Customer, &snapshot.id, kind);
        if Linkage::of(&before) != Linkage::of(&tracked.now) {
            self.deciders.customer(&snapshot.id, seq);
        }
        if !before.lifecycle.is_seen() {
            self.appear(&snapshot.id, seq);
        }
        let version = State::version_of(snapshot, received_at);
        self.mention(snapshot.staff(), version);
        Ok(())
    }

    pub(super) fn delete_customers(&mut self, logged: &Logged, ids: &[String]) {
        for id in ids {
            let tracked = self.customers.touch(id, || State::new(id));
            let before = tracked.now.lifecycle;
            tracked.now.lifecycle.delete(logged.received_at);
            let after = tracked.now.lifecycle;
            let kind = ChangeKind::between(before.into(), after.into(), before.deleted_at() != after.deleted_at());
            self.changes.record(logged.seq, SubjectType::Customer, id, kind);
            if Presence::from(before) != Presence::from(after) {
                self.deciders.customer(id, logged.seq);
            }
        }
    }
}
