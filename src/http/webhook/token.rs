//! A token in a header or in the path, for senders that can't sign. It authenticates the sender, but not the content.
//!
//! Pure: headers and path token are parameters. Tokens are stored and compared as SHA-256, so that the time of the comparison
//! does not depend on the input.

use axum::http::{HeaderMap, HeaderName, header};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

use super::refused::Refused;

/// The configured scheme.
pub struct Token {
    digests: Vec<[u8; 32]>,
    header: HeaderName,
    in_path: bool,
}

impl Token {
    /// Accepts deliveries with one of the tokens in `header` or, with `in_path`, in the path.
    pub fn new<'t>(tokens: impl IntoIterator<Item = &'t str>, header: HeaderName, in_path: bool) -> Self {
        Self { digests: tokens.into_iter().map(|token| digest(token.as_bytes())).collect(), header, in_path }
    }

    /// Whether webhook paths may contain a token.
    pub(super) fn is_in_path(&self) -> bool {
        self.in_path
    }

    /// Whether the token is sent as an HTTP bearer credential.
    pub(super) fn is_bearer(&self) -> bool {
        self.header == header::AUTHORIZATION
    }

    pub(in crate::http) fn verify(&self, headers: &HeaderMap, in_path: Option<&str>) -> Result<(), Refused> {
        let Self { header, .. } = self;
        let in_header =
            headers.get(header).map(|value| if self.is_bearer() { bearer(value.as_bytes()) } else { Some(value.as_bytes()) });
        let in_path = in_path.filter(|_| self.in_path).map(str::as_bytes);
        let matches =
            [in_path, in_header.flatten()].into_iter().flatten().fold(Choice::from(0), |any, token| any | self.knows(token));
        if matches.into() {
            return Ok(());
        }
        Err(match (in_header, in_path) {
            (None, None) => Refused::absent(format!("no token in {header}")),
            (Some(None), None) => Refused::wrong(format!("{header} is not `Bearer <token>`")),
            (_, None) => Refused::wrong(format!("the token in {header} is not known")),
            (_, Some(_)) => Refused::wrong("the token in the path is not known"),
        })
    }

    fn knows(&self, token: &[u8]) -> Choice {
        let given = digest(token);
        self.digests.iter().fold(Choice::from(0), |any, known| any | known.ct_eq(&given))
    }
}

/// The token in `Bearer <token>`.
fn bearer(value: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = value.split_at_checked(b"Bearer ".len())?;
    scheme.eq_ignore_ascii_case(b"Bearer ").then(|| token.trim_ascii())
}

fn digest(token: &[u8]) -> [u8; 32] {
    Sha256::digest(token).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "an-old-token-of-24-chars";
    const NEW: &str = "the-new-token-of-24-char";

    fn verify(header: &'static str, value: Option<&str>, in_path: Option<&str>, takes_path: bool) -> Result<(), Refused> {
        let header = HeaderName::from_static(header);
        let headers = value.map(|value| (header.clone(), value.parse().unwrap())).into_iter().collect();
        Token::new([OLD, NEW], header, takes_path).verify(&headers, in_path)
    }

    #[test]
    fn every_token_is_accepted_where_it_is_expected() {
        for token in [OLD, NEW] {
            assert_eq!(verify("authorization", Some(&format!("Bearer {token}")), None, false), Ok(()));
            assert_eq!(verify("authorization", Some(&format!("bearer  {token}")), None, false), Ok(()));
            assert_eq!(verify("x-token", Some(token), None, false), Ok(()));
            assert_eq!(verify("x-token", None, Some(token), true), Ok(()));
            assert_eq!(verify("x-token", Some("another"), Some(token), true), Ok(()));
            assert_eq!(verify("x-token", Some(token), Some("another"), true), Ok(()));
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for (header, value, in_path, takes_path) in [
            ("authorization", Some(OLD.to_owned()), None, false),
            ("authorization", Some(format!("Basic {OLD}")), None, false),
            ("authorization", Some("Bearer".to_owned()), None, false),
            ("authorization", Some("Bearer ".to_owned()), None, false),
            ("authorization", Some(format!("Bearer {}", &OLD[1..])), None, false),
            ("authorization", Some(format!("Bearer {OLD}x")), None, false),
            ("x-token", Some(format!("Bearer {OLD}")), None, false),
            ("x-token", Some(String::new()), None, false),
            ("x-token", Some(OLD.to_uppercase()), None, false),
            ("x-token", None, Some("another"), true),
        ] {
            assert!(matches!(verify(header, value.as_deref(), in_path, takes_path), Err(Refused::Wrong(_))), "{value:?}");
        }
        let absent = Err(Refused::absent("no token in x-token"));
        assert_eq!(verify("x-token", None, None, true), absent);
        assert_eq!(verify("x-token", None, Some(OLD), false), absent, "the path counts only where that is configured");
    }
}
