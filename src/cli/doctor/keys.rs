//! Checks the API keys: whether any is valid, and which expire soon.

use super::{Finding, unanswered};
use crate::{
    config::Config,
    domain::time::Timestamp,
    store::{ApiKey, Inspection},
};

const CHECK: &str = "keys";

/// A key that expires within this time is reported.
const SOON_MS: i64 = 14 * 86_400_000;

/// Checks that the keys match the settings.
pub(super) async fn check(config: &Config, store: &Inspection, now: Timestamp) -> Finding {
    match store.keys().await {
        Ok(keys) => judge(config, &keys, now),
        Err(error) => unanswered(CHECK, &error),
    }
}

fn judge(config: &Config, keys: &[ApiKey], now: Timestamp) -> Finding {
    let is_good = |key: &&ApiKey| key.revoked_at.is_none() && key.expires_at.is_none_or(|at| at > now);
    let good: Vec<&ApiKey> = keys.iter().filter(is_good).collect();
    if config.roles.is_empty() {
        return match good.len() {
            0 => Finding::skipped(CHECK, "none is needed: without a role, every client may read"),
            several => Finding::warning(
                CHECK,
                format!("{several} API keys are not checked: without a role, every client may read"),
                "add the roles of the keys to the settings ([roles.NAME])",
            ),
        };
    }
    if let Some(key) = good.iter().find(|key| !config.roles.contains_key(&key.role)) {
        return Finding::problem(
            CHECK,
            format!("the key {} has the role `{}`, which is not configured: its clients are refused", key.id, key.role),
            format!("add [roles.{}] to the settings, or `deskgraph keys revoke {}` and make another", key.role, key.id),
        );
    }
    if good.is_empty() && config.auth.jwt.is_none() && config.auth.anonymous_role.is_empty() {
        return Finding::problem(
            CHECK,
            "no API key is valid, and JWTs are not accepted: no client can connect",
            "make one: `deskgraph keys create`",
        );
    }
    let ends = good.iter().filter_map(|key| Some((key.expires_at?, &key.id))).min();
    match ends {
        Some((at, id)) if at.as_millis() - now.as_millis() < SOON_MS => Finding::warning(
            CHECK,
            format!("the key {id} expires on {}", &at.to_string()[..16].replace('T', " ")),
            "create a new one with `deskgraph keys create`, and replace it in its clients",
        ),
        _ => Finding::good(CHECK, format!("{} API keys are valid", good.len())),
    }
}
