//! The API keys: whether somebody can get in, and who soon can't.

use super::{Finding, unanswered};
use crate::{
    config::Config,
    domain::time::Timestamp,
    store::{ApiKey, Inspection},
};

const CHECK: &str = "keys";

/// A key that expires within this time is told.
const SOON_MS: i64 = 14 * 86_400_000;

/// Whether the keys fit the settings.
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
            0 => Finding::skipped(CHECK, "none is needed: there is no role, so everybody may ask"),
            several => Finding::warning(
                CHECK,
                format!("{several} API keys are never asked for: there is no role, so everybody may ask"),
                "add the roles of the keys to the settings ([roles.NAME])",
            ),
        };
    }
    if let Some(key) = good.iter().find(|key| !config.roles.contains_key(&key.role)) {
        return Finding::problem(
            CHECK,
            format!("the key {} has the role `{}`, which is not configured: whoever has it is refused", key.id, key.role),
            format!("add [roles.{}] to the settings, or `deskgraph keys revoke {}` and make another", key.role, key.id),
        );
    }
    if good.is_empty() && config.auth.jwt.is_none() && config.auth.anonymous_role.is_empty() {
        return Finding::problem(
            CHECK,
            "no API key is good, and JWTs are not taken: nobody can ask",
            "make one: `deskgraph keys create`",
        );
    }
    let ends = good.iter().filter_map(|key| Some((key.expires_at?, &key.id))).min();
    match ends {
        Some((at, id)) if at.as_millis() - now.as_millis() < SOON_MS => Finding::warning(
            CHECK,
            format!("the key {id} expires on {}", &at.to_string()[..16].replace('T', " ")),
            "make another with `deskgraph keys create`, and give it to whoever has this one",
        ),
        _ => Finding::good(CHECK, format!("{} API keys are good", good.len())),
    }
}
