//! The parameters of a simulation: which shop, how large, and until when.
//!
//! Ids and their order depend only on seed, scale and weeks; only dates depend on the end. So a history that is delivered
//! again, on any day, is recognised by its delivery ids.

use crate::{
    hours::Hours,
    ids::mix,
    schedule::{Schedule, Sizes},
    shop::Shop,
};

/// The parameters of a history.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Each seed gives a different shop.
    pub seed: u64,
    /// 1 is about 2,000 customers, 5,000 conversations, 50,000 messages and 1,500 tickets.
    pub scale: f64,
    /// The end of the history, in milliseconds since the Unix epoch.
    pub now_ms: i64,
    /// The length of the history in weeks.
    pub weeks: u32,
}

impl Plan {
    /// Six weeks of the default shop in full size.
    pub const fn new(now_ms: i64) -> Self {
        Self { seed: 1, scale: 1.0, now_ms, weeks: 6 }
    }

    /// The root of all ids of the history.
    pub(crate) fn root(&self) -> u64 {
        mix(mix(mix(self.seed) ^ self.scale.to_bits()).wrapping_add(u64::from(self.weeks)))
    }

    pub(crate) fn schedule(&self) -> Schedule {
        let sizes = Sizes {
            people: scaled(2000, self.scale),
            conversations: scaled(5000, self.scale),
            tickets: scaled(1500, self.scale),
        };
        Schedule::new(Shop::new(self.root()), sizes, Hours::new(self.now_ms, self.weeks))
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a scale is small and not negative")]
fn scaled(count: u32, scale: f64) -> usize {
    (f64::from(count) * scale).round() as usize
}
