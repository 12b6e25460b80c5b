//! Statistics of customers and the keys of their custom fields, for everyone and for random roles: what plain counting gives over
//! the customers that plain evaluation finds.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};

use super::{
    data::Dice,
    draw::Draw,
    evaluate::{fold, fulfils},
    scoped::roles,
    vocabulary::ObjectType,
    world::{Shop, run},
};
use crate::statistics::bucket;

const STATISTIC: &str =
    "query ($filter: CustomerFilter, $groupBy: [CustomerDimension!], $interval: Interval, $timeZone: String) {
       rows: customerStats(filter: $filter, groupBy: $groupBy, interval: $interval, timeZone: $timeZone) {
         time status manager { sourceId } telco count } }";

const KEYS: &str = "query ($first: Int, $search: String) {
  keys: customFieldKeys(first: $first, search: $search) { key customers isNumeric } }";

/// A group as its row shows it. `None` comes last.
type Group = [(bool, Option<String>); 4];

/// How customers are grouped.
struct Grouping {
    dimensions: Vec<&'static str>,
    interval: Option<&'static str>,
    zone: &'static str,
}

impl Grouping {
    fn drawn(dice: &mut Dice) -> Self {
        let dimensions: Vec<&str> = ["TIME", "STATUS", "MANAGER", "TELCO"].into_iter().filter(|_| dice.percent(50)).collect();
        let is_timed = dimensions.contains(&"TIME") && dice.percent(80);
        let interval = is_timed.then(|| *dice.one(&["HOUR", "DAY", "WEEK", "MONTH"]));
        Self { dimensions, interval, zone: *dice.one(&["Asia/Ho_Chi_Minh", "Europe/Berlin", "Asia/Kolkata"]) }
    }

    /// The groups that a customer counts in.
    fn of(&self, customer: &Value) -> BTreeSet<Group> {
        let by = |dimension, value: &Value| {
            let value = value.as_str().filter(|_| self.dimensions.contains(&dimension)).map(str::to_owned);
            (value.is_none(), value)
        };
        let created = customer["createdAt"].as_str().map(|at| {
            let at: Timestamp = at.parse().unwrap();
            bucket(at, self.interval.unwrap_or("DAY"), &TimeZone::get(self.zone).unwrap())
        });
        let mut statuses: Vec<&Value> = customer["status"].as_array().unwrap().iter().filter(|name| !name.is_null()).collect();
        if statuses.is_empty() {
            statuses.push(&Value::Null);
        }
        let (time, manager, telco) =
            (by("TIME", &json!(created)), by("MANAGER", &customer["managerId"]), by("TELCO", &customer["telco"]));
        statuses.iter().map(|status| [time.clone(), by("STATUS", status), manager.clone(), telco.clone()]).collect()
    }

    /// The rows for these customers, in order.
    fn rows<'c>(&self, customers: impl Iterator<Item = &'c Value>) -> Value {
        let mut groups: BTreeMap<Group, i32> = BTreeMap::new();
        if self.dimensions.is_empty() {
            groups.insert([const { (true, None) }; 4], 0);
        }
        for customer in customers {
            for group in self.of(customer) {
                *groups.entry(group).or_default() += 1;
            }
        }
        let rows = groups.into_iter().map(|([time, status, manager, telco], count)| {
            let manager = manager.1.map(|id| json!({ "sourceId": id }));
            json!({ "time": time.1, "status": status.1, "manager": manager, "telco": telco.1, "count": count })
        });
        rows.collect()
    }
}

fn not_deleted(shop: &Shop) -> impl Iterator<Item = &Value> {
    shop.world.all(ObjectType::Customer).iter().filter(|customer| customer["deletedAt"].is_null())
}

/// Compares random statistics with plain counting. Returns how many rows there were.
async fn assert_counted(shop: &Shop, seeds: std::ops::Range<u64>, context: &str) -> usize {
    let mut found = 0;
    for seed in seeds {
        let mut draw = Draw::new(seed, &shop.world, false);
        let grouping = Grouping::drawn(&mut draw.dice);
        let filter = draw.filter(ObjectType::Customer, 2);
        let rows =
            grouping.rows(not_deleted(shop).filter(|customer| fulfils(&shop.world, ObjectType::Customer, customer, &filter)));
        let Grouping { dimensions, interval, zone } = &grouping;
        let variables = json!({ "filter": filter, "groupBy": dimensions, "interval": interval, "timeZone": zone });
        assert_eq!(shop.ask(STATISTIC, variables.clone()).await["rows"], rows, "{context}, seed {seed}: {variables}");
        found += rows.as_array().unwrap().len();
    }
    found
}

/// The keys of the customers that are seen, counted.
fn keys(shop: &Shop, search: &str) -> Vec<Value> {
    let mut values: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for field in not_deleted(shop).flat_map(|customer| customer["customField"].as_array().unwrap()) {
        values.entry(field["key"].as_str().unwrap()).or_default().push(&field["value"]);
    }
    let is_number = |value: &Value| match value {
        Value::String(text) => text.trim().parse::<f64>().is_ok_and(f64::is_finite),
        value => value.is_number(),
    };
    let mut keys: Vec<_> = values.into_iter().filter(|(key, _)| fold(key).contains(&fold(search))).collect();
    keys.sort_by_key(|(_, values)| std::cmp::Reverse(values.len()));
    let shown = |(key, values): (&str, Vec<&Value>)| json!({ "key": key, "customers": values.len(), "isNumeric": values.into_iter().all(is_number) });
    keys.into_iter().map(shown).collect()
}

async fn assert_keys(shop: &Shop, context: &str) {
    for search in ["", "cf_", "DIEM", "điểm", "Tag", "%", "nothing"] {
        let expected = keys(shop, search);
        assert_eq!(shop.ask(KEYS, json!({ "search": search })).await["keys"], json!(expected), "{context}: {search}");
        for first in [0, 1, 2] {
            let variables = json!({ "search": search, "first": first });
            let first = &expected[..first.min(expected.len())];
            assert_eq!(shop.ask(KEYS, variables.clone()).await["keys"], json!(first), "{context}: {variables}");
        }
    }
}

#[test]
fn customers_are_counted_by_any_dimensions_and_filter_as_plain_counting_gives() {
    run(async {
        let shop = Shop::open().await;
        let found = assert_counted(&shop, 0..250, "everyone").await;
        assert!(found > 1_000, "the filters are too narrow: {found} rows");
        shop.close().await;
    });
}

#[test]
fn keys_of_custom_fields_are_counted_as_plain_counting_gives() {
    run(async {
        let shop = Shop::open().await;
        assert_keys(&shop, "everyone").await;
        let numeric: Vec<(Value, Value)> =
            keys(&shop, "").into_iter().map(|mut key| (key["key"].take(), key["isNumeric"].take())).collect();
        assert!(numeric.contains(&("cf_Điểm".into(), true.into())) && numeric.contains(&("cf_points".into(), false.into())));
        shop.close().await;
    });
}

#[test]
fn within_a_scope_customers_and_keys_are_counted_as_if_there_were_no_others() {
    run(async {
        let shop = Shop::open().await;
        let mut found = 0;
        for (seed, _, scoped) in roles(&shop).await {
            found += assert_counted(&scoped, seed * 100..seed * 100 + 20, &format!("role {seed}")).await;
            assert_keys(&scoped, &format!("role {seed}")).await;
        }
        assert!(found > 300, "the roles hide too much: {found} rows");
        shop.close().await;
    });
}
