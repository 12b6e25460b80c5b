//! The list of projection tables is complete, and projections of another version are rebuilt or refused.

use std::collections::BTreeSet;

use deskgraph::{
    config::Config,
    domain::kind::EventKind,
    store::{Error, Options, Outdated, Store, projection_tables},
};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::{status, with_samples};
use crate::support::{
    desk::{Desk, at, differences, entry},
    process::deskgraph,
};

/// The tables that a rebuild must not change.
const OTHERS: [&str; 7] = ["api_key", "change", "event", "event_subject", "meta", "rejected_delivery", "seaql_migrations"];

/// SQLite's search indexes, and the table of rows not indexed yet.
const INDEXES: [&str; 6] =
    ["conversation_words", "customer_words", "message_parts", "message_words", "search_tail", "ticket_words"];

fn is_of_an_index(table: &str) -> bool {
    INDEXES.iter().any(|index| {
        let part = table.strip_prefix(index);
        part.is_some_and(|part| ["", "_config", "_content", "_data", "_docsize", "_idx"].contains(&part))
    })
}

#[tokio::test]
async fn every_table_is_either_a_projection_or_listed_as_none() {
    let desk = Desk::new().await;
    let raw = desk.raw().await;
    let (backend, sql) = match raw.get_database_backend() {
        DbBackend::Sqlite => {
            (DbBackend::Sqlite, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
        }
        backend => (backend, "SELECT table_name::text AS name FROM information_schema.tables WHERE table_schema = 'public'"),
    };
    let rows = raw.query_all_raw(Statement::from_string(backend, sql)).await.unwrap();
    let tables: BTreeSet<String> = rows.iter().map(|row| row.try_get("", "name").unwrap()).collect();
    let tables: BTreeSet<&str> = tables.iter().map(String::as_str).filter(|table| !is_of_an_index(table)).collect();
    assert_eq!(tables, projection_tables().into_iter().chain(OTHERS).collect());
}

/// Marks the store as folded by another version, with different content.
async fn outdate(desk: &Desk, version: &str) {
    let raw = desk.raw().await;
    raw.execute_unprepared("UPDATE customer SET note = 'of another version'").await.unwrap();
    raw.execute_unprepared("DELETE FROM staff").await.unwrap();
    raw.execute_unprepared(version).await.unwrap();
    raw.close().await.unwrap();
}

const NONE: &str = "DELETE FROM meta WHERE key = 'projection_version'";
const NEWER: &str = "UPDATE meta SET value = '999' WHERE key = 'projection_version'";

fn options(desk: &Desk, outdated: Outdated) -> Options {
    Options { outdated, ..Config::defaults_at(desk.database.url()).store().unwrap() }
}

#[tokio::test]
async fn projections_of_another_version_are_rebuilt_at_the_start_if_that_is_quick() {
    let desk = with_samples().await;
    let before = desk.tables().await;
    for version in [NONE, NEWER] {
        outdate(&desk, version).await;
        assert_ne!(differences(&before, &desk.tables().await), [""; 0]);
        let opened = Store::open(&options(&desk, Outdated::Rebuild { max_events: 9 })).await.unwrap();
        assert_eq!(differences(&before, &desk.tables().await), [""; 0]);
        opened.close().await.unwrap();
    }
    // Once rebuilt, they are not rebuilt again.
    desk.raw().await.execute_unprepared("DELETE FROM staff").await.unwrap();
    Store::open(&options(&desk, Outdated::Rebuild { max_events: 9 })).await.unwrap().close().await.unwrap();
    assert_eq!(desk.tables().await["staff"], [""; 0]);
}

#[tokio::test]
async fn several_gateways_that_start_at_once_leave_correct_projections() {
    let desk = with_samples().await;
    let before = desk.tables().await;
    outdate(&desk, NONE).await;
    let options = options(&desk, Outdated::default());
    let opened = futures_util::future::join_all((0..4).map(|_| Store::open(&options))).await;
    for store in opened {
        store.unwrap().close().await.unwrap();
    }
    assert_eq!(differences(&before, &desk.tables().await), [""; 0]);
}

#[tokio::test]
async fn if_a_rebuild_takes_long_the_start_is_refused_with_the_remedy() {
    let desk = with_samples().await;
    let before = desk.tables().await;
    outdate(&desk, NONE).await;
    let refused = Store::open(&options(&desk, Outdated::Rebuild { max_events: 8 })).await.err().unwrap();
    assert!(matches!(refused, Error::OutdatedProjections { found: 0, events: 9, .. }), "{refused}");
    assert!(refused.to_string().contains("`deskgraph rebuild`"), "{refused}");

    let exported = deskgraph(&desk.database).args(["export", "--database-url", desk.database.url()]).output().await.unwrap();
    assert_eq!(String::from_utf8(exported.stdout).unwrap().lines().count(), 9, "the log can be exported all the same");
    assert_ne!(differences(&before, &desk.tables().await), [""; 0]);

    let rebuilt = deskgraph(&desk.database).args(["rebuild", "--database-url", desk.database.url()]).output().await.unwrap();
    assert!(rebuilt.status.success(), "{}", String::from_utf8_lossy(&rebuilt.stderr));
    assert_eq!(differences(&before, &desk.tables().await), [""; 0]);
    Store::open(&options(&desk, Outdated::Rebuild { max_events: 8 })).await.unwrap().close().await.unwrap();
}

#[tokio::test]
async fn a_gateway_stops_writing_when_another_version_has_rebuilt_the_projections() {
    let desk = with_samples().await;
    outdate(&desk, NEWER).await;
    let closing = entry(EventKind::ConversationStatusChanged, &status(true));
    let refused = desk.store.append(std::slice::from_ref(&closing), at(2_000_000)).await.unwrap_err();
    assert!(matches!(refused, Error::OtherVersion { found: 999, .. }), "{refused}");
    assert!(!refused.is_unavailable(), "it does not pass");
    desk.store.rebuild(|_, _| {}).await.unwrap();
    desk.store.append(&[closing], at(2_000_000)).await.unwrap();
    desk.assert_verified().await;
}
