//! Keys and ids, computed from a root number.
//!
//! Every person, conversation, message, ticket and delivery has a key that is unique within its kind for a root. Ids are
//! formatted from keys, so a second run of the same plan repeats them. This must not change with the version of a dependency,
//! so the mixing function is implemented here.

/// The finalizer of `SplitMix64`. It is a bijection, so different numbers never get the same id.
pub(crate) const fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// The kind of a key. Keys of different kinds are unrelated, even with equal indices. The numbers are part of every id.
#[derive(Clone, Copy, Debug)]
pub(crate) enum KeyKind {
    Person = 1,
    Conversation,
    Message,
    Ticket,
    Delivery,
    Shop,
    Live,
}

/// The key of the `index`-th object of its kind.
pub(crate) const fn key(root: u64, kind: KeyKind, index: u64) -> u64 {
    mix(mix(root ^ (kind as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)).wrapping_add(index))
}

/// 24 hexadecimal digits, like a `MongoDB` object id.
pub(crate) fn object_id(key: u64) -> String {
    format!("68{:06x}{key:016x}", mix(key) & 0x00ff_ffff)
}

/// A decimal id of exactly `digits` digits (at most 19), below 9.0 × 10^(digits − 1), so that 16 digits fit into a double.
pub(crate) fn decimal_id(key: u64, digits: u32) -> String {
    let unit = 10_u64.pow(digits - 1);
    (unit + mix(key) % (unit * 8)).to_string()
}

#[cfg(test)]
mod tests {
    use super::{KeyKind, decimal_id, key, object_id};

    #[test]
    fn ids_have_the_length_used_by_their_platforms() {
        for index in 0..1000 {
            let key = key(7, KeyKind::Person, index);
            assert_eq!(object_id(key).len(), 24);
            for digits in 16..=19 {
                assert_eq!(decimal_id(key, digits).len(), digits as usize);
            }
        }
    }
}
