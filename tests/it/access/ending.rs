//! The end of a credential ends its connections and operations, on every gateway and every transport.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use deskgraph::{clock::Clock, config::auth::Jwt, domain::time::Timestamp};
use serde_json::json;
use tokio::time::{sleep, timeout};

use super::{
    entry_points::{is_admitted, refused_everywhere},
    streams::{Ended, Stream},
};
use crate::support::{
    PATIENCE,
    app::{NOW, TestApp},
    database::Database,
    fixed::RETRY,
    keys::{id, key, key_with, with_roles},
    message,
    process::deskgraph,
    tokens::{AUDIENCE, ISSUER, Signer, claims},
};

/// How soon connections must end.
const BOUND: Duration = Duration::from_secs(5);

/// Asserts that a stream ended with this reason.
fn assert_ended(ended: &Ended, why: &str) {
    match ended {
        Ended::Closed(code, reason) => assert_eq!((*code, reason.as_str()), (4403, "Forbidden")),
        Ended::Error(code, message) => assert!(code == "UNAUTHENTICATED" && message.contains(why), "{ended:?}"),
    }
}

/// Posts messages until every stream has delivered one, so that all of them are known to run.
async fn begin(app: &TestApp, streams: &mut [Stream]) {
    let has_begun = AtomicBool::new(false);
    let posting = async {
        for n in 0.. {
            if has_begun.load(Ordering::Relaxed) {
                break;
            }
            app.deliver("message-sent", &message(&format!("before-{n}"), "c-1", "hi", 1_758_791_400_000)).await;
            sleep(RETRY).await;
        }
    };
    let receiving = async {
        for stream in streams {
            stream.id().await;
        }
        has_begun.store(true, Ordering::Relaxed);
    };
    tokio::join!(posting, receiving);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_key_ends_two_hundred_streams_on_two_gateways_in_time() {
    let database = Database::new();
    let second = Database::at(database.url());
    let first = TestApp::on(database, with_roles).await;
    let second = TestApp::on(second, with_roles).await;
    let (used, other) = (key(first.database_url()).await, key(first.database_url()).await);
    let mut streams = Vec::new();
    for _ in 0..34 {
        for app in [&first, &second] {
            streams.extend(Stream::all(&app.base, &used).await);
        }
    }
    let mut others = Stream::all(&first.base, &other).await;
    others.extend(Stream::all(&second.base, &other).await);
    begin(&first, &mut streams).await;

    let all_ended = Arc::new(AtomicBool::new(false));
    let following: Vec<_> = streams.into_iter().map(|stream| tokio::spawn(stream.follow())).collect();
    // Messages are stored all the time.
    let mut stored = HashMap::new();
    let posting = async {
        for n in 0.. {
            let id = format!("m-{n}");
            stored.insert(id.clone(), Instant::now());
            first.deliver("message-sent", &message(&id, "c-1", "hi", 1_758_791_400_000 + n)).await;
            if all_ended.load(Ordering::Relaxed) {
                break;
            }
            sleep(RETRY).await;
        }
    };
    let revoking = async {
        sleep(RETRY).await;
        let revoked = deskgraph(&first.database).args(["keys", "revoke", id(&used)]).output().await.unwrap();
        let at = Instant::now();
        assert!(revoked.status.success(), "{revoked:?}");
        let mut followed = Vec::new();
        for following in following {
            followed.push(timeout(PATIENCE, following).await.expect("it ends").unwrap());
        }
        all_ended.store(true, Ordering::Relaxed);
        (at, followed)
    };
    let ((), (revoked, followed)) = tokio::join!(posting, revoking);
    assert_eq!(followed.len(), 204);
    for followed in followed {
        assert_ended(&followed.ended, "revoked");
        let after = followed.at.saturating_duration_since(revoked);
        assert!(after <= BOUND, "a stream ended {after:?} after the revocation: {:?}", followed.ended);
        let late = followed.ids.iter().filter(|id| stored.get(*id).is_some_and(|stored| *stored > revoked + BOUND));
        assert_eq!(late.count(), 0);
    }
    for app in [&first, &second] {
        assert!(refused_everywhere(&app.base, Some(&format!("Bearer {used}"))).await.contains("revoked"));
        assert!(is_admitted(&app.base, &format!("Bearer {other}")).await);
    }
    // Streams of other keys continue.
    for mut stream in others {
        stream.id().await;
    }
    second.stop().await;
    first.stop().await;
}

#[tokio::test]
async fn expiry_of_a_key_or_token_ends_its_connections() {
    let start = Timestamp::parse_rfc3339(NOW).unwrap().as_millis();
    let time = Arc::new(AtomicI64::new(start));
    let now = time.clone();
    let clock = Clock::from_fn(move || Timestamp::clamped(now.load(Ordering::Relaxed)));
    let database = Database::new();
    let (signer, file) = (Signer::ed(), database.folder().join("keys.json"));
    std::fs::write(&file, crate::support::tokens::key_set([("a", &signer)])).unwrap();
    let app = TestApp::with_clock(clock, database, |config| {
        with_roles(config);
        config.auth.jwt = Some(Jwt {
            issuer: ISSUER.into(),
            audience: AUDIENCE.into(),
            algorithms: vec!["EdDSA".into()],
            jwks_file: file.display().to_string(),
            leeway_seconds: 30,
            ..Jwt::default()
        });
    })
    .await;
    let key = key_with(app.database_url(), |key| key.expires_at = Some(Timestamp::clamped(start + 60_000))).await;
    let token = signer.token("a", &claims(start / 1000 + 30, &json!({})));
    let lasting = signer.token("a", &claims(start / 1000 + 3600, &json!({})));
    let mut streams = Stream::all(&app.base, &key).await;
    streams.extend(Stream::all(&app.base, &token).await);
    let mut others = Stream::all(&app.base, &lasting).await;
    begin(&app, &mut streams).await;
    time.store(start + 59_999, Ordering::Relaxed);
    for credential in [&key, &token] {
        assert!(is_admitted(&app.base, &format!("Bearer {credential}")).await);
    }
    time.store(start + 60_000, Ordering::Relaxed);
    let at = Instant::now();
    for stream in streams {
        let followed = timeout(PATIENCE, stream.follow()).await.expect("it ends");
        assert_ended(&followed.ended, "expired");
        assert!(followed.at - at <= BOUND, "{:?}", followed.at - at);
    }
    for credential in [&key, &token] {
        assert!(refused_everywhere(&app.base, Some(&format!("Bearer {credential}"))).await.contains("expired"));
    }
    for stream in &mut others {
        stream.id().await;
    }
    app.stop().await;
}
