//! The settings of authentication. Secrets are not shown.

use std::{collections::BTreeSet, fmt, path::PathBuf};

use hyper::Uri;

/// How clients are authenticated.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The configured roles. Without any, every client may read everything.
    pub roles: BTreeSet<String>,
    /// The role of clients without a credential; `None` refuses them.
    pub anonymous_role: Option<String>,
    /// How JWTs are verified; `None` refuses them.
    pub jwt: Option<Jwt>,
}

/// The requirements for JWTs.
#[derive(Clone, Debug)]
pub struct Jwt {
    /// The required issuer.
    pub issuer: String,
    /// The required audience.
    pub audience: String,
    /// The allowed signature algorithms.
    pub algorithms: Vec<Algorithm>,
    /// The keys that verify signatures.
    pub keys: Keys,
    /// The tolerated difference between clocks.
    pub leeway_seconds: u64,
    /// The claim that contains the role.
    pub role_claim: String,
    /// The claim that contains the id of the staff member.
    pub staff_claim: String,
}

/// A signature algorithm. No others are supported, in particular not `none`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[allow(clippy::upper_case_acronyms, reason = "the names of RFC 7518")]
pub enum Algorithm {
    /// HMAC with SHA-256.
    HS256,
    /// RSA (PKCS #1 v1.5) with SHA-256.
    RS256,
    /// ECDSA on P-256 with SHA-256.
    ES256,
    /// Ed25519.
    EdDSA,
}

/// The source of the keys.
#[derive(Clone)]
pub enum Keys {
    /// Shared secrets; any of them may have signed.
    Secrets(Vec<Vec<u8>>),
    /// A file with a JSON Web Key Set.
    File(PathBuf),
    /// The URL of a JSON Web Key Set.
    Url(String),
}

impl fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Secrets(secrets) => write!(formatter, "{} secrets", secrets.len()),
            Self::File(file) => write!(formatter, "{}", file.display()),
            Self::Url(url) => formatter.write_str(url),
        }
    }
}

/// Whether keys may be fetched from a URL: HTTPS, or this machine.
pub fn is_trusted(url: &str) -> bool {
    let parsed: Option<Uri> = url.parse().ok();
    let host = parsed.as_ref().and_then(Uri::host);
    match parsed.as_ref().and_then(Uri::scheme_str) {
        Some("https") => host.is_some(),
        Some("http") => host.is_some_and(|host| matches!(host, "localhost" | "127.0.0.1" | "[::1]")),
        _ => false,
    }
}
