//! The second migration on PostgreSQL.

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};

use super::statements::run;

/// A searched table, with expressions for the searched texts: folded, and as sent.
struct Searched {
    table: &'static str,
    folded: &'static [&'static str],
    exact: &'static [&'static str],
}

const SEARCHED: &[Searched] = &[
    Searched {
        table: "customer",
        folded: &[
            "name_key",
            "coalesce(phone_folded, phone)",
            "coalesce(email_folded, email)",
            "coalesce(note_folded, note)",
            "phone_key",
            "CASE WHEN phone_key LIKE '84%' THEN '0' || substr(phone_key, 3) END",
        ],
        exact: &["name", "phone", "email", "note"],
    },
    Searched { table: "conversation", folded: &["coalesce(contact_name_folded, contact_name)"], exact: &["contact_name"] },
    Searched { table: "message", folded: &["coalesce(text_folded, text)"], exact: &["text"] },
    Searched {
        table: "ticket",
        folded: &["coalesce(name_folded, name)", "coalesce(description_folded, description)"],
        exact: &["name", "description"],
    },
];

/// The trigram index of a message's folded text. Filters use the same expression.
const MESSAGE_PARTS: &str = "CREATE INDEX message_text_parts ON message USING gin ((coalesce(text_folded, text)) gin_trgm_ops)";

pub(super) async fn up(db: &DatabaseTransaction) -> Result<(), DbErr> {
    db.execute_unprepared("CREATE EXTENSION IF NOT EXISTS pg_trgm").await.map_err(|error| {
        DbErr::Migration(format!(
            "the extension pg_trgm, by which texts are searched, is not in the database and could not be created: {error}. \
             Let a superuser run CREATE EXTENSION pg_trgm in this database (Debian has it in postgresql-contrib or the \
             server's own package), or give this role the right CREATE on the database; then start again"
        ))
    })?;
    run(db, SEARCHED.iter().flat_map(Searched::up).chain([MESSAGE_PARTS.to_owned()])).await
}

pub(super) async fn down(db: &DatabaseTransaction) -> Result<(), DbErr> {
    let columns =
        SEARCHED.iter().map(|Searched { table, .. }| format!("ALTER TABLE {table} DROP COLUMN words, DROP COLUMN words_exact"));
    run(db, columns.chain(["DROP INDEX message_text_parts".to_owned()])).await
}

impl Searched {
    fn up(&self) -> [String; 2] {
        let Self { table, folded, exact } = self;
        let (folded, exact) = (in_a_row(folded), in_a_row(exact));
        [
            format!(
                "ALTER TABLE {table} \
                 ADD COLUMN words text COLLATE \"C\" GENERATED ALWAYS AS ({}) STORED, \
                 ADD COLUMN words_exact text COLLATE \"C\" GENERATED ALWAYS AS ({}) STORED",
                words(&folded),
                words(&format!("lower(normalize({exact}) COLLATE \"und-x-icu\")")),
            ),
            format!("CREATE INDEX {table}_words ON {table} USING gin (words gin_trgm_ops)"),
        ]
    }
}

/// Concatenates texts, skipping nulls.
fn in_a_row(texts: &[&str]) -> String {
    texts.iter().map(|text| format!("coalesce(' ' || {text}, '')")).collect::<Vec<_>>().join(" || ")
}

/// The words of a text: letters, digits and combining marks by Unicode class, in any database locale.
fn words(text: &str) -> String {
    format!("regexp_replace(({text} || ' ') COLLATE \"und-x-icu\", '[^[:alnum:]\\u0300-\\u036f]+', ' ', 'g')")
}
