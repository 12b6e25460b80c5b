//! `deskgraph keys`: creates, lists and revokes the API keys of clients. It can run beside gateways.

use std::{io::Write, time::Duration};

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::{
    access::{NewKey, audit},
    clock::Clock,
    config::Config,
    domain::time::Timestamp,
    store::{ApiKey, Options, Outdated, Revocation, Store},
};

#[derive(Debug, Subcommand)]
pub(super) enum Keys {
    /// Create a key and print it once: only a hash of its secret is stored
    Create(Create),
    /// List all keys, newest first, without their secrets
    List {
        /// Print JSON instead of a table
        #[arg(long)]
        json: bool,
    },
    /// Revoke a key: all gateways of the database refuse it from now on and close its connections
    Revoke {
        /// Id of the key, as `keys list` shows it: the part between `dgk_` and the next `_`
        id: String,
    },
}

#[derive(Debug, Args)]
pub(super) struct Create {
    /// Role of the key's clients: one of the sections `[roles.NAME]` in the settings
    #[arg(long)]
    role: String,
    /// A name for the key
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// Id of the staff member that the key's clients act for: the variable `$staff` of roles
    #[arg(long, value_name = "ID")]
    staff: Option<String>,
    /// Time until the key expires, such as 90d, 12h or 30m; without it, never
    #[arg(long, value_name = "TIME", value_parser = duration)]
    expires: Option<Duration>,
}

impl Keys {
    pub(super) async fn run(self, config: &Config) -> Result<u8> {
        // Keys don't depend on projections, so outdated ones are left for the gateway.
        let options = Options { outdated: Outdated::Keep, ..config.store()? };
        let open = async || Store::open(&options).await.with_context(|| format!("opening {}", config.shown_database()));
        match self {
            Self::Create(create) => {
                create.check(config)?;
                let store = open().await?;
                create.run(&store).await?;
                store.close().await?;
            }
            Self::List { json } => {
                let store = open().await?;
                let (keys, now) = (store.keys().await?, Clock::system().now());
                store.close().await?;
                let list = if json { as_json(&keys, now) } else { as_table(&keys, now) };
                std::io::stdout().write_all(list.as_bytes())?;
            }
            Self::Revoke { id } => {
                let store = open().await?;
                let revoked = store.revoke_key(&id, Clock::system().now()).await?;
                store.close().await?;
                match revoked {
                    Revocation::Revoked => audit::revoked(&id),
                    Revocation::Already(since) => bail!("the key {id} was already revoked, at {since}"),
                    Revocation::Unknown => bail!("there is no key with the id `{id}`: `deskgraph keys list` shows all"),
                }
                eprintln!("revoked {id}");
            }
        }
        Ok(0)
    }
}

impl Create {
    fn check(&self, config: &Config) -> Result<()> {
        if config.roles.contains_key(&self.role) {
            return Ok(());
        }
        let known: Vec<&str> = config.roles.keys().map(String::as_str).collect();
        if known.is_empty() {
            bail!("there is no role `{}`: add a section `[roles.{0}]` to the settings", self.role);
        }
        bail!(
            "there is no role `{}`: name one of {}, or add a section `[roles.{0}]` to the settings",
            self.role,
            known.join(", ")
        );
    }

    async fn run(self, store: &Store) -> Result<()> {
        let drawn = NewKey::draw()?;
        let created_at = Clock::system().now();
        let expires_at = self.expires.map(|after| {
            let after = i64::try_from(after.as_millis()).unwrap_or(i64::MAX);
            Timestamp::clamped(created_at.as_millis().saturating_add(after))
        });
        let key = ApiKey {
            id: drawn.id.clone(),
            secret_sha256: drawn.secret_sha256,
            role: self.role,
            name: self.name,
            staff: self.staff,
            created_at,
            expires_at,
            revoked_at: None,
            last_used_at: None,
        };
        store.add_key(key).await?;
        println!("{}", drawn.text);
        eprintln!("This is the key {}. Keep it now: it can't be shown again.", drawn.id);
        Ok(())
    }
}

/// Parses a number with a unit.
fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || "expected a number with a unit, such as 90d, 12h or 30m".to_owned();
    let unit = text.chars().next_back().ok_or_else(wrong)?;
    let seconds = match unit {
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        'w' => 7 * 86_400,
        _ => return Err(wrong()),
    };
    let number: u64 = text[..text.len() - unit.len_utf8()].parse().map_err(|_| wrong())?;
    if number == 0 {
        return Err("the key would expire immediately: expected a number above 0".to_owned());
    }
    Ok(Duration::from_secs(number.saturating_mul(seconds)))
}

/// The state of a key.
fn state(key: &ApiKey, now: Timestamp) -> &'static str {
    match key {
        ApiKey { revoked_at: Some(_), .. } => "revoked",
        ApiKey { expires_at: Some(at), .. } if *at <= now => "expired",
        _ => "good",
    }
}

fn as_json(keys: &[ApiKey], now: Timestamp) -> String {
    let time = |at: Option<Timestamp>| at.map(|at| at.to_string());
    let one = |key: &ApiKey| {
        json!({
            "id": key.id,
            "name": key.name,
            "role": key.role,
            "staff": key.staff,
            "state": state(key, now),
            "created": time(Some(key.created_at)),
            "expires": time(key.expires_at),
            "revoked": time(key.revoked_at),
            "lastUsed": time(key.last_used_at),
        })
    };
    let keys: Vec<Value> = keys.iter().map(one).collect();
    format!("{:#}\n", Value::from(keys))
}

fn as_table(keys: &[ApiKey], now: Timestamp) -> String {
    const HEAD: [&str; 8] = ["ID", "STATE", "ROLE", "NAME", "STAFF", "CREATED", "EXPIRES", "LAST USED"];
    // To the minute; the time of the last use is only known to the hour.
    let time = |at: Option<Timestamp>| at.map_or_else(|| "-".to_owned(), |at| at.to_string()[..16].replace('T', " "));
    let text = |text: Option<&str>| text.map_or_else(|| "-".to_owned(), |text| text.replace(char::is_control, "\u{fffd}"));
    let mut rows = vec![HEAD.map(str::to_owned)];
    rows.extend(keys.iter().map(|key| {
        let state = state(key, now).to_owned();
        let times = [time(Some(key.created_at)), time(key.expires_at), time(key.last_used_at)];
        let [created, expires, used] = times;
        [
            key.id.clone(),
            state,
            text(Some(&key.role)),
            text(key.name.as_deref()),
            text(key.staff.as_deref()),
            created,
            expires,
            used,
        ]
    }));
    let widths: Vec<usize> =
        (0..HEAD.len()).map(|at| rows.iter().map(|row| row[at].chars().count()).max().unwrap_or(0)).collect();
    let mut table = String::new();
    for row in rows {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        table += cells.join("  ").trim_end();
        table.push('\n');
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_a_number_with_a_unit() {
        assert_eq!(duration("90d"), Ok(Duration::from_hours(90 * 24)));
        assert_eq!(duration("30m"), Ok(Duration::from_mins(30)));
        assert_eq!(duration("2w"), Ok(Duration::from_hours(14 * 24)));
        for wrong in ["", "d", "90", "0d", "-1d", "1.5h", "90 d", "9ệ"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
