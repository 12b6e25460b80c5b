//! Compares this machine's clock with that of the database and with the log.

use super::{Finding, unanswered};
use crate::{clock::Clock, store::Inspection};

const CHECK: &str = "clock";

/// The difference that is reported as a warning, and the one at which signatures and tokens are refused.
const WATCH_MS: i64 = 5_000;
const WRONG_MS: i64 = 60_000;

const REMEDY: &str =
    "synchronise the clocks with NTP (systemd-timesyncd, chrony): signatures, tokens and times of arrival depend on them";

/// Checks that the clocks agree.
pub(super) async fn check(store: &Inspection, clock: &Clock) -> Finding {
    let before = clock.now().as_millis();
    let (server, newest) = match (store.server_clock().await, store.newest_arrival().await) {
        (Ok(server), Ok(newest)) => (server, newest),
        (Err(error), _) | (_, Err(error)) => return unanswered(CHECK, &error),
    };
    // The server read its clock at some time between request and response.
    let after = clock.now().as_millis();
    let off = server.map_or(0, |server| if server < before { server - before } else { (server - after).max(0) });
    let ahead = newest.map_or(0, |newest| newest.as_millis() - after);
    if off.abs() >= WRONG_MS {
        return Finding::problem(CHECK, format!("the clock of the database is {} this machine's", differs(off)), REMEDY);
    }
    if ahead >= WRONG_MS {
        let detail =
            format!("the newest event arrived {} from now: this clock is behind, or another gateway's is ahead", seconds(ahead));
        return Finding::problem(CHECK, detail, REMEDY);
    }
    if off.abs() >= WATCH_MS {
        return Finding::warning(CHECK, format!("the clock of the database is {} this machine's", differs(off)), REMEDY);
    }
    Finding::good(CHECK, if server.is_some() { "agrees with that of the database" } else { "agrees with the log" })
}

fn differs(off_ms: i64) -> String {
    format!("{} {}", seconds(off_ms.abs()), if off_ms > 0 { "ahead of" } else { "behind" })
}

fn seconds(ms: i64) -> String {
    format!("{} s", ms / 1000)
}
