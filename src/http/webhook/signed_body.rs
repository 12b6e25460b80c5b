//! HMAC-SHA256 of the raw body in one header, as Meta, GitHub and many others send it. Nothing but the body is signed.
//!
//! Pure: headers and body are parameters.

use axum::http::{HeaderMap, HeaderName};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};

use super::{
    key::{Key, any_signed},
    refused::Refused,
};

/// The encoding of a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// 64 hexadecimal digits, in either case.
    Hex,
    /// Base64 with padding.
    Base64,
}

/// The configured scheme.
pub struct SignedBody {
    keys: Vec<Key>,
    header: HeaderName,
    prefix: String,
    encoding: Encoding,
}

impl SignedBody {
    /// Accepts bodies signed with one of the secrets. The signature is in `header`, after `prefix`.
    pub fn new<'s>(secrets: impl IntoIterator<Item = &'s str>, header: HeaderName, prefix: String, encoding: Encoding) -> Self {
        let keys = secrets.into_iter().map(|secret| Key::new(secret.as_bytes())).collect();
        Self { keys, header, prefix, encoding }
    }

    pub(super) fn verify(&self, headers: &HeaderMap, body: &[u8]) -> Result<(), Refused> {
        let Self { keys, header, prefix, encoding } = self;
        let value = headers.get(header).ok_or_else(|| Refused::absent(format!("no header {header}")))?;
        let written = match encoding {
            Encoding::Hex => "64 hexadecimal digits",
            Encoding::Base64 => "Base64 with padding",
        };
        let encoded = value
            .as_bytes()
            .strip_prefix(prefix.as_bytes())
            .ok_or_else(|| Refused::wrong(format!("{header} does not begin with `{prefix}`")))?;
        let signature = match encoding {
            Encoding::Hex => hex(encoded),
            Encoding::Base64 => BASE64_STANDARD.decode(encoded).ok(),
        };
        let signature = signature.ok_or_else(|| Refused::wrong(format!("{header} is not `{prefix}` and {written}")))?;
        if any_signed(keys, &[body], &[signature]) {
            return Ok(());
        }
        Err(Refused::wrong(format!(
            "the signature in {header} does not match: `{prefix}` and HMAC-SHA256 over the body as it was sent, as {written}"
        )))
    }
}

/// Decodes hexadecimal digits.
fn hex(digits: &[u8]) -> Option<Vec<u8>> {
    let value = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let pairs = digits.chunks(2).map(|pair| match pair {
        [high, low] => Some(value(*high)? << 4 | value(*low)?),
        _ => None,
    });
    pairs.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 4231, test case 2.
    const SECRET: &str = "Jefe";
    const BODY: &[u8] = b"what do ya want for nothing?";
    const HEX: &str = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    const BASE64: &str = "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=";

    fn verify(secrets: &[&str], (prefix, encoding): (&str, Encoding), value: &str, body: &[u8]) -> Result<(), Refused> {
        let header = HeaderName::from_static("x-signature");
        let scheme = SignedBody::new(secrets.iter().copied(), header.clone(), prefix.into(), encoding);
        scheme.verify(&HeaderMap::from_iter([(header, value.parse().unwrap())]), body)
    }

    #[test]
    fn the_rfc_test_vector_is_accepted_in_every_encoding() {
        for (form, value) in [
            (("", Encoding::Hex), HEX.to_owned()),
            (("", Encoding::Hex), HEX.to_uppercase()),
            (("sha256=", Encoding::Hex), format!("sha256={HEX}")),
            (("", Encoding::Base64), BASE64.to_owned()),
            (("v0:", Encoding::Base64), format!("v0:{BASE64}")),
        ] {
            assert_eq!(verify(&["another", SECRET], form, &value, BODY), Ok(()), "{value}");
            assert!(verify(&["another"], form, &value, BODY).is_err(), "{value}");
            assert!(verify(&[SECRET], form, &value, &BODY[1..]).is_err(), "{value}");
        }
    }

    #[test]
    fn anything_but_the_exact_signature_is_refused() {
        let sha256 = ("sha256=", Encoding::Hex);
        for (form, value) in [
            (sha256, HEX),
            (sha256, &format!("SHA256={HEX}")),
            (sha256, "sha256="),
            (sha256, &format!("sha256={}", &HEX[..62])),
            (sha256, &format!("sha256={}", &HEX[..63])),
            (sha256, &format!("sha256={HEX}00")),
            (sha256, &format!("sha256=+{}", &HEX[1..])),
            (("", Encoding::Base64), ""),
            (("", Encoding::Base64), HEX),
            (("", Encoding::Base64), &BASE64[..43]),
        ] {
            assert!(matches!(verify(&[SECRET], form, value, BODY), Err(Refused::Wrong(_))), "{value}");
        }
    }

    #[test]
    fn a_missing_header_is_named() {
        let scheme = SignedBody::new([SECRET], HeaderName::from_static("x-signature"), String::new(), Encoding::Hex);
        assert_eq!(scheme.verify(&HeaderMap::new(), BODY), Err(Refused::absent("no header x-signature")));
    }
}
