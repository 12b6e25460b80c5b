//! A store on its own database, entries made from payloads as the gateway makes them, and every table as text for comparison.
//! Unit tests of the crate include this file too, so it uses nothing else from this folder but `database`.

use std::{collections::BTreeMap, time::Duration};

use deskgraph::{
    config::Config,
    domain::{kind::EventKind, scope::Scope, time::Timestamp, zone::Zone},
    ingest::{self, Source},
    store::{Appended, Delivery, Entry, Inspection, Options, Reader, Store},
};
use entity::{
    assignee, conversation, custom_field, customer, customer_status, message, message_hour, message_quarter, message_total,
    social_account, staff, ticket, ticket_alias, total,
};
use sea_orm::{DatabaseConnection, EntityTrait, Iterable, Order, PrimaryKeyToColumn, QueryOrder};
use serde_json::Value;

use super::database::Database;

/// An instant in these tests, given in seconds after a fixed start.
pub fn at(seconds: i64) -> Timestamp {
    Timestamp::clamped(1_758_800_000_000 + seconds * 1000)
}

/// The same instant as the CRM writes it.
pub fn iso(seconds: i64) -> String {
    at(seconds).to_string()
}

/// The same instant in milliseconds.
pub fn ms(seconds: i64) -> i64 {
    at(seconds).as_millis()
}

/// A payload as an entry of the store.
pub fn entry(kind: EventKind, payload: &Value) -> Entry {
    read(&payload.to_string(), &Source { kind: Some(kind), ..Source::default() })
}

/// Opens the store on a database.
pub async fn open(url: &str) -> Store {
    Store::open(&options(url)).await.expect("the store opens")
}

fn options(url: &str) -> Options {
    // A slow machine must not look like an unavailable database.
    Options { acquire_timeout: Duration::from_mins(1), ..Config::defaults_at(url).store().unwrap() }
}

/// A body as an entry of the store.
pub fn read(body: &str, source: &Source) -> Entry {
    ingest::read(body, source, &Zone::named("Asia/Ho_Chi_Minh").unwrap()).expect("the body is JSON")
}

/// A payload as a delivery with a fixed arrival.
pub fn delivery(kind: EventKind, payload: &Value, received_at: Timestamp, delivery_id: Option<String>) -> Delivery {
    match entry(kind, payload) {
        Entry::Delivery(delivery) => Delivery { received_at: Some(received_at), delivery_id, ..delivery },
        Entry::Rejection(rejection) => panic!("{payload} is rejected: {rejection:?}"),
    }
}

/// The rows of every projection, in key order.
pub type Tables = BTreeMap<&'static str, Vec<String>>;

/// A store on its own database.
pub struct Desk {
    pub store: Store,
    pub database: Database,
}

impl Desk {
    /// An empty store. It is a copy of a template, since creating the tables takes longer than most tests. So all of these
    /// stores have the same id, which cursors contain.
    pub async fn new() -> Self {
        static EMPTY: tokio::sync::OnceCell<Database> = tokio::sync::OnceCell::const_new();
        let empty = EMPTY
            .get_or_init(|| async {
                let database = Database::new();
                open(database.url()).await.close().await.expect("the store closes");
                database
            })
            .await;
        let database = Database::copy_of(empty);
        Self { store: open(database.url()).await, database }
    }

    /// A reader without restrictions.
    pub fn reader(&self) -> Reader {
        self.store.reader(Scope::Everything)
    }

    /// A connection besides those of the store.
    pub async fn raw(&self) -> DatabaseConnection {
        sea_orm::Database::connect(self.database.url()).await.expect("the database opens")
    }

    /// Stores one payload that arrives at `seconds`. Returns its sequence number.
    pub async fn deliver(&self, seconds: i64, kind: EventKind, payload: Value) -> i64 {
        let entry = Entry::Delivery(delivery(kind, &payload, at(seconds), None));
        match self.store.append(&[entry], at(seconds)).await.expect("the event is stored")[0] {
            Appended::Event { seq, .. } => seq,
            Appended::Rejected { .. } => unreachable!("it was read"),
        }
    }

    /// The changes of each event, as `type id kind`, without the event's own change.
    pub async fn changes_of(&self, seq: i64) -> Vec<String> {
        let changes = self.reader().changes_after(0, 100_000).await.expect("changes are read");
        let of_it = changes.into_iter().filter(|change| change.seq == seq);
        of_it
            .skip(1)
            .map(|change| format!("{} {} {}", change.subject_type.word(), change.subject_id, change.kind.word()))
            .collect()
    }

    /// Asserts that the projections match the log, and that a sample agrees.
    pub async fn assert_verified(&self) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let verified = self.store.verify(folder.path(), |_, _| {}).await.expect("the store is verified");
        assert_eq!(verified.differences, [], "the projections differ from the log");
        let inspection = Inspection::open(&options(self.database.url())).await.expect("the store is inspected");
        let sampled = inspection.sample(folder.path()).await.expect("a sample is compared");
        inspection.close().await.expect("the store is closed");
        assert_eq!(sampled.differences, [], "a sample differs although the whole does not");
        assert_eq!(sampled.events > 0, verified.events > 0);
    }

    /// Every projection, row by row.
    pub async fn tables(&self) -> Tables {
        let db = self.raw().await;
        let mut tables = BTreeMap::new();
        tables.insert("assignee", rows::<assignee::Entity>(&db, |_| {}).await);
        tables.insert("conversation", rows::<conversation::Entity>(&db, |_| {}).await);
        tables.insert("custom_field", rows::<custom_field::Entity>(&db, |_| {}).await);
        tables.insert("customer", rows::<customer::Entity>(&db, |_| {}).await);
        tables.insert("customer_status", rows::<customer_status::Entity>(&db, |_| {}).await);
        // The event that first delivered a message depends on the order of the log.
        tables.insert("message", rows::<message::Entity>(&db, |row| row.event_seq = 0).await);
        tables.insert("message_hour", rows::<message_hour::Entity>(&db, |_| {}).await);
        tables.insert("message_quarter", rows::<message_quarter::Entity>(&db, |_| {}).await);
        tables.insert("message_total", rows::<message_total::Entity>(&db, |_| {}).await);
        tables.insert("social_account", rows::<social_account::Entity>(&db, |_| {}).await);
        tables.insert("staff", rows::<staff::Entity>(&db, |_| {}).await);
        tables.insert("ticket", rows::<ticket::Entity>(&db, |_| {}).await);
        tables.insert("ticket_alias", rows::<ticket_alias::Entity>(&db, |_| {}).await);
        tables.insert("total", rows::<total::Entity>(&db, |_| {}).await);
        db.close().await.expect("the connection closes");
        tables
    }
}

async fn rows<E: EntityTrait>(db: &DatabaseConnection, normalise: fn(&mut E::Model)) -> Vec<String> {
    let mut select = E::find();
    for key in E::PrimaryKey::iter() {
        select = select.order_by(key.into_column(), Order::Asc);
    }
    let rows = select.all(db).await.expect("the table is read");
    rows.into_iter()
        .map(|mut row| {
            normalise(&mut row);
            format!("{row:?}")
        })
        .collect()
}

/// The rows that exist in only one of two stores.
pub fn differences(one: &Tables, other: &Tables) -> Vec<String> {
    let only = |here: &Tables, there: &Tables, sign: &str| -> Vec<String> {
        let rows = here.iter().flat_map(|(table, rows)| rows.iter().filter(|row| !there[table].contains(row)));
        rows.map(|row| format!("{sign} {row}")).collect()
    };
    [only(one, other, "-"), only(other, one, "+")].concat()
}
