//! What access is told of the settings. Secrets are not shown.

use std::{collections::BTreeSet, fmt, path::PathBuf};

use hyper::Uri;

/// Who may ask.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The roles that exist. With none, everyone may ask everything.
    pub roles: BTreeSet<String>,
    /// The role of who has no credential; without one they are refused.
    pub anonymous_role: Option<String>,
    /// JWTs, if they are taken.
    pub jwt: Option<Jwt>,
}

/// Which JWTs are taken.
#[derive(Clone, Debug)]
pub struct Jwt {
    /// The issuer that they must name.
    pub issuer: String,
    /// The audience that they must name.
    pub audience: String,
    /// How they may be signed.
    pub algorithms: Vec<Algorithm>,
    /// The keys that they are verified with.
    pub keys: Keys,
    /// How far clocks may differ.
    pub leeway_seconds: u64,
    /// The claim that names the role.
    pub role_claim: String,
    /// The claim that names the staff member.
    pub staff_claim: String,
}

/// How a JWT is signed. There is no other way, and none without a signature.
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

/// Where the keys come from.
#[derive(Clone)]
pub enum Keys {
    /// Shared secrets, any of which may have signed.
    Secrets(Vec<Vec<u8>>),
    /// A file with a JSON Web Key Set.
    File(PathBuf),
    /// The address of a JSON Web Key Set.
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

/// Whether keys may be fetched from an address: nobody between here and there can answer in its place.
pub fn is_trusted(url: &str) -> bool {
    let parsed: Option<Uri> = url.parse().ok();
    let host = parsed.as_ref().and_then(Uri::host);
    match parsed.as_ref().and_then(Uri::scheme_str) {
        Some("https") => host.is_some(),
        Some("http") => host.is_some_and(|host| matches!(host, "localhost" | "127.0.0.1" | "[::1]")),
        _ => false,
    }
}
