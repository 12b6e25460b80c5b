//! Weighs documents over the contract's types, compared with hand-counted results and with a naive count.

mod documents;
mod executor;
mod unfolded;

use std::sync::LazyLock;

use async_graphql::{
    ServerError, Variables,
    parser::{parse_query, types::OperationType},
    value,
};

use super::{
    refusal::Refusal,
    shape::Shape,
    weigh::{Weight, weigh},
};

/// The types of the contract.
static CONTRACT: LazyLock<Shape> =
    LazyLock::new(|| Shape::of_sdl(include_str!("../../../../tests/fixtures/contract.graphql")).unwrap());
/// The first query of GraphiQL: `getIntrospectionQuery` of graphql-js with all its options.
const INTROSPECTION: &str = include_str!("../../../../tests/fixtures/introspection.graphql");

fn weight_of(text: &str, name: Option<&str>, variables: async_graphql::Value) -> Result<Weight, Refusal> {
    weigh(&parse_query(text).unwrap(), name, &Variables::from_value(variables), &CONTRACT)
}

fn weight(text: &str) -> Weight {
    weight_of(text, None, value!({})).unwrap()
}

fn complexity(text: &str) -> u64 {
    weight(text).complexity
}

#[test]
fn objects_count_and_scalars_are_free() {
    assert_eq!(complexity("{ head __typename }"), 0);
    assert_eq!(complexity("{ customer(id: 1) { id name manager { name } } }"), 2);
    assert_eq!(complexity("{ customer(id: 1) { statuses { name color { r } } } }"), 1 + 5 * 2);
    assert_eq!(complexity("{ a: customer(id: 1) { id } b: customer(id: 1) { id } customer(id: 1) { id } }"), 3);
}

#[test]
fn a_connection_counts_its_page() {
    assert_eq!(complexity("{ customers(first: 3) { nodes { id } } }"), 1 + 3);
    assert_eq!(complexity("{ customers(last: 3) { edges { cursor } } }"), 1 + 3);
    assert_eq!(complexity("{ customers(first: 3) { edges { cursor node { id } } } }"), 1 + 3);
    assert_eq!(complexity("{ customers(first: 3) { nodes { id } edges { node { manager { id } } } } }"), 1 + 3 + 3 * 2);
    assert_eq!(complexity("{ customers(first: 3) { totalCount pageInfo { endCursor } } }"), 1 + 3);
    assert_eq!(complexity("{ customers(first: 3) { totalCount pageInfo { endCursor } nodes { id } } }"), 1 + 3);
    assert_eq!(complexity("{ customers(first: 3) { totalCount } }"), 1);
    assert_eq!(
        complexity("{ search(text: \"a\", first: 7) { nodes { ... on Customer { manager { id } } ... on Ticket { id } } } }"),
        1 + 7 * 2
    );
}

#[test]
fn page_sizes_are_literal_variable_or_default_and_capped() {
    for (arguments, size) in [
        ("", 20),
        ("(first: null)", 20),
        ("(first: 0)", 0),
        ("(first: -5)", 0),
        ("(first: 200)", 200),
        ("(first: 1000000)", 200),
        ("(first: 99999999999999999999999)", 200),
        ("(first: 2, last: 30)", 30),
        ("(first: $sent)", 7),
        ("(last: $overridden)", 8),
        ("(first: $default)", 4),
        ("(first: $missing)", 20),
        ("(first: $null)", 20),
        ("(first: $unknown)", 20),
    ] {
        let text = format!(
            "query Q($sent: Int, $overridden: Int = 3, $default: Int = 4, $missing: Int, $null: Int = 5) {{ customers{arguments} {{ ...F }} }}
             query Other($default: Int = 100) {{ customers(first: $default) {{ ...F }} }}
             fragment F on CustomerConnection {{ nodes {{ id }} }}"
        );
        let variables = value!({ "sent": 7, "overridden": 8, "null": null });
        let weight = weight_of(&text, Some("Q"), variables).unwrap();
        assert_eq!(weight.complexity, 1 + size, "{arguments}");
    }
}

#[test]
fn nodes_counts_one_object_per_id() {
    let literal = "{ nodes(ids: [1, 2, 3]) { id ... on Customer { manager { id } } } }";
    assert_eq!(complexity(literal), 3 * 2);
    let variable = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }";
    assert_eq!(weight_of(variable, None, value!({ "ids": ["a", "b", "c", "d"] })).unwrap().complexity, 4);
    assert_eq!(weight_of(variable, None, value!({ "ids": "a" })).unwrap().complexity, 1);
    assert_eq!(weight_of(variable, None, value!({})).unwrap().complexity, 0);
}

#[test]
fn a_typical_nested_page_counts_what_it_may_return() {
    let nested = "{ customers(first: 20) { totalCount pageInfo { hasNextPage endCursor } nodes { id name
        conversations(first: 5) { totalCount nodes { id platform
          messages(first: 10) { totalCount nodes { id text direction sentAt } } } } } } }";
    assert_eq!(complexity(nested), 1 + 20 * (1 + 1 + 5 * (1 + 1 + 10)));
    let rich = nested
        .replace("sentAt", "sentAt sender { name } channel { kind } attachments { url } readBy { name } responder { name }");
    assert!(complexity(&rich) <= crate::config::Config::defaults().limits().complexity);
}

#[test]
fn fields_excluded_by_skip_and_include_count() {
    assert_eq!(complexity("{ customer(id: 1) @skip(if: true) { id } ... @include(if: false) { ticket(id: 1) { id } } }"), 2);
}

#[test]
fn many_scalars_and_long_arguments_count() {
    let names = "name ".repeat(100);
    assert_eq!(complexity(&format!("{{ customer(id: 1) {{ {names} }} }}")), 1 + 2);
    assert_eq!(complexity(&format!("{{ customers(first: 10) {{ nodes {{ {names} }} }} }}")), 1 + 10 * 3);
    assert_eq!(complexity(&format!("{{ customers(first: 10) {{ edges {{ node {{ {names} }} }} }} }}")), 1 + 10 * 3);
    let long = "x".repeat(3000);
    assert_eq!(
        complexity(&format!("{{ customers(first: 10) {{ nodes {{ customFields(keys: \"{long}\") {{ key }} }} }} }}")),
        1 + 10 * (1 + 2 + 5)
    );
    let text = "query ($t: String!) { a: search(text: $t) { totalCount } b: search(text: $t) { totalCount } }";
    assert_eq!(weight_of(text, None, value!({ "t": long })).unwrap().complexity, 2 * (1 + 2));
}

#[test]
fn complexity_is_of_the_operation_that_runs_and_other_counts_are_of_all() {
    let text = "query A { customer(id: 1) { ...F } } query B { customers { nodes { ...F } } } fragment F on Customer { id name }";
    let of = |name| weight_of(text, name, value!({})).unwrap();
    assert_eq!((of(Some("A")).complexity, of(Some("B")).complexity), (1, 21));
    assert_eq!((of(None).complexity, of(Some("C")).complexity), (0, 0));
    assert_eq!(of(Some("A")).whole.selections, of(None).whole.selections);
    assert_eq!(of(None).whole.selections, (1 + 3) + (2 + 3));
}

#[test]
fn unused_fragments_are_counted_once() {
    let text = "{ head } fragment A on Customer { id ...B } fragment B on Customer { x: name }";
    let whole = weight(text).whole;
    assert_eq!((whole.selections, whole.aliases), (1 + 3, 1));
}

#[test]
fn every_count_includes_a_fragment_at_each_spread() {
    let weight = weight(
        "query ($a: Int @d) @d { ...R ...R @d }
         fragment R on Query @d { a: customer(id: 1) @d @d { ... on Customer @d { n: name } } head }",
    );
    let whole = weight.whole;
    assert_eq!((weight.root_fields, whole.selections, whole.aliases), (4, 2 * 5, 2 * 2));
    assert_eq!((whole.directives, whole.directives_per_field), (2 + 1 + 2 * 4, 2));
    assert_eq!((whole.depth, whole.nesting), (2, 4));
    assert_eq!(whole.input, 2 * 8);
}

#[test]
fn subscriptions_are_weighed_from_their_own_root() {
    let weight =
        weight("subscription { messageAdded { cursor message { conversation { messages(first: 9) { nodes { id } } } } } }");
    assert_eq!((weight.complexity, weight.operation), (1 + 1 + 1 + 1 + 9, Some(OperationType::Subscription)));
}

#[test]
fn a_live_page_counts_like_a_page_of_its_list_for_the_page_and_for_the_steps() {
    let live =
        |arguments: &str, selection: &str| complexity(&format!("subscription {{ ticketsLive{arguments} {{ {selection} }} }}"));
    assert_eq!(live("(first: 3)", "cursor totalCount"), 1);
    assert_eq!(live("(first: 3)", "page { id }"), 1 + 3);
    assert_eq!(live("(first: 3)", "page { id customer { name } }"), 1 + 3 * 2);
    assert_eq!(live("(first: 3)", "steps { kind id afterId }"), 1 + 3);
    assert_eq!(live("(first: 3)", "steps { kind id afterId node { id customer { name } } }"), 1 + 3 * 2);
    let both = "page { ...Row } steps { kind id afterId node { ...Row } }";
    for (arguments, size) in [("", 20), ("(first: 0)", 0), ("(first: 200)", 200), ("(first: 1000)", 200)] {
        let text = format!(
            "subscription {{ ticketsLive{arguments} {{ {both} }} }} fragment Row on Ticket {{ id customer {{ name }} assignee {{ name }} }}"
        );
        assert_eq!(complexity(&text), 1 + size * 3 + size * 3, "{arguments}");
    }
    let statistic = "subscription { ticketStatsLive(groupBy: [ASSIGNEE]) { rows { count assignee { name } } } }";
    assert_eq!(complexity(statistic), 1 + 5 * 2);
    let inbox = "cursor totalCount page { ...Row } steps { kind id afterId node { ...Row } }";
    let inbox = format!(
        "subscription {{ conversationsLive(first: 200) {{ {inbox} }} }} fragment Row on Conversation {{ id platform unreadCount
         contact {{ name avatarUrl }} channel {{ kind }} customer {{ name }} assignees {{ name }} lastMessage {{ preview sentAt }} }}"
    );
    assert!(complexity(&inbox) <= crate::config::Config::defaults().limits().complexity);
}

#[test]
fn keys_of_custom_fields_count_as_many_as_requested() {
    for (arguments, count) in [("", 50), ("(first: 3)", 3), ("(first: 1000)", 200), ("(search: \"cf\")", 50)] {
        assert_eq!(complexity(&format!("{{ customFieldKeys{arguments} {{ key customers }} }}")), count, "{arguments}");
    }
    assert_eq!(complexity("{ customerStats(groupBy: [MANAGER]) { count manager { name } } }"), 5 * 2);
}

#[test]
fn introspection_is_counted_separately() {
    let limits = crate::config::Config::defaults().limits();
    let weight = weight(INTROSPECTION);
    assert_eq!((weight.complexity, weight.root_fields), (0, 1));
    assert!(weight.introspection * 3 / 2 < limits.introspection, "{}", weight.introspection);
    assert!(weight.whole.depth <= 15 && weight.whole.nesting <= 25 && weight.whole.selections < 250, "{weight:?}");
    assert_eq!(self::weight("{ a: __type(name: 1) { name } b: __type(name: 2) { fields { name } } }").introspection, 1 + 11);
    let deep = "{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }";
    assert!(self::weight(deep).introspection > limits.introspection);
}

/// Concatenates what `write` returns for each number below `count`.
fn each(count: usize, write: impl Fn(usize) -> String) -> String {
    (0..count).map(write).collect::<Vec<_>>().concat()
}

/// Fragments, each of which spreads the next one twice.
fn doubling(fragments: usize) -> String {
    each(fragments, |number| {
        let next = if number + 1 == fragments { "id".to_owned() } else { format!("...F{0} ...F{0}", number + 1) };
        format!("fragment F{number} on Customer {{ {next} }}\n")
    })
}

#[test]
fn exponential_fragment_spreads_are_counted_in_linear_time() {
    // Following each spread would take billions of years.
    for fragments in [25, 100, 1000] {
        let text = format!("{{ customer(id: 1) {{ ...F0 }} }} {}", doubling(fragments));
        let expected = if fragments > 60 { u64::MAX } else { (1 << fragments) + (1 << (fragments - 1)) };
        assert_eq!(weight(&text).whole.selections, expected);
    }
}

#[test]
fn costs_saturate() {
    let chain = each(40, |number| {
        let next = number + 1;
        format!("fragment F{number} on Customer {{ conversations(first: 200) {{ nodes {{ customer {{ ...F{next} }} }} }} }}")
    });
    let text = format!("{{ customers(first: 200) {{ nodes {{ ...F0 }} }} }} {chain} fragment F40 on Customer {{ id }}");
    assert_eq!(complexity(&text), u64::MAX);
}

#[test]
fn a_cycle_is_refused() {
    let error = weight_of("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }", None, value!({})).unwrap_err();
    assert!(ServerError::from(error).message.contains("spreads itself"));
}

#[test]
fn unknown_fields_count_as_scalars() {
    assert_eq!(complexity("{ nothing(first: 100) { nodes { nodes } } ...Nothing ... on Nothing { customers { id } } }"), 0);
}
