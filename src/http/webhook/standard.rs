//! Standard Webhooks 1.0 (<https://www.standardwebhooks.com>): `webhook-id`, `webhook-timestamp` and `webhook-signature`.
//!
//! ```text
//!   signed:    <id>.<timestamp>.<body as received>
//!   signature: v1,<Base64 of HMAC-SHA256>, several of them separated by spaces; one match is enough
//!   secret:    whsec_<Base64 of 24 to 64 bytes>; several during a rotation
//! ```
//!
//! Pure: headers, body and time are parameters.

use axum::http::HeaderMap;
use base64::{Engine, prelude::BASE64_STANDARD};

use super::{
    key::{Key, any_signed},
    refused::Refused,
};
use crate::{domain::time::Timestamp, http::text, ingest::MAX_DELIVERY_ID};

const ID: &str = "webhook-id";
const TIMESTAMP: &str = "webhook-timestamp";
const SIGNATURE: &str = "webhook-signature";

/// The supported signature version: HMAC-SHA256. Others are ignored.
const VERSION: &str = "v1,";

/// The prefix of a secret.
const PREFIX: &str = "whsec_";

/// The allowed length of a secret, in bytes.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// A secret of Standard Webhooks.
#[derive(Clone)]
pub struct Secret(Key);

/// Why a text is not a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoSecret {
    /// It lacks the prefix.
    #[error("does not begin with `{PREFIX}`")]
    Prefix,
    /// The rest is not Base64.
    #[error("has something behind `{PREFIX}` that is not Base64 with padding")]
    Base64,
    /// The secret is too short or too long.
    #[error("has {0} bytes behind `{PREFIX}`: expected {min} to {max}", min = SECRET_BYTES.start(), max = SECRET_BYTES.end())]
    Length(usize),
}

impl Secret {
    /// Parses `whsec_<Base64>`.
    pub fn parse(text: &str) -> Result<Self, NoSecret> {
        let encoded = text.strip_prefix(PREFIX).ok_or(NoSecret::Prefix)?;
        let secret = BASE64_STANDARD.decode(encoded).map_err(|_| NoSecret::Base64)?;
        if SECRET_BYTES.contains(&secret.len()) { Ok(Self(Key::new(&secret))) } else { Err(NoSecret::Length(secret.len())) }
    }

    /// The headers of a delivery with this id, sent at this time.
    pub fn sign(&self, id: &str, at: Timestamp, body: &[u8]) -> [(&'static str, String); 3] {
        let seconds = seconds(at).to_string();
        let signature = self.0.sign(&signed(id, &seconds, body));
        let signature = format!("{VERSION}{}", BASE64_STANDARD.encode(signature));
        [(ID, id.to_owned()), (TIMESTAMP, seconds), (SIGNATURE, signature)]
    }
}

/// The configured scheme.
pub struct Standard {
    keys: Vec<Key>,
    tolerance_seconds: u64,
}

impl Standard {
    /// Accepts deliveries signed with one of the secrets whose timestamp differs from now by at most the tolerance, in either
    /// direction.
    pub fn new(secrets: Vec<Secret>, tolerance_seconds: u64) -> Self {
        Self { keys: secrets.into_iter().map(|Secret(key)| key).collect(), tolerance_seconds }
    }

    pub(super) fn verify(&self, headers: &HeaderMap, body: &[u8], now: Timestamp) -> Result<(), Refused> {
        let [id, timestamp, signatures] =
            [ID, TIMESTAMP, SIGNATURE].map(|name| text(headers, name).filter(|value| !value.is_empty()));
        let (Some(id), Some(timestamp), Some(signatures)) = (id, timestamp, signatures) else {
            let missing: Vec<_> = [(ID, id), (TIMESTAMP, timestamp), (SIGNATURE, signatures)]
                .into_iter()
                .filter_map(|(name, value)| value.is_none().then_some(name))
                .collect();
            let reason = format!("no text in {}", missing.join(", "));
            return Err(if signatures.is_none() { Refused::absent(reason) } else { Refused::wrong(reason) });
        };
        // Longer ids are not stored, so a replay could not be recognised.
        if id.len() > MAX_DELIVERY_ID {
            return Err(Refused::wrong(format!("{ID} is longer than {MAX_DELIVERY_ID} bytes")));
        }
        self.check_time(timestamp, now)?;
        let signatures: Vec<_> = signatures
            .split(' ')
            .filter_map(|signature| signature.strip_prefix(VERSION))
            .filter_map(|encoded| BASE64_STANDARD.decode(encoded).ok())
            .collect();
        if any_signed(&self.keys, &signed(id, timestamp, body), &signatures) {
            return Ok(());
        }
        Err(Refused::wrong(if signatures.is_empty() {
            "webhook-signature has no `v1,<Base64>`"
        } else {
            "no signature in webhook-signature matches: `v1,` and the Base64 of HMAC-SHA256 over \
             `<webhook-id>.<webhook-timestamp>.<body>`, with the secret decoded from Base64 and the body as it was sent"
        }))
    }

    fn check_time(&self, timestamp: &str, now: Timestamp) -> Result<(), Refused> {
        let is_number = timestamp.bytes().all(|byte| byte.is_ascii_digit());
        let sent: i64 = timestamp
            .parse()
            .ok()
            .filter(|_| is_number)
            .ok_or_else(|| Refused::wrong("webhook-timestamp is not a number of seconds since 1970"))?;
        let now = seconds(now);
        let (off, tolerance) = (now.abs_diff(sent), self.tolerance_seconds);
        if off <= tolerance {
            return Ok(());
        }
        let direction = if sent < now { "past" } else { "future" };
        Err(Refused::wrong(format!(
            "webhook-timestamp is {off} seconds in the {direction}, and {tolerance} are tolerated: sign each attempt anew, and check \
             the sender's clock"
        )))
    }
}

fn signed<'p>(id: &'p str, timestamp: &'p str, body: &'p [u8]) -> [&'p [u8]; 5] {
    [id.as_bytes(), b".", timestamp.as_bytes(), b".", body]
}

fn seconds(at: Timestamp) -> i64 {
    at.as_millis().div_euclid(1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    // The test vector from the specification's libraries.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const OTHER: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
    const SENT: i64 = 1_614_265_330;
    const PAYLOAD: &[u8] = br#"{"test": 2432232314}"#;
    const SIGNED: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    fn at(seconds: i64) -> Timestamp {
        Timestamp::clamped(seconds * 1000 + 999)
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    fn vector(signature: &str) -> HeaderMap {
        headers(&[(ID, "msg_p5jXN8AQM9LWM0D4loKWxJek"), (TIMESTAMP, "1614265330"), (SIGNATURE, signature)])
    }

    fn with(secrets: &[&str]) -> Standard {
        Standard::new(secrets.iter().map(|secret| Secret::parse(secret).unwrap()).collect(), 300)
    }

    fn reason(refused: Result<(), Refused>) -> String {
        match refused.unwrap_err() {
            Refused::Wrong(reason) => reason.into_owned(),
            absent @ Refused::Absent(_) => panic!("{absent:?}"),
        }
    }

    #[test]
    fn the_vector_of_the_specification_is_signed_and_verified() {
        let [_, _, (_, signature)] = Secret::parse(SECRET).unwrap().sign("msg_p5jXN8AQM9LWM0D4loKWxJek", at(SENT), PAYLOAD);
        assert_eq!(signature, SIGNED);
        assert_eq!(with(&[SECRET]).verify(&vector(SIGNED), PAYLOAD, at(SENT)), Ok(()));
    }

    #[test]
    fn any_secret_and_any_signature_may_match() {
        let unknown = format!("v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc= v2,{} {SIGNED} v1a,x", &SIGNED[3..]);
        for secrets in [&[OTHER, SECRET][..], &[SECRET, OTHER]] {
            assert_eq!(with(secrets).verify(&vector(&unknown), PAYLOAD, at(SENT)), Ok(()));
        }
        assert!(reason(with(&[OTHER]).verify(&vector(&unknown), PAYLOAD, at(SENT))).contains("matches"));
    }

    #[test]
    fn anything_but_the_exact_signature_is_refused() {
        let bare = &SIGNED[3..];
        for (signature, expected) in [
            ("v1,", "matches"),
            ("v1, v1,", "matches"),
            ("v1", "no `v1,"),
            (bare, "no `v1,"),
            (&format!("v2,{bare}"), "no `v1,"),
            (&format!("V1,{bare}"), "no `v1,"),
            (&format!("v1a,{bare}"), "no `v1,"),
            (&format!("v1,{}", &bare[..40]), "matches"),
            (&format!("v1,{}", &bare[..43]), "no `v1,"),
            (&format!("v1,{bare},"), "no `v1,"),
            ("v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "matches"),
        ] {
            let found = reason(with(&[SECRET]).verify(&vector(signature), PAYLOAD, at(SENT)));
            assert!(found.contains(expected), "{signature}: {found}");
        }
    }

    #[test]
    fn a_change_of_any_signed_part_is_refused() {
        let standard = with(&[SECRET]);
        assert!(standard.verify(&vector(SIGNED), br#"{"test":2432232314}"#, at(SENT)).is_err());
        assert!(standard.verify(&vector(SIGNED), b"", at(SENT)).is_err());
        for (name, value) in [(ID, "msg_p5jXN8AQM9LWM0D4loKWxJel"), (TIMESTAMP, "1614265331"), (TIMESTAMP, "01614265330")] {
            let mut headers = vector(SIGNED);
            headers.insert(name, value.parse().unwrap());
            assert!(reason(standard.verify(&headers, PAYLOAD, at(SENT))).contains("matches"), "{name}");
        }
    }

    #[test]
    fn the_timestamp_may_be_off_by_the_tolerance_in_both_directions() {
        let verify = |now| with(&[SECRET]).verify(&vector(SIGNED), PAYLOAD, at(now));
        assert_eq!((verify(SENT + 300), verify(SENT - 300)), (Ok(()), Ok(())));
        assert!(reason(verify(SENT + 301)).contains("301 seconds in the past"));
        assert!(reason(verify(SENT - 301)).contains("301 seconds in the future"));
    }

    #[test]
    fn a_timestamp_that_is_no_number_of_seconds_is_refused() {
        for timestamp in ["soon", "-1614265330", "+1614265330", "1614265330.0", "99999999999999999999", "1e9", "1614265330 "] {
            let mut headers = vector(SIGNED);
            headers.insert(TIMESTAMP, timestamp.parse().unwrap());
            assert!(reason(with(&[SECRET]).verify(&headers, PAYLOAD, at(SENT))).contains("not a number"), "{timestamp}");
        }
        let mut headers = vector(SIGNED);
        headers.insert(TIMESTAMP, i64::MAX.to_string().parse().unwrap());
        assert!(reason(with(&[SECRET]).verify(&headers, PAYLOAD, at(SENT))).contains("in the future"));
    }

    #[test]
    fn missing_headers_are_named() {
        let standard = with(&[SECRET]);
        let absent = standard.verify(&headers(&[(ID, "x")]), PAYLOAD, at(SENT));
        assert_eq!(absent, Err(Refused::absent("no text in webhook-timestamp, webhook-signature")));
        let wrong = standard.verify(&headers(&[(SIGNATURE, SIGNED), (ID, "")]), PAYLOAD, at(SENT));
        assert_eq!(wrong, Err(Refused::wrong("no text in webhook-id, webhook-timestamp")));
    }

    #[test]
    fn an_id_too_long_to_recognise_a_replay_is_refused() {
        let secret = Secret::parse(SECRET).unwrap();
        for (length, lets_in) in [(MAX_DELIVERY_ID, true), (MAX_DELIVERY_ID + 1, false)] {
            let signed = secret.sign(&"x".repeat(length), at(SENT), PAYLOAD);
            let headers = headers(&signed.each_ref().map(|(name, value)| (*name, value.as_str())));
            assert_eq!(with(&[SECRET]).verify(&headers, PAYLOAD, at(SENT)).is_ok(), lets_in);
        }
    }

    #[test]
    fn a_secret_is_base64_of_24_to_64_bytes() {
        let of = |bytes: usize| format!("whsec_{}", BASE64_STANDARD.encode(vec![7; bytes]));
        assert!(Secret::parse(&of(24)).is_ok() && Secret::parse(&of(64)).is_ok());
        let refused = |text: &str| Secret::parse(text).err().unwrap();
        assert_eq!((refused(&of(23)), refused(&of(65))), (NoSecret::Length(23), NoSecret::Length(65)));
        assert_eq!(refused(&of(24)[6..]), NoSecret::Prefix);
        assert_eq!(refused("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS!"), NoSecret::Base64);
    }
}
