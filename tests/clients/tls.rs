//! Official clients over TLS, against a gateway that is configured as in `docs/security.md`: with a certificate, a webhook secret, a
//! role and a key.

use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use serde_json::json;

use super::{
    Script,
    support::{
        database::Database,
        message,
        process::{Process, deskgraph},
    },
};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// Writes a certificate for this machine, its key, and the certificate of the authority that signed it. Returns the last one.
fn certify(folder: &Path) -> PathBuf {
    let mut authority = CertificateParams::default();
    authority.distinguished_name.push(DnType::CommonName, "an authority for tests");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    std::fs::write(folder.join("certificate.pem"), certificate.pem()).unwrap();
    std::fs::write(folder.join("key.pem"), key.serialize_pem()).unwrap();
    let trusted = folder.join("authority.pem");
    std::fs::write(&trusted, authority.pem()).unwrap();
    trusted
}

#[tokio::test]
async fn official_clients_query_deliver_and_subscribe_over_tls_if_they_trust_the_certificate() {
    let database = Database::new();
    let trusted = certify(database.folder());
    let settings = format!(
        "[server.tls]\ncertificate = \"certificate.pem\"\nkey = \"key.pem\"\n\
         [webhooks.standard]\nsecrets = [\"{SECRET}\"]\n[roles.lead]\n"
    );
    std::fs::write(database.folder().join("deskgraph.toml"), settings).unwrap();
    let created = deskgraph(&database).args(["keys", "create", "--role", "lead"]).output().await.unwrap();
    assert!(created.status.success(), "{}", String::from_utf8_lossy(&created.stderr));
    let key = String::from_utf8(created.stdout).unwrap();
    let gateway = Process::start(&database, &[]).await;
    let base = gateway.base.replace("http://", "https://");
    let payload = message("m-1", "c-1", "over TLS", 1_758_791_400_000).to_string();
    let arguments = [&base, key.trim(), SECRET, &payload];

    let mut script = Script::start("tests/clients", "tls.mjs", &arguments);
    assert_eq!(script.line().await, json!({ "untrusted": "UNABLE_TO_VERIFY_LEAF_SIGNATURE" }));
    script.end().await;

    let variables = [("NODE_EXTRA_CA_CERTS", trusted.to_str().unwrap())];
    let mut script = Script::start_with("tests/clients", "tls.mjs", &arguments, &variables);
    assert_eq!(script.line().await, json!({ "anonymous": { "query": 401, "delivery": 401, "socket": 4401 } }));
    assert!(script.line().await["head"].is_string());
    assert_eq!(script.line().await, json!({ "delivered": 200 }));
    assert_eq!(script.line().await, json!({ "received": "over TLS" }));
    script.end().await;
    gateway.terminate().await;
}
