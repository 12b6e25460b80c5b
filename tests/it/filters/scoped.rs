//! Roles with random rules: within a scope, every response is the same as if only the visible objects existed.

use std::sync::Arc;

use deskgraph::{
    domain::change::{LiveCursor, Relinked},
    graphql::{Role, Viewer, role::Rules},
};
use serde_json::{Value, json};

use super::{
    data::Dice,
    differential::{ListRequest, NESTED},
    draw::Draw,
    evaluate::fulfils,
    live::sent,
    vocabulary::{FieldType, ObjectType},
    world::{Shop, World, run},
};

/// The number of random roles.
const ROLES: u64 = 12;

/// The number of lists requested for each role.
const LISTS: u64 = 60;

/// The rules of a role, as JSON.
pub(super) struct Drawn {
    name: String,
    conversations: Option<Value>,
    customers: Option<Value>,
    tickets: Option<Value>,
}

/// Random rules. The last object is visible, so that a subscription can be followed to its end.
fn drawn(world: &World, seed: u64, of: ObjectType, last: &Value) -> Option<Value> {
    let mut draw = Draw::new(seed, world, false);
    // `isOverdue` is refused in rules.
    let mut rule = || loop {
        let rule = draw.filter(of, 2);
        if !rule.to_string().contains("isOverdue") {
            return rule;
        }
    };
    let rules = [rule(), rule()];
    Dice::of(seed).percent(75).then(|| json!({ "or": [{ "and": rules }, last] }))
}

impl Drawn {
    fn of(world: &World, seed: u64) -> Self {
        let (name, seed) = (format!("role {seed}"), 10_000 + seed * 3);
        Self {
            name,
            conversations: drawn(world, seed, ObjectType::Conversation, &json!({ "id": { "eq": "last" } })),
            customers: drawn(world, seed + 1, ObjectType::Customer, &json!({ "id": { "eq": "last" } })),
            tickets: drawn(world, seed + 2, ObjectType::Ticket, &json!({ "storeId": { "eq": "last" } })),
        }
    }

    fn rule(&self, of: ObjectType) -> Option<&Value> {
        match of {
            ObjectType::Customer => self.customers.as_ref(),
            ObjectType::Conversation => self.conversations.as_ref(),
            ObjectType::Ticket => self.tickets.as_ref(),
            ObjectType::Message | ObjectType::Staff | ObjectType::Event => None,
        }
    }

    fn viewer(&self) -> Viewer {
        let rule = |of| self.rule(of).map(|rule| literal(of, rule));
        let (conversations, customers, tickets) =
            (rule(ObjectType::Conversation), rule(ObjectType::Customer), rule(ObjectType::Ticket));
        let rules = Rules { conversations, customers, tickets, events: Some(false), ..Rules::default() };
        Viewer::with(&Arc::new(Role::of(&self.name, &rules).unwrap()), None, "drawn")
    }

    /// Whether an object of the whole world is visible.
    fn shows(&self, world: &World, of: ObjectType, thing: &Value) -> bool {
        if of == ObjectType::Message {
            let conversation = world.by_id(ObjectType::Conversation, &thing["conversationId"]).unwrap();
            return self.shows(world, ObjectType::Conversation, conversation);
        }
        self.rule(of).is_none_or(|rule| fulfils(world, of, thing, rule))
    }

    /// Whether a link between these customers is hidden.
    fn hides(&self, world: &World, link: &Relinked) -> bool {
        let mut customers = link.customers().filter_map(|id| world.by_id(ObjectType::Customer, &id.into()));
        customers.all(|customer| !self.shows(world, ObjectType::Customer, customer))
    }

    /// Whether links decide which customers or objects of a type are visible, so that hidden ones may be sent.
    fn depends_on_links(&self, of: ObjectType) -> bool {
        let mention = |of, names: &[&str]| {
            let rule = self.rule(of).map(Value::to_string).unwrap_or_default();
            names.iter().any(|name| rule.contains(&format!("\"{name}\":")))
        };
        mention(ObjectType::Customer, &["conversations", "customer"])
            || mention(of, &["customer"])
            || (of == ObjectType::Conversation && mention(of, &["customerId", "hasCustomer"]))
    }

    /// The visible objects of a type, without links to hidden ones.
    fn seen(&self, world: &World, of: ObjectType) -> Vec<Value> {
        let seen = world.all(of).iter().filter(|thing| self.shows(world, of, thing));
        seen.map(|thing| self.without_hidden_links(world, of, thing)).collect()
    }

    fn without_hidden_links(&self, world: &World, of: ObjectType, thing: &Value) -> Value {
        let mut thing = thing.clone();
        if matches!(of, ObjectType::Conversation | ObjectType::Message) {
            let customer = world.by_id(ObjectType::Customer, &thing["customerId"]);
            if customer.is_some_and(|customer| !self.shows(world, ObjectType::Customer, customer)) {
                thing["customerId"] = Value::Null;
                if of == ObjectType::Conversation {
                    thing["hasCustomer"] = false.into();
                }
            }
        }
        thing
    }
}

/// A filter as a GraphQL literal.
fn literal(of: ObjectType, filter: &Value) -> String {
    let fields = filter.as_object().unwrap().iter().map(|(name, condition)| {
        let list = |parts: &Value| parts.as_array().unwrap().iter().map(|part| literal(of, part)).collect::<Vec<_>>().join(", ");
        let condition = match name.as_str() {
            "and" | "or" => format!("[{}]", list(condition)),
            "not" => literal(of, condition),
            name => match of.fields().iter().find(|field| field.0 == name).unwrap().1 {
                FieldType::One(related) => literal(related, condition),
                FieldType::Many(member) => object(condition, |part| literal(member, part)),
                FieldType::Enum(..) => plain(condition).replace('"', ""),
                _ => plain(condition),
            },
        };
        format!("{name}: {condition}")
    });
    format!("{{ {} }}", fields.collect::<Vec<_>>().join(", "))
}

fn object(value: &Value, write: impl Fn(&Value) -> String) -> String {
    let fields = value.as_object().unwrap().iter().map(|(name, value)| format!("{name}: {}", write(value)));
    format!("{{ {} }}", fields.collect::<Vec<_>>().join(", "))
}

fn plain(value: &Value) -> String {
    match value {
        Value::Object(_) => object(value, plain),
        Value::Array(items) => format!("[{}]", items.iter().map(plain).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

/// The random roles, each with its seed and the shop as visible to it.
pub(super) async fn roles(shop: &Shop) -> Vec<(u64, Drawn, Shop)> {
    let mut roles = Vec::new();
    for seed in 0..ROLES {
        let role = Drawn::of(&shop.world, seed);
        let scoped = shop.seen_by(role.viewer()).await;
        roles.push((seed, role, scoped));
    }
    roles
}

const MAIN: [ObjectType; 4] = [ObjectType::Customer, ObjectType::Conversation, ObjectType::Message, ObjectType::Ticket];

#[test]
fn within_a_scope_lists_match_plain_evaluation_of_the_visible_objects() {
    run(async {
        let shop = Shop::open().await;
        let (mut hidden, mut found) = (0, 0);
        for (seed, role, scoped) in roles(&shop).await {
            for of in MAIN {
                let seen = role.seen(&shop.world, of);
                assert_eq!(scoped.world.all(of), seen, "role {seed}: {of:?} under {:?}", role.rule(of));
                hidden += usize::from(seen.len() < shop.world.all(of).len());
            }
            for list in 0..LISTS {
                let mut draw = Draw::new(seed * 1_000 + list, &shop.world, false);
                let request = if draw.dice.percent(60) {
                    let of = *draw.dice.one(&MAIN);
                    ListRequest::drawn(&mut draw, of, 3)
                } else {
                    let nested = *draw.dice.one(&NESTED[..7]);
                    let parents = scoped.world.all(nested.parent);
                    let parents: Vec<&Value> = parents
                        .iter()
                        .filter(|parent| scoped.world.all(nested.of).iter().any(|thing| nested.has(&scoped.world, parent, thing)))
                        .collect();
                    if parents.is_empty() {
                        continue;
                    }
                    let parent = draw.dice.one(&parents)["global"].as_str().unwrap().to_owned();
                    ListRequest::drawn(&mut draw, nested.of, 2).of_one(nested, &parent)
                };
                request.assert(&scoped, &format!("role {seed}, list {list}")).await;
                found += 1;
            }
        }
        assert!(hidden > 12 && found > 300, "the roles hide too little: {hidden} of {found}");
        shop.close().await;
    });
}

#[test]
fn within_a_scope_subscriptions_deliver_the_changes_of_visible_objects() {
    run(async {
        let shop = Shop::open().await;
        let (relinked, mut unsent) = (shop.relinked().await, 0);
        for (seed, role, scoped) in roles(&shop).await {
            for of in MAIN {
                let last = shop.world.last(of);
                if of == ObjectType::Message && !role.seen(&shop.world, of).iter().any(|thing| thing["global"] == *last) {
                    continue;
                }
                let seen: Vec<Value> = role.seen(&shop.world, of).iter().map(|thing| thing["global"].clone()).collect();
                let all = sent(&shop, of, &json!({}), last).await;
                let sent = sent(&scoped, of, &json!({}), last).await;
                let is_hidden_link = |change: &Value| {
                    let cursor = LiveCursor::decode(change["cursor"].as_str().unwrap()).unwrap();
                    relinked.get(&cursor.position).is_some_and(|link| role.hides(&shop.world, link))
                };
                let may_be_unsent = |change: &Value| is_hidden_link(change) && !sent.contains(change);
                let of_seen = all.iter().filter(|change| seen.contains(&change["object"]["id"]));
                let (left_out, expected): (Vec<&Value>, Vec<&Value>) = of_seen.partition(|change| may_be_unsent(change));
                let rules = [role.rule(of), role.rule(ObjectType::Customer)];
                assert_eq!(sent.iter().collect::<Vec<_>>(), expected, "role {seed}: {of:?} under {rules:?}");
                let leaked = sent.iter().filter(|change| is_hidden_link(change)).count();
                assert!(leaked == 0 || role.depends_on_links(of), "role {seed}: {of:?} under {rules:?}: {leaked} hidden links");
                unsent += left_out.len();
            }
        }
        assert!(unsent > 0, "no change of a hidden link was left out");
        shop.close().await;
    });
}

#[test]
fn within_a_scope_nothing_hidden_is_found_by_its_id() {
    run(async {
        let shop = Shop::open().await;
        for (seed, role, scoped) in roles(&shop).await {
            for of in MAIN {
                let field = of.type_name().to_lowercase();
                let query = format!(
                    "query ($id: ID!) {{ one: {field}(id: $id) {{ id }} node(id: $id) {{ id }} nodes(ids: [$id]) {{ id }} }}"
                );
                for thing in shop.world.all(of) {
                    let id = &thing["global"];
                    let one = if role.shows(&shop.world, of, thing) { json!({ "id": id }) } else { Value::Null };
                    let expected = json!({ "one": one, "node": one, "nodes": [one] });
                    assert_eq!(scoped.ask(&query, json!({ "id": id })).await, expected, "role {seed}: {id}");
                }
            }
        }
        shop.close().await;
    });
}

#[test]
fn a_scope_takes_no_additional_statement() {
    run(async {
        let shop = Shop::open().await;
        let all = || Some(json!({ "id": { "ne": "nobody" } }));
        let role = Drawn { name: "all".to_owned(), conversations: all(), customers: all(), tickets: all() };
        let scoped = shop.seen_by(role.viewer()).await;
        let nested = "{ customers(first: 5) { nodes { name conversations(first: 3) { nodes { assignees { name } messages(last: 2) { nodes { text } } } }
            tickets(first: 2) { totalCount nodes { customer { id } } } } } conversationStats { count } }";
        // Each condition separately, since it depends on timing which objects are loaded together.
        let search = "{ search(text: \"an\") { nodes { __typename } } }";
        // The minimum of several runs: on a busy machine, loads that are usually batched may run one after the other.
        let statements = async |shop: &Shop, query: &str| {
            let mut least: Option<Vec<String>> = None;
            for _ in 0..10 {
                shop.statements.lock().unwrap().clear();
                shop.ask(query, json!({})).await;
                let run = shop.statements.lock().unwrap().clone();
                least = Some(least.filter(|least| least.len() <= run.len()).unwrap_or(run));
            }
            least.unwrap_or_default()
        };
        for query in
            [nested, search, "{ messages(first: 50) { nodes { text customer { id } conversation { customer { name } } } } }"]
        {
            let (whole, within) = (statements(&shop, query).await, statements(&scoped, query).await);
            assert!(whole.len() > 1 && within.len() == whole.len(), "{query}: {whole:#?} and {within:#?}");
        }
        shop.close().await;
    });
}
