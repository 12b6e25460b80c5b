//! A writer of JSON bytes.

use async_graphql::{Name, resolver_utils::EnumType};
use serde_json::Value;

use crate::{domain::time::Timestamp, graphql::scalars::int};

/// JSON being written.
#[derive(Debug, Default)]
pub(super) struct Json(pub(super) Vec<u8>);

impl Json {
    /// Appends text that is already JSON.
    pub(super) fn raw(&mut self, bytes: &str) {
        self.0.extend_from_slice(bytes.as_bytes());
    }

    /// Appends bytes that are already JSON.
    pub(super) fn written(&mut self, json: &[u8]) {
        self.0.extend_from_slice(json);
    }

    /// Writes an object, field by field.
    pub(super) fn fields<F>(&mut self, fields: &[(Name, F)], mut write: impl FnMut(&mut Self, &F)) {
        let mut opening = "{\"";
        for (name, field) in fields {
            self.raw(opening);
            self.raw(name);
            self.raw("\":");
            write(self, field);
            opening = ",\"";
        }
        self.raw("}");
    }

    /// Writes a list, item by item.
    pub(super) fn items<I>(&mut self, items: &[I], mut write: impl FnMut(&mut Self, &I)) {
        self.raw("[");
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.raw(",");
            }
            write(self, item);
        }
        self.raw("]");
    }

    pub(super) fn null(&mut self) {
        self.raw("null");
    }

    pub(super) fn flag(&mut self, flag: bool) {
        self.raw(if flag { "true" } else { "false" });
    }

    pub(super) fn int(&mut self, value: i64) {
        serde_json::to_writer(&mut self.0, &value).expect("a vector takes all bytes");
    }

    /// Writes a count as GraphQL's 32-bit `Int`.
    pub(super) fn count(&mut self, count: i64) {
        self.int(int(count).into());
    }

    pub(super) fn text(&mut self, text: &str) {
        serde_json::to_writer(&mut self.0, text).expect("a vector takes all bytes");
    }

    pub(super) fn text_or_null(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.text(text),
            None => self.null(),
        }
    }

    /// Writes a global id: the prefix of its type, then the id.
    pub(super) fn id(&mut self, prefix: &str, id: &str) {
        let opening = self.0.len();
        self.text(id);
        // The prefix needs no escapes. It is inserted after the quotation mark that opens the id.
        self.0.splice(opening + 1..=opening, prefix.bytes());
    }

    pub(super) fn value(&mut self, value: &Value) {
        serde_json::to_writer(&mut self.0, value).expect("a vector takes all bytes");
    }

    pub(super) fn time(&mut self, ms: Option<i64>) {
        match ms {
            Some(ms) => {
                self.raw("\"");
                self.0.extend_from_slice(&Timestamp::clamped(ms).to_rfc3339());
                self.raw("\"");
            }
            None => self.null(),
        }
    }

    /// Writes an enum value.
    pub(super) fn word<E: EnumType>(&mut self, value: E) {
        let item = E::items().iter().find(|item| item.value == value).expect("an enum has all of its values");
        self.raw("\"");
        self.raw(item.name);
        self.raw("\"");
    }
}
