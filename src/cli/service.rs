//! Notifies a service manager such as systemd: when the gateway is ready, when it stops, and periodically for its watchdog.
//! Does nothing without a service manager, that is, if `NOTIFY_SOCKET` is not set.

use std::net::SocketAddr;

use sd_notify::NotifyState;
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    task::JoinHandle,
};

/// Notifies the watchdog periodically until it is dropped.
pub(super) struct Alive {
    telling: Option<JoinHandle<()>>,
    /// systemd reloads with SIGHUP, whose default action would end a gateway that has no certificates to reload.
    _reloads: Option<Signal>,
}

impl Drop for Alive {
    fn drop(&mut self) {
        if let Some(telling) = &self.telling {
            telling.abort();
        }
    }
}

/// Notifies that the gateway is ready, and starts notifying the watchdog.
pub(super) fn ready(address: SocketAddr) -> Alive {
    let has_manager = std::env::var_os("NOTIFY_SOCKET").is_some();
    let reloads = has_manager.then(|| signal(SignalKind::hangup()).ok()).flatten();
    notify(&[NotifyState::Ready, NotifyState::Status(&format!("serving on {address}"))]);
    let watched = sd_notify::watchdog_enabled().filter(|_| has_manager);
    let telling = watched.map(|limit| {
        // Twice as often as it must, as sd_watchdog_enabled(3) recommends.
        let mut beat = tokio::time::interval(limit / 2);
        tokio::spawn(async move {
            loop {
                beat.tick().await;
                // Sent from the blocking pool, on which SQLite is read: if that pool is exhausted, the watchdog must detect it.
                let notified = tokio::task::spawn_blocking(|| notify(&[NotifyState::Watchdog]));
                if notified.await.is_err() {
                    return;
                }
            }
        })
    });
    Alive { telling, _reloads: reloads }
}

/// Notifies that the gateway is stopping.
pub(super) fn stopping() {
    notify(&[NotifyState::Stopping]);
}

fn notify(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "cannot notify the service manager: check NOTIFY_SOCKET");
    }
}
