//! What a service manager such as systemd is told: when the gateway serves, that it stops, and, as often as its watchdog wants,
//! that it is alive. Without a service manager (`NOTIFY_SOCKET` is not set) nothing is told.

use std::net::SocketAddr;

use sd_notify::NotifyState;
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    task::JoinHandle,
};

/// Tells the watchdog that the process is alive, until it is dropped.
pub(super) struct Alive {
    telling: Option<JoinHandle<()>>,
    /// A reload is a SIGHUP, which would end a gateway that has no certificates to read again.
    _reloads: Option<Signal>,
}

impl Drop for Alive {
    fn drop(&mut self) {
        if let Some(telling) = &self.telling {
            telling.abort();
        }
    }
}

/// Tells that the gateway serves, and from now on that it is alive.
pub(super) fn ready(address: SocketAddr) -> Alive {
    let has_manager = std::env::var_os("NOTIFY_SOCKET").is_some();
    let reloads = has_manager.then(|| signal(SignalKind::hangup()).ok()).flatten();
    tell(&[NotifyState::Ready, NotifyState::Status(&format!("serving on {address}"))]);
    let watched = sd_notify::watchdog_enabled().filter(|_| has_manager);
    let telling = watched.map(|limit| {
        // Twice as often as it must, as sd_watchdog_enabled(3) recommends.
        let mut beat = tokio::time::interval(limit / 2);
        tokio::spawn(async move {
            loop {
                beat.tick().await;
                // On a thread that may block: SQLite is read on these, so that one is free is part of being alive.
                let told = tokio::task::spawn_blocking(|| tell(&[NotifyState::Watchdog]));
                if told.await.is_err() {
                    return;
                }
            }
        })
    });
    Alive { telling, _reloads: reloads }
}

/// Tells that the gateway stops.
pub(super) fn stopping() {
    tell(&[NotifyState::Stopping]);
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "the service manager cannot be told: see NOTIFY_SOCKET");
    }
}
