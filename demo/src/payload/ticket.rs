//! `ticket.created` and `ticket.updated`. Only the second has the object id and the time of the change.

use serde::Serialize;

use super::json::{Loose, iso, utc, write_json};
use crate::{data::shop, person::Person, rng::Rng, ticket::Ticket};

#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    _id: Option<&'a str>,
    ticket_id: String,
    name: &'a str,
    description: &'a str,
    type_ticket: &'a str,
    level: &'a str,
    status: &'a str,
    customer: &'a str,
    employee: &'a str,
    #[serde(rename = "nameStaff")]
    staff_name: &'a str,
    created_by: &'a str,
    store_id: &'a str,
    date_created: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    date_created_timestamp: Option<Loose>,
    date_expire: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    date_expire_timestamp: Option<Loose>,
    time_notify: Loose,
    time_notify_unit: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_remind: Option<bool>,
    file_path: &'a [String],
    #[serde(rename = "createdAt", skip_serializing_if = "Option::is_none")]
    created_at: Option<String>,
    #[serde(rename = "updatedAt", skip_serializing_if = "Option::is_none")]
    updated_at: Option<String>,
}

pub(super) fn write(ticket: &Ticket, person: &Person, is_new: bool, rng: &mut Rng) -> String {
    let oddity = rng.below(200);
    let [employee, creator] = [ticket.employee, ticket.creator].map(|staff| &shop().staff[staff]);
    let seconds = |ms: i64| match oddity {
        0..=2 => None,
        3..=5 => Some(Loose::Number(ms)),
        _ => Some(Loose::number(ms / 1000, (6..9).contains(&oddity))),
    };
    write_json(&Body {
        id: (!is_new).then_some(&ticket.id),
        _id: (!is_new).then_some(&ticket.id),
        ticket_id: ticket.code(),
        name: &ticket.title,
        description: &ticket.description,
        type_ticket: ticket.type_id,
        level: ticket.level,
        status: ticket.status,
        customer: &person.id,
        employee: &employee.id,
        staff_name: &employee.name,
        created_by: &creator.id,
        store_id: &person.city.store,
        date_created: local(ticket.created_at),
        date_created_timestamp: seconds(ticket.created_at),
        date_expire: local(ticket.due_at),
        date_expire_timestamp: seconds(ticket.due_at),
        time_notify: Loose::number(ticket.reminder.amount, !(9..12).contains(&oddity)),
        time_notify_unit: &ticket.reminder.unit,
        is_remind: (!is_new).then(|| ticket.is_reminded()),
        file_path: &ticket.files,
        created_at: (!is_new).then(|| iso(ticket.created_at)),
        updated_at: (!is_new).then(|| iso(ticket.updated_at)),
    })
}

/// A date in the CRM's format, in Vietnamese time, which is UTC+7 without daylight saving time.
fn local(ms: i64) -> String {
    utc(ms + 7 * 3_600_000).strftime("%d-%m-%Y %H:%M:%S").to_string()
}
