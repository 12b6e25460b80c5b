//! Which credentials are refused, in every way in which a client can ask.

use deskgraph::{
    config::{Config, auth::Jwt},
    domain::time::Timestamp,
};
use serde_json::json;

use super::ways::{admitted_everywhere, answers, refused_everywhere, socket};
use crate::support::{
    app::{NOW, TestApp},
    database::Database,
    keys::{id, key, key_with, revoke, with_roles},
    tokens::{AUDIENCE, ISSUER, Signer, claims, key_set},
};

fn now() -> i64 {
    Timestamp::parse_rfc3339(NOW).unwrap().as_millis() / 1000
}

/// Roles, and JWTs by the keys in the file.
fn with_tokens(config: &mut Config, file: &std::path::Path) {
    with_roles(config);
    config.auth.jwt = Some(Jwt {
        issuer: ISSUER.into(),
        audience: AUDIENCE.into(),
        algorithms: ["RS256", "ES256", "EdDSA"].map(str::to_owned).to_vec(),
        jwks_file: file.display().to_string(),
        ..Jwt::default()
    });
}

#[tokio::test]
async fn a_credential_that_is_not_good_is_refused_in_every_way() {
    let database = Database::new();
    let (rsa, ec, ed) = (Signer::rsa(), Signer::ec(), Signer::ed());
    let file = database.folder().join("keys.json");
    let set = key_set([("rsa", &rsa), ("ec", &ec), ("ed", &ed)]);
    std::fs::write(&file, &set).unwrap();
    let app = TestApp::on(database, |config| with_tokens(config, &file)).await;
    let url = app.database_url().to_owned();
    let at = Timestamp::parse_rfc3339(NOW).unwrap();

    let (good, other) = (key(&url).await, key(&url).await);
    let revoked = key(&url).await;
    revoke(&url, &revoked).await;
    let expired = key_with(&url, |key| key.expires_at = Some(at)).await;
    let of_no_role = key_with(&url, |key| key.role = "nobody".into()).await;
    let unknown = good.replacen(id(&good), "0123456789abcdef", 1);
    let wrong_secret = format!("dgk_{}_{}", id(&good), other.rsplit('_').next().unwrap());

    let soon = now() + 600;
    let token = |changes| rsa.token("rsa", &claims(soon, changes));
    let signed_by =
        |head: serde_json::Value, secret: &[u8]| Signer::Hmac(secret.to_vec()).token_with(&head, &claims(soon, json!({})));
    let hmac = json!({ "typ": "JWT", "alg": "HS256", "kid": "rsa" });
    let fine = token(json!({}));
    let forged = format!("{}A{}", &fine[..fine.len() - 9], &fine[fine.len() - 8..]);
    let changed = {
        let (head, rest) = fine.split_once('.').unwrap();
        let admin = token(json!({ "sub": "u-2" }));
        format!("{head}.{}.{}", admin.split('.').nth(1).unwrap(), rest.split_once('.').unwrap().1)
    };
    for (what, credential, why) in [
        ("garbage", "garbage".to_owned(), "can't be read"),
        ("another scheme", "Basic bGVhZDpsZWFk".to_owned(), "send `Bearer`"),
        ("no credential behind the scheme", "Bearer ".to_owned(), "can't be read"),
        ("a word", "Bearer word".to_owned(), "can't be read"),
        ("half a key", format!("Bearer {}", &good[..40]), "not complete"),
        ("an unknown key", format!("Bearer {unknown}"), "not known"),
        ("a wrong secret", format!("Bearer {wrong_secret}"), "not known"),
        ("a revoked key", format!("Bearer {revoked}"), "revoked"),
        ("an expired key", format!("Bearer {expired}"), "expired"),
        ("a key of no role", format!("Bearer {of_no_role}"), "not configured"),
        ("a forged token", format!("Bearer {forged}"), "signature is wrong"),
        ("a changed token", format!("Bearer {changed}"), "signature is wrong"),
        (
            "a token of another key",
            format!("Bearer {}", Signer::ec().token("ec", &claims(soon, json!({})))),
            "signature is wrong",
        ),
        ("a token of an unknown key", format!("Bearer {}", ec.token("who", &claims(soon, json!({})))), "not known"),
        ("an expired token", format!("Bearer {}", token(json!({ "exp": now() - 60 }))), "expired"),
        ("a token that is not valid yet", format!("Bearer {}", token(json!({ "nbf": now() + 61 }))), "not valid yet"),
        ("a token without exp", format!("Bearer {}", token(json!({ "exp": null }))), "no `exp`"),
        ("a token whose exp is text", format!("Bearer {}", token(json!({ "exp": soon.to_string() }))), "no `exp`"),
        ("a token whose nbf is text", format!("Bearer {}", token(json!({ "nbf": "now" }))), "can't be read"),
        ("another audience", format!("Bearer {}", token(json!({ "aud": "else" }))), "another audience"),
        ("other audiences", format!("Bearer {}", token(json!({ "aud": ["a", "b"] }))), "another audience"),
        ("no audience", format!("Bearer {}", token(json!({ "aud": null }))), "no `exp`"),
        ("another issuer", format!("Bearer {}", token(json!({ "iss": "https://evil.example" }))), "another issuer"),
        ("no issuer", format!("Bearer {}", token(json!({ "iss": null }))), "no `exp`"),
        ("an unknown role", format!("Bearer {}", token(json!({ "role": "nobody" }))), "no role"),
        ("no role", format!("Bearer {}", token(json!({ "role": null }))), "no role"),
        ("unknown roles", format!("Bearer {}", token(json!({ "role": ["nobody", 7] }))), "no role"),
        ("no signature", format!("Bearer {}", Signer::None.token("rsa", &claims(soon, json!({})))), "can't be read"),
        (
            "no signature, in capitals",
            format!("Bearer {}", Signer::None.token_with(&json!({ "alg": "NONE" }), &claims(soon, json!({})))),
            "can't be read",
        ),
        (
            "no signature under an algorithm that is allowed",
            format!("Bearer {}", Signer::None.token_with(&json!({ "alg": "RS256", "kid": "rsa" }), &claims(soon, json!({})))),
            "signature is wrong",
        ),
        ("the public key as a secret", format!("Bearer {}", signed_by(hmac.clone(), &rsa.public())), "not allowed"),
        ("the set of keys as a secret", format!("Bearer {}", signed_by(hmac.clone(), set.as_bytes())), "not allowed"),
        (
            "the public key as a secret under its own algorithm",
            format!("Bearer {}", signed_by(json!({ "alg": "ES256", "kid": "ec" }), &ec.public())),
            "signature is wrong",
        ),
        (
            "a key of another kind",
            format!("Bearer {}", ec.token_with(&json!({ "alg": "RS256", "kid": "ec" }), &claims(soon, json!({})))),
            "not known",
        ),
        (
            "a key that comes with the token",
            format!("Bearer {}", {
                let mine = Signer::ec();
                mine.token_with(&json!({ "alg": "ES256", "jwk": mine.jwk("x"), "kid": "x" }), &claims(soon, json!({})))
            }),
            "not known",
        ),
        (
            "an extension that must be understood",
            format!(
                "Bearer {}",
                rsa.token_with(&json!({ "alg": "RS256", "kid": "rsa", "crit": ["b64"] }), &claims(soon, json!({})))
            ),
            "can't be read",
        ),
    ] {
        let told = refused_everywhere(&app.base, Some(&credential)).await;
        assert!(told.contains(why), "{what}: {told}");
        // Also where the credential was good just before.
        assert!(!told.contains(&credential), "{told}");
    }
    let told = refused_everywhere(&app.base, None).await;
    assert!(told.contains("Authorization: Bearer"), "{told}");

    for credential in [
        good,
        fine,
        ec.token("ec", &claims(soon, json!({}))),
        ed.token("ed", &claims(soon, json!({}))),
        ed.token_with(&json!({ "alg": "EdDSA" }), &claims(soon, json!({}))),
        token(json!({ "exp": now() - 59 })),
        token(json!({ "nbf": now() + 60 })),
        token(json!({ "aud": ["else", AUDIENCE] })),
        token(json!({ "role": ["nobody", 7, "agent"] })),
    ] {
        admitted_everywhere(&app.base, Some(&format!("bearer {credential}"))).await;
    }
    app.stop().await;
}

#[tokio::test]
async fn secrets_sign_tokens_and_any_of_them_is_good() {
    let secrets = ["0123456789abcdef0123456789abcdef", "another secret of enough bytes, for rotation"];
    let database = Database::new();
    let file = database.folder().join("secret");
    std::fs::write(&file, format!("{}\n", secrets[1])).unwrap();
    let app = TestApp::on(database, |config| {
        with_roles(config);
        config.auth.jwt = Some(Jwt {
            issuer: ISSUER.into(),
            audience: AUDIENCE.into(),
            algorithms: vec!["HS256".into()],
            secrets: vec![deskgraph::config::secret::Secret::new(secrets[0])],
            secrets_files: vec![file],
            ..Jwt::default()
        });
    })
    .await;
    for secret in secrets {
        let token = Signer::Hmac(secret.into()).token("any", &claims(now() + 600, json!({})));
        admitted_everywhere(&app.base, Some(&format!("Bearer {token}"))).await;
    }
    let forged = Signer::Hmac(b"yet another secret of enough bytes".to_vec()).token("any", &claims(now() + 600, json!({})));
    assert!(refused_everywhere(&app.base, Some(&format!("Bearer {forged}"))).await.contains("signature is wrong"));
    app.stop().await;
}

#[tokio::test]
async fn without_roles_nobody_is_asked_for_a_credential() {
    let app = TestApp::new().await;
    admitted_everywhere(&app.base, None).await;
    admitted_everywhere(&app.base, Some("Bearer of nothing that is known")).await;
    app.stop().await;
}

#[tokio::test]
async fn clients_without_a_credential_get_the_role_for_them_and_those_with_a_bad_one_do_not() {
    let app = TestApp::with(|config| {
        with_roles(config);
        config.auth.anonymous_role = "agent".into();
    })
    .await;
    admitted_everywhere(&app.base, None).await;
    refused_everywhere(&app.base, Some("Bearer of nothing that is known")).await;
    app.stop().await;
}

#[tokio::test]
async fn what_connection_init_says_comes_before_what_the_handshake_says() {
    let app = TestApp::with(with_roles).await;
    let good = format!("Bearer {}", key(app.database_url()).await);
    for protocol in ["graphql-transport-ws", "graphql-ws"] {
        answers(&mut socket(&app.base, protocol, Some("Bearer bad"), Some(&good)).await, protocol).await;
        assert_eq!(socket(&app.base, protocol, Some(&good), Some("Bearer bad")).await.close().await.0, 4403);
    }
    app.stop().await;
}

#[tokio::test]
async fn the_page_health_and_preflight_are_open_to_everyone() {
    let app = TestApp::with(with_roles).await;
    for path in ["/", "/healthz", "/readyz"] {
        let response = app.client.get(format!("{}{path}", app.base)).send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
    }
    let page = app.client.get(format!("{}/graphql", app.base)).header("accept", "text/html").send().await.unwrap();
    assert_eq!(page.status(), 200);
    let preflight = app
        .client
        .request(reqwest::Method::OPTIONS, format!("{}/graphql", app.base))
        .header("origin", "http://localhost:3000")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,content-type")
        .send()
        .await
        .unwrap();
    assert_eq!(preflight.status(), 200);
    assert!(preflight.headers()["access-control-allow-headers"].to_str().unwrap().contains("authorization"));
    app.stop().await;
}
