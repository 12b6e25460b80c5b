//! The keys in force: those of the settings, of a file or of an address, looked at again in good time.
//!
//! A file is read again when it changes, and an address four times an hour. Both are also looked at when a token names a key
//! that nobody knows, but for such tokens not more often than [`Source::pause`] allows. What can't be read or fetched leaves the keys as they were.

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

/// The time between two looks at whether a file has changed.
const LOOK: Duration = Duration::from_secs(1);

/// The time between two fetches that nobody asks for. A key that is published no longer is good for no longer than this.
const FETCH: Duration = Duration::from_mins(15);

/// Where keys come from.
enum Source {
    /// They never change.
    Settings,
    File(PathBuf),
    Url(Fetch),
}

impl Source {
    /// The least time between two reads because of unknown keys.
    fn pause(&self) -> Duration {
        match self {
            Self::Settings => Duration::MAX,
            Self::File(_) => Duration::from_secs(1),
            Self::Url(_) => Duration::from_mins(1),
        }
    }
}

/// What was read last.
#[derive(Default)]
struct Last {
    /// When.
    read: Option<Instant>,
    /// When it was last read because of a token.
    asked: Option<Instant>,
    /// Of a file: its size and time.
    seen: Option<(u64, SystemTime)>,
    has_failed: bool,
}

pub(super) struct Keys {
    source: Source,
    set: RwLock<Arc<KeySet>>,
    last: Mutex<Last>,
}

impl Keys {
    /// Reads them for the first time. An address may be out of reach; a file must be there.
    pub(super) fn start(settings: settings::Keys) -> Result<Self, StartError> {
        let (source, set) = match settings {
            settings::Keys::Secrets(secrets) => (Source::Settings, KeySet::of_secrets(&secrets)),
            settings::Keys::File(file) => {
                let refused = |reason: String| StartError { key: "auth.jwt.jwks_file", reason };
                let text = std::fs::read(&file).map_err(|error| refused(format!("{} can't be read: {error}", file.display())))?;
                let set = KeySet::parse(&text).map_err(|error| refused(format!("{} is of no use: {error}", file.display())))?;
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

    /// How many there are just now: a file is read, and an address asked, once.
    pub(super) async fn count(settings: settings::Keys) -> Result<usize, StartError> {
        let keys = Self::start(settings)?;
        let Source::Url(fetch) = &keys.source else { return Ok(keys.known().len()) };
        let refused = |reason: String| StartError { key: "auth.jwt.jwks_url", reason };
        let text = fetch.get().await.map_err(|error| refused(error.to_string()))?;
        Ok(KeySet::parse(&text).map_err(|error| refused(error.to_string()))?.len())
    }

    /// The keys as they are known.
    pub(super) fn known(&self) -> Arc<KeySet> {
        self.set.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Looks for keys that are not known, if that was not done just now. Says whether others may be known after it.
    pub(super) async fn look_again(&self) -> bool {
        let asking = Instant::now();
        let mut last = self.last.lock().await;
        if last.read.is_some_and(|read| read >= asking) {
            // Somebody else has looked meanwhile.
            return true;
        }
        if last.asked.is_some_and(|asked| asked.elapsed() < self.source.pause()) {
            return false;
        }
        last.asked = Some(asking);
        self.read(&mut last).await
    }

    /// Keeps them up to date, until `stop`.
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

    /// Reads the keys, and says whether that worked.
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
                    tracing::warn!(from, error, "the keys of JWTs can't be read: those known stay in force");
                }
                false
            }
        }
    }
}

/// The size and time of a file, if it is there.
async fn state(file: &Path) -> Option<(u64, SystemTime)> {
    let data = tokio::fs::metadata(file).await.ok()?;
    Some((data.len(), data.modified().ok()?))
}
