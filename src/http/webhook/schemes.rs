//! The configured schemes. A delivery is accepted if any of them accepts it; without schemes, every delivery is accepted.
//!
//! Pure: headers, path token, body and time are parameters.

use axum::http::HeaderMap;

use super::{refused::Refused, signed_body::SignedBody, standard::Standard, token::Token};
use crate::domain::time::Timestamp;

/// Authenticates deliveries.
#[derive(Default)]
pub struct Schemes {
    /// Standard Webhooks.
    pub standard: Option<Standard>,
    /// A signature of the body.
    pub hmac: Option<SignedBody>,
    /// A token.
    pub token: Option<Token>,
}

/// Why no scheme accepts a delivery. Contains nothing that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The names of the schemes that the delivery used, or `none`.
    pub(super) used: String,
    /// The reasons of those schemes; if none was used, of all schemes.
    pub(super) reason: String,
}

impl Schemes {
    /// Whether webhook paths may contain a token.
    pub(in crate::http) fn take_path_tokens(&self) -> bool {
        self.token.as_ref().is_some_and(Token::is_in_path)
    }

    /// The HTTP authentication challenge for a refused delivery, if there is one.
    pub(super) fn challenge(&self) -> Option<&'static str> {
        self.token.as_ref().filter(|token| token.is_bearer()).map(|_| "Bearer realm=\"webhooks\"")
    }

    pub(super) fn verify(&self, headers: &HeaderMap, in_path: Option<&str>, body: &[u8], now: Timestamp) -> Result<(), Refusal> {
        let Self { standard, hmac, token } = self;
        let verdicts = [
            ("standard", standard.as_ref().map(|scheme| scheme.verify(headers, body, now))),
            ("hmac", hmac.as_ref().map(|scheme| scheme.verify(headers, body))),
            ("token", token.as_ref().map(|scheme| scheme.verify(headers, in_path))),
        ];
        let (mut absent, mut used, mut wrong, mut is_configured) = (Vec::new(), Vec::new(), Vec::new(), false);
        for (scheme, verdict) in verdicts {
            let Some(verdict) = verdict else { continue };
            is_configured = true;
            match verdict {
                Ok(()) => return Ok(()),
                Err(Refused::Absent(reason)) => absent.push(reason),
                Err(Refused::Wrong(reason)) => {
                    used.push(scheme);
                    wrong.push(reason);
                }
            }
        }
        if !is_configured {
            return Ok(());
        }
        Err(if used.is_empty() {
            Refusal { used: "none".into(), reason: absent.join("; ") }
        } else {
            Refusal { used: used.join(", "), reason: wrong.join("; ") }
        })
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderName;

    use super::*;
    use crate::http::webhook::{signed_body::Encoding, standard::Secret};

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const TOKEN: &str = "a-token-of-24-characters";

    fn now() -> Timestamp {
        Timestamp::clamped(1_614_265_330_000)
    }

    fn all() -> Schemes {
        Schemes {
            standard: Some(Standard::new(vec![Secret::parse(SECRET).unwrap()], 300)),
            hmac: Some(SignedBody::new(["key"], HeaderName::from_static("x-signature"), String::new(), Encoding::Hex)),
            token: Some(Token::new([TOKEN], HeaderName::from_static("authorization"), false)),
        }
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    #[test]
    fn without_a_scheme_every_delivery_is_accepted() {
        assert_eq!(Schemes::default().verify(&HeaderMap::new(), None, b"{}", now()), Ok(()));
    }

    #[test]
    fn a_delivery_is_accepted_if_any_scheme_accepts_it() {
        let signed = Secret::parse(SECRET).unwrap().sign("d-1", now(), b"{}");
        let mut standard = headers(&signed.each_ref().map(|(name, value)| (*name, value.as_str())));
        standard.insert("x-signature", "00".parse().unwrap());
        let token = headers(&[("authorization", &format!("Bearer {TOKEN}")), ("webhook-signature", "v1,")]);
        for headers in [standard, token] {
            assert_eq!(all().verify(&headers, None, b"{}", now()), Ok(()), "{headers:?}");
        }
    }

    #[test]
    fn the_reason_is_about_the_schemes_that_were_used() {
        let none = all().verify(&HeaderMap::new(), None, b"{}", now()).unwrap_err();
        let reason =
            "no text in webhook-id, webhook-timestamp, webhook-signature; no header x-signature; no token in authorization";
        assert_eq!(none, Refusal { used: "none".into(), reason: reason.into() });
        let two = headers(&[("x-signature", "00"), ("authorization", "Bearer x")]);
        let two = all().verify(&two, None, b"{}", now()).unwrap_err();
        assert_eq!(two.used, "hmac, token");
        assert!(two.reason.contains("x-signature") && !two.reason.contains("webhook-id"), "{}", two.reason);
    }
}
