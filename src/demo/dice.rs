//! Chance and ids for the demo, from a seed alone.
//!
//! A hand-written `SplitMix64` rather than a crate's generator: the same plan must give the same bytes with every version of
//! every dependency, because a second run of the demo recognises its own deliveries by their ids. Knows nothing of the shop.

/// The finisher of `SplitMix64`: a bijection, so that different numbers never share an id.
pub(super) const fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// What a key is for. Keys of different sorts are unrelated, whatever their indices.
#[derive(Clone, Copy, Debug)]
pub(super) enum Sort {
    Person = 1,
    Conversation,
    Message,
    Ticket,
    Delivery,
    World,
    Live,
}

/// The key of the `index`-th thing of its sort: unique within the sort for one root.
pub(super) const fn key(root: u64, sort: Sort, index: u64) -> u64 {
    mix(mix(root ^ (sort as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)).wrapping_add(index))
}

/// 24 hex digits in the manner of Mongo's object ids.
pub(super) fn object_id(key: u64) -> String {
    format!("68{:06x}{key:016x}", mix(key) & 0x00ff_ffff)
}

/// A decimal id of exactly `digits` digits (at most 19), below 9.0 × 10^(digits − 1), so that 16 digits fit into a double.
pub(super) fn decimal_id(key: u64, digits: u32) -> String {
    let unit = 10_u64.pow(digits - 1);
    (unit + mix(key) % (unit * 8)).to_string()
}

/// A stream of chance, determined by its key.
#[derive(Clone, Debug)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) const fn of(key: u64) -> Self {
        Self(key)
    }

    /// The next 64 bits.
    pub(super) const fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// An index below `count`, which is not 0. The bias of the remainder is far below what anybody could see.
    pub(super) fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.roll() % count as u64).expect("a remainder is below its divisor")
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = high.abs_diff(low) + 1;
        low.saturating_add_unsigned(self.roll() % width)
    }

    /// True in `per_mille` of a thousand cases.
    pub(super) const fn chance(&mut self, per_mille: u64) -> bool {
        self.roll() % 1000 < per_mille
    }

    /// One of several, each as likely.
    pub(super) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// One of several, by weight.
    pub(super) fn weighted<T: Copy>(&mut self, from: &[(u64, T)]) -> T {
        let mut left = self.roll() % from.iter().map(|(weight, _)| weight).sum::<u64>();
        for (weight, value) in from {
            if left < *weight {
                return *value;
            }
            left -= weight;
        }
        unreachable!("what is left is below the sum of the weights")
    }
}

#[cfg(test)]
mod tests {
    use super::{Dice, Sort, decimal_id, key, object_id};

    #[test]
    fn ids_have_the_length_their_platforms_give_them() {
        for index in 0..1000 {
            let key = key(7, Sort::Person, index);
            assert_eq!(object_id(key).len(), 24);
            for digits in 16..=19 {
                assert_eq!(decimal_id(key, digits).len(), digits as usize);
            }
        }
    }

    #[test]
    fn chance_keeps_to_its_bounds_and_reaches_them() {
        let mut dice = Dice::of(3);
        let rolls: Vec<i64> = (0..2000).map(|_| dice.between(-2, 3)).collect();
        assert_eq!((rolls.iter().min(), rolls.iter().max()), (Some(&-2), Some(&3)));
        assert!((0..100).all(|_| dice.weighted(&[(0, "never"), (5, "always")]) == "always"));
    }
}
