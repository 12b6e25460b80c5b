//! The issuer's keys in a file that changes.

use deskgraph::{config::auth::Jwt, domain::time::Timestamp};
use serde_json::json;
use tokio::time::{sleep, timeout};

use super::entry_points::is_admitted;
use crate::support::{
    PATIENCE,
    app::{NOW, TestApp},
    database::Database,
    fixed::RETRY,
    keys::with_roles,
    tokens::{AUDIENCE, ISSUER, Signer, claims, key_set},
};

/// Waits until a token is accepted or refused.
async fn until(app: &TestApp, authorization: &str, is_good: bool) {
    let changed = async {
        while is_admitted(&app.base, authorization).await != is_good {
            sleep(RETRY).await;
        }
    };
    timeout(PATIENCE, changed).await.expect("the file is read again in time");
}

#[tokio::test]
async fn keys_in_a_file_change_while_the_gateway_runs() {
    let database = Database::new();
    let file = database.folder().join("keys.json");
    let (old, new) = (Signer::ec(), Signer::ed());
    std::fs::write(&file, key_set([("old", &old)])).unwrap();
    let app = TestApp::on(database, |config| {
        with_roles(config);
        config.auth.jwt = Some(Jwt {
            issuer: ISSUER.into(),
            audience: AUDIENCE.into(),
            algorithms: vec!["ES256".into(), "EdDSA".into()],
            jwks_file: file.display().to_string(),
            ..Jwt::default()
        });
    })
    .await;
    let soon = Timestamp::parse_rfc3339(NOW).unwrap().as_millis() / 1000 + 600;
    let by = |signer: &Signer, id: &str| format!("Bearer {}", signer.token(id, &claims(soon, &json!({}))));
    let (by_old, by_new) = (by(&old, "old"), by(&new, "new"));
    assert!(is_admitted(&app.base, &by_old).await && !is_admitted(&app.base, &by_new).await);

    std::fs::write(&file, key_set([("old", &old), ("new", &new)])).unwrap();
    until(&app, &by_new, true).await;
    assert!(is_admitted(&app.base, &by_old).await);

    std::fs::write(&file, key_set([("new", &new)])).unwrap();
    until(&app, &by_old, false).await;
    assert!(is_admitted(&app.base, &by_new).await);

    // What is no set of keys changes nothing, and the next one that is does.
    std::fs::write(&file, "half a fi").unwrap();
    let newest = Signer::ec();
    let by_newest = by(&newest, "newest");
    assert!(!is_admitted(&app.base, &by_newest).await && is_admitted(&app.base, &by_new).await);
    std::fs::write(&file, key_set([("new", &new), ("newest", &newest)])).unwrap();
    until(&app, &by_newest, true).await;
    app.stop().await;
}
