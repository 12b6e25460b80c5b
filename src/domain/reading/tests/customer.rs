//! Customers, in the variants found in real traffic.

use serde_json::{Value, json};

use super::{at, customer, person, set};
use crate::domain::event::{Color, CustomerSnapshot, CustomerStatus, Field, SocialAccount};

#[test]
fn a_missing_field_is_absent_and_unknown_fields_are_ignored() {
    let bare = CustomerSnapshot { id: "k".into(), ..CustomerSnapshot::default() };
    assert_eq!(customer(json!({})), bare);
    assert_eq!(customer(json!({"system_unknown": 1, "name": "x", "CF_x": 1, "xcf_": 1})), bare);
}

#[test]
fn empty_values_clear_a_field() {
    for empty in [json!(null), json!(""), json!([])] {
        let fields = [
            "system_name",
            "system_phone",
            "system_email",
            "note",
            "system_telco",
            "social",
            "status",
            "manager",
            "system_create_by",
            "system_update_by",
            "createdAt",
            "updatedAt",
            "cf_a",
        ];
        let payload: Value = fields.iter().map(|field| ((*field).to_owned(), empty.clone())).collect();
        let cleared = CustomerSnapshot {
            created: false,
            id: "k".into(),
            name: Field::Clear,
            phone: Field::Clear,
            email: Field::Clear,
            note: Field::Clear,
            telco: Field::Clear,
            social: Field::Clear,
            statuses: Field::Clear,
            manager: Field::Clear,
            created_by: Field::Clear,
            updated_by: Field::Clear,
            created_at: Field::Clear,
            updated_at: Field::Clear,
            custom_fields: vec![("cf_a".into(), Field::Clear)],
        };
        assert_eq!(customer(payload), cleared, "{empty}");
    }
}

#[test]
fn a_phone_number_sent_as_a_number_is_read_as_its_digits() {
    assert_eq!(customer(json!({"system_phone": 84_912_345_678_i64})).phone, set("84912345678"));
    assert_eq!(customer(json!({"system_phone": ["0912345678"]})).phone, Field::Absent);
}

fn account(item: &Value) -> SocialAccount {
    let Field::Set(accounts) = customer(json!({"social": [item]})).social else { panic!("nothing read of {item}") };
    assert_eq!(accounts.len(), 1);
    accounts.into_iter().next().unwrap()
}

#[test]
fn a_social_account_is_read_under_every_known_name() {
    for id in ["id", "_id", "uid", "user_id", "social_id"] {
        assert_eq!(account(&json!({ id: 77 })).source_id.as_deref(), Some("77"), "{id}");
    }
    for platform in ["platform", "type"] {
        assert_eq!(account(&json!({ platform: " Zalo " })).platform.as_deref(), Some("Zalo"), "{platform}");
    }
    for name in ["name", "full_name", "fileName", "file_name"] {
        assert_eq!(account(&json!({ name: "Mai" })).name.as_deref(), Some("Mai"), "{name}");
    }
    for url in ["url", "link", "href"] {
        assert_eq!(account(&json!({ url: "u" })).url.as_deref(), Some("u"), "{url}");
    }
    let read = account(&json!({"id": {}, "uid": "7", "platform": null, "type": "zalo", "odd": "\0"}));
    assert_eq!((read.source_id.as_deref(), read.platform.as_deref()), (Some("7"), Some("zalo")));
    assert_eq!(read.raw, json!({"id": {}, "uid": "7", "platform": null, "type": "zalo", "odd": "\u{FFFD}"}));
}

#[test]
fn a_social_account_of_any_shape_is_kept() {
    for (item, id) in
        [(json!("77"), Some("77")), (json!(77), Some("77")), (json!({}), None), (json!(true), None), (json!([1]), None)]
    {
        let expected =
            SocialAccount { platform: None, source_id: id.map(str::to_owned), name: None, url: None, raw: item.clone() };
        assert_eq!(account(&item), expected);
    }
}

#[test]
fn a_single_social_account_is_a_list_of_one_and_nulls_are_skipped() {
    let ids = |social: Value| {
        customer(json!({ "social": social }))
            .social
            .map(|accounts| accounts.into_iter().map(|one| one.source_id).collect::<Vec<_>>())
    };
    assert_eq!(ids(json!({"id": "7"})), Field::Set(vec![Some("7".into())]));
    assert_eq!(ids(json!(7)), Field::Set(vec![Some("7".into())]));
    assert_eq!(ids(json!([null, "8", null])), Field::Set(vec![Some("8".into())]));
    assert_eq!(ids(json!([null])), Field::Clear);
    assert_eq!(ids(json!(false)), Field::Absent);
}

fn named(name: &str) -> CustomerStatus {
    CustomerStatus { source_id: None, name: Some(name.to_owned()), color: None }
}

#[test]
fn a_status_is_an_object_or_a_name() {
    let statuses = |status: Value| customer(json!({ "status": status })).statuses;
    assert_eq!(statuses(json!("Tiềm năng")), Field::Set(vec![named("Tiềm năng")]));
    assert_eq!(statuses(json!({"value": "Mới"})), Field::Set(vec![named("Mới")]));
    assert_eq!(statuses(json!([null, {}, "", " ", true, "Mới", {"name": "Cũ"}])), Field::Set(vec![named("Mới"), named("Cũ")]));
    assert_eq!(statuses(json!([{}])), Field::Absent);
    let with_id = CustomerStatus { source_id: Some("7".into()), name: Some("5".into()), color: None };
    assert_eq!(statuses(json!([{"id": 7, "value": 5, "color": "#fa0"}])), Field::Set(vec![with_id]));
}

#[test]
fn a_colour_needs_its_three_components() {
    let color = |color: Value| customer(json!({"status": [{"id": "s", "color": color}]})).statuses.set().unwrap()[0].color;
    let rgba = |r, g, b, a| Some(Color { r, g, b, a });
    assert_eq!(color(json!({"r": 255, "g": "170", "b": 0.4, "a": 0.5})), rgba(255, 170, 0, 0.5));
    assert_eq!(color(json!({"r": 254.5, "g": "1.6", "b": 0})), rgba(255, 2, 0, 1.0));
    assert_eq!(color(json!({"r": 1, "g": 2, "b": 3, "a": null})), rgba(1, 2, 3, 1.0));
    assert_eq!(color(json!({"r": 1, "g": 2, "b": 3, "a": "0.25"})), rgba(1, 2, 3, 0.25));
    assert_eq!(color(json!({"r": 1, "g": 2, "b": 3, "a": 100})), rgba(1, 2, 3, 1.0));
    assert_eq!(color(json!({"r": 1, "g": 2, "b": 3, "a": -1})), rgba(1, 2, 3, 0.0));
    for unreadable in [
        json!({"r": 1, "g": 2}),
        json!({"r": 1, "g": 2, "b": null}),
        json!({"r": 1, "g": 2, "b": "x"}),
        json!({"r": 1, "g": 2, "b": 256}),
        json!({"r": 1, "g": 2, "b": -1}),
        json!({"r": 1, "g": 2, "b": 1e300}),
        json!([1, 2, 3]),
        json!("#010203"),
        json!(7),
    ] {
        assert_eq!(color(unreadable.clone()), None, "{unreadable}");
    }
}

#[test]
fn the_manager_is_read_from_an_object_an_id_or_the_flat_form() {
    let manager = |fields| customer(fields).manager;
    let flat = json!({"system_manager": "f", "system_manager_name": "Phúc"});
    let both = |value: Value| manager(super::with(flat.clone(), json!({ "manager": value })));
    assert_eq!(both(json!({"_id": "m", "full_name": "Minh"})), Field::Set(person("m", Some("Minh"))));
    assert_eq!(both(json!({"user_id": 7, "name": "Minh"})), Field::Set(person("7", Some("Minh"))));
    assert_eq!(both(json!("m")), Field::Set(person("m", None)));
    assert_eq!(both(json!("f")), Field::Set(person("f", Some("Phúc"))));
    for unreadable in [json!({}), json!({"full_name": "Minh"}), json!(true), json!(["m"])] {
        assert_eq!(both(unreadable.clone()), Field::Set(person("f", Some("Phúc"))), "{unreadable}");
    }
    assert_eq!(manager(flat.clone()), Field::Set(person("f", Some("Phúc"))));
    assert_eq!(both(json!(null)), Field::Clear);
    assert_eq!(manager(json!({"system_manager": null, "system_manager_name": "Phúc"})), Field::Clear);
    assert_eq!(manager(json!({"system_manager_name": "Phúc"})), Field::Absent);
}

#[test]
fn creator_and_updater_need_an_id() {
    let read = customer(json!({
        "system_create_by": 7, "system_create_by_name": " ",
        "system_update_by": {"_id": "8", "full_name": "Hà"}, "system_update_by_name": null,
    }));
    assert_eq!(read.created_by, Field::Set(person("7", None)));
    assert_eq!(read.updated_by, Field::Set(person("8", Some("Hà"))));
    assert_eq!(customer(json!({"system_create_by_name": "Hà"})).created_by, Field::Absent);
}

#[test]
fn the_second_field_of_a_time_is_used_if_the_first_has_no_value() {
    let date = json!("2025-09-25T09:10:05.000Z");
    for first in [json!(null), json!(""), json!(0), json!("x")] {
        let read = customer(json!({
            "createdAt": first, "system_date_create": date, "updatedAt": first, "system_date_update": date,
        }));
        let expected = Field::Set(at("2025-09-25T09:10:05Z"));
        assert_eq!((read.created_at, read.updated_at), (expected.clone(), expected), "{first}");
    }
}

#[test]
fn custom_fields_keep_any_json_under_their_keys_as_sent() {
    let read = customer(json!({
        "cf_z": false, "cf_a": {"deep": "\0"}, "cf_Ä": 0, "cf_": "  ", "cf_n\0": 1.5, "cf_null": null, "cf_empty": "",
        "cf_none": [], "cf_object": {}, ("cf_".to_owned() + &"x".repeat(510)): 1,
    }));
    let expected = [
        ("cf_", Field::Set(json!("  "))),
        ("cf_a", Field::Set(json!({"deep": "\u{FFFD}"}))),
        ("cf_empty", Field::Clear),
        ("cf_none", Field::Clear),
        ("cf_null", Field::Clear),
        ("cf_n\u{FFFD}", Field::Set(json!(1.5))),
        ("cf_object", Field::Set(json!({}))),
        ("cf_z", Field::Set(json!(false))),
        ("cf_Ä", Field::Set(json!(0))),
    ];
    assert_eq!(read.custom_fields, expected.map(|(key, value)| (key.to_owned(), value)));
}
