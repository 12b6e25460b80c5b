//! `ticket.created`, `ticket.updated` and `ticket.deleted` (docs/events.md §6 to §8).
//!
//! A ticket is identified by `ticket_id` in some events and by `id` or `_id` in others; any one of them is enough.

use serde_json::Value;

use super::{
    Unreadable,
    fields::Fields,
    item::{id_of, staff, staff_field},
    loose::{clean, integer},
};
use crate::domain::{
    event::{Field, Reminder, TicketSnapshot},
    text::fold,
    words::ReminderUnit,
    zone::Zone,
};

/// Reads a ticket snapshot.
pub(super) fn snapshot(fields: Fields<'_>, created: bool, zone: &Zone) -> Result<TicketSnapshot, Unreadable> {
    fields.required_id(&["ticket_id", "id", "_id"])?;
    let mut object_ids: Vec<String> = ["id", "_id"].iter().filter_map(|key| fields.id(key).set()).collect();
    object_ids.dedup();
    Ok(TicketSnapshot {
        created,
        ticket_id: fields.id("ticket_id").set(),
        object_ids,
        name: fields.text("name"),
        description: fields.text("description"),
        type_id: fields.id("type_ticket"),
        level: fields.id("level"),
        status: fields.id("status"),
        customer_id: fields.read("customer", id_of),
        assignee: staff_field(fields, "employee", "nameStaff"),
        created_by: fields.read("created_by", staff),
        store_id: fields.id("store_id"),
        created_at: fields
            .moment("date_created_timestamp", zone)
            .or(fields.moment("date_created", zone))
            .or(fields.moment("createdAt", zone)),
        due_at: fields.moment("date_expire_timestamp", zone).or(fields.moment("date_expire", zone)),
        updated_at: fields.moment("updatedAt", zone),
        reminder: reminder(fields),
        is_reminded: fields.flag("is_remind"),
        attachments: fields.list("file_path", |item| Some(clean(item))),
    })
}

/// Reads the id of a deleted ticket, from any of its id fields.
pub(super) fn deleted(fields: Fields<'_>) -> Result<String, Unreadable> {
    fields.required_id(&["id", "_id", "ticket_id"])
}

/// Amount and unit only make sense together. If just one of them is readable, the reminder is cleared.
fn reminder(fields: Fields<'_>) -> Field<Reminder> {
    let amount = fields.read("time_notify", |value| i32::try_from(integer(value)?).ok().filter(|amount| *amount >= 0));
    let unit = fields.read("time_notify_unit", unit);
    match (amount, unit) {
        (Field::Set(amount), Field::Set(unit)) => Field::Set(Reminder { amount, unit }),
        _ if fields.has("time_notify") || fields.has("time_notify_unit") => Field::Clear,
        _ => Field::Absent,
    }
}

/// `Phút`, `Giờ` or `Ngày`, or the same in English; case and accents don't matter.
fn unit(value: &Value) -> Option<ReminderUnit> {
    match fold(value.as_str()?.trim()).as_str() {
        "phut" | "minute" | "minutes" => Some(ReminderUnit::Minute),
        "gio" | "hour" | "hours" => Some(ReminderUnit::Hour),
        "ngay" | "day" | "days" => Some(ReminderUnit::Day),
        _ => None,
    }
}
