//! API keys and roles for tests.

use deskgraph::{
    access::NewKey,
    clock::Clock,
    config::Config,
    domain::time::Timestamp,
    graphql::role::Rules,
    store::{ApiKey, Revocation, Store},
};

/// Requires credentials of clients: configures the roles `lead` and `agent`.
pub fn with_roles(config: &mut Config) {
    for role in ["lead", "agent"] {
        config.roles.insert(role.into(), Rules::default());
    }
}

/// Stores a key with changed properties, and returns its text.
pub async fn key_with(url: &str, change: impl FnOnce(&mut ApiKey)) -> String {
    let drawn = NewKey::draw().unwrap();
    let mut key = ApiKey {
        id: drawn.id,
        secret_sha256: drawn.secret_sha256,
        role: "lead".into(),
        name: None,
        staff: None,
        created_at: Clock::system().now(),
        expires_at: None,
        revoked_at: None,
        last_used_at: None,
    };
    change(&mut key);
    let store = Store::open(&Config::defaults_at(url).store().unwrap()).await.unwrap();
    store.add_key(key).await.unwrap();
    store.close().await.unwrap();
    drawn.text
}

/// Stores a key of the role `lead`, and returns its text.
pub async fn key(url: &str) -> String {
    key_with(url, |_| {}).await
}

/// The id of a key.
pub fn id(key: &str) -> &str {
    key.split('_').nth(1).unwrap()
}

/// Revokes a key.
pub async fn revoke(url: &str, key: &str) {
    let store = Store::open(&Config::defaults_at(url).store().unwrap()).await.unwrap();
    assert_eq!(store.revoke_key(id(key), Timestamp::clamped(1)).await.unwrap(), Revocation::Revoked);
    store.close().await.unwrap();
}
