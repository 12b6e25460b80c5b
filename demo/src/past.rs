//! The deliveries of the history, in order of arrival.
//!
//! Payloads are written on demand, one by one; memory holds the shop and the deliveries in transit.

use std::{cmp::Reverse, collections::BinaryHeap, mem};

use crate::{
    delivery::Delivery,
    ids::{KeyKind, key},
    payload,
    plan::Plan,
    rng::Rng,
    schedule::Schedule,
    shop::ShopEvent,
};

/// The history of a plan, in order of time.
pub fn past(plan: &Plan) -> impl Iterator<Item = Delivery> + use<> {
    Past {
        schedule: plan.schedule(),
        now_ms: plan.now_ms,
        root: plan.root(),
        written: 0,
        events: Vec::new(),
        in_transit: BinaryHeap::new(),
    }
}

struct Past {
    schedule: Schedule,
    now_ms: i64,
    root: u64,
    written: u64,
    /// A buffer, empty between calls.
    events: Vec<ShopEvent>,
    /// Written deliveries by time of arrival.
    in_transit: BinaryHeap<Reverse<(i64, u64, Delivery)>>,
}

impl Past {
    fn write(&mut self, event: &ShopEvent, at: i64) {
        self.written += 1;
        let mut rng = Rng::new(key(self.root, KeyKind::Delivery, self.written));
        let (segment, payload) = payload::write(&self.schedule.shop, event, &mut rng);
        let id = format!("demo-{:08x}-{:06}", self.root >> 32, self.written);
        let at_ms = (at + delay(event, &mut rng)).min(self.now_ms);
        let delivery = Delivery { event: segment, id, at_ms, payload };
        if rng.chance(10) {
            let again = (at_ms + rng.between(4000, 60_000)).min(self.now_ms);
            self.in_transit.push(Reverse((again, self.written, Delivery { at_ms: again, ..delivery.clone() })));
        }
        self.in_transit.push(Reverse((at_ms, self.written, delivery)));
    }
}

impl Iterator for Past {
    type Item = Delivery;

    fn next(&mut self) -> Option<Delivery> {
        loop {
            let next_at = self.schedule.next_at();
            if let Some(Reverse((at, ..))) = self.in_transit.peek()
                && next_at.is_none_or(|next| *at <= next)
            {
                return self.in_transit.pop().map(|Reverse((_, _, delivery))| delivery);
            }
            let at = next_at?;
            let mut events = mem::take(&mut self.events);
            self.schedule.advance(&mut events);
            for (event, after) in events.drain(..).zip(0..) {
                self.write(&event, at + after);
            }
            self.events = events;
        }
    }
}

/// The delay of a webhook. Few are late. A status or a deletion never is: it has no time of its own, so its order of arrival
/// matters.
fn delay(event: &ShopEvent, rng: &mut Rng) -> i64 {
    match event {
        ShopEvent::Status { .. } | ShopEvent::CustomersDeleted(_) | ShopEvent::TicketDeleted(_) => 400,
        ShopEvent::Message(..) | ShopEvent::Customer { .. } | ShopEvent::Ticket { .. } if rng.chance(8) => {
            rng.between(20_000, 900_000)
        }
        ShopEvent::Message(..) => rng.between(60, 320),
        ShopEvent::Customer { .. } | ShopEvent::Ticket { .. } => rng.between(60, 1800),
    }
}
