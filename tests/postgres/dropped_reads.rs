//! Reads that are dropped before they complete.

use deskgraph::{
    config::Config,
    domain::{kind::EventKind, scope::Scope},
    store::{Extent, Options, Store},
};

use crate::support::{database::Database, desk::entry, message};

/// The number of reads to drop. Each is dropped one poll later than the one before, up to [`POLLS`].
const READS: usize = 60;
const POLLS: usize = 6;

#[tokio::test]
async fn a_read_dropped_at_any_point_does_not_affect_the_next() {
    let database = Database::new();
    let options = Options { readers: 1, ..Config::defaults_at(database.url()).store().unwrap() };
    let store = Store::open(&options).await.unwrap();
    let reader = store.reader(Scope::Everything);
    for number in 0..READS {
        let mut read = Box::pin(reader.in_session(Extent::Statements, |mut session| async move {
            let position = session.position().await;
            (session, position)
        }));
        for _ in 0..=number % POLLS {
            if futures_util::poll!(&mut read).is_ready() {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(read);
        let before = reader.head().await.unwrap();
        let payload = message(&format!("m-{number}"), "c", "hi", 1_758_791_400_000);
        store.append(&[entry(EventKind::MessageSent, &payload)], deskgraph::clock::Clock::system().now()).await.unwrap();
        assert!(reader.head().await.unwrap() > before, "after {number} dropped reads, the next one sees the new state");
    }
}
