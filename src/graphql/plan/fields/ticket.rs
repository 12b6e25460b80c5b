//! The fields of tickets.

use super::{CUSTOMER, Cells, Field, Leaf, Listed, STAFF, flag, known_link, leaf, list, optional_text, optional_time, text};
use crate::{
    domain::{event, ticket, time::Timestamp, words},
    graphql::types::{ReminderUnit, TicketLevel, TicketStatus},
    store::Parent,
};

pub(super) fn field(name: &str) -> Option<Field> {
    Some(match name {
        "id" => leaf(false, &["id"], |cells, json| Ok(json.id("tkt_", cells.text(0).unwrap_or_default()))),
        "sourceId" => text(&["id"]),
        "name" => optional_text(&["name"]),
        "description" => optional_text(&["description"]),
        "typeId" => optional_text(&["type_id"]),
        "level" => leaf(true, &["level"], |cells, json| match cells.text(0) {
            Some(word) => Ok(json.word(TicketLevel::from(words::TicketLevel::of(word)))),
            None => Ok(json.null()),
        }),
        "levelName" => optional_text(&["level"]),
        "status" => leaf(true, &["status"], |cells, json| match cells.text(0) {
            Some(word) => Ok(json.word(TicketStatus::from(words::TicketStatus::of(word)))),
            None => Ok(json.null()),
        }),
        "statusName" => optional_text(&["status"]),
        // A ticket has the CRM's id of its customer, who may not be stored here.
        "customer" => Field::One { key: "customer_id", target: CUSTOMER, is_surely_there: false, required: None },
        "customerSourceId" => optional_text(&["customer_id"]),
        "assignee" => known_link("assignee_id", STAFF),
        "createdBy" => known_link("created_by_id", STAFF),
        "storeId" => optional_text(&["store_id"]),
        "reminder" => Field::Part {
            name: "Reminder",
            nullable: true,
            columns: REMINDER,
            is_known: |cells| reminder(cells).is_some(),
            field: reminder_field,
        },
        "remindAt" => leaf(true, &["reminder_amount", "reminder_unit", "due_at"], |cells, json| {
            let at = reminder(cells)
                .zip(cells.int(2))
                .and_then(|(reminder, due)| ticket::remind_at(reminder, Timestamp::clamped(due)));
            Ok(json.time(at.map(Timestamp::as_millis)))
        }),
        "isReminded" => flag(&["is_reminded"]),
        "attachments" => Field::Attachments { column: "attachments" },
        "createdAt" => optional_time(&["created_at"]),
        "dueAt" => optional_time(&["due_at"]),
        "updatedAt" => optional_time(&["updated_at"]),
        "deletedAt" => optional_time(&["deleted_at"]),
        "isOverdue" => leaf(false, &["status", "due_at"], |cells, json| {
            Ok(json.flag(ticket::is_overdue(cells.text(0), cells.int(1).map(Timestamp::clamped), cells.now)))
        }),
        "events" => list("id", Parent::Ticket, Listed::Events),
        _ => return None,
    })
}

const REMINDER: &[&str] = &["reminder_amount", "reminder_unit"];

/// The reminder in the first two cells.
fn reminder(cells: Cells<'_>) -> Option<event::Reminder> {
    let amount = cells.int(0).and_then(|amount| i32::try_from(amount).ok())?;
    Some(event::Reminder { amount, unit: words::ReminderUnit::parse(cells.text(1)?)? })
}

fn reminder_field(name: &str) -> Option<Leaf> {
    Some(match name {
        "amount" => Leaf { nullable: false, columns: REMINDER, write: |cells, json| Ok(json.int(cells.int(0).unwrap_or(0))) },
        "unit" => Leaf {
            nullable: false,
            columns: REMINDER,
            write: |cells, json| match reminder(cells) {
                Some(reminder) => Ok(json.word(ReminderUnit::from(reminder.unit))),
                None => Ok(json.null()),
            },
        },
        _ => return None,
    })
}
