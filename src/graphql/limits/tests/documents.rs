//! The cache of documents.

use std::sync::Arc;

use super::super::documents::Cache;

#[test]
fn a_text_is_parsed_once_for_each_operation() {
    let (cache, limits) = (Cache::new(1 << 20), crate::config::Config::defaults().limits());
    let text = "query A { head } query B { head }";
    let document = |name| cache.entry(text, name, &limits).parsed(text, name).unwrap().document.clone();
    let [a, b] = ["A", "B"].map(|name| document(Some(name)));
    assert!(Arc::ptr_eq(&a, &document(Some("A"))));
    assert!(!Arc::ptr_eq(&a, &b) && !Arc::ptr_eq(&a, &document(None)));
}

#[test]
fn the_bytes_of_all_entries_are_bounded() {
    let (bytes, limits) = (256 * 1024, crate::config::Config::defaults().limits());
    for (capacity, is_kept) in [(bytes, true), (0, false)] {
        let cache = Cache::new(capacity);
        for number in 0..1_000 {
            cache.entry(&format!("{{ a{number}: head }}"), None, &limits);
            assert!(cache.0.weight() <= capacity, "{}", cache.0.weight());
        }
        assert_eq!(cache.0.len() > 10, is_kept);
    }
    let cache = Cache::new(bytes);
    cache.entry(&format!("{{ {} }}", "head ".repeat(5_000)), None, &limits);
    assert_eq!(cache.0.len(), 0, "a document that does not fit is not cached");
}
