//! The changes of a batch that are about one type of object, and which of them a scope sees.
//!
//! An object that is visible to a role may be linked to a customer that is not. If nothing but such a link changes, the role sees
//! no difference, so it is not sent the change. This is decided here for the hub and for followers that read the store themselves:
//! both get the [changes to be sent](Changes) only from [`Recorded::seen_by`].

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashMap},
    time::Instant,
};

use super::subject::Subject;
use crate::{
    domain::{
        change::{Change, ChangeKind},
        filter::{Filter, Predicate},
        time::Timestamp,
    },
    feed::Arrived,
    store::{self, Reader},
};

/// The changes of a batch that are about `Q`, for any scope.
pub(in crate::graphql::live) struct Recorded<'b, Q: Subject> {
    changes: Changes<Q>,
    /// The changes of nothing but a link, by their index among all.
    relinked: Vec<(usize, &'b Change)>,
}

/// The changes about `Q` that one scope sees.
#[derive(Clone)]
pub(in crate::graphql::live) struct Changes<Q> {
    /// The changes.
    pub(in crate::graphql::live) changes: Vec<Concerning>,
    /// The changed objects, without repetitions.
    pub(in crate::graphql::live) subjects: Vec<Q>,
}

/// A change, and the index of its object.
#[derive(Clone, Copy)]
pub(in crate::graphql::live) struct Concerning {
    pub(in crate::graphql::live) position: i64,
    pub(in crate::graphql::live) kind: ChangeKind,
    pub(in crate::graphql::live) subject: usize,
    /// When the delivery behind it arrived, if that is known.
    pub(in crate::graphql::live) arrived: Option<Instant>,
}

impl<'b, Q: Subject> Recorded<'b, Q> {
    pub(in crate::graphql::live) fn of(batch: &'b [Change], arrived: &Arrived) -> Self {
        let (mut changes, mut subjects, mut relinked) = (Vec::new(), Vec::new(), Vec::new());
        let mut places = HashMap::new();
        for (change, subject) in batch.iter().filter_map(|change| Some((change, Q::of(change)?))) {
            let place = *places.entry(subject).or_insert_with_key(|subject: &Q| {
                subjects.push(subject.clone());
                subjects.len() - 1
            });
            if change.relinked.is_some() {
                relinked.push((changes.len(), change));
            }
            let position = change.position;
            changes.push(Concerning { position, kind: change.kind, subject: place, arrived: arrived.of(position) });
        }
        Self { changes: Changes { changes, subjects }, relinked }
    }

    /// Whether there are none.
    pub(in crate::graphql::live) fn is_empty(&self) -> bool {
        self.changes.changes.is_empty()
    }

    /// The changes that the reader's scope sees. Takes a statement only if links changed and the scope hides customers.
    pub(in crate::graphql::live) async fn seen_by(&self, reader: &Reader) -> Result<Cow<'_, Changes<Q>>, store::Error> {
        let scope = reader.scope();
        let decided: Vec<(usize, Vec<&str>)> = self
            .relinked
            .iter()
            .filter_map(|(index, change)| Some((*index, scope.deciding_customers(change)?.collect())))
            .collect();
        if decided.is_empty() {
            return Ok(Cow::Borrowed(&self.changes));
        }
        let customers: BTreeSet<&str> = decided.iter().flat_map(|(_, customers)| customers).copied().collect();
        let customers: Vec<String> = customers.into_iter().map(ToOwned::to_owned).collect();
        // Rows of customers are never deleted, so one that is not found is hidden.
        let visible = reader.customers_matching(&customers, &Filter::default()).await?;
        let is_hidden = |customers: &[&str]| !customers.iter().any(|id| visible.contains(*id));
        let unseen: BTreeSet<usize> =
            decided.iter().filter_map(|(index, customers)| is_hidden(customers).then_some(*index)).collect();
        let Changes { changes, subjects } = &self.changes;
        let seen = (0..).zip(changes).filter_map(|(index, change)| (!unseen.contains(&index)).then_some(*change));
        Ok(Cow::Owned(Changes { changes: seen.collect(), subjects: subjects.clone() }))
    }
}

impl<Q: Subject> Changes<Q> {
    /// The objects in their current state and in order; `None` for those that no longer exist.
    pub(in crate::graphql::live) async fn read(&self, reader: &Reader) -> Result<Vec<Option<Q::Answer>>, store::Error> {
        let mut answers = Q::answer(reader, &self.subjects).await?;
        Ok(self.subjects.iter().map(|subject| answers.remove(subject)).collect())
    }

    /// Which of the objects at these indexes match a filter, as evaluated by the store.
    pub(in crate::graphql::live) async fn decided(
        &self,
        reader: &Reader,
        filter: &Predicate<Q::Collection>,
        undecided: &[usize],
        now: Timestamp,
    ) -> Result<Vec<usize>, store::Error> {
        let subjects: Vec<Q> = undecided.iter().map(|place| self.subjects[*place].clone()).collect();
        let matching = Q::decided(reader, &Filter::new(filter.clone(), now), &subjects).await?;
        Ok(undecided.iter().copied().filter(|place| matching.contains(&self.subjects[*place])).collect())
    }
}
