//! `customer.created` and `customer.updated`: the same fields, the whole record each time.

use serde::Serialize;
use serde_json::{Value, json};

use super::json::{Loose, iso, write_json};
use crate::{
    data::{Status, shop},
    person::{Account, Person},
    rng::Rng,
};

#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    _id: &'a str,
    system_name: &'a str,
    system_phone: &'a str,
    system_email: &'a str,
    note: &'a str,
    social: Vec<Value>,
    status: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    manager: Option<Value>,
    system_create_by: &'a str,
    system_create_by_name: &'a str,
    system_update_by: &'a str,
    system_update_by_name: &'a str,
    system_manager: &'a str,
    system_manager_name: &'a str,
    system_date_create: String,
    system_date_update: String,
    system_telco: &'a str,
    #[serde(rename = "createdAt")]
    created_at: String,
    #[serde(rename = "updatedAt")]
    updated_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cf_birthday: Option<&'a str>,
    cf_points: Loose,
    cf_tags: &'a [&'static str],
    cf_city: &'a str,
    cf_district: &'a str,
    cf_address: &'a str,
    cf_source: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cf_last_order: Option<&'a str>,
}

pub(super) fn write(person: &Person, rng: &mut Rng) -> String {
    let oddity = rng.below(200);
    let [manager, creator, updater] = [person.manager, person.creator, person.updater].map(|staff| &shop().staff[staff]);
    let is_regular = person.orders > 8;
    let statuses = [Some(person.status), is_regular.then_some(Status::Regular)];
    write_json(&Body {
        id: (oddity != 0).then_some(&person.id),
        _id: &person.id,
        system_name: &person.name,
        system_phone: &person.phone,
        system_email: person.email.as_deref().unwrap_or_default(),
        note: person.note,
        social: person.accounts.iter().filter(|account| account.is_social).map(social).collect(),
        status: statuses.into_iter().flatten().map(|status| status_item(status, oddity == 1)).collect(),
        manager: (!(2..5).contains(&oddity)).then(|| json!({"_id": manager.id, "full_name": manager.name})),
        system_create_by: &creator.id,
        system_create_by_name: &creator.name,
        system_update_by: &updater.id,
        system_update_by_name: &updater.name,
        system_manager: &manager.id,
        system_manager_name: &manager.name,
        system_date_create: iso(whole_second(person.created_at)),
        system_date_update: iso(whole_second(person.updated_at)),
        system_telco: person.carrier,
        created_at: iso(person.created_at),
        updated_at: iso(person.updated_at),
        cf_birthday: person.birthday.as_deref(),
        cf_points: Loose::number(person.points, (5..8).contains(&oddity)),
        cf_tags: &person.tags,
        cf_city: &person.city.name,
        cf_district: person.district,
        cf_address: &person.address,
        cf_source: person.source,
        cf_last_order: person.last_order.as_deref(),
    })
}

fn whole_second(ms: i64) -> i64 {
    ms - ms.rem_euclid(1000)
}

/// The CRM does not document the shape of these. It depends only on the account, so that it is the same in every event.
fn social(account: &Account) -> Value {
    let platform = account.platform.word();
    match account.id.bytes().map(usize::from).sum::<usize>() % 30 {
        0 => json!({"platform": platform, "social_id": account.id, "full_name": account.name}),
        1 => {
            json!({"type": platform, "uid": account.id, "name": account.name, "link": format!("https://{platform}.example/{}", account.id)})
        }
        2 => json!({"type": platform, "id": account.id}),
        _ => json!({"type": platform, "id": account.id, "name": account.name}),
    }
}

fn status_item(status: Status, is_text: bool) -> Value {
    let label = shop().status(status);
    let [r, g, b] = label.color;
    let color = if is_text {
        json!({"r": r.to_string(), "g": g.to_string(), "b": b.to_string()})
    } else {
        json!({"r": r, "g": g, "b": b, "a": 1})
    };
    json!({"id": label.id, "value": label.name, "color": color})
}
