//! The demo's deliveries: a believable past of a Vietnamese shop as its CRM would have sent it.
//!
//! Pure: values out of a seed; nothing is sent and no clock is asked. A past's ids and their order come from seed, scale and
//! weeks alone, and only the dates from `now`: delivered a second time, on any day, it is recognised as known.
//! Payloads are written one by one as they are asked for; what stays in memory is the shop, not its mail.

use std::{cmp::Reverse, collections::BinaryHeap};

use super::{
    course::{Course, Sizes},
    dice::{Dice, Sort, key, mix},
    hours::Hours,
    payload,
    world::{Happening, World},
};
use crate::domain::{kind::EventKind, time::Timestamp};

/// What past to make.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Another seed is another shop.
    pub seed: u64,
    /// 1 is about 2,000 customers, 5,000 conversations, 50,000 messages and 1,500 tickets.
    pub scale: f64,
    /// When the past ends.
    pub now: Timestamp,
    /// How many weeks it lasts.
    pub weeks: u32,
}

impl Plan {
    /// Six weeks of the first shop in its full size.
    pub const fn new(now: Timestamp) -> Self {
        Self { seed: 1, scale: 1.0, now, weeks: 6 }
    }

    /// The root of every id of the past.
    pub(super) fn root(&self) -> u64 {
        mix(mix(mix(self.seed) ^ self.scale.to_bits()).wrapping_add(u64::from(self.weeks)))
    }

    pub(super) fn course(&self) -> Course {
        let sizes = Sizes {
            people: scaled(2000, self.scale),
            conversations: scaled(5000, self.scale),
            tickets: scaled(1500, self.scale),
        };
        Course::new(World::new(self.root()), sizes, Hours::new(self.now.as_millis(), self.weeks))
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a float becomes the nearest number there is")]
fn scaled(count: u32, scale: f64) -> usize {
    (f64::from(count) * scale).round() as usize
}

/// One webhook.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Delivery {
    /// Which of the eight it is.
    pub kind: EventKind,
    /// The delivery id: the same for a repetition.
    pub id: String,
    /// When the CRM would have sent it.
    pub at: Timestamp,
    /// The body: JSON.
    pub payload: String,
}

/// The past of a plan, in time order.
pub fn past(plan: &Plan) -> impl Iterator<Item = Delivery> + use<> {
    let root = plan.root();
    Past { course: plan.course(), now: plan.now, root, written: 0, told: Vec::new(), held: BinaryHeap::new() }
}

struct Past {
    course: Course,
    now: Timestamp,
    root: u64,
    written: u64,
    told: Vec<Happening>,
    /// Written and on the way: ordered by when they arrive.
    held: BinaryHeap<Reverse<(Timestamp, u64, Delivery)>>,
}

impl Past {
    fn write(&mut self, happening: &Happening, at: i64) {
        self.written += 1;
        let mut dice = Dice::of(key(self.root, Sort::Delivery, self.written));
        let (kind, payload) = payload::write(&self.course.world, happening, &mut dice);
        let id = format!("demo-{:08x}-{:06}", self.root >> 32, self.written);
        let at = Timestamp::clamped(at + delay(happening, &mut dice)).min(self.now);
        let delivery = Delivery { kind, id, at, payload };
        if dice.chance(10) {
            let again = Timestamp::clamped(at.as_millis() + dice.between(4000, 60_000)).min(self.now);
            self.held.push(Reverse((again, self.written, Delivery { at: again, ..delivery.clone() })));
        }
        self.held.push(Reverse((at, self.written, delivery)));
    }
}

impl Iterator for Past {
    type Item = Delivery;

    fn next(&mut self) -> Option<Delivery> {
        loop {
            let next_at = self.course.next_at();
            if let Some(Reverse((at, ..))) = self.held.peek()
                && next_at.is_none_or(|next| at.as_millis() <= next)
            {
                return self.held.pop().map(|Reverse((_, _, delivery))| delivery);
            }
            let at = next_at?;
            let mut told = std::mem::take(&mut self.told);
            self.course.advance(&mut told);
            for (happening, after) in told.drain(..).zip(0..) {
                self.write(&happening, at + after);
            }
            self.told = told;
        }
    }
}

/// How long a webhook is on the way. Few are late; a status never is: it carries no time of its own, so its order counts.
fn delay(happening: &Happening, dice: &mut Dice) -> i64 {
    match happening {
        Happening::Status { .. } | Happening::CustomersDeleted(_) | Happening::TicketDeleted(_) => 400,
        Happening::Message(..) | Happening::Customer { .. } | Happening::Ticket { .. } if dice.chance(8) => {
            dice.between(20_000, 900_000)
        }
        Happening::Message(..) => dice.between(60, 320),
        Happening::Customer { .. } | Happening::Ticket { .. } => dice.between(60, 1800),
    }
}
