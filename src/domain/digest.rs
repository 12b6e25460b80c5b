//! Digests that identify repeated content: equal JSON values have equal digests, however they are formatted.

use serde_json::Value;
use sha2::{Digest, Sha256};

/// The digest of a message's key and payload, as 32 hexadecimal digits. The order of object keys and white space do not affect
/// it.
pub fn message_digest(key: &str, payload: &Value) -> String {
    digest(&[key, &canonical(payload)])
}

/// The first 64 bits of a digest, which are indexed for look-up.
pub fn hash(digest: &str) -> i64 {
    u64::from_str_radix(digest.get(..16).unwrap_or_default(), 16).unwrap_or_default().cast_signed()
}

/// The digest of a sequence of texts, as 32 hexadecimal digits. Lengths are included, so different divisions of the same text
/// differ.
pub fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let start = hash.finalize().iter().take(16).fold(0u128, |start, byte| start << 8 | u128::from(*byte));
    format!("{start:032x}")
}

/// The JSON text of a value with sorted keys. It relies on `serde_json`'s map being sorted (`preserve_order` is off).
pub fn canonical(value: &Value) -> String {
    value.to_string()
}

#[cfg(test)]
mod tests {
    use super::{hash, message_digest};

    #[test]
    fn the_hash_is_the_start_of_the_digest() {
        assert_eq!(hash("00000000000000ff0000000000000000"), 255);
        assert_eq!(hash("ffffffffffffffff0000000000000000"), -1);
    }

    #[test]
    fn the_order_of_keys_and_white_space_do_not_count() {
        let digest = |text: &str| message_digest("zalo_1", &serde_json::from_str(text).unwrap());
        assert_eq!(digest(r#"{"a":1,"b":[1,2]}"#), digest(r#"{ "b": [1, 2], "a": 1 }"#));
        assert_ne!(digest(r#"{"a":1}"#), digest(r#"{"a":2}"#));
    }
}
