//! Reads attached files of messages and tickets, whose shape the CRM does not document.

use serde_json::Value;

use super::{
    fields::Fields,
    item::{NAMES, URLS},
    loose::{integer, text},
};

/// An attached file: an item of `attachments` or `file_path`, and the values read from it.
#[derive(Clone, Debug, PartialEq)]
pub struct Attachment {
    /// The URL. If the item is a string, it is the URL.
    pub url: Option<String>,
    /// The file's name.
    pub name: Option<String>,
    /// The type as sent, such as `image`.
    pub type_name: Option<String>,
    /// The size in bytes, if it fits GraphQL's Int.
    pub size: Option<i32>,
    /// The item as received.
    pub raw: Value,
}

/// Reads an item. An item of an unexpected type is kept in `raw`, with nothing read from it.
pub fn attachment(raw: &Value) -> Attachment {
    let nothing = Attachment { url: None, name: None, type_name: None, size: None, raw: raw.clone() };
    if let Some(fields) = Fields::of(raw) {
        Attachment {
            url: fields.first_text(URLS),
            name: fields.first_text(NAMES),
            type_name: fields.first_text(&["type"]),
            size: fields.read("size", integer).set().and_then(|size| i32::try_from(size).ok()).filter(|size| *size >= 0),
            ..nothing
        }
    } else if raw.is_string() {
        Attachment { url: text(raw).filter(|url| !url.trim().is_empty()), ..nothing }
    } else {
        nothing
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_string_is_a_url() {
        let read = attachment(&json!("https://files.example/dh-1029.pdf"));
        assert_eq!(read.url.as_deref(), Some("https://files.example/dh-1029.pdf"));
        assert_eq!((read.name, read.type_name, read.size), (None, None, None));
        assert_eq!(read.raw, json!("https://files.example/dh-1029.pdf"));
    }

    #[test]
    fn an_object_is_read_under_every_known_name() {
        for url in ["url", "link", "href"] {
            assert_eq!(attachment(&json!({ url: "u" })).url.as_deref(), Some("u"), "{url}");
        }
        for name in ["name", "fileName", "file_name", "full_name"] {
            assert_eq!(attachment(&json!({ name: "n" })).name.as_deref(), Some("n"), "{name}");
        }
        let read = attachment(&json!({"url": "", "href": "u\0", "name": null, "fileName": 7, "type": "image"}));
        assert_eq!(read.url.as_deref(), Some("u\u{FFFD}"));
        assert_eq!(read.name.as_deref(), Some("7"));
        assert_eq!(read.type_name.as_deref(), Some("image"));
    }

    #[test]
    fn a_size_is_a_whole_number_of_31_bits() {
        let size = |size| attachment(&json!({ "size": size })).size;
        assert_eq!(size(json!(183_422)), Some(183_422));
        assert_eq!(size(json!(" 183422 ")), Some(183_422));
        assert_eq!(size(json!(12.0)), Some(12));
        assert_eq!(size(json!(i32::MAX)), Some(i32::MAX));
        for unreadable in
            [json!(i64::from(i32::MAX) + 1), json!(-1), json!(1.5), json!("12 KB"), json!(null), json!([12]), json!(true)]
        {
            assert_eq!(size(unreadable.clone()), None, "{unreadable}");
        }
    }

    #[test]
    fn other_items_are_kept_with_nothing_read_from_them() {
        for raw in [json!(7), json!(true), json!(null), json!([1]), json!({}), json!("")] {
            let nothing = Attachment { url: None, name: None, type_name: None, size: None, raw: raw.clone() };
            assert_eq!(attachment(&raw), nothing);
        }
    }
}
