//! Compares lists with plain evaluation: rows, order, count and pages, for root lists and nested lists.

use serde_json::{Map, Value, json};

use super::{
    draw::Draw,
    evaluate::{fulfils, members, order},
    vocabulary::{FieldType, ObjectType},
    world::{Shop, World, run},
};

/// The largest number of pages that a list is read in.
const MOST_PAGES: usize = 6;

/// A nested list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Nested {
    pub(super) parent: ObjectType,
    field: &'static str,
    pub(super) of: ObjectType,
    /// The field with the parent's id.
    link: &'static str,
}

pub(super) const NESTED: [Nested; 10] = [
    Nested { parent: ObjectType::Customer, field: "conversations", of: ObjectType::Conversation, link: "customerId" },
    Nested { parent: ObjectType::Customer, field: "messages", of: ObjectType::Message, link: "customerId" },
    Nested { parent: ObjectType::Customer, field: "tickets", of: ObjectType::Ticket, link: "customerId" },
    Nested { parent: ObjectType::Conversation, field: "messages", of: ObjectType::Message, link: "conversationId" },
    Nested { parent: ObjectType::Staff, field: "assignedConversations", of: ObjectType::Conversation, link: "assignees" },
    Nested { parent: ObjectType::Staff, field: "assignedTickets", of: ObjectType::Ticket, link: "assigneeId" },
    Nested { parent: ObjectType::Staff, field: "managedCustomers", of: ObjectType::Customer, link: "managerId" },
    Nested { parent: ObjectType::Customer, field: "events", of: ObjectType::Event, link: "subjects" },
    Nested { parent: ObjectType::Conversation, field: "events", of: ObjectType::Event, link: "subjects" },
    Nested { parent: ObjectType::Ticket, field: "events", of: ObjectType::Event, link: "subjects" },
];

impl Nested {
    pub(super) fn has(&self, world: &World, parent: &Value, thing: &Value) -> bool {
        match &thing[self.link] {
            Value::Array(ids) if self.of == ObjectType::Event => ids.iter().any(|id| {
                let ticket = id.as_str().unwrap().strip_prefix("tkt_").map(|id| world.ticket(id));
                *id == parent["global"] || self.parent == ObjectType::Ticket && ticket.is_some_and(|id| parent["id"] == id)
            }),
            Value::Array(ids) => ids.contains(&parent["id"]),
            id => *id == parent["id"],
        }
    }
}

/// A list request.
#[derive(Clone, Debug)]
pub(super) struct ListRequest {
    of: ObjectType,
    filter: Value,
    /// The sort field and whether descending; `None` for the default order.
    sorted: Option<(usize, bool)>,
    deleted: bool,
    size: usize,
    /// The parent's global id and the nested list, if it is one.
    nested: Option<(Nested, String)>,
}

impl ListRequest {
    fn all(of: ObjectType, filter: Value) -> Self {
        Self { of, filter, sorted: None, deleted: false, size: 200, nested: None }
    }

    pub(super) fn drawn(draw: &mut Draw<'_>, of: ObjectType, depth: usize) -> Self {
        let orders = of.orders().len();
        let sorted = (orders > 0 && draw.dice.percent(80)).then(|| (draw.dice.below(orders), draw.dice.percent(50)));
        let (deleted, size) = (draw.dice.percent(30), *draw.dice.one(&[0, 1, 2, 3, 7, 20, 50, 200]));
        Self { sorted, deleted, size, ..Self::all(of, draw.filter(of, depth)) }
    }

    fn variables(&self) -> Map<String, Value> {
        let mut variables = Map::from_iter([("filter".to_owned(), self.filter.clone())]);
        if let Some((field, descending)) = self.sorted {
            let direction = if descending { "DESC" } else { "ASC" };
            variables.insert("orderBy".to_owned(), json!({ "field": self.of.orders()[field].0, "direction": direction }));
        }
        if self.of.can_be_deleted() {
            variables.insert("includeDeleted".to_owned(), self.deleted.into());
        }
        if let Some((_, id)) = &self.nested {
            variables.insert("parent".to_owned(), id.as_str().into());
        }
        variables
    }

    /// The arguments of the list, each from the variable of its name, and the types of those variables.
    fn arguments(&self) -> (String, String) {
        let name = self.of.type_name();
        let mut taken = vec![("filter", format!("{name}Filter"))];
        taken.extend(["first", "last"].map(|argument| (argument, "Int".to_owned())));
        taken.extend(["after", "before"].map(|argument| (argument, "String".to_owned())));
        taken.extend((!self.of.orders().is_empty()).then(|| ("orderBy", format!("{name}Order"))));
        taken.extend(self.of.can_be_deleted().then(|| ("includeDeleted", "Boolean!".to_owned())));
        let passed: Vec<String> = taken.iter().map(|(argument, _)| format!("{argument}: ${argument}")).collect();
        let declared: Vec<String> = taken.iter().map(|(argument, kind)| format!("${argument}: {kind}")).collect();
        (passed.join(", "), declared.join(", "))
    }

    fn query(&self) -> String {
        let (passed, declared) = self.arguments();
        let rows = "totalCount nodes { id } edges { cursor node { id } }
                    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }";
        match &self.nested {
            None => format!("query ({declared}) {{ list: {}({passed}) {{ {rows} }} }}", self.of.list()),
            Some((nested, _)) => {
                let parent = nested.parent.type_name().to_lowercase();
                format!(
                    "query ($parent: ID!, {declared}) {{ {parent}(id: $parent) {{ list: {}({passed}) {{ {rows} }} }} }}",
                    nested.field
                )
            }
        }
    }

    /// The ids of the whole list.
    fn expected<'w>(&self, world: &'w World) -> Vec<&'w str> {
        match &self.nested {
            None => self.of_candidates(world, world.all(self.of).iter()),
            Some((nested, id)) => {
                let parent = world.all(nested.parent).iter().find(|parent| parent["global"] == **id).unwrap();
                self.of_candidates(world, world.all(self.of).iter().filter(|thing| nested.has(world, parent, thing)))
            }
        }
    }

    fn of_candidates<'w>(&self, world: &'w World, candidates: impl Iterator<Item = &'w Value>) -> Vec<&'w str> {
        let is_listed = |thing: &Value| !self.of.can_be_deleted() || self.deleted || thing["deletedAt"].is_null();
        let filters = |thing: &Value| fulfils(world, self.of, thing, &self.filter);
        let mut things: Vec<&Value> = candidates.filter(|thing| is_listed(thing) && filters(thing)).collect();
        let (by, descending) = match (self.sorted, self.of.orders()) {
            (Some((field, descending)), orders) => (orders[field].1, descending),
            (None, [(_, by), ..]) => (*by, true),
            (None, []) if self.of == ObjectType::Staff => ("name", false),
            (None, []) => ("nothing", true),
        };
        things.sort_by(|one, other| order(self.of, by, descending, one, other));
        things.iter().map(|thing| thing["global"].as_str().unwrap()).collect()
    }

    /// Requests a page and compares its rows, the total count, and whether more rows precede and follow.
    async fn page(
        &self,
        shop: &Shop,
        arguments: Value,
        rows: &[&str],
        more: (bool, bool),
        count: usize,
    ) -> Result<Value, String> {
        let mut variables = self.variables();
        variables.extend(arguments.as_object().unwrap().clone());
        let variables = Value::from(variables);
        let mut data = shop.ask(&self.query(), variables.clone()).await;
        let list = match &self.nested {
            None => data["list"].take(),
            Some((nested, _)) => data[nested.parent.type_name().to_lowercase()]["list"].take(),
        };
        let (page, edges) = (&list["pageInfo"], list["edges"].as_array().unwrap());
        let cursor = |edge: Option<&Value>| edge.map_or(Value::Null, |edge| edge["cursor"].clone());
        let is_right = ids(&list["nodes"]) == rows
            && edges.iter().map(|edge| edge["node"]["id"].as_str().unwrap()).eq(rows.iter().copied())
            && list["totalCount"] == count
            && (page["hasPreviousPage"] == more.0 && page["hasNextPage"] == more.1)
            && (page["startCursor"] == cursor(edges.first()) && page["endCursor"] == cursor(edges.last()));
        if is_right {
            return Ok(list);
        }
        Err(format!(
            "{}\n  {variables}\n  gave {list}\n  instead of {rows:?} of {count}, with more before and after: {more:?}",
            self.query()
        ))
    }

    /// Reads all pages from one end. Returns the cursors of the rows.
    async fn walk(&self, shop: &Shop, expected: &[&str], from_end: bool) -> Result<Vec<Value>, String> {
        let count = expected.len();
        let (size_name, from_name, edge) =
            if from_end { ("last", "before", "startCursor") } else { ("first", "after", "endCursor") };
        // A page size of 0 does not advance.
        let size = if self.size == 0 { 0 } else { self.size.max(count.div_ceil(MOST_PAGES)) };
        let (mut cursors, mut walked, mut from) = (Vec::new(), 0, Value::Null);
        loop {
            let next = (walked + size).min(count);
            let (rows, more) = if from_end {
                (&expected[count - next..count - walked], (next < count, walked > 0))
            } else {
                (&expected[walked..next], (walked > 0, next < count))
            };
            let list = self.page(shop, json!({ size_name: size, from_name: from }), rows, more, count).await?;
            cursors.extend(list["edges"].as_array().unwrap().iter().map(|edge| edge["cursor"].clone()));
            (walked, from) = (next, list["pageInfo"][edge].clone());
            if walked == count || size == 0 {
                return Ok(cursors);
            }
        }
    }

    /// The first difference from plain evaluation, paging forwards, backwards, and between two rows.
    async fn difference(&self, shop: &Shop) -> Result<(), String> {
        let expected = self.expected(&shop.world);
        let cursors = self.walk(shop, &expected, false).await?;
        self.walk(shop, &expected, true).await?;
        if cursors.len() > 3 {
            let (after, before) = (cursors.len() / 4, cursors.len() - 1);
            let arguments = json!({ "first": 200, "after": cursors[after], "before": cursors[before] });
            let between = &expected[after + 1..before];
            self.page(shop, arguments, &between[..between.len().min(200)], (true, true), expected.len()).await?;
        }
        Ok(())
    }

    /// The same list nested in the object with this global id.
    pub(super) fn of_one(self, nested: Nested, id: &str) -> Self {
        Self { nested: Some((nested, id.to_owned())), ..self }
    }

    /// Asserts that the list equals plain evaluation. On failure, reports the smallest filter that differs.
    pub(super) async fn assert(&self, shop: &Shop, case: &str) {
        let Err(mut difference) = self.difference(shop).await else { return };
        let mut smallest = self.clone();
        'smaller: loop {
            for filter in smaller(&smallest.filter) {
                let request = Self { filter, ..smallest.clone() };
                if let Err(found) = request.difference(shop).await {
                    (smallest, difference) = (request, found);
                    continue 'smaller;
                }
            }
            break;
        }
        panic!("{case}\n  filter {}\n  drawn as {}\n  {difference}", smallest.filter, self.filter);
    }
}

fn ids(nodes: &Value) -> Vec<&str> {
    nodes.as_array().unwrap().iter().map(|node| node["id"].as_str().unwrap()).collect()
}

/// Filters with one part removed.
fn smaller(value: &Value) -> Vec<Value> {
    let mut all = Vec::new();
    match value {
        Value::Object(fields) => {
            for (name, part) in fields {
                if name != "key" {
                    let mut without = fields.clone();
                    without.remove(name);
                    all.push(without.into());
                }
                for part in smaller(part) {
                    let mut with = fields.clone();
                    with.insert(name.clone(), part);
                    all.push(with.into());
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                all.push(items[..index].iter().chain(&items[index + 1..]).cloned().collect());
                for part in smaller(item) {
                    let mut with = items.clone();
                    with[index] = part;
                    all.push(with.into());
                }
            }
        }
        _ => {}
    }
    all
}

#[test]
fn each_comparator_of_each_field_and_its_complement_match_plain_evaluation() {
    run(async {
        let shop = Shop::open().await;
        let mut draw = Draw::new(1, &shop.world, false);
        for of in ObjectType::ALL {
            for filter in draw.each_comparator(of) {
                let complement = of.nests().then(|| json!({ "not": filter }));
                for filter in [filter].into_iter().chain(complement) {
                    ListRequest::all(of, filter).assert(&shop, "a single comparator").await;
                }
            }
        }
        shop.close().await;
    });
}

/// Compares random lists, enough of which must be neither empty nor complete.
fn compare(cases: u64, draw_list: impl Fn(&mut Draw<'_>, &World) -> ListRequest + Send + 'static) {
    run(async move {
        let shop = Shop::open().await;
        let (mut found, mut partly) = (0, 0);
        for seed in 0..cases {
            let request = draw_list(&mut Draw::new(seed, &shop.world, false), &shop.world);
            request.assert(&shop, &format!("seed {seed}")).await;
            let count = request.expected(&shop.world).len();
            found += u64::from(count > 0);
            partly += u64::from(count > 0 && count < shop.world.all(request.of).len());
        }
        assert!(found > cases / 3 && partly > cases / 3, "the filters are too narrow or too wide: {found}, {partly}");
        shop.close().await;
    });
}

#[test]
fn random_filters_in_any_order_and_page_size_match_plain_evaluation() {
    compare(500, |draw, _| {
        let main = [ObjectType::Customer, ObjectType::Conversation, ObjectType::Message, ObjectType::Ticket];
        let of = if draw.dice.percent(10) { *draw.dice.one(&ObjectType::ALL) } else { *draw.dice.one(&main) };
        ListRequest::drawn(draw, of, 3)
    });
}

#[test]
fn random_filters_of_nested_lists_match_plain_evaluation() {
    compare(300, |draw, world| {
        let nested = *draw.dice.one(&NESTED);
        let request = ListRequest::drawn(draw, nested.of, 2);
        let parents: Vec<&Value> = world
            .all(nested.parent)
            .iter()
            .filter(|parent| world.all(nested.of).iter().any(|thing| nested.has(world, parent, thing)))
            .collect();
        let parent = draw.dice.one(&parents)["global"].as_str().unwrap().to_owned();
        ListRequest { nested: Some((nested, parent)), ..request }
    });
}

#[test]
fn nested_lists_of_many_parents_match_plain_evaluation_for_each() {
    run(async move {
        let shop = Shop::open().await;
        let world = &shop.world;
        for seed in 0..60 {
            let mut draw = Draw::new(1_000 + seed, world, false);
            let nested = *draw.dice.one(&NESTED);
            let of = nested.of;
            let (one, other) = (ListRequest::drawn(&mut draw, of, 2), draw.filter(of, 1));
            let size = one.size.min(90);
            let (passed, declared) = one.arguments();
            let deleted = if nested.parent.can_be_deleted() { ", includeDeleted: true" } else { "" };
            let query = format!(
                "query ({declared}, $other: {}Filter) {{ parents: {}(first: 90{deleted}) {{ nodes {{
                   id one: {field}({passed}) {{ totalCount nodes {{ id }} }} other: {field}(filter: $other, last: 3) {{ nodes {{ id }} totalCount }}
                 }} }} }}",
                of.type_name(),
                nested.parent.list(),
                field = nested.field
            );
            let mut variables = one.variables();
            let size_name = if draw.dice.percent(50) { "first" } else { "last" };
            variables.extend([("other".to_owned(), other.clone()), (size_name.to_owned(), size.into())]);
            let parents = shop.ask(&query, variables.into()).await["parents"]["nodes"].take();
            let parents = parents.as_array().unwrap();
            assert_eq!(parents.len(), world.all(nested.parent).len());
            for parent in parents {
                let of_parent = |request: ListRequest| ListRequest {
                    nested: Some((nested, parent["id"].as_str().unwrap().to_owned())),
                    ..request
                };
                let context = || format!("seed {seed}: {one:?} and {other} of {}: {query}", parent["id"]);
                let expected = of_parent(one.clone()).expected(world);
                let (start, end) = (expected.len().saturating_sub(size), size.min(expected.len()));
                let page = if size_name == "first" { &expected[..end] } else { &expected[start..] };
                assert_eq!(ids(&parent["one"]["nodes"]), page, "{}", context());
                assert_eq!(parent["one"]["totalCount"], expected.len(), "{}", context());
                let expected = of_parent(ListRequest::all(of, other.clone())).expected(world);
                assert_eq!(ids(&parent["other"]["nodes"]), expected[expected.len().saturating_sub(3)..], "{}", context());
                assert_eq!(parent["other"]["totalCount"], expected.len(), "{}", context());
            }
        }
        shop.close().await;
    });
}

#[test]
fn the_data_covers_every_case_of_the_comparison() {
    run(async {
        let shop = Shop::open().await;
        let world = &shop.world;
        let count = |of: ObjectType, test: &dyn Fn(&Value) -> bool| world.all(of).iter().filter(|thing| test(thing)).count();
        for of in ObjectType::ALL {
            for (name, field_type) in of.fields().iter().filter(|(name, _)| *name != "subjectId") {
                let has = |thing: &Value| match field_type {
                    FieldType::Many(member) => !members(world, of, thing, name, *member).is_empty(),
                    FieldType::One(related) => world.by_id(*related, &thing[format!("{name}Id")]).is_some(),
                    _ => !thing[*name].is_null(),
                };
                assert!(count(of, &has) > 2, "{of:?}.{name} is missing in nearly all objects");
            }
        }
        assert!(count(ObjectType::Conversation, &|thing| thing["customerId"].is_null()) > 5);
        assert!(
            count(ObjectType::Conversation, &|thing| thing["customerId"] == "c3" || thing["customerId"] == "c18") > 0,
            "conversations of deleted customers"
        );
        assert!(count(ObjectType::Customer, &|thing| !thing["deletedAt"].is_null()) > 2);
        assert!(count(ObjectType::Ticket, &|thing| !thing["deletedAt"].is_null()) > 2);
        assert!(count(ObjectType::Ticket, &|thing| thing["customerId"] == "unknown") > 2);
        shop.close().await;
    });
}
