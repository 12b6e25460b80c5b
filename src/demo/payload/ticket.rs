//! `ticket.created` and `ticket.updated`. The object id, and when it was changed, come with the second only.

use serde::Serialize;

use super::{Loose, body, iso};
use crate::{
    demo::{dice::Dice, people::Person, tickets::Ticket, words::STAFF},
    domain::time::Timestamp,
};

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

pub(super) fn write(ticket: &Ticket, person: &Person, is_new: bool, dice: &mut Dice) -> String {
    let oddity = dice.below(200);
    let seconds = |ms: i64| match oddity {
        0..=2 => None,
        3..=5 => Some(Loose::Number(ms)),
        _ => Some(Loose::number(ms / 1000, (6..9).contains(&oddity))),
    };
    body(&Body {
        id: (!is_new).then_some(&ticket.id),
        _id: (!is_new).then_some(&ticket.id),
        ticket_id: ticket.code(),
        name: &ticket.title,
        description: &ticket.description,
        type_ticket: ticket.type_id,
        level: ticket.level,
        status: ticket.status,
        customer: &person.id,
        employee: STAFF[ticket.employee].id,
        staff_name: STAFF[ticket.employee].name,
        created_by: STAFF[ticket.creator].id,
        store_id: person.city.store,
        date_created: local(ticket.created_at),
        date_created_timestamp: seconds(ticket.created_at),
        date_expire: local(ticket.due_at),
        date_expire_timestamp: seconds(ticket.due_at),
        time_notify: Loose::number(ticket.reminder.0, !(9..12).contains(&oddity)),
        time_notify_unit: ticket.reminder.1,
        is_remind: (!is_new).then(|| ticket.is_reminded()),
        file_path: &ticket.files,
        created_at: (!is_new).then(|| iso(ticket.created_at)),
        updated_at: (!is_new).then(|| iso(ticket.updated_at)),
    })
}

/// As the CRM writes dates: Vietnamese time, which has been seven hours ahead without summer time since 1975.
fn local(ms: i64) -> String {
    Timestamp::clamped(ms + 7 * 3_600_000).to_utc().strftime("%d-%m-%Y %H:%M:%S").to_string()
}
