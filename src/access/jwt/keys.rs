//! The current keys, from the settings, a file or a URL, kept up to date.
//!
//! A file is reloaded when it changes, and a URL four times an hour. Both are also reloaded when a token names an unknown key,
//! but then no more often than [`Source::pause`] allows. If reloading fails, the previous keys stay in use.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, SystemTime},
};

use tokio::{
    sync::Mutex,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;

use super::{fetch::Fetch, set::KeySet};
use crate::{
    access::{StartError, settings},
    retry::Backoff,
};

/// The interval at which a file is checked for changes.
const LOOK: Duration = Duration::from_secs(1);

/// The interval between regular fetches. A key that is no longer published stays valid for at most this time.
const FETCH: Duration = Duration::from_mins(15);

/// The source of the keys.
enum Source {
    /// Fixed keys from the settings.
    Settings,
    File(PathBuf),
    Url(Fetch),
}

impl Source {
    /// The shortest time between two reloads because of unknown keys.
    fn pause(&self) -> Duration {
        match self {
            Self::Settings => Duration::MAX,
            Self::File(_) => Duration::from_secs(1),
            Self::Url(_) => Duration::from_mins(1),
        }
    }
}

/// The last reload.
#[derive(Default)]
struct Last {
    /// Its time.
    read: Option<Instant>,
    /// The time of the last reload because of a token.
    for_token: Option<Instant>,
    /// For a file: its size and modification time.
    seen: Option<(u64, SystemTime)>,
    has_failed: bool,
}

pub(super) struct Keys {
    source: Source,
    set: RwLock<Arc<KeySet>>,
    last: Mutex<Last>,
}

impl Keys {
    /// Loads the keys for the first time. A URL may be unavailable; a file must exist.
    pub(super) fn start(settings: settings::Keys) -> Result<Self, StartError> {
        let (source, set) = match settings {
            settings::Keys::Secrets(secrets) => (Source::Settings, KeySet::of_secrets(&secrets)),
            settings::Keys::File(file) => {
                let refused = |reason: String| StartError { key: "auth.jwt.jwks_file", reason };
                let text = std::fs::read(&file).map_err(|error| refused(format!("{} can't be read: {error}", file.display())))?;
                let set = KeySet::parse(&text).map_err(|error| refused(format!("{} is unusable: {error}", file.display())))?;
                (Source::File(file), set)
            }
            settings::Keys::Url(url) => {
                let fetch =
                    Fetch::new(url).map_err(|error| StartError { key: "auth.jwt.jwks_url", reason: error.to_string() })?;
                (Source::Url(fetch), KeySet::default())
            }
        };
        Ok(Self { source, set: RwLock::new(Arc::new(set)), last: Mutex::default() })
    }

    /// The current number of keys: reads the file, or fetches the URL, once.
    pub(super) async fn count(settings: settings::Keys) -> Result<usize, StartError> {
        let keys = Self::start(settings)?;
        let Source::Url(fetch) = &keys.source else { return Ok(keys.known().len()) };
        let refused = |reason: String| StartError { key: "auth.jwt.jwks_url", reason };
        let text = fetch.get().await.map_err(|error| refused(error.to_string()))?;
        Ok(KeySet::parse(&text).map_err(|error| refused(error.to_string()))?.len())
    }

    /// The current keys.
    pub(super) fn known(&self) -> Arc<KeySet> {
        self.set.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reloads the keys because of an unknown one, unless that was done recently. Returns whether the keys may have changed.
    pub(super) async fn look_again(&self) -> bool {
        let now = Instant::now();
        let mut last = self.last.lock().await;
        if last.read.is_some_and(|read| read >= now) {
            // Another task has reloaded in the meantime.
            return true;
        }
        if last.for_token.is_some_and(|reloaded| reloaded.elapsed() < self.source.pause()) {
            return false;
        }
        last.for_token = Some(now);
        self.read(&mut last).await
    }

    /// Keeps the keys up to date, until `stop`.
    pub(super) async fn keep(&self, stop: &CancellationToken) {
        let keeping = async {
            match &self.source {
                Source::Settings => {}
                Source::File(file) => loop {
                    sleep(LOOK).await;
                    let mut last = self.last.lock().await;
                    if last.seen != state(file).await {
                        self.read(&mut last).await;
                    }
                },
                Source::Url(_) => {
                    let mut backoff = Backoff::new();
                    while !self.read(&mut *self.last.lock().await).await {
                        backoff.wait().await;
                    }
                    loop {
                        sleep(FETCH).await;
                        self.read(&mut *self.last.lock().await).await;
                    }
                }
            }
        };
        stop.run_until_cancelled(keeping).await;
    }

    /// Reloads the keys. Returns whether that succeeded.
    async fn read(&self, last: &mut Last) -> bool {
        let (read, from) = match &self.source {
            Source::Settings => return false,
            Source::File(file) => {
                last.seen = state(file).await;
                (tokio::fs::read(file).await.map_err(|error| error.to_string()), "auth.jwt.jwks_file")
            }
            Source::Url(fetch) => (fetch.get().await.map_err(|error| error.to_string()), "auth.jwt.jwks_url"),
        };
        last.read = Some(Instant::now());
        match read.and_then(|text| KeySet::parse(&text).map_err(|error| error.to_string())) {
            Ok(set) => {
                *self.set.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(set);
                if std::mem::take(&mut last.has_failed) {
                    tracing::info!(from, "the keys of JWTs can be read again");
                }
                true
            }
            Err(error) => {
                if !std::mem::replace(&mut last.has_failed, true) {
                    tracing::warn!(from, error, "the keys of JWTs can't be read: the previous ones stay in use");
                }
                false
            }
        }
    }
}

/// The size and modification time of a file, if it exists.
async fn state(file: &Path) -> Option<(u64, SystemTime)> {
    let data = tokio::fs::metadata(file).await.ok()?;
    Some((data.len(), data.modified().ok()?))
}
