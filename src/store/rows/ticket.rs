//! Rows of tickets.

use entity::ticket as table;

use super::{Error, LifecycleColumns, folded, json_list, list_text, millis, time, version};
use crate::domain::{
    event::Reminder,
    ticket::{Details, State, Ticket},
    version::Lifecycle,
    words::{ReminderUnit, TicketLevel, TicketStatus},
};

fn details(row: table::Model) -> Result<Details, Error> {
    let reminder =
        row.reminder_unit.as_deref().and_then(ReminderUnit::parse).zip(row.reminder_amount.and_then(|n| i32::try_from(n).ok()));
    Ok(Details {
        attachments: json_list("ticket", &row.id, row.attachments.as_deref())?,
        id: row.id,
        name: row.name,
        description: row.description,
        type_id: row.type_id,
        level: row.level,
        status: row.status,
        customer_id: row.customer_id,
        assignee_id: row.assignee_id,
        created_by_id: row.created_by_id,
        store_id: row.store_id,
        reminder: reminder.map(|(unit, amount)| Reminder { amount, unit }),
        is_reminded: row.is_reminded,
        created_at: time(row.created_at),
        due_at: time(row.due_at),
        updated_at: time(row.updated_at),
    })
}

/// Converts to the value that readers get.
pub(in crate::store) fn ticket(row: table::Model) -> Result<Ticket, Error> {
    Ok(Ticket { deleted_at: time(row.deleted_at), details: details(row)? })
}

pub(in crate::store) fn ticket_state(row: table::Model) -> Result<State, Error> {
    let lifecycle = Lifecycle {
        version: version(row.version_at, row.version_rank, row.version_received_at),
        dated_at: time(row.dated_at),
        last_deleted_at: time(row.last_deleted_at),
    };
    Ok(State { details: details(row)?, lifecycle })
}

pub(in crate::store) fn ticket_row(state: &State) -> table::Model {
    let details = state.details.clone();
    let lifecycle = LifecycleColumns::from(state.lifecycle);
    table::Model {
        name_folded: folded(details.name.as_ref()),
        description_folded: folded(details.description.as_ref()),
        type_id_folded: folded(details.type_id.as_ref()),
        level_folded: folded(details.level.as_ref()),
        status_folded: folded(details.status.as_ref()),
        store_id_folded: folded(details.store_id.as_ref()),
        level_key: details.level.as_deref().map(|level| TicketLevel::of(level).word().to_owned()),
        level_rank: details.level.as_deref().map(|level| i64::from(TicketLevel::of(level).rank())),
        status_key: details.status.as_deref().map(|status| TicketStatus::of(status).word().to_owned()),
        attachments: list_text(&details.attachments),
        id: details.id,
        name: details.name,
        description: details.description,
        type_id: details.type_id,
        level: details.level,
        status: details.status,
        customer_id: details.customer_id,
        assignee_id: details.assignee_id,
        created_by_id: details.created_by_id,
        store_id: details.store_id,
        reminder_amount: details.reminder.map(|reminder| i64::from(reminder.amount)),
        reminder_unit: details.reminder.map(|reminder| reminder.unit.word().to_owned()),
        is_reminded: details.is_reminded,
        created_at: millis(details.created_at),
        due_at: millis(details.due_at),
        updated_at: millis(details.updated_at),
        deleted_at: lifecycle.deleted_at,
        version_at: lifecycle.version_at,
        version_rank: lifecycle.version_rank,
        version_received_at: lifecycle.version_received_at,
        dated_at: lifecycle.dated_at,
        last_deleted_at: lifecycle.last_deleted_at,
    }
}
