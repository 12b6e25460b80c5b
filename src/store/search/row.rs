//! The searched texts of each table: the only place that defines them.

use entity::{conversation, customer, message, ticket};

use super::Searched;
use crate::{domain::search::words_in_a_row, store::bulk::Stored};

/// A searched text.
#[derive(Debug)]
pub(in crate::store) struct Text {
    /// Its GraphQL type.
    pub(in crate::store) of: &'static str,
    /// Its GraphQL field.
    pub(in crate::store) field: &'static str,
    /// Its column, which has the text as sent.
    pub(in crate::store) column: &'static str,
    /// SQL expressions of its case-folded forms.
    pub(in crate::store) folded: &'static [&'static str],
}

/// The texts by which rows of a type are found and ranked.
pub(in crate::store) fn texts(searched: Searched) -> &'static [Text] {
    match searched {
        Searched::Customer => customer::Entity::TEXTS,
        Searched::Conversation => conversation::Entity::TEXTS,
        Searched::Message => message::Entity::TEXTS,
        Searched::Ticket => ticket::Entity::TEXTS,
    }
}

/// A table with searchable rows.
pub(in crate::store) trait SearchedRow: Stored {
    /// The type of its rows.
    const SEARCHED: Searched;

    /// The searched texts. [`Self::words`] has the words of all of them.
    const TEXTS: &'static [Text];

    /// The key of a row.
    fn id(row: &Self::Model) -> &str;

    /// The case-folded words of a row, separated by spaces.
    fn words(row: &Self::Model) -> String;

    /// The case-folded text whose parts are also indexed.
    fn parts(row: &Self::Model) -> Option<&str> {
        let _ = row;
        None
    }
}

impl SearchedRow for customer::Entity {
    const SEARCHED: Searched = Searched::Customer;
    const TEXTS: &'static [Text] = &[
        Text { of: "Customer", field: "name", column: "name", folded: &["customer.name_key"] },
        Text {
            of: "Customer",
            field: "phone",
            column: "phone",
            folded: &[
                "coalesce(customer.phone_folded, customer.phone)",
                "customer.phone_key",
                "CASE WHEN substr(customer.phone_key, 1, 2) = '84' THEN '0' || substr(customer.phone_key, 3) END",
            ],
        },
        Text { of: "Customer", field: "email", column: "email", folded: &["coalesce(customer.email_folded, customer.email)"] },
        Text { of: "Customer", field: "note", column: "note", folded: &["coalesce(customer.note_folded, customer.note)"] },
    ];

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
    const TEXTS: &'static [Text] = &[Text {
        of: "Participant",
        field: "name",
        column: "contact_name",
        folded: &["coalesce(conversation.contact_name_folded, conversation.contact_name)"],
    }];

    fn id(row: &conversation::Model) -> &str {
        &row.id
    }

    fn words(row: &conversation::Model) -> String {
        words_in_a_row(row.contact_name_folded.as_deref().or(row.contact_name.as_deref()).into_iter())
    }
}

impl SearchedRow for message::Entity {
    const SEARCHED: Searched = Searched::Message;
    const TEXTS: &'static [Text] =
        &[Text { of: "Message", field: "text", column: "text", folded: &["coalesce(message.text_folded, message.text)"] }];

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
    const TEXTS: &'static [Text] = &[
        Text { of: "Ticket", field: "name", column: "name", folded: &["coalesce(ticket.name_folded, ticket.name)"] },
        Text {
            of: "Ticket",
            field: "description",
            column: "description",
            folded: &["coalesce(ticket.description_folded, ticket.description)"],
        },
    ];

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
