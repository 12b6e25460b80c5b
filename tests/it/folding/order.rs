//! The central guarantee: order, repetition and batches do not matter.

use deskgraph::store::{Delivery, Entry};
use proptest::{prelude::*, test_runner::Config};

use super::{
    events::{Plan, deliveries, sequences},
    facts::stored,
    reference::expected,
};
use crate::support::{
    desk::{Desk, at, differences},
    property::{cases, run},
};

const NONE: [String; 0] = [];

/// Stores the events as planned.
pub(super) async fn append_all(desk: &Desk, events: &[Delivery], plan: &Plan) {
    let order: Vec<usize> = plan.order.iter().copied().filter(|index| *index < events.len()).collect();
    let (mut rest, mut sizes) = (order.as_slice(), plan.batches.iter().cycle());
    while !rest.is_empty() {
        let size = sizes.next().map_or(1, |size| (*size).min(rest.len()));
        let (batch, after) = rest.split_at(size);
        let entries: Vec<Entry> = batch.iter().map(|index| Entry::Delivery(events[*index].clone())).collect();
        desk.store.append(&entries, at(1_000)).await.expect("the batch is stored");
        rest = after;
    }
}

proptest! {
    #![proptest_config(Config { cases: cases(40), max_shrink_time: 60_000, max_shrink_iters: 5_000, failure_persistence: None, ..Config::default() })]

    #[test]
    fn the_same_events_in_any_order_give_the_same_state((events, one, other) in sequences(14)) {
        run(async {
            let events = deliveries(&events);
            let (first, second) = (Desk::new().await, Desk::new().await);
            append_all(&first, &events, &one).await;
            append_all(&second, &events, &other).await;
            let (expected, stored) = (expected(&events), stored(&first).await);
            prop_assert_eq!(expected.difference(&stored).collect::<Vec<_>>(), stored.difference(&expected).collect::<Vec<_>>());
            let tables = first.tables().await;
            prop_assert_eq!(differences(&tables, &second.tables().await), NONE);
            first.store.rebuild(|_, _| {}).await.expect("the store is rebuilt");
            prop_assert_eq!(differences(&tables, &first.tables().await), NONE);
            second.assert_verified().await;
            Ok(())
        })?;
    }
}
