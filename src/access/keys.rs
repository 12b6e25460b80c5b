//! A cache of the API keys in use: read from the store once, then kept until they are revoked or expire.
//!
//! Only existing keys are cached, so a new key works immediately. All identities of one key share one [`Ending`]. The cached
//! keys are checked for revocation every second, and immediately when PostgreSQL notifies of a revocation.

use std::{
    collections::HashMap,
    pin::pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use futures_util::{StreamExt, stream};
use tokio::{
    sync::{Semaphore, mpsc},
    time::sleep,
};
use tokio_util::sync::CancellationToken;

use super::{
    ending::{End, Ending},
    key::Presented,
    refused::Refused,
};
use crate::{
    domain::time::Timestamp,
    retry::Backoff,
    store::{ApiKey, Notifications, Store},
};

/// The interval at which the cached keys are checked.
pub(super) const POLL: Duration = Duration::from_secs(1);

/// The number of unused keys that are cached. Keys in use are bounded by the number of connections.
const IDLE_KEYS: usize = 4096;

/// The number of concurrent key look-ups, so that invented keys can't overload the database.
const LOOKUPS: usize = 2;

/// The capacity of the queue of uses to record. If it is full, the use is recorded later.
const USES: usize = 256;

const HOUR_MS: i64 = 3_600_000;

/// A cached key.
pub(super) struct CachedKey {
    pub(super) id: Arc<str>,
    pub(super) role: Arc<str>,
    pub(super) staff: Option<Arc<str>>,
    secret_sha256: String,
    expires_at: Option<Timestamp>,
    pub(super) ending: Arc<Ending>,
    /// The hour of the last recorded use.
    recorded: AtomicI64,
}

impl CachedKey {
    fn new(key: ApiKey) -> Self {
        Self {
            id: key.id.into(),
            role: key.role.into(),
            staff: key.staff.map(Into::into),
            secret_sha256: key.secret_sha256,
            expires_at: key.expires_at,
            ending: Arc::default(),
            recorded: AtomicI64::new(key.last_used_at.map_or(i64::MIN, Timestamp::as_millis)),
        }
    }

    fn has_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|at| at <= now)
    }

    /// Whether a connection or operation uses the key.
    fn is_in_use(self: &Arc<Self>) -> bool {
        Arc::strong_count(self) > 1 || Arc::strong_count(&self.ending) > 1
    }
}

/// The use of a key in a certain hour.
pub(super) struct Use {
    id: Arc<str>,
    hour: Timestamp,
}

pub(super) struct Keys {
    store: Store,
    known: Mutex<HashMap<Arc<str>, Arc<CachedKey>>>,
    lookups: Semaphore,
    uses: mpsc::Sender<Use>,
}

impl Keys {
    /// A cache for a store, and the uses for [`Self::record`] to store.
    pub(super) fn new(store: Store) -> (Self, mpsc::Receiver<Use>) {
        let (uses, to_record) = mpsc::channel(USES);
        (Self { store, known: Mutex::default(), lookups: Semaphore::new(LOOKUPS), uses }, to_record)
    }

    /// The key that a client presents, if it is valid.
    pub(super) async fn check(&self, presented: Presented<'_>, now: Timestamp) -> Result<Arc<CachedKey>, Refused> {
        // A wrong secret and an unknown id get the same error.
        const UNKNOWN: &str = "the API key is not known";
        let known = self.known().get(presented.id).cloned();
        let key = match known {
            Some(key) => key,
            None => match self.look_up(presented.id).await? {
                None => return Err(Refused::key(UNKNOWN, presented.id)),
                Some(key) if !presented.has_hash(&key.secret_sha256) => return Err(Refused::key(UNKNOWN, presented.id)),
                Some(key) if key.revoked_at.is_some() => return Err(Refused::key("the API key was revoked", presented.id)),
                Some(key) if key.expires_at.is_some_and(|at| at <= now) => {
                    return Err(Refused::key("the API key has expired", presented.id));
                }
                Some(key) => self.remember(CachedKey::new(key)),
            },
        };
        if !presented.has_hash(&key.secret_sha256) {
            return Err(Refused::key(UNKNOWN, presented.id));
        }
        match key.ending.now() {
            Some(End::Revoked) => return Err(Refused::key("the API key was revoked", key.id.clone())),
            Some(End::Expired) => return Err(Refused::key("the API key has expired", key.id.clone())),
            None if key.has_expired(now) => return Err(Refused::key("the API key has expired", key.id.clone())),
            None => {}
        }
        self.used(&key, now);
        Ok(key)
    }

    fn known(&self) -> MutexGuard<'_, HashMap<Arc<str>, Arc<CachedKey>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn look_up(&self, id: &str) -> Result<Option<ApiKey>, Refused> {
        let _permit = self.lookups.acquire().await.map_err(|_| Refused::Unavailable)?;
        let found = self.store.keys_among([id.to_owned()]).await.map_err(|error| {
            tracing::error!(%error, "an API key can't be looked up");
            Refused::Unavailable
        })?;
        Ok(found.into_iter().next())
    }

    /// Adds a key to the cache. If another task has just added it, returns that entry.
    fn remember(&self, key: CachedKey) -> Arc<CachedKey> {
        let mut known = self.known();
        if known.len() >= IDLE_KEYS {
            known.retain(|_, key| key.is_in_use());
        }
        known.entry(key.id.clone()).or_insert_with(|| Arc::new(key)).clone()
    }

    /// Queues the use to be recorded, if it is the first in this hour.
    fn used(&self, key: &CachedKey, now: Timestamp) {
        let hour = now.as_millis().div_euclid(HOUR_MS).saturating_mul(HOUR_MS);
        let recorded = key.recorded.load(Ordering::Relaxed);
        if recorded < hour && key.recorded.compare_exchange(recorded, hour, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            let using = Use { id: key.id.clone(), hour: Timestamp::clamped(hour) };
            if self.uses.try_send(using).is_err() {
                key.recorded.store(recorded, Ordering::Relaxed);
            }
        }
    }

    /// Records uses in the store, outside the path of requests, until `stop`.
    pub(super) async fn record(&self, mut uses: mpsc::Receiver<Use>, stop: &CancellationToken) {
        while let Some(Some(Use { id, hour })) = stop.run_until_cancelled(uses.recv()).await {
            if let Err(error) = self.store.record_key_use(&id, hour).await {
                tracing::warn!(key = %id, %error, "the last use of an API key can't be recorded");
            }
        }
    }

    /// Ends expired keys.
    pub(super) fn pass(&self, now: Timestamp) {
        self.known().retain(|_, key| {
            let has_expired = key.has_expired(now);
            if has_expired {
                key.ending.end(End::Expired);
            }
            !has_expired
        });
    }

    /// Ends revoked keys, until `stop`.
    pub(super) async fn watch(&self, notifications: Notifications, stop: &CancellationToken) {
        let watching = async {
            let listening = Listening { notifications, lost: None };
            // As a stream, a wait for a connection goes on after a poll.
            let notifications = stream::unfold(listening, async |mut listening| {
                listening.next().await;
                Some(((), listening))
            });
            let mut notifications = pin!(notifications);
            let mut has_failed = false;
            loop {
                tokio::select! {
                    () = sleep(POLL) => {}
                    Some(()) = notifications.next() => {}
                }
                match self.end_revoked().await {
                    Ok(()) => {
                        if std::mem::take(&mut has_failed) {
                            tracing::info!("API keys can be checked again");
                        }
                    }
                    Err(error) => {
                        if !std::mem::replace(&mut has_failed, true) {
                            tracing::error!(%error, "API keys can't be checked: revoked ones stay valid until they can");
                        }
                    }
                }
            }
        };
        stop.run_until_cancelled(watching).await;
    }

    async fn end_revoked(&self) -> Result<(), crate::store::Error> {
        let ids: Vec<Arc<str>> = self.known().keys().cloned().collect();
        if ids.is_empty() {
            return Ok(());
        }
        let stored = self.store.keys_among(ids.iter().map(ToString::to_string)).await?;
        let good: HashMap<&str, &ApiKey> =
            stored.iter().filter(|key| key.revoked_at.is_none()).map(|key| (key.id.as_str(), key)).collect();
        let mut known = self.known();
        for id in ids.iter().filter(|id| !good.contains_key(&***id)) {
            if let Some(key) = known.remove(id) {
                key.ending.end(End::Revoked);
            }
        }
        Ok(())
    }
}

/// Notifications that reconnect automatically.
struct Listening {
    notifications: Notifications,
    lost: Option<Backoff>,
}

impl Listening {
    /// Waits for a notification. While disconnected, it reconnects with increasing delays.
    async fn next(&mut self) {
        if let Some(backoff) = &mut self.lost {
            backoff.wait().await;
        }
        match self.notifications.next().await {
            Ok(()) => self.lost = None,
            Err(error) => {
                if self.lost.is_none() {
                    tracing::warn!(%error, "LISTEN connection for API keys lost; polling until it is back");
                    self.lost = Some(Backoff::new());
                }
            }
        }
    }
}
