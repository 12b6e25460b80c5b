//! Commits of one gateway are notified to others without polling, even after a server outage.

use deskgraph::{
    config::Config,
    domain::{kind::EventKind, time::Timestamp},
    store::{Notifications, Store},
};
use tokio::time::{sleep, timeout};

use crate::support::{
    PATIENCE,
    cluster::{Cluster, Stop},
    entry,
    fixed::RETRY,
    keys::{key, revoke},
    message,
};

/// Stores a message, retrying as needed.
async fn store(store: &Store, id: &str) {
    let entry = entry(EventKind::MessageSent, &message(id, "c", "hi", 1_758_791_400_000));
    let stored = async {
        while let Err(error) = store.append(std::slice::from_ref(&entry), Timestamp::clamped(1_758_800_000_000)).await {
            assert!(error.is_unavailable(), "{error}");
            sleep(RETRY).await;
        }
    };
    timeout(PATIENCE, stored).await.expect("it is stored in time");
}

async fn receive(notifications: &mut Notifications) {
    timeout(PATIENCE, notifications.next()).await.expect("a notification in time").unwrap();
}

/// Waits until it listens, for the first time or again.
async fn listen(notifications: &mut Notifications) {
    let listening = async {
        while notifications.next().await.is_err() {
            sleep(RETRY).await;
        }
    };
    timeout(PATIENCE, listening).await.expect("it listens in time");
}

#[tokio::test(flavor = "multi_thread")]
async fn commits_of_another_gateway_are_notified_even_after_an_outage() {
    let cluster = Cluster::new();
    let options = Config::defaults_at(cluster.url()).store().unwrap();
    let (here, elsewhere) = (Store::open(&options).await.unwrap(), Store::open(&options).await.unwrap());
    let mut notifications = here.notifications().await.unwrap();
    listen(&mut notifications).await;
    assert!(futures_util::poll!(Box::pin(notifications.next())).is_pending(), "nothing was committed yet");
    store(&elsewhere, "first").await;
    receive(&mut notifications).await;

    tokio::task::block_in_place(|| cluster.restart(Stop::Immediate));
    assert!(notifications.next().await.is_ok(), "it reports that notifications may have been lost");
    listen(&mut notifications).await;
    store(&elsewhere, "second").await;
    receive(&mut notifications).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_key_is_notified_and_a_commit_is_not_a_revocation() {
    let cluster = Cluster::new();
    let here = Store::open(&Config::defaults_at(cluster.url()).store().unwrap()).await.unwrap();
    let (mut changes, mut keys) = (here.notifications().await.unwrap(), here.key_notifications().await.unwrap());
    listen(&mut changes).await;
    listen(&mut keys).await;
    let key = key(cluster.url()).await;
    store(&here, "first").await;
    receive(&mut changes).await;
    assert!(futures_util::poll!(Box::pin(keys.next())).is_pending(), "no key was revoked yet");
    revoke(cluster.url(), &key).await;
    receive(&mut keys).await;
    assert!(futures_util::poll!(Box::pin(changes.next())).is_pending(), "nothing else was committed");
}
