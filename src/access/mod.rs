//! Authentication: API keys and JWTs, verified when presented and watched until they end.
//!
//! ```text
//!   `Authorization` ─▶ Access ─┬─ API key ─▶ keys ──▶ store      revoked, expired ─┐
//!                              └─ JWT ─────▶ jwt ───▶ key sets            expired ─┴─▶ Identity::ended
//! ```
//!
//! It determines the identity and role name of a client, but not what the role may see. It knows nothing of HTTP, although it
//! parses the value of a header. Without configured roles, every client is [`Who::Open`] and nothing is checked.

pub mod audit;
mod ending;
mod jwt;
mod key;
mod keys;
mod refused;
pub mod settings;

use std::{collections::BTreeSet, sync::Arc};

use tokio::{task::JoinHandle, time::sleep};
use tokio_util::sync::CancellationToken;

pub use self::{
    ending::End,
    key::{NewKey, NoRandomness},
    refused::Refused,
    settings::Settings,
};
use self::{
    ending::{Ending, Expiries},
    key::Presented,
    keys::Keys,
};
use crate::{
    clock::Clock,
    store::{self, Store},
};

/// The largest credential, in bytes.
const MAX_BYTES: usize = 16 * 1024;

/// The kind of a client's identity.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Who {
    /// A client with the API key of this id.
    Key(Arc<str>),
    /// The subject of a JWT; empty if missing.
    Subject(Arc<str>),
    /// A client without a credential, if a role for anonymous clients is configured.
    Anonymous,
    /// Any client, if no roles are configured.
    Open,
}

/// An authenticated client.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The identity itself.
    pub who: Who,
    /// The name of the role; `None` only for [`Who::Open`].
    pub role: Option<Arc<str>>,
    /// The staff member that the client acts for.
    pub staff: Option<Arc<str>>,
    ending: Option<Arc<Ending>>,
}

impl Identity {
    /// The identity of every client if no roles are configured.
    pub fn open() -> Self {
        Self { who: Who::Open, role: None, staff: None, ending: None }
    }

    /// Whether the credential can be revoked or expire.
    pub fn may_end(&self) -> bool {
        self.ending.is_some()
    }

    /// Waits until the credential is revoked or expires, and returns which. All identities of a credential end together, within
    /// a second or two on every gateway of the database.
    pub fn ended(&self) -> impl Future<Output = End> + Send + use<> {
        let ending = self.ending.clone();
        async move {
            match ending {
                Some(ending) => ending.wait().await,
                None => std::future::pending().await,
            }
        }
    }
}

/// Access can't start because of a setting.
#[derive(Debug, thiserror::Error)]
#[error("{key}: {reason}")]
pub struct StartError {
    /// The setting.
    pub key: &'static str,
    /// The problem and the remedy.
    pub reason: String,
}

/// Why access can't start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A setting is invalid.
    #[error(transparent)]
    Setting(#[from] StartError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Authenticates clients. Cheap to clone.
#[derive(Clone)]
pub struct Access(Option<Arc<Shared>>);

struct Shared {
    roles: BTreeSet<String>,
    anonymous_role: Option<Arc<str>>,
    keys: Keys,
    jwt: Option<jwt::Verifier>,
    expiries: Expiries,
    clock: Clock,
}

impl Access {
    /// Starts authentication, and the tasks that watch credentials until `stop`. Without roles there are no such tasks.
    pub async fn start(
        store: &Store,
        settings: Settings,
        clock: Clock,
        stop: CancellationToken,
    ) -> Result<(Self, JoinHandle<()>), Error> {
        if settings.roles.is_empty() {
            return Ok((Self(None), tokio::spawn(async {})));
        }
        let jwt = settings.jwt.map(jwt::Verifier::start).transpose()?;
        let notifications = store.key_notifications().await?;
        let (keys, uses) = Keys::new(store.clone());
        let anonymous_role = settings.anonymous_role.map(Into::into);
        let shared = Arc::new(Shared { roles: settings.roles, anonymous_role, keys, jwt, expiries: Expiries::default(), clock });
        let watching = shared.clone();
        let watch = tokio::spawn(async move {
            let tokens = async {
                if let Some(jwt) = &watching.jwt {
                    jwt.keep(&stop).await;
                }
            };
            tokio::join!(
                watching.pass(&stop),
                watching.keys.watch(notifications, &stop),
                watching.keys.record(uses, &stop),
                tokens
            );
        });
        Ok((Self(Some(shared)), watch))
    }

    /// Authenticates a client by the value of its `Authorization` header, if it has one.
    pub async fn authenticate(&self, authorization: Option<&str>) -> Result<Identity, Refused> {
        let Some(shared) = &self.0 else { return Ok(Identity::open()) };
        let Some(authorization) = authorization else { return shared.anonymous() };
        let credential = bearer(authorization)
            .ok_or_else(|| Refused::invalid("`Authorization` can't be read: send `Bearer`, a blank, and an API key or a JWT"))?;
        match Presented::parse(credential) {
            Some(key) => shared.of_key(key).await,
            None if credential.starts_with(key::PREFIX) => Err(Refused::invalid("the API key is not complete")),
            None => shared.of_token(credential).await,
        }
    }
}

/// The current number of keys that can verify JWTs: reads the file, or fetches the URL, once.
pub async fn count_keys(keys: settings::Keys) -> Result<usize, StartError> {
    jwt::count_keys(keys).await
}

/// The credential after the scheme `Bearer`.
fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, credential) = authorization.trim().split_once(' ')?;
    let credential = credential.trim_start();
    let is_good = scheme.eq_ignore_ascii_case("bearer") && !credential.is_empty() && credential.len() <= MAX_BYTES;
    is_good.then_some(credential)
}

impl Shared {
    fn anonymous(&self) -> Result<Identity, Refused> {
        let role = self.anonymous_role.clone().ok_or(Refused::Missing)?;
        Ok(Identity { who: Who::Anonymous, role: Some(role), staff: None, ending: None })
    }

    async fn of_key(&self, presented: Presented<'_>) -> Result<Identity, Refused> {
        let key = self.keys.check(presented, self.clock.now()).await?;
        if !self.roles.contains(&*key.role) {
            return Err(Refused::key("the role of the API key is not configured", key.id.clone()));
        }
        Ok(Identity {
            who: Who::Key(key.id.clone()),
            role: Some(key.role.clone()),
            staff: key.staff.clone(),
            ending: Some(key.ending.clone()),
        })
    }

    async fn of_token(&self, token: &str) -> Result<Identity, Refused> {
        let Some(verifier) = &self.jwt else {
            return Err(Refused::invalid("the credential is not an API key, and JWTs are not accepted here"));
        };
        let claims = verifier.verify(token, self.clock.now()).await.map_err(|refused| Refused::invalid(refused.to_string()))?;
        let Some(role) = claims.roles.iter().find(|role| self.roles.contains(*role)) else {
            return Err(Refused::subject("the token names no role that is configured".into(), claims.subject));
        };
        Ok(Identity {
            who: Who::Subject(claims.subject.into()),
            role: Some(role.as_str().into()),
            staff: claims.staff.map(Into::into),
            ending: Some(self.expiries.at(claims.ends)),
        })
    }

    /// Ends expired credentials, until `stop`.
    async fn pass(&self, stop: &CancellationToken) {
        let passing = async {
            loop {
                sleep(keys::POLL).await;
                let now = self.clock.now();
                self.expiries.pass(now);
                self.keys.pass(now);
            }
        };
        stop.run_until_cancelled(passing).await;
    }
}

#[cfg(test)]
mod tests {
    use super::bearer;

    #[test]
    fn a_credential_follows_its_scheme() {
        assert_eq!(bearer("Bearer abc"), Some("abc"));
        assert_eq!(bearer(" bEARER  abc "), Some("abc"));
        let long = format!("Bearer {}", "a".repeat(super::MAX_BYTES + 1));
        for other in ["", "Bearer", "Bearer ", "abc", "Basic YWJj", "Bearerabc", &long] {
            assert_eq!(bearer(other), None, "{other}");
        }
    }
}
