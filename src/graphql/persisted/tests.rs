//! Named documents: how names are resolved, and which error codes refused ones get.

use std::{fmt::Write as _, fs};

use async_graphql::{Request, Value, value};
use sha2::{Digest, Sha256};

use super::{Persisted, named::Hash, registered::Registered, set_document_id};

const HEAD: &str = "{ head }";
const OTHER: &str = "query Other { head __typename }";

fn hex(text: &str) -> String {
    Sha256::digest(text).iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    })
}

/// A request with the given extensions.
fn request(text: &str, extensions: Value) -> Request {
    let mut request = Request::new(text);
    let Value::Object(extensions) = extensions else { panic!("extensions are an object") };
    request.extensions.0.extend(extensions.into_iter().map(|(name, value)| (name.to_string(), value)));
    request
}

fn persisted_query(text: &str, hash: &str) -> Request {
    request(text, value!({ "persistedQuery": { "version": 1, "sha256Hash": hash } }))
}

fn by_id(text: &str, id: &str) -> Request {
    let mut request = Request::new(text);
    set_document_id(&mut request, id.to_owned());
    request
}

/// The text that a request is executed with, or the code of its refusal. Registers the text if the request has it and its hash.
fn resolved(documents: &Persisted, mut request: Request) -> Result<String, String> {
    match documents.resolve(&mut request) {
        Ok(registration) => {
            if let Some(registration) = registration {
                documents.register(registration, &request.query);
            }
            Ok(request.query)
        }
        Err(error) => match error.extensions.unwrap().get("code") {
            Some(Value::String(code)) => Err(code.clone()),
            code => panic!("{code:?}"),
        },
    }
}

fn trusting(documents: Persisted, files: &[(&str, &str)]) -> Result<Persisted, String> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    documents.trusting(folder.path()).map_err(|error| error.to_string())
}

fn manifest(text: &str) -> Result<Persisted, String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("manifest.json");
    fs::write(&file, text).unwrap();
    Persisted::off().trusting(&file).map_err(|error| error.to_string())
}

fn code<T>(code: &str) -> Result<T, String> {
    Err(code.to_owned())
}

#[test]
fn a_hash_resolves_to_its_text_once_it_was_registered() {
    let documents = Persisted::off().registering(1 << 20);
    assert_eq!(resolved(&documents, persisted_query("", &hex(HEAD))), code("PERSISTED_QUERY_NOT_FOUND"));
    assert_eq!(resolved(&documents, persisted_query(HEAD, &hex(HEAD))), Ok(HEAD.into()));
    assert_eq!(resolved(&documents, persisted_query("", &hex(HEAD))), Ok(HEAD.into()));
    assert_eq!(resolved(&documents, persisted_query("", &hex(HEAD).to_uppercase())), Ok(HEAD.into()));
    assert_eq!(resolved(&documents, persisted_query(HEAD, &hex(HEAD))), Ok(HEAD.into()), "sent again");
}

#[test]
fn a_hash_of_another_text_is_refused_whether_it_is_known_or_not() {
    let documents = Persisted::off().registering(1 << 20);
    assert_eq!(resolved(&documents, persisted_query(OTHER, &hex(HEAD))), code("BAD_USER_INPUT"));
    assert_eq!(resolved(&documents, persisted_query("", &hex(HEAD))), code("PERSISTED_QUERY_NOT_FOUND"));
    resolved(&documents, persisted_query(HEAD, &hex(HEAD))).unwrap();
    assert_eq!(resolved(&documents, persisted_query(OTHER, &hex(HEAD))), code("BAD_USER_INPUT"));
    assert_eq!(resolved(&documents, persisted_query("", &hex(HEAD))), Ok(HEAD.into()));
}

#[test]
fn a_malformed_extension_is_refused() {
    let documents = Persisted::off().registering(1 << 20);
    for extension in [
        value!({ "persistedQuery": "a hash" }),
        value!({ "persistedQuery": {} }),
        value!({ "persistedQuery": { "version": 1, "sha256Hash": 7 } }),
        value!({ "persistedQuery": { "version": 1, "sha256Hash": "abc" } }),
        value!({ "persistedQuery": { "version": 1, "sha256Hash": "ä".repeat(32) } }),
        value!({ "persistedQuery": { "version": 2, "sha256Hash": hex(HEAD) } }),
        value!({ "persistedQuery": { "sha256Hash": hex(HEAD) } }),
        value!({ "documentId": 7 }),
    ] {
        for text in ["", HEAD] {
            assert_eq!(resolved(&documents, request(text, extension.clone())), code("BAD_USER_INPUT"), "{extension}");
        }
    }
    assert_eq!(resolved(&documents, request(HEAD, value!({ "persistedQuery": null, "documentId": null }))), Ok(HEAD.into()));
}

#[test]
fn without_registration_a_hash_is_not_supported_so_that_clients_send_the_text() {
    for text in ["", HEAD] {
        assert_eq!(resolved(&Persisted::off(), persisted_query(text, &hex(HEAD))), code("PERSISTED_QUERY_NOT_SUPPORTED"));
    }
    assert_eq!(resolved(&Persisted::off(), Request::new(HEAD)), Ok(HEAD.into()));
}

#[test]
fn the_least_recently_used_texts_are_evicted_beyond_the_byte_limit() {
    const ALLOWED: u64 = 64 * 1024;
    let registered = Registered::new(ALLOWED);
    let text = |n: usize| format!("{{ head }} # {n} {}", "x".repeat(1000));
    let keep = |n: usize| registered.keep(Hash::of(&text(n)), &text(n));
    let is_kept = |n: usize| registered.text(Hash::of(&text(n))).is_some();
    keep(0);
    for n in 1..200 {
        keep(n);
        assert!(is_kept(0), "a used text stays: {n}");
        assert!(registered.bytes() <= ALLOWED, "{}", registered.bytes());
    }
    assert!(registered.bytes() > ALLOWED - 2 * 1024, "{}", registered.bytes());
    let kept: Vec<usize> = (1..200).filter(|n| is_kept(*n)).collect();
    assert_eq!(kept, (200 - kept.len()..200).collect::<Vec<_>>(), "the latest, without gaps");

    let large = "x".repeat(64 * 1024);
    registered.keep(Hash::of(&large), &large);
    assert!(registered.text(Hash::of(&large)).is_none() && is_kept(0), "a text that is too large evicts nothing");
}

#[test]
fn files_in_a_folder_are_found_by_name_and_hash() {
    let with_break = format!("{OTHER}\n");
    let files = [("Head.graphql", HEAD), ("Other.gql", &with_break), ("README.md", "no document")];
    let documents = trusting(Persisted::off(), &files).unwrap();
    for (name, text) in [
        ("Head", HEAD),
        (&hex(HEAD), HEAD),
        (&format!("sha256:{}", hex(HEAD)), HEAD),
        ("Other", &with_break),
        (&hex(OTHER), &with_break),
        (&hex(&with_break), &with_break),
    ] {
        assert_eq!(resolved(&documents, by_id("", name)), Ok(text.into()), "{name}");
    }
    assert_eq!(resolved(&documents, persisted_query("", &hex(HEAD))), Ok(HEAD.into()));
    assert_eq!(resolved(&documents, by_id(HEAD, "Head")), Ok(HEAD.into()));
    assert_eq!(resolved(&documents, by_id(OTHER, "Other")), Ok(OTHER.into()));
    assert_eq!(resolved(&documents, by_id(OTHER, "Head")), code("BAD_USER_INPUT"));
    assert_eq!(resolved(&documents, by_id("", "README")), code("NOT_FOUND"));
    assert_eq!(resolved(&documents, by_id(HEAD, "Unknown")), code("NOT_FOUND"));
    assert_eq!(resolved(&documents, Request::new("{ __typename }")), Ok("{ __typename }".into()));
}

#[test]
fn with_only_trusted_other_documents_are_refused() {
    let documents = trusting(Persisted::off().registering(1 << 20), &[("Head.graphql", "{ head }\n")]).unwrap().only_trusted();
    for trusted in [by_id("", "Head"), persisted_query("", &hex(HEAD)), persisted_query(HEAD, &hex(HEAD)), Request::new(HEAD)] {
        assert!(resolved(&documents, trusted).is_ok());
    }
    for (place, other) in [
        Request::new(OTHER),
        Request::new("{ head  }"),
        request(OTHER, value!({ "complexity": true })),
        by_id("", "Other"),
        by_id("", &hex(OTHER)),
        persisted_query("", &hex(OTHER)),
        persisted_query(OTHER, &hex(OTHER)),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(resolved(&documents, other), code("FORBIDDEN"), "{place}");
    }
    assert_eq!(resolved(&documents, persisted_query(OTHER, &hex(HEAD))), code("BAD_USER_INPUT"));
    assert_eq!(resolved(&documents, persisted_query(OTHER, &hex(OTHER))), code("FORBIDDEN"), "not registered either");
}

#[test]
fn both_forms_of_a_manifest_are_read() {
    let apollo = r#"{"format": "apollo-persisted-query-manifest", "version": 1,
        "operations": [{"id": "one", "body": "query Other { head __typename }", "name": "Other", "type": "query"}]}"#;
    let relay = r#"{"one": "query Other { head __typename }"}"#;
    for text in [apollo, relay] {
        let documents = manifest(text).unwrap();
        assert_eq!(resolved(&documents, by_id("", "one")), Ok(OTHER.into()));
        assert_eq!(resolved(&documents, persisted_query("", &hex(OTHER))), Ok(OTHER.into()));
        assert_eq!(resolved(&documents, persisted_query("", "one")), Ok(OTHER.into()), "Apollo's clients send the id as a hash");
    }
}

#[test]
fn unusable_trusted_documents_are_refused_with_file_and_reason() {
    for (files, expected) in [
        (&[("A.graphql", "{ noSuchField }")][..], &["A.graphql", "noSuchField", "line 1"][..]),
        (
            &[("A.graphql", "query A { head } query B { customer(id: true) { id } }")],
            &["A.graphql", "argument \"id\"", "line 1, column 37"],
        ),
        (&[("A.graphql", "{ head")], &["A.graphql", "expected"]),
        (&[("A.graphql", "fragment F on Customer { id }")], &["A.graphql"]),
        (&[("A.graphql", HEAD), ("A.gql", OTHER)], &["A.g", "another document has the id `A`"]),
        (&[("notes.txt", HEAD)], &["has no documents"]),
    ] {
        let error = trusting(Persisted::off(), files).err().unwrap();
        assert!(expected.iter().all(|part| error.contains(part)), "{error}");
    }
    for (text, expected) in [
        ("[]", "JSON object"),
        ("{}", "has no documents"),
        (r#"{"format": "apollo-persisted-query-manifest", "version": 2, "operations": []}"#, "`version` is not 1"),
        (r#"{"format": "apollo-persisted-query-manifest", "version": 1, "operations": [{"id": "a"}]}"#, "`operations[0]`"),
        (r#"{"format": "other", "version": 1}"#, "`other` are not supported"),
        (r#"{"a": 7}"#, "`a` is not the text"),
        (r#"{"a": "{ noSuchField }"}"#, "the document `a`"),
    ] {
        let error = manifest(text).err().unwrap();
        assert!(error.contains("manifest.json") && error.contains(expected), "{error}");
    }
    let error = Persisted::off().trusting("/no/such/folder".as_ref()).err().unwrap().to_string();
    assert!(error.contains("/no/such/folder"), "{error}");
}

#[test]
fn a_document_is_validated_without_values_of_variables() {
    let text = "query One($id: ID!, $first: Int = 5, $filter: MessageFilter) {
        customer(id: $id) { conversations(first: $first) { nodes { messages(filter: $filter) { nodes { id } } } } } }";
    assert!(trusting(Persisted::off(), &[("One.graphql", text)]).is_ok());
}
