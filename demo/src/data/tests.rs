//! Every file under `data/` is embedded, fits its types, and has no blank or repeated entries.

use std::{collections::BTreeSet, fs, path::Path};

use serde::de::DeserializeOwned;
use toml::{Table, Value};

use super::{NAMES, Names, PHRASES, PLACES, Phrases, Places, Platform, SHOP, ShopData, TICKETS, TicketTexts, shop};

const FILES: [(&str, &str); 5] =
    [("names.toml", NAMES), ("phrases.toml", PHRASES), ("places.toml", PLACES), ("shop.toml", SHOP), ("tickets.toml", TICKETS)];

fn assert_fits<T: DeserializeOwned>(file: &str, text: &str) {
    if let Err(error) = toml::from_str::<T>(text) {
        panic!("{file}: {error}");
    }
}

/// The problems of a value: blank texts, empty lists, repeated items, weights of 0.
fn faults(path: &str, value: &Value, may_be_blank: bool, found: &mut Vec<String>) {
    match value {
        Value::String(text) if text.is_empty() && may_be_blank => {}
        Value::String(text) if text.trim().is_empty() || text.trim() != text => found.push(format!("{path}: {text:?}")),
        Value::Array(items) if items.is_empty() => found.push(format!("{path}: an empty list")),
        Value::Array(items) if items.iter().all(Value::is_integer) => {}
        Value::Array(items) if is_weighted(items) => {
            if items.iter().any(|item| item[0].as_integer() < Some(1)) {
                found.push(format!("{path}: a weight below 1"));
            }
            let values = items.iter().map(|item| item[1].clone()).collect();
            faults(path, &Value::Array(values), false, found);
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                if items[..index].contains(item) {
                    found.push(format!("{path}[{index}]: a repetition of {item:?}"));
                }
                faults(&format!("{path}[{index}]"), item, may_be_blank, found);
            }
        }
        Value::Table(table) => {
            for (key, item) in table {
                faults(&format!("{path}.{key}"), item, key == "text" && table.contains_key("media"), found);
            }
        }
        _ => {}
    }
}

/// Whether a list consists of pairs of weight and value.
fn is_weighted(items: &[Value]) -> bool {
    items.iter().all(|item| item.as_array().is_some_and(|pair| pair.len() == 2 && pair[0].is_integer()))
}

fn faults_of(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let table: Table = toml::from_str(text).unwrap();
    faults("", &Value::Table(table), false, &mut found);
    found
}

#[test]
fn every_file_matches_its_types_and_names_only_known_placeholders() {
    assert_fits::<Names>("names.toml", NAMES);
    assert_fits::<Phrases>("phrases.toml", PHRASES);
    assert_fits::<Places>("places.toml", PLACES);
    assert_fits::<ShopData>("shop.toml", SHOP);
    assert_fits::<TicketTexts>("tickets.toml", TICKETS);
    let unknown = PHRASES.replace("{product}", "{colour}");
    assert!(toml::from_str::<Phrases>(&unknown).unwrap_err().to_string().contains("{colour}"));
}

#[test]
fn no_entry_is_blank_or_repeated() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    let in_folder: BTreeSet<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(in_folder, FILES.iter().map(|(file, _)| (*file).to_owned()).collect());
    for (file, text) in FILES {
        assert_eq!(faults_of(text), Vec::<String>::new(), "{file}");
    }
}

#[test]
fn blank_and_repeated_entries_are_found() {
    for bad in [
        r#"names = ["a", ""]"#,
        r#"names = ["a", " b"]"#,
        r#"names = ["a", "b", "a"]"#,
        r#"names = [[1, "a"], [2, "a"]]"#,
        r#"names = [[0, "a"], [2, "b"]]"#,
        r"names = []",
        r#"lines = [[{ by = "staff", text = ["a", ""] }]]"#,
        r#"lines = [[{ by = "staff", media = "image", text = ["", ""] }]]"#,
    ] {
        assert!(!faults_of(bad).is_empty(), "{bad}");
    }
    assert!(faults_of(r#"lines = [[{ by = "staff", media = "image", text = ["a", ""] }]]"#).is_empty());
}

#[test]
fn every_platform_has_a_channel() {
    for platform in [Platform::Zalo, Platform::Facebook, Platform::Web, Platform::Email] {
        assert!(shop().channels.iter().any(|channel| channel.platform == platform), "{platform:?}");
    }
}
