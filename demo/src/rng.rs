//! A seeded random number generator with the distributions that the simulation needs.
//!
//! `SplitMix64` is implemented here instead of using a crate: the same plan must give the same deliveries with every version of
//! every dependency, since the gateway recognises a second run by its delivery ids.

use crate::ids::mix;

/// A random number generator, determined by its seed.
#[derive(Clone, Debug)]
pub(crate) struct Rng(u64);

impl Rng {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub(crate) const fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// An index below `count`, which must not be 0. The bias of the remainder is too small to matter here.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.next_u64() % count as u64).expect("a remainder is below its divisor")
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = high.abs_diff(low) + 1;
        low.saturating_add_unsigned(self.next_u64() % width)
    }

    /// True with a probability of `per_mille` / 1000.
    pub(crate) const fn chance(&mut self, per_mille: u64) -> bool {
        self.next_u64() % 1000 < per_mille
    }

    /// One item of a non-empty list, each equally likely.
    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    /// One value, chosen by weight.
    pub(crate) fn weighted<'a, T>(&mut self, items: &'a [(u64, T)]) -> &'a T {
        &self.weighted_by(items, |(weight, _)| *weight).1
    }

    /// One item, chosen by the given weights, which must not all be 0.
    pub(crate) fn weighted_by<'a, T>(&mut self, items: &'a [T], weight: impl Fn(&T) -> u64) -> &'a T {
        let mut left = self.next_u64() % items.iter().map(&weight).sum::<u64>();
        for item in items {
            if left < weight(item) {
                return item;
            }
            left -= weight(item);
        }
        unreachable!("the remainder is below the sum of the weights")
    }
}

#[cfg(test)]
mod tests {
    use super::Rng;

    #[test]
    fn draws_stay_within_their_bounds_and_reach_them() {
        let mut rng = Rng::new(3);
        let drawn: Vec<i64> = (0..2000).map(|_| rng.between(-2, 3)).collect();
        assert_eq!((drawn.iter().min(), drawn.iter().max()), (Some(&-2), Some(&3)));
        assert!((0..100).all(|_| *rng.weighted(&[(0, "never"), (5, "always")]) == "always"));
    }
}
