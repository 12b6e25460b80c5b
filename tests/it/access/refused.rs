//! Refused credentials, over every entry point.

use deskgraph::{
    config::{Config, auth::Jwt},
    domain::time::Timestamp,
};
use serde_json::{Value, json};

use super::entry_points::{admitted_everywhere, answers, refused_everywhere, socket};
use crate::support::{
    app::{NOW, TestApp},
    database::Database,
    keys::{id, key, key_with, revoke, with_roles},
    tokens::{AUDIENCE, ISSUER, Signer, claims, key_set},
};

fn now() -> i64 {
    Timestamp::parse_rfc3339(NOW).unwrap().as_millis() / 1000
}

/// Configures roles, and JWTs with the keys in the file.
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

/// An issuer with keys of each type, and a gateway that reads them from a file.
struct Issuer {
    app: TestApp,
    rsa: Signer,
    ec: Signer,
    ed: Signer,
    /// The published key set.
    set: String,
}

impl Issuer {
    async fn start() -> Self {
        let database = Database::new();
        let (rsa, ec, ed) = (Signer::rsa(), Signer::ec(), Signer::ed());
        let (set, file) = (key_set([("rsa", &rsa), ("ec", &ec), ("ed", &ed)]), database.folder().join("keys.json"));
        std::fs::write(&file, &set).unwrap();
        let app = TestApp::on(database, |config| with_tokens(config, &file)).await;
        Self { app, rsa, ec, ed, set }
    }

    /// A valid token except for these claims.
    fn token(&self, changes: &Value) -> String {
        self.rsa.token("rsa", &soon(changes))
    }
}

/// Valid claims except for these.
fn soon(changes: &Value) -> Value {
    claims(now() + 600, changes)
}

/// Asserts that each credential is refused over every entry point, with the reason.
async fn assert_refused(app: &TestApp, cases: Vec<(&str, String, &str)>) {
    for (what, credential, why) in cases {
        let message = refused_everywhere(&app.base, Some(&credential)).await;
        assert!(message.contains(why), "{what}: {message}");
        assert!(!message.contains(&credential), "{message}");
    }
}

fn bearer(cases: impl IntoIterator<Item = (&'static str, String, &'static str)>) -> Vec<(&'static str, String, &'static str)> {
    cases.into_iter().map(|(what, credential, why)| (what, format!("Bearer {credential}"), why)).collect()
}

#[tokio::test]
async fn an_invalid_key_is_refused_over_every_entry_point() {
    let app = TestApp::with(with_roles).await;
    let url = app.database_url().to_owned();
    let (good, other, revoked) = (key(&url).await, key(&url).await, key(&url).await);
    revoke(&url, &revoked).await;
    let at = Timestamp::parse_rfc3339(NOW).unwrap();
    let expired = key_with(&url, |key| key.expires_at = Some(at)).await;
    let of_no_role = key_with(&url, |key| key.role = "nobody".into()).await;
    let other_secret = other.rsplit('_').next().unwrap();
    let cases = [
        ("half a key", good[..40].to_owned(), "not complete"),
        ("an unknown key", good.replacen(id(&good), "0123456789abcdef", 1), "not known"),
        ("a wrong secret", format!("dgk_{}_{other_secret}", id(&good)), "not known"),
        ("a revoked key", revoked, "revoked"),
        ("an expired key", expired, "expired"),
        ("a key of no role", of_no_role, "not configured"),
        ("a token if tokens are not accepted", "a.b.c".to_owned(), "JWTs are not accepted"),
    ];
    assert_refused(&app, bearer(cases)).await;
    admitted_everywhere(&app.base, Some(&format!("bearer {good}"))).await;
    // The secret is also checked once the key is known.
    assert_refused(&app, bearer([("a wrong secret", format!("dgk_{}_{other_secret}", id(&good)), "not known")])).await;
    app.stop().await;
}

#[tokio::test]
async fn a_malformed_credential_is_refused_over_every_entry_point() {
    let app = TestApp::with(with_roles).await;
    let cases = [
        ("garbage", "garbage", "can't be read"),
        ("another scheme", "Basic bGVhZDpsZWFk", "send `Bearer`"),
        ("no credential behind the scheme", "Bearer ", "can't be read"),
    ];
    assert_refused(&app, cases.into_iter().map(|(what, credential, why)| (what, credential.to_owned(), why)).collect()).await;
    let message = refused_everywhere(&app.base, None).await;
    assert!(message.contains("Authorization: Bearer"), "{message}");
    app.stop().await;
}

#[tokio::test]
async fn a_token_with_invalid_claims_is_refused_over_every_entry_point() {
    let issuer = Issuer::start().await;
    let token = |changes: Value| issuer.token(&changes);
    let cases = [
        ("an expired token", token(json!({ "exp": now() - 60 })), "expired"),
        ("a token that is not valid yet", token(json!({ "nbf": now() + 61 })), "not valid yet"),
        ("a token without exp", token(json!({ "exp": null })), "no `exp`"),
        ("a token whose exp is text", token(json!({ "exp": (now() + 600).to_string() })), "no `exp`"),
        ("a token whose nbf is text", token(json!({ "nbf": "now" })), "can't be read"),
        ("another audience", token(json!({ "aud": "else" })), "another audience"),
        ("other audiences", token(json!({ "aud": ["a", "b"] })), "another audience"),
        ("no audience", token(json!({ "aud": null })), "no `exp`"),
        ("another issuer", token(json!({ "iss": "https://evil.example" })), "another issuer"),
        ("no issuer", token(json!({ "iss": null })), "no `exp`"),
        ("an unknown role", token(json!({ "role": "nobody" })), "no role"),
        ("no role", token(json!({ "role": null })), "no role"),
        ("unknown roles", token(json!({ "role": ["nobody", 7] })), "no role"),
    ];
    assert_refused(&issuer.app, bearer(cases)).await;
    for credential in [
        token(json!({})),
        issuer.ec.token("ec", &soon(&json!({}))),
        issuer.ed.token("ed", &soon(&json!({}))),
        issuer.ed.token_with(&json!({ "alg": "EdDSA" }), &soon(&json!({}))),
        token(json!({ "exp": now() - 59 })),
        token(json!({ "nbf": now() + 60 })),
        token(json!({ "aud": ["else", AUDIENCE] })),
        token(json!({ "role": ["nobody", 7, "agent"] })),
    ] {
        admitted_everywhere(&issuer.app.base, Some(&format!("bearer {credential}"))).await;
    }
    issuer.app.stop().await;
}

#[tokio::test]
async fn a_forged_token_is_refused_over_every_entry_point() {
    let issuer = Issuer::start().await;
    let claims = soon(&json!({}));
    let genuine = issuer.token(&json!({}));
    let parts: Vec<&str> = genuine.split('.').collect();
    let other = issuer.token(&json!({ "sub": "u-2" }));
    let forged = format!("{}{}", &genuine[..genuine.len() - 9], "AAAAAAAAA");
    let changed = format!("{}.{}.{}", parts[0], other.split('.').nth(1).unwrap(), parts[2]);
    let by_hmac = |head: Value, secret: &[u8]| Signer::Hmac(secret.to_vec()).token_with(&head, &claims);
    let hmac = json!({ "typ": "JWT", "alg": "HS256", "kid": "rsa" });
    let own = Signer::ec();
    let own_head = json!({ "alg": "ES256", "jwk": own.jwk("x"), "kid": "x" });
    let critical = json!({ "alg": "RS256", "kid": "rsa", "crit": ["b64"], "b64": true });
    let unsigned = |head: Value| Signer::None.token_with(&head, &claims);
    let cases = [
        ("a word", "word".to_owned(), "can't be read"),
        ("no token", "a.b.c".to_owned(), "can't be read"),
        ("a forged signature", forged, "signature is wrong"),
        ("changed claims", changed, "signature is wrong"),
        ("another key under a known id", own.token("ec", &claims), "signature is wrong"),
        ("an unknown key", issuer.ec.token("who", &claims), "not known"),
        ("a key inside the token", own.token_with(&own_head, &claims), "not known"),
        ("a key of another kind", issuer.ec.token_with(&json!({ "alg": "RS256", "kid": "ec" }), &claims), "not known"),
        ("no signature", Signer::None.token("rsa", &claims), "can't be read"),
        ("no signature, in capitals", unsigned(json!({ "alg": "NONE" })), "can't be read"),
        ("no signature under a signing algorithm", unsigned(json!({ "alg": "RS256", "kid": "rsa" })), "signature is wrong"),
        ("the public key as a secret", by_hmac(hmac.clone(), &issuer.rsa.public()), "not allowed"),
        ("the set of keys as a secret", by_hmac(hmac, issuer.set.as_bytes()), "not allowed"),
        ("an HMAC under a public algorithm", by_hmac(json!({ "alg": "ES256", "kid": "ec" }), &issuer.ec.public()), "is wrong"),
        ("an extension that must be understood", issuer.rsa.token_with(&critical, &claims), "can't be read"),
    ];
    assert_refused(&issuer.app, bearer(cases)).await;
    issuer.app.stop().await;
}

#[tokio::test]
async fn tokens_signed_with_any_of_the_secrets_are_accepted() {
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
        let token = Signer::Hmac(secret.into()).token("any", &claims(now() + 600, &json!({})));
        admitted_everywhere(&app.base, Some(&format!("Bearer {token}"))).await;
    }
    let forged = Signer::Hmac(b"yet another secret of enough bytes".to_vec()).token("any", &claims(now() + 600, &json!({})));
    assert!(refused_everywhere(&app.base, Some(&format!("Bearer {forged}"))).await.contains("signature is wrong"));
    app.stop().await;
}

#[tokio::test]
async fn without_roles_no_credential_is_required() {
    let app = TestApp::new().await;
    admitted_everywhere(&app.base, None).await;
    admitted_everywhere(&app.base, Some("Bearer of nothing that is known")).await;
    app.stop().await;
}

#[tokio::test]
async fn clients_without_a_credential_get_the_anonymous_role_and_those_with_an_invalid_one_do_not() {
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
async fn a_credential_in_connection_init_takes_precedence_over_the_handshake() {
    let app = TestApp::with(with_roles).await;
    let good = format!("Bearer {}", key(app.database_url()).await);
    for protocol in ["graphql-transport-ws", "graphql-ws"] {
        answers(&mut socket(&app.base, protocol, Some("Bearer bad"), Some(&good)).await, protocol).await;
        assert_eq!(socket(&app.base, protocol, Some(&good), Some("Bearer bad")).await.close().await.0, 4403);
    }
    app.stop().await;
}

#[tokio::test]
async fn the_page_health_checks_and_preflight_requests_are_public() {
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
