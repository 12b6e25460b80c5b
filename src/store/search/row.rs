//! What a row is found by: the one place that says which texts of a table are searched.

use entity::{conversation, customer, message, ticket};

use super::Searched;
use crate::{domain::search::words_in_a_row, store::bulk::Stored};

/// A table whose rows are searched.
pub(in crate::store) trait SearchedRow: Stored {
    /// What its rows are.
    const SEARCHED: Searched;

    /// The columns of the texts as they were sent, by which matches are ranked.
    const EXACT: &'static [&'static str];

    /// The key of a row.
    fn id(row: &Self::Model) -> &str;

    /// The words of a row, folded, in a row.
    fn words(row: &Self::Model) -> String;

    /// The text, folded, whose parts are indexed, too.
    fn parts(row: &Self::Model) -> Option<&str> {
        let _ = row;
        None
    }
}

impl SearchedRow for customer::Entity {
    const SEARCHED: Searched = Searched::Customer;
    const EXACT: &'static [&'static str] = &["name", "phone", "email", "note"];

    fn id(row: &customer::Model) -> &str {
        &row.id
    }

    fn words(row: &customer::Model) -> String {
        let national = row.phone_key.as_deref().and_then(|key| key.strip_prefix("84")).map(|number| format!("0{number}"));
        let texts = [
            row.name_key.as_ref(),
            row.phone_folded.as_ref().or(row.phone.as_ref()),
            row.email_folded.as_ref().or(row.email.as_ref()),
            row.note_folded.as_ref().or(row.note.as_ref()),
            row.phone_key.as_ref(),
            national.as_ref(),
        ];
        words_in_a_row(texts.into_iter().flatten().map(String::as_str))
    }
}

impl SearchedRow for conversation::Entity {
    const SEARCHED: Searched = Searched::Conversation;
    const EXACT: &'static [&'static str] = &["contact_name"];

    fn id(row: &conversation::Model) -> &str {
        &row.id
    }

    fn words(row: &conversation::Model) -> String {
        words_in_a_row(row.contact_name_folded.as_deref().or(row.contact_name.as_deref()).into_iter())
    }
}

impl SearchedRow for message::Entity {
    const SEARCHED: Searched = Searched::Message;
    const EXACT: &'static [&'static str] = &["text"];

    fn id(row: &message::Model) -> &str {
        &row.key
    }

    fn words(row: &message::Model) -> String {
        words_in_a_row(Self::parts(row).into_iter())
    }

    fn parts(row: &message::Model) -> Option<&str> {
        row.text_folded.as_deref().or(row.text.as_deref())
    }
}

impl SearchedRow for ticket::Entity {
    const SEARCHED: Searched = Searched::Ticket;
    const EXACT: &'static [&'static str] = &["name", "description"];

    fn id(row: &ticket::Model) -> &str {
        &row.id
    }

    fn words(row: &ticket::Model) -> String {
        let texts = [
            row.name_folded.as_deref().or(row.name.as_deref()),
            row.description_folded.as_deref().or(row.description.as_deref()),
        ];
        words_in_a_row(texts.into_iter().flatten())
    }
}
