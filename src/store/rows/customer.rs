//! Rows of customers, and of their accounts, statuses and custom fields.

use entity::{custom_field, customer as table, customer_status, social_account as social};
use serde_json::Value;

use super::{Error, LifecycleColumns, folded, json, key, millis, time, version};
use crate::domain::{
    contact,
    customer::{Customer, Profile, State},
    event::{Color, CustomerStatus, SocialAccount},
    version::Lifecycle,
    words,
};

fn profile(row: table::Model) -> Profile {
    Profile {
        id: row.id,
        name: row.name,
        phone: row.phone,
        email: row.email,
        note: row.note,
        telco: row.telco,
        manager_id: row.manager_id,
        created_by_id: row.created_by_id,
        updated_by_id: row.updated_by_id,
        created_at: time(row.created_at),
        updated_at: time(row.updated_at),
    }
}

/// Converts to the value that readers get.
pub(in crate::store) fn customer(row: table::Model) -> Customer {
    Customer { deleted_at: time(row.deleted_at), profile: profile(row) }
}

/// Converts to the folding state, without social accounts, statuses and custom fields, which have their own rows.
pub(in crate::store) fn customer_state(row: table::Model) -> State {
    let lifecycle = Lifecycle {
        version: version(row.version_at, row.version_rank, row.version_received_at),
        dated_at: time(row.dated_at),
        last_deleted_at: time(row.last_deleted_at),
    };
    State { profile: profile(row), lifecycle, ..State::default() }
}

pub(in crate::store) fn customer_row(state: &State) -> table::Model {
    let profile = state.profile.clone();
    let lifecycle = LifecycleColumns::from(state.lifecycle);
    table::Model {
        name_key: key(profile.name.as_ref()),
        phone_key: profile.phone.as_deref().and_then(contact::phone_key),
        email_key: profile.email.as_deref().and_then(contact::email_key),
        phone_folded: folded(profile.phone.as_ref()),
        email_folded: folded(profile.email.as_ref()),
        note_folded: folded(profile.note.as_ref()),
        telco_folded: folded(profile.telco.as_ref()),
        id: profile.id,
        name: profile.name,
        phone: profile.phone,
        email: profile.email,
        note: profile.note,
        telco: profile.telco,
        manager_id: profile.manager_id,
        created_by_id: profile.created_by_id,
        updated_by_id: profile.updated_by_id,
        created_at: millis(profile.created_at),
        updated_at: millis(profile.updated_at),
        deleted_at: lifecycle.deleted_at,
        version_at: lifecycle.version_at,
        version_rank: lifecycle.version_rank,
        version_received_at: lifecycle.version_received_at,
        dated_at: lifecycle.dated_at,
        last_deleted_at: lifecycle.last_deleted_at,
    }
}

pub(in crate::store) fn social_account(row: social::Model) -> Result<SocialAccount, Error> {
    let raw = json("social_account", &row.customer_id, &row.raw)?;
    Ok(SocialAccount { platform: row.platform, source_id: row.source_id, name: row.name, url: row.url, raw })
}

pub(in crate::store) fn social_account_row(customer_id: &str, position: i64, account: &SocialAccount) -> social::Model {
    social::Model {
        customer_id: customer_id.to_owned(),
        position,
        platform_key: account.platform.as_deref().map(words::key),
        platform: account.platform.clone(),
        source_id: account.source_id.clone(),
        name: account.name.clone(),
        url: account.url.clone(),
        raw: account.raw.to_string(),
    }
}

pub(in crate::store) fn status(row: customer_status::Model) -> CustomerStatus {
    let part = |value: Option<i64>| value.and_then(|value| u8::try_from(value).ok());
    let color = part(row.color_r).zip(part(row.color_g)).zip(part(row.color_b)).zip(row.color_a);
    CustomerStatus { source_id: row.source_id, name: row.name, color: color.map(|(((r, g), b), a)| Color { r, g, b, a }) }
}

pub(in crate::store) fn status_row(customer_id: &str, position: i64, status: &CustomerStatus) -> customer_status::Model {
    customer_status::Model {
        customer_id: customer_id.to_owned(),
        position,
        source_id: status.source_id.clone(),
        name_folded: folded(status.name.as_ref()),
        name: status.name.clone(),
        color_r: status.color.map(|color| i64::from(color.r)),
        color_g: status.color.map(|color| i64::from(color.g)),
        color_b: status.color.map(|color| i64::from(color.b)),
        color_a: status.color.map(|color| color.a),
    }
}

pub(in crate::store) fn custom_field_row(customer_id: &str, name: &str, value: &Value) -> custom_field::Model {
    let text = value.as_str().map(str::to_owned);
    custom_field::Model {
        customer_id: customer_id.to_owned(),
        key: name.to_owned(),
        value: value.to_string(),
        text_folded: folded(text.as_ref()),
        text,
        number: number(value),
    }
}

/// A number, or a text that parses as one: senders write numbers either way (docs/events.md).
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::String(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
        other => other.as_f64(),
    }
}
