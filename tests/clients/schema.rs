//! Checks `schema.graphql`: the changelog names every breaking change, and common code generators accept the schema. The
//! scripts are in `tests/schema`.

use std::{fs, path::Path};

use serde_json::{Value, json};

use super::Script;

const RELEASED: &str = "tests/schema/released.graphql";

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The changes in `new` that break clients of the released schema.
async fn breaking(new: &Path, changelog: &Path) -> Vec<Value> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let [old, new, changelog] = [&root.join(RELEASED), new, changelog].map(|path| path.to_str().unwrap().to_owned());
    let mut script = Script::start("tests/schema", "breaking.mjs", &[&old, &new, &changelog]);
    let found = script.line().await["breaking"].take();
    script.end().await;
    found.as_array().unwrap().clone()
}

#[tokio::test]
async fn the_changelog_names_every_breaking_change_of_the_schema() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let found = breaking(&root.join("schema.graphql"), &root.join("CHANGELOG.md")).await;
    let unnamed: Vec<&Value> = found.iter().filter(|change| change["isNamed"] == false).collect();
    assert!(
        unnamed.is_empty(),
        "these break clients that were written for {RELEASED}: undo them, or name the `path` of each, in backticks, in CHANGELOG.md \
         under \"Unreleased\" with what clients have to do: {unnamed:#?}"
    );
}

#[tokio::test]
async fn breaking_changes_are_found_unless_the_changelog_names_them() {
    let folder = tempfile::tempdir().unwrap();
    let (schema, changelog) = (folder.path().join("schema.graphql"), folder.path().join("CHANGELOG.md"));
    let released = read(RELEASED);
    let start = |of: &str| released.find(of).unwrap_or_else(|| panic!("{of}"));
    for (of, before, after, path) in [
        ("type Customer implements Node {", "  telco: String", "  carrier: String", "Customer.telco"),
        ("type CustomerStats {", "  count: Int!", "  count: Int", "CustomerStats.count"),
        ("enum Platform {", "  WEB", "  SITE", "Platform.WEB"),
        ("input CustomerFilter {", "  phone: StringFilter", "  phone: String", "CustomerFilter.phone"),
        ("input CustomFieldFilter {", "  exists: Boolean", "  exists: Boolean!", "CustomFieldFilter.exists"),
        ("  customFieldKeys(", "    search: String", "    search: String!", "Query.customFieldKeys.search"),
        ("union SearchResult", " | Ticket", "", "SearchResult"),
        ("type Staff implements Node", " implements Node", "", "Staff"),
    ] {
        let (head, tail) = released.split_at(start(of));
        assert!(tail.contains(before), "{of} has no {before}");
        fs::write(&schema, format!("{head}{}", tail.replacen(before, after, 1))).unwrap();
        fs::write(
            &changelog,
            "# Changelog\n\n## Unreleased\n\n- Nothing.\n\n## 1.0.0\n\n- `Customer.telco` and `Platform.WEB` are new.\n",
        )
        .unwrap();
        let found = breaking(&schema, &changelog).await;
        let is_named = |named: bool| found.iter().any(|change| change["path"] == path && change["isNamed"] == named);
        assert!(is_named(false), "{path}: {found:?}");
        fs::write(&changelog, format!("# Changelog\n\n## Unreleased\n\n- `{path}` is another one.\n")).unwrap();
        let found = breaking(&schema, &changelog).await;
        assert!(found.iter().all(|change| change["isNamed"] == (change["path"] == path)), "{path}: {found:?}");
    }
    // Additions break no client.
    fs::write(&schema, released.replacen("type Color {", "type Color {\n  name: String", 1)).unwrap();
    assert_eq!(breaking(&schema, &changelog).await, [json!(null); 0]);
}

#[tokio::test]
async fn the_relay_compiler_and_the_client_preset_of_codegen_accept_the_schema_with_strict_types() {
    let mut script = Script::start("tests/schema", "accept.mjs", &[]);
    let made = script.line().await;
    script.end().await;
    assert_eq!(made["codegen"], json!(["Conversations", "Found", "Live"]));
    let relay: Vec<&str> = made["relay"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    for name in ["InboxQuery", "InboxConversationsQuery", "InboxMessagesQuery", "InboxAddedSubscription", "InboxLiveSubscription"]
    {
        assert!(relay.contains(&format!("{name}.graphql.ts").as_str()), "{name}: {relay:?}");
    }
}
