//! The first migration: the log, the separate tables, and the projections.

#![expect(clippy::too_many_lines, reason = "a list of tables")]

use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, Statement,
    sea_query::{Alias, ColumnDef, Index, IndexCreateStatement, Table, TableCreateStatement},
};

/// Creates every table of the first release.
pub(crate) async fn up(db: &DatabaseTransaction) -> Result<(), DbErr> {
    for table in tables(db.get_database_backend()) {
        db.execute(&table).await?;
    }
    if db.get_database_backend() == DbBackend::Postgres {
        prepare_postgres(db).await?;
    }
    for (table, columns) in INDEXES {
        db.execute(&index(table, columns)).await?;
    }
    Ok(())
}

/// Reverts it.
pub(crate) async fn down(db: &DatabaseTransaction) -> Result<(), DbErr> {
    for table in TABLES.iter().rev() {
        db.execute(&Table::drop().table(Alias::new(*table)).to_owned()).await?;
    }
    Ok(())
}

/// Makes all text columns compare byte by byte, as in SQLite, in any database locale. Ids break ties, names are sorted by
/// folded copies, and both databases must give the same order.
async fn prepare_postgres(db: &DatabaseTransaction) -> Result<(), DbErr> {
    let encoding = db.query_one_raw(Statement::from_string(DbBackend::Postgres, "SHOW server_encoding")).await?;
    let encoding: String = encoding.map_or(Ok(String::new()), |row| row.try_get("", "server_encoding"))?;
    if encoding != "UTF8" {
        return Err(DbErr::Migration(format!(
            "the database has the encoding {encoding}, and texts come in all letters: \
             make one with CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0"
        )));
    }
    let tables = TABLES.iter().map(|table| format!("'{table}'")).collect::<Vec<_>>().join(", ");
    let collate = format!(
        "DO $$ DECLARE texts record; BEGIN \
         FOR texts IN SELECT table_name, column_name FROM information_schema.columns \
             WHERE table_schema = current_schema() AND data_type = 'text' AND table_name IN ({tables}) LOOP \
             EXECUTE format('ALTER TABLE %I ALTER COLUMN %I TYPE text COLLATE \"C\"', texts.table_name, texts.column_name); \
         END LOOP; END $$"
    );
    db.execute_unprepared(&collate).await?;
    Ok(())
}

const TABLES: &[&str] = &[
    "meta",
    "event",
    "event_subject",
    "rejected_delivery",
    "change",
    "customer",
    "social_account",
    "customer_status",
    "custom_field",
    "conversation",
    "assignee",
    "message",
    "read_by",
    "ticket",
    "ticket_alias",
    "staff",
];

/// All indexes besides the primary keys: a filter or parent first, then the sort column, then the tie breaker. A filter that
/// many rows match has one index for each sort column, since a page must not sort them all.
const INDEXES: &[(&str, &[&str])] = &[
    ("event", &["received_at"]),
    ("event", &["kind", "seq"]),
    ("event_subject", &["seq"]),
    ("change", &["seq"]),
    ("customer", &["created_at", "id"]),
    ("customer", &["updated_at", "id"]),
    ("customer", &["name_key", "id"]),
    ("customer", &["phone_key"]),
    ("customer", &["email_key"]),
    ("customer", &["manager_id", "created_at", "id"]),
    ("social_account", &["source_id"]),
    ("customer_status", &["name"]),
    ("custom_field", &["key", "text"]),
    ("custom_field", &["key", "number"]),
    ("conversation", &["last_message_at", "id"]),
    ("conversation", &["started_at", "id"]),
    ("conversation", &["unread_count", "id"]),
    ("conversation", &["customer_id", "last_message_at", "id"]),
    ("conversation", &["is_closed", "last_message_at", "id"]),
    ("conversation", &["is_closed", "started_at", "id"]),
    ("conversation", &["is_closed", "unread_count", "id"]),
    ("conversation", &["platform", "last_message_at", "id"]),
    ("conversation", &["platform", "started_at", "id"]),
    ("conversation", &["platform", "unread_count", "id"]),
    ("conversation", &["channel_id", "last_message_at", "id"]),
    ("conversation", &["channel_id", "started_at", "id"]),
    ("conversation", &["channel_id", "unread_count", "id"]),
    ("conversation", &["contact_id"]),
    ("conversation", &["contact_key"]),
    ("assignee", &["staff_id", "conversation_id"]),
    ("message", &["sent_at", "key"]),
    // With the direction, so that response times are read from the index alone.
    ("message", &["conversation_id", "sent_at", "key", "outbound"]),
    ("message", &["customer_id", "sent_at", "key"]),
    ("message", &["channel_id", "sent_at", "key"]),
    ("message", &["platform", "sent_at", "key"]),
    ("read_by", &["staff_id", "message_key"]),
    ("ticket", &["created_at", "id"]),
    ("ticket", &["due_at", "id"]),
    ("ticket", &["updated_at", "id"]),
    ("ticket", &["level_rank", "id"]),
    ("ticket", &["customer_id", "created_at", "id"]),
    ("ticket", &["assignee_id", "created_at", "id"]),
    ("ticket", &["status_key", "created_at", "id"]),
    ("ticket", &["status_key", "due_at", "id"]),
    ("ticket", &["status_key", "updated_at", "id"]),
    ("ticket", &["status_key", "level_rank", "id"]),
    ("ticket_alias", &["ticket_id"]),
    ("staff", &["name_key", "id"]),
];

fn index(table: &str, columns: &[&str]) -> IndexCreateStatement {
    let mut index = Index::create();
    index.name(format!("{table}_{}", columns.join("_"))).table(Alias::new(table));
    for column in columns {
        index.col(Alias::new(*column));
    }
    index
}

fn table(name: &str) -> TableCreateStatement {
    Table::create().table(Alias::new(name)).to_owned()
}

fn key(columns: &[&str]) -> IndexCreateStatement {
    let mut key = Index::create();
    for column in columns {
        key.col(Alias::new(*column));
    }
    key.primary().to_owned()
}

fn text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().not_null().take()
}

fn text_null(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().null().take()
}

fn text_uniq(name: &'static str) -> ColumnDef {
    text(name).unique_key().take()
}

fn big_integer(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().take()
}

fn big_integer_null(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().null().take()
}

fn big_pk_auto(name: &'static str) -> ColumnDef {
    big_integer(name).auto_increment().primary_key().take()
}

fn integer_null(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).integer().null().take()
}

fn double_null(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).double().null().take()
}

fn boolean(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).boolean().not_null().take()
}

/// A table that is searched. SQLite's search indexes refer to row numbers, and only an explicit column keeps its numbers during
/// VACUUM.
fn searched_table(name: &str, id: &'static str, backend: DbBackend) -> TableCreateStatement {
    match backend {
        DbBackend::Sqlite => table(name).col(big_integer("row_id").primary_key()).col(text_uniq(id)).to_owned(),
        _ => table(name).col(text(id).primary_key()).to_owned(),
    }
}

fn tables(backend: DbBackend) -> Vec<TableCreateStatement> {
    vec![
        table("meta").col(text("key")).col(text("value")).primary_key(&mut key(&["key"])).to_owned(),
        table("event")
            .col(big_integer("seq"))
            .col(text("kind"))
            .col(text_null("delivery_id").unique_key())
            .col(text_null("message_digest").unique_key())
            .col(big_integer("received_at"))
            .col(text("payload"))
            .primary_key(&mut key(&["seq"]))
            .to_owned(),
        table("event_subject")
            .col(text("subject_type"))
            .col(text("subject_id"))
            .col(big_integer("seq"))
            .primary_key(&mut key(&["subject_type", "subject_id", "seq"]))
            .to_owned(),
        table("rejected_delivery")
            .col(big_pk_auto("id"))
            .col(big_integer("received_at"))
            .col(text_null("kind"))
            .col(text_null("delivery_id"))
            .col(text("payload"))
            .col(text("path"))
            .col(text("reason"))
            .to_owned(),
        table("change")
            .col(big_integer("position"))
            .col(big_integer("seq"))
            .col(text("subject_type"))
            .col(text("subject_id"))
            .col(text("kind"))
            .primary_key(&mut key(&["position"]))
            .to_owned(),
        searched_table("customer", "id", backend)
            .col(text_null("name"))
            .col(text_null("name_key"))
            .col(text_null("phone"))
            .col(text_null("phone_folded"))
            .col(text_null("phone_key"))
            .col(text_null("email"))
            .col(text_null("email_folded"))
            .col(text_null("email_key"))
            .col(text_null("note"))
            .col(text_null("note_folded"))
            .col(text_null("telco"))
            .col(text_null("telco_folded"))
            .col(text_null("manager_id"))
            .col(text_null("created_by_id"))
            .col(text_null("updated_by_id"))
            .col(big_integer_null("created_at"))
            .col(big_integer_null("updated_at"))
            .col(big_integer_null("deleted_at"))
            .col(big_integer_null("version_at"))
            .col(big_integer_null("version_rank"))
            .col(big_integer_null("version_received_at"))
            .col(big_integer_null("dated_at"))
            .col(big_integer_null("last_deleted_at"))
            .to_owned(),
        table("social_account")
            .col(text("customer_id"))
            .col(big_integer("position"))
            .col(text_null("platform"))
            .col(text_null("platform_key"))
            .col(text_null("source_id"))
            .col(text_null("name"))
            .col(text_null("url"))
            .col(text("raw"))
            .primary_key(&mut key(&["customer_id", "position"]))
            .to_owned(),
        table("customer_status")
            .col(text("customer_id"))
            .col(big_integer("position"))
            .col(text_null("source_id"))
            .col(text_null("name"))
            .col(text_null("name_folded"))
            .col(big_integer_null("color_r"))
            .col(big_integer_null("color_g"))
            .col(big_integer_null("color_b"))
            .col(double_null("color_a"))
            .primary_key(&mut key(&["customer_id", "position"]))
            .to_owned(),
        table("custom_field")
            .col(text("customer_id"))
            .col(text("key"))
            .col(text("value"))
            .col(text_null("text"))
            .col(text_null("text_folded"))
            .col(double_null("number"))
            .primary_key(&mut key(&["customer_id", "key"]))
            .to_owned(),
        searched_table("conversation", "id", backend)
            .col(text("platform"))
            .col(text_null("platform_name"))
            .col(text_null("platform_name_folded"))
            .col(text_null("channel_kind"))
            .col(text_null("channel_id"))
            .col(text_null("channel_id_folded"))
            .col(text_null("app_id"))
            .col(text_null("contact_id"))
            .col(text_null("contact_id_folded"))
            .col(text_null("contact_key"))
            .col(text_null("contact_name"))
            .col(text_null("contact_name_folded"))
            .col(text_null("contact_avatar"))
            .col(text_null("customer_id"))
            .col(boolean("is_closed"))
            .col(text_null("chat_mode"))
            .col(big_integer_null("assigned_at"))
            .col(big_integer_null("started_at"))
            .col(big_integer_null("last_message_at"))
            .col(text_null("last_message_key"))
            .col(big_integer("message_count"))
            .col(big_integer("unread_count"))
            .col(text("stamps"))
            .to_owned(),
        table("assignee")
            .col(text("conversation_id"))
            .col(text("staff_id"))
            .col(big_integer("position"))
            .primary_key(&mut key(&["conversation_id", "staff_id"]))
            .to_owned(),
        searched_table("message", "key", backend)
            .col(text("source_id"))
            .col(text("conversation_id"))
            .col(text_null("customer_id"))
            .col(text("platform"))
            .col(text("platform_name"))
            .col(text_null("platform_name_folded"))
            .col(text_null("channel_kind"))
            .col(text_null("channel_id"))
            .col(text_null("channel_id_folded"))
            .col(text_null("app_id"))
            .col(boolean("outbound"))
            .col(text("type_key"))
            .col(text_null("type_name"))
            .col(text_null("type_name_folded"))
            .col(text_null("text"))
            .col(text_null("text_folded"))
            .col(text_null("preview"))
            .col(text_null("attachments"))
            .col(text_null("payload"))
            .col(text_null("sender_id"))
            .col(text_null("sender_id_folded"))
            .col(text_null("sender_name"))
            .col(text_null("sender_name_folded"))
            .col(text_null("sender_avatar"))
            .col(text_null("recipient_id"))
            .col(text_null("recipient_name"))
            .col(text_null("recipient_avatar"))
            .col(text_null("responder_name"))
            .col(text_null("responder_avatar"))
            .col(boolean("is_read"))
            .col(boolean("creates_contact"))
            .col(integer_null("source"))
            .col(big_integer("sent_at"))
            .col(boolean("has_time"))
            .col(big_integer_null("created_at"))
            .col(big_integer("event_seq"))
            .col(big_integer("version_received_at"))
            .to_owned(),
        table("read_by")
            .col(text("message_key"))
            .col(text("staff_id"))
            .primary_key(&mut key(&["message_key", "staff_id"]))
            .to_owned(),
        searched_table("ticket", "id", backend)
            .col(text_null("name"))
            .col(text_null("name_folded"))
            .col(text_null("description"))
            .col(text_null("description_folded"))
            .col(text_null("type_id"))
            .col(text_null("type_id_folded"))
            .col(text_null("level"))
            .col(text_null("level_folded"))
            .col(text_null("level_key"))
            .col(big_integer_null("level_rank"))
            .col(text_null("status"))
            .col(text_null("status_folded"))
            .col(text_null("status_key"))
            .col(text_null("customer_id"))
            .col(text_null("assignee_id"))
            .col(text_null("created_by_id"))
            .col(text_null("store_id"))
            .col(text_null("store_id_folded"))
            .col(big_integer_null("reminder_amount"))
            .col(text_null("reminder_unit"))
            .col(boolean("is_reminded"))
            .col(text_null("attachments"))
            .col(big_integer_null("created_at"))
            .col(big_integer_null("due_at"))
            .col(big_integer_null("updated_at"))
            .col(big_integer_null("deleted_at"))
            .col(big_integer_null("version_at"))
            .col(big_integer_null("version_rank"))
            .col(big_integer_null("version_received_at"))
            .col(big_integer_null("dated_at"))
            .col(big_integer_null("last_deleted_at"))
            .to_owned(),
        table("ticket_alias")
            .col(text("id"))
            .col(text("ticket_id"))
            .col(boolean("is_ticket_id"))
            .primary_key(&mut key(&["id"]))
            .to_owned(),
        table("staff")
            .col(text("id"))
            .col(text_null("name"))
            .col(text_null("name_key"))
            .col(big_integer_null("named_at"))
            .col(big_integer_null("named_rank"))
            .col(big_integer_null("named_received_at"))
            .primary_key(&mut key(&["id"]))
            .to_owned(),
    ]
}
