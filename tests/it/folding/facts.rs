//! What readers see, as lines of text. The stored state and the expected state are written by the same functions, so that
//! differences are easy to read.

use std::{collections::BTreeSet, fmt::Debug};

use deskgraph::domain::{
    event::{CustomerStatus, SocialAccount},
    time::Timestamp,
};
use entity::{conversation, customer, message, staff as staff_table, ticket, ticket_alias};
use sea_orm::EntityTrait;
use serde_json::Value;

use crate::support::desk::Desk;

/// Lines, one for each object.
pub(crate) type Facts = BTreeSet<String>;

fn times<const N: usize>(times: [Option<Timestamp>; N]) -> String {
    format!("{:?}", times.map(|at| at.map(Timestamp::as_millis)))
}

#[expect(clippy::too_many_arguments, reason = "a line of everything that is known")]
pub(crate) fn customer(
    facts: &mut Facts,
    id: &str,
    deleted_at: Option<Timestamp>,
    texts: [&Option<String>; 4],
    staff: [&Option<String>; 3],
    dates: [Option<Timestamp>; 2],
    social: &[SocialAccount],
    statuses: &[CustomerStatus],
    custom: &[String],
) {
    let (deleted, dates) = (times([deleted_at]), times(dates));
    facts.insert(format!("customer {id} {texts:?} {staff:?} {dates} deleted {deleted} {social:?} {statuses:?} {custom:?}"));
}

#[expect(clippy::too_many_arguments, reason = "a line of everything that is known")]
pub(crate) fn message(
    facts: &mut Facts,
    key: &str,
    conversation: &str,
    sent_at: Timestamp,
    outbound_and_read: [bool; 2],
    readers: &[String],
    texts: [&Option<String>; 6],
    attachments: &[Value],
) {
    facts
        .insert(format!("message {key} in {conversation} {sent_at} {outbound_and_read:?} {readers:?} {texts:?} {attachments:?}"));
}

#[expect(clippy::too_many_arguments, reason = "a line of everything that is known")]
pub(crate) fn conversation(
    facts: &mut Facts,
    id: &str,
    closed: bool,
    texts: [&Option<String>; 6],
    assignees: &[String],
    dates: [Option<Timestamp>; 3],
    counts: [impl TryInto<i64, Error: Debug>; 2],
    last: Option<&str>,
) {
    let (dates, counts) = (times(dates), counts.map(|count| count.try_into().expect("a small number")));
    facts.insert(format!("conversation {id} closed {closed} {texts:?} {assignees:?} {dates} {counts:?} {last:?}"));
}

#[expect(clippy::too_many_arguments, reason = "a line of everything that is known")]
pub(crate) fn ticket(
    facts: &mut Facts,
    id: &str,
    ids: &[String],
    deleted_at: Option<Timestamp>,
    texts: [&Option<String>; 6],
    dates: [Option<Timestamp>; 3],
    reminded: bool,
    attachments: &[Value],
) {
    let (deleted, dates) = (times([deleted_at]), times(dates));
    facts.insert(format!("ticket {id} {ids:?} {texts:?} {dates} deleted {deleted} {reminded} {attachments:?}"));
}

pub(crate) fn staff(facts: &mut Facts, id: &str, name: Option<&String>) {
    facts.insert(format!("staff {id} {name:?}"));
}

/// What readers of a store see, read through the store's reader.
pub(crate) async fn stored(desk: &Desk) -> Facts {
    let (db, reader, mut facts) = (desk.raw().await, desk.reader(), Facts::new());

    let ids: Vec<String> = customer::Entity::find().all(&db).await.unwrap().into_iter().map(|row| row.id).collect();
    let (social, statuses) = (reader.social_accounts_of(&ids).await.unwrap(), reader.statuses_of(&ids).await.unwrap());
    let custom = reader.custom_fields_of(&ids).await.unwrap();
    for (id, row) in reader.customers_by_id(&ids).await.unwrap() {
        let it = row.profile;
        let custom: Vec<String> = custom.get(&id).into_iter().flatten().map(|(key, value)| format!("{key}={value}")).collect();
        customer(
            &mut facts,
            &id,
            row.deleted_at,
            [&it.name, &it.phone, &it.email, &it.note],
            [&it.manager_id, &it.created_by_id, &it.updated_by_id],
            [it.created_at, it.updated_at],
            social.get(&id).map_or(&[], Vec::as_slice),
            statuses.get(&id).map_or(&[], Vec::as_slice),
            &custom,
        );
    }

    let keys: Vec<String> = message::Entity::find().all(&db).await.unwrap().into_iter().map(|row| row.key).collect();
    for (key, it) in reader.messages_by_key(&keys).await.unwrap() {
        message(
            &mut facts,
            &key,
            &it.conversation_id,
            it.sent_at,
            [it.outbound, it.is_read],
            &it.read_by.into_iter().collect::<Vec<_>>(),
            [
                &it.text,
                &it.type_name,
                &it.sender.source_id,
                &it.recipient.avatar,
                &it.responder.name,
                &it.payload.map(|payload| payload.to_string()),
            ],
            &it.attachments,
        );
    }

    let ids: Vec<String> = conversation::Entity::find().all(&db).await.unwrap().into_iter().map(|row| row.id).collect();
    let assignees = reader.assignees_of(&ids).await.unwrap();
    for (id, it) in reader.conversations_by_id(&ids).await.unwrap() {
        conversation(
            &mut facts,
            &id,
            it.is_closed,
            [
                &it.customer_id,
                &it.contact.source_id,
                &it.contact.name,
                &it.platform_name,
                &it.channel.map(|channel| channel.id),
                &it.chat_mode,
            ],
            assignees.get(&id).map_or(&[], Vec::as_slice),
            [it.assigned_at, it.started_at, it.last_message_at],
            [it.message_count, it.unread_count],
            it.last_message_key.as_deref(),
        );
    }

    let ids: Vec<String> = ticket::Entity::find().all(&db).await.unwrap().into_iter().map(|row| row.id).collect();
    let aliases = ticket_alias::Entity::find().all(&db).await.unwrap();
    for (id, row) in reader.tickets_by_id(&ids).await.unwrap() {
        let it = row.details;
        let ids: BTreeSet<String> = aliases.iter().filter(|alias| alias.ticket_id == id).map(|alias| alias.id.clone()).collect();
        ticket(
            &mut facts,
            &id,
            &ids.into_iter().collect::<Vec<_>>(),
            row.deleted_at,
            [
                &it.name,
                &it.level,
                &it.status,
                &it.customer_id,
                &it.assignee_id,
                &it.reminder.map(|reminder| format!("{reminder:?}")),
            ],
            [it.created_at, it.due_at, it.updated_at],
            it.is_reminded,
            &it.attachments,
        );
    }

    let ids: Vec<String> = staff_table::Entity::find().all(&db).await.unwrap().into_iter().map(|row| row.id).collect();
    for (id, it) in reader.staff_by_id(&ids).await.unwrap() {
        staff(&mut facts, &id, it.name.as_ref());
    }
    db.close().await.unwrap();
    facts
}
