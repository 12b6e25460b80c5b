//! `deskgraph stats`: prints counts, sizes, growth and rejected deliveries of the database.

use std::{fmt::Write as _, io::Write as _};

use anyhow::{Context, Result};
use clap::Args;
use indicatif::{BinaryBytes, HumanCount};
use jiff::{ToSpan as _, civil::Date, tz::TimeZone};
use serde_json::{Value, json};

use crate::{
    clock::Clock,
    config::Config,
    domain::time::Timestamp,
    store::{Inspection, RejectedAlike, Statistics},
};

/// The number of days in the chart.
const DAYS: i32 = 14;

/// The length of the longest bar, in characters.
const BAR: u64 = 40;

/// The number of largest tables that are listed.
const PARTS: usize = 8;

/// Print counts, sizes, growth and rejected deliveries
#[derive(Debug, Args)]
pub(super) struct Stats {
    /// Print JSON instead of tables and charts
    #[arg(long)]
    json: bool,
}

/// The number of events that arrived on a day.
struct Day {
    date: Date,
    events: u64,
}

impl Stats {
    pub(super) async fn run(&self, config: &Config) -> Result<u8> {
        let store = Inspection::open(&config.store()?).await.with_context(|| format!("opening {}", config.shown_database()))?;
        let zone = TimeZone::get(&config.crm.time_zone)?;
        let (dates, times) = days(Clock::system().now(), &zone)?;
        let (statistics, arrivals) = (store.statistics().await?, store.arrivals(&times).await?);
        store.close().await?;
        let days: Vec<Day> = dates.into_iter().zip(arrivals).map(|(date, events)| Day { date, events }).collect();
        let printed = if self.json {
            format!("{:#}\n", as_json(&statistics, &days))
        } else {
            as_text(&config.shown_database(), &config.crm.time_zone, &statistics, &days)
        };
        std::io::stdout().write_all(printed.as_bytes())?;
        Ok(0)
    }
}

/// The last days up to today, and the instants between them.
fn days(now: Timestamp, zone: &TimeZone) -> Result<(Vec<Date>, Vec<Timestamp>)> {
    let today = jiff::Timestamp::from_millisecond(now.as_millis())?.to_zoned_datetime(zone.clone()).date();
    let begins = |date: Date| -> Result<Timestamp> {
        Ok(Timestamp::clamped(date.to_zoned_datetime(zone.clone())?.timestamp().as_millisecond()))
    };
    let dates = (0..DAYS).rev().map(|ago| today.checked_sub(ago.days())).collect::<Result<Vec<_>, _>>()?;
    let mut times = dates.iter().map(|date| begins(*date)).collect::<Result<Vec<_>>>()?;
    times.push(begins(today.tomorrow()?)?);
    Ok((dates, times))
}

fn as_json(statistics: &Statistics, days: &[Day]) -> Value {
    let Statistics { events, customers, conversations, messages, tickets, staff, keys, rejected, reasons, bytes, sizes } =
        statistics;
    let rejected_alike = |alike: &RejectedAlike| {
        json!({
            "kind": alike.kind,
            "path": alike.path,
            "reason": alike.reason,
            "count": alike.count,
            "newest": Timestamp::clamped(alike.newest).to_string(),
        })
    };
    json!({
        "events": events.iter().map(|events| events.count).sum::<i64>(),
        "eventsByKind": events.iter().map(|events| (events.kind.clone(), events.count.into())).collect::<serde_json::Map<_, Value>>(),
        "customers": customers,
        "conversations": conversations,
        "messages": messages,
        "tickets": tickets,
        "staff": staff,
        "keys": keys,
        "bytes": bytes,
        "parts": sizes.iter().map(|size| json!({ "part": size.part, "bytes": size.bytes })).collect::<Vec<_>>(),
        "days": days.iter().map(|day| json!({ "date": day.date.to_string(), "events": day.events })).collect::<Vec<_>>(),
        "rejected": rejected,
        "rejectedFor": reasons.iter().map(rejected_alike).collect::<Vec<_>>(),
    })
}

fn as_text(database: &str, zone: &str, statistics: &Statistics, days: &[Day]) -> String {
    let mut text = String::new();
    let of = |count: i64| HumanCount(count.unsigned_abs()).to_string();
    let bytes = |bytes: i64| BinaryBytes(bytes.unsigned_abs()).to_string();
    let events: i64 = statistics.events.iter().map(|events| events.count).sum();
    let _ = writeln!(text, "{database}: {}\n", bytes(statistics.bytes));
    let counts = [
        ("events", events.unsigned_abs()),
        ("customers", statistics.customers),
        ("conversations", statistics.conversations),
        ("messages", statistics.messages),
        ("tickets", statistics.tickets),
        ("staff members", statistics.staff),
        ("API keys", statistics.keys),
        ("rejected", statistics.rejected),
    ];
    for (what, count) in counts {
        let _ = writeln!(text, "{what:<28} {:>14}", HumanCount(count).to_string());
    }
    if !statistics.events.is_empty() {
        let _ = writeln!(text, "\nevents by kind");
        let kinds = statistics.events.iter().map(|events| (events.kind.clone(), events.count.unsigned_abs()));
        chart(&mut text, &kinds.collect::<Vec<_>>());
    }
    let _ = writeln!(text, "\nevents per day, {zone}");
    chart(&mut text, &days.iter().map(|day| (day.date.to_string(), day.events)).collect::<Vec<_>>());
    if statistics.sizes.len() > 1 {
        let _ = writeln!(text, "\nsizes");
        for size in statistics.sizes.iter().take(PARTS) {
            let _ = writeln!(text, "{:<28} {:>14}", size.part, bytes(size.bytes));
        }
    }
    if !statistics.reasons.is_empty() {
        let _ = writeln!(text, "\nrejected; `deskgraph retry` reads them again");
        for alike in &statistics.reasons {
            let kind = alike.kind.as_deref().unwrap_or("unknown kind");
            let newest = &Timestamp::clamped(alike.newest).to_string()[..10];
            let says = format!("{kind} {}: {}", alike.path, alike.reason).replace(char::is_control, " ");
            let _ = writeln!(text, "{:>8}  {says} (last on {newest})", of(alike.count));
        }
    }
    text
}

/// A bar for each count.
fn chart(text: &mut String, counts: &[(String, u64)]) {
    let most = counts.iter().map(|(_, count)| *count).max().unwrap_or(0).max(1);
    for (name, count) in counts {
        // Any count above 0 gets a visible bar.
        let length = (count.saturating_mul(BAR) / most).max(u64::from(*count > 0));
        let bar = "▇".repeat(usize::try_from(length).unwrap_or_default());
        let line = format!("{name:<28} {:>14}  {bar}", HumanCount(*count).to_string());
        let _ = writeln!(text, "{}", line.trim_end());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_begin_at_midnight_of_the_zone_and_end_with_today() {
        let now = Timestamp::parse_rfc3339("2025-10-01T18:00:00Z").unwrap();
        let (dates, times) = days(now, &TimeZone::get("Asia/Ho_Chi_Minh").unwrap()).unwrap();
        assert_eq!((dates.len(), times.len()), (14, 15));
        assert_eq!((dates[0].to_string(), dates[13].to_string()), ("2025-09-19".into(), "2025-10-02".into()));
        assert_eq!(
            (times[13].to_string(), times[14].to_string()),
            ("2025-10-01T17:00:00.000Z".into(), "2025-10-02T17:00:00.000Z".into())
        );
    }

    #[test]
    fn the_longest_bar_fills_the_chart_and_a_small_count_is_visible() {
        let mut text = String::new();
        chart(&mut text, &[("a".into(), 4000), ("b".into(), 1), ("c".into(), 0)]);
        let bars: Vec<usize> = text.lines().map(|line| line.matches('▇').count()).collect();
        assert_eq!(bars, [40, 1, 0]);
    }
}
