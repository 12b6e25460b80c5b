//! The responses of the limited executor, over every entry point: coded errors for refused requests, else data.

use std::{sync::LazyLock, time::Duration};

use async_graphql::{
    BatchRequest, BatchResponse, EmptyMutation, Executor, InputObject, Object, Request, Response, Schema, Subscription, Value,
    Variables, value,
};
use futures_util::{Stream, StreamExt, stream};
use proptest::prelude::*;

use super::{
    super::{Introspection, Limited, Limits, ReportComplexity, Rules},
    INTROSPECTION, doubling, each,
};

use crate::{config::Config, metrics::Metrics};

struct Query;

#[derive(Clone)]
struct Customer;

#[derive(InputObject)]
struct Filter {
    and: Option<Vec<Filter>>,
    name: Option<String>,
}

#[Object]
impl Query {
    async fn customer(&self, filter: Option<Filter>) -> Customer {
        drop(filter.map(|filter| (filter.and, filter.name)));
        Customer
    }

    async fn never(&self) -> bool {
        std::future::pending().await
    }
}

#[Object]
impl Customer {
    async fn id(&self) -> i32 {
        1
    }

    async fn friend(&self) -> Customer {
        Self
    }

    async fn friends(&self) -> Vec<Customer> {
        vec![Self, Self]
    }

    async fn words(&self, words: Option<Vec<String>>) -> usize {
        words.map_or(0, |words| words.len())
    }
}

struct Ticks;

#[Subscription]
impl Ticks {
    async fn tick(&self) -> impl Stream<Item = Customer> {
        stream::iter([Customer, Customer])
    }

    async fn quiet(&self) -> impl Stream<Item = Customer> {
        stream::pending()
    }
}

type Api = Limited<Schema<Query, EmptyMutation, Ticks>>;

fn limited(rules: impl Into<Rules>) -> Api {
    let schema = Schema::build(Query, EmptyMutation, Ticks).limit_recursive_depth(64).finish();
    {
        let sdl = schema.sdl();
        Limited::new(schema, &sdl, rules, Metrics::default())
    }
}

fn api() -> Api {
    limited(Config::defaults().limits())
}

/// The extensions of the only error.
fn extensions(response: &Response) -> Value {
    assert_eq!((response.errors.len(), &response.data), (1, &Value::Null), "{:?}", response.errors);
    async_graphql::to_value(&response.errors[0].extensions).unwrap()
}

fn excess(limit: &str, allowed: u64, requested: u64) -> Value {
    value!({ "code": "LIMIT_EXCEEDED", "limit": limit, "allowed": allowed, "requested": requested })
}

/// The response to a text over each entry point.
async fn each_way(api: &Api, text: &str) -> [Response; 3] {
    let mut stream = api.execute_stream(Request::new(text), None);
    let streamed = stream.next().await.unwrap();
    assert!(stream.next().await.is_none());
    let BatchResponse::Batch(mut batch) = api.execute_batch(BatchRequest::Batch(vec![Request::new(text)])).await else {
        panic!("a batch is answered by a batch")
    };
    [api.execute(Request::new(text)).await, streamed, batch.remove(0)]
}

async fn assert_exceeds(text: &str, limit: &str, allowed: u64, requested: u64) {
    for response in each_way(&api(), text).await {
        assert_eq!(extensions(&response), excess(limit, allowed, requested), "{}", response.errors[0].message);
        assert!(
            response.errors[0].message.contains(&requested.to_string())
                && response.errors[0].message.contains(&allowed.to_string())
        );
    }
}

#[tokio::test]
async fn requests_within_the_limits_are_executed() {
    for response in each_way(&api(), "{ customer { id ...F } } fragment F on Customer { friends { id } }").await {
        assert_eq!(
            response.data,
            value!({ "customer": { "id": 1, "friends": [{ "id": 1 }, { "id": 1 }] } }),
            "{:?}",
            response.errors
        );
        assert!(response.extensions.is_empty());
    }
    assert!(api().execute(Request::new(INTROSPECTION)).await.is_ok());
}

#[tokio::test]
async fn exponential_fragment_spreads_are_refused_over_every_entry_point() {
    assert_exceeds(&format!("{{ customer {{ ...F0 }} }} {}", doubling(25)), "selections", 2_000, (1 << 25) + (1 << 24)).await;
    // Several operations over the last ten fragments.
    let several = each(12, |number| format!("query Q{number} {{ customer {{ ...F0 }} }} "));
    assert_exceeds(&(several + &doubling(10)), "selections", 2_000, 12 * ((1 << 10) + (1 << 9))).await;
    // The same without any operation that spreads them.
    assert_exceeds(&format!("{{ customer {{ id }} }} {}", doubling(25)), "selections", 2_000, (1 << 25) + (1 << 24)).await;
}

#[tokio::test]
async fn nesting_of_twenty_thousand_levels_is_refused_before_parsing() {
    let deep = 20_000;
    let nest = |open: &str, close: &str| open.repeat(deep) + "1" + &close.repeat(deep);
    for text in [
        format!("{{ customer(filter: {}) {{ id }} }}", nest("[", "]")),
        format!("{{ customer(filter: {}) {{ id }} }}", nest("{a:", "}")),
        nest("{a", "}"),
        nest("{...", "}"),
        format!("query ($a: {}) {{ customer {{ id }} }}", nest("[", "]")),
        "[".repeat(deep),
    ] {
        let without_size = Limits { query_bytes: u64::MAX, tokens: u64::MAX, ..Config::defaults().limits() };
        let response = limited(without_size).execute(Request::new(text)).await;
        let Value::Object(extensions) = extensions(&response) else { panic!() };
        assert_eq!(extensions["limit"], value!("nesting"));
    }
}

#[tokio::test]
async fn each_limit_is_named_in_its_error() {
    let repeat = |text: &str, times| text.repeat(times);
    assert_exceeds(&format!("{{ customer {{ id }} }}#{}", repeat(" ", 70_000)), "queryBytes", 65_536, 70_020).await;
    assert_exceeds(&format!("{{ customer {{ {} }} }}", repeat("id ", 10_000)), "tokens", 10_000, 10_005).await;
    assert_exceeds(&format!("{{ {} }}", repeat("x", 300)), "nameBytes", 256, 300).await;
    assert_exceeds(&format!("{{ customer {}{{ id }}{} }}", repeat("{ friend ", 19), repeat("}", 19)), "depth", 20, 21).await;
    assert_exceeds(&format!("{{ customer {{ {} }} }}", repeat("id ", 2_000)), "selections", 2_000, 2_001).await;
    let aliases = each(101, |number| format!("a{number}: id "));
    assert_exceeds(&format!("{{ customer {{ {aliases} }} }}"), "aliases", 100, 101).await;
    assert_exceeds(&format!("{{ customer {{ {} }} }}", repeat("id @skip(if: false) ", 51)), "directives", 50, 51).await;
    assert_exceeds(&format!("{{ customer {{ id {} }} }}", repeat("@a ", 6)), "directivesPerField", 5, 6).await;
    assert_exceeds(&format!("{{ {} }}", repeat("customer { id } ", 21)), "rootFields", 20, 21).await;
    assert_exceeds(
        &format!("{{ customer {} }}", repeat("{ friends ", 7) + "{ id }" + &repeat("}", 7)),
        "complexity",
        20_000,
        97_656,
    )
    .await;
}

/// A chain of fragments, each of which spreads the next; the last one is missing.
fn chain(fragments: usize) -> String {
    let fragments = each(fragments, |number| format!("fragment F{number} on Customer {{ id ...F{} }}", number + 1));
    format!("{{ customer {{ ...F0 }} }} {fragments}")
}

#[tokio::test]
async fn a_chain_of_fragments_counts_towards_nesting() {
    let mut text = chain(60);
    text += "fragment F60 on Customer { id }";
    assert_exceeds(&text, "nesting", 50, 2 + 61).await;
}

#[tokio::test]
async fn a_variable_counts_at_each_use_and_its_nesting_is_limited() {
    let text = format!("query ($w: [String!]) {{ customer {{ {} }} }}", "words(words: $w) ".repeat(10));
    let words = |count: usize| Variables::from_value(value!({ "w": vec!["0123456789abcdef"; count] }));
    let response = api().execute(Request::new(&text).variables(words(1_000))).await;
    assert!(response.is_ok(), "{:?}", response.errors);
    let response = api().execute(Request::new(&text).variables(words(2_000))).await;
    assert_eq!(extensions(&response), excess("input", 256 * 1024, 10 * (8 + 2_000 * 24)));

    let deep = (0..100).fold(value!(1), |inner, _| value!([inner]));
    let response =
        api().execute(Request::new("{ customer { id } }").variables(Variables::from_value(value!({ "x": deep })))).await;
    assert_eq!(extensions(&response), excess("nesting", 50, 51));
}

#[tokio::test]
async fn any_number_of_unmergeable_fields_gives_one_error() {
    let chain = chain(40);
    let arguments = each(20, |number| format!("a{number}: 1 "));
    let text = format!("{chain} fragment F40 on Customer {{ words({arguments}) {} }}", "words ".repeat(300));
    for response in each_way(&api(), &text).await {
        assert_eq!(extensions(&response), value!({ "code": "BAD_USER_INPUT" }));
        assert!(response.errors[0].message.contains("`words`"), "{:?}", response.errors);
    }
    let response = api().execute(Request::new(text.replace("words ", &"id ".repeat(5)))).await;
    assert_eq!(extensions(&response), excess("comparisons", 20_000, 63_903));
}

#[tokio::test]
async fn a_syntax_error_is_reported_with_its_position_and_a_code() {
    for text in ["", "{", "{ customer(filter: \"x) { id } }", "{ customer(filter: \"\"\"x) { id } }", "}", "{ a(b: \u{1F600}) }"]
    {
        for response in each_way(&api(), text).await {
            assert_eq!(extensions(&response), value!({ "code": "BAD_USER_INPUT" }), "{text}");
            assert_eq!(response.errors[0].locations.len(), 1, "{text}: {:?}", response.errors);
        }
    }
}

#[tokio::test]
async fn an_invalid_document_has_at_most_a_hundred_errors() {
    let text = format!("{{ customer {{ {} }} }}", "nothing ".repeat(500));
    assert_eq!(api().execute(Request::new(text)).await.errors.len(), 100);
}

#[tokio::test]
async fn brackets_in_strings_and_comments_do_not_count() {
    let brackets = "{[(".repeat(100);
    let text = format!(
        "{{ # {brackets}\n customer(filter: {{ name: \"\"\"{brackets}\"\"\", and: {{ name: \"{brackets}\" }} }}) {{ id }} }}"
    );
    assert_eq!(api().execute(Request::new(text)).await.data, value!({ "customer": { "id": 1 } }));
}

#[tokio::test]
async fn the_complexity_is_reported_on_request() {
    let reported = Some(value!({ "requested": 6, "allowed": 20_000 }));
    let request = || Request::new("{ customer { friends { id } } }");
    let response = api().execute(request().data(ReportComplexity)).await;
    assert_eq!(response.extensions.get("complexity").cloned(), reported);
    let mut reporting = request();
    reporting.extensions.0.insert("complexity".into(), value!(true));
    let response = api().execute_stream(reporting, None).next().await.unwrap();
    assert_eq!(response.extensions.get("complexity").cloned(), reported);
    assert!(api().execute(request()).await.extensions.is_empty());
}

#[tokio::test]
async fn a_query_has_a_time_limit_and_a_subscription_has_none() {
    let api = limited(Limits { time: Duration::from_millis(20), ..Config::defaults().limits() });
    for response in each_way(&api, "{ never }").await {
        assert_eq!(extensions(&response), value!({ "code": "LIMIT_EXCEEDED", "limit": "time", "allowed": 20 }));
    }
    let mut quiet = api.execute_stream(Request::new("subscription { quiet { id } }"), None);
    assert!(tokio::time::timeout(Duration::from_millis(200), quiet.next()).await.is_err());
}

#[tokio::test]
async fn a_subscription_is_weighed_once_and_reports_with_each_payload() {
    let request = Request::new("subscription { tick { id friend { id } } }").data(ReportComplexity);
    let responses: Vec<Response> = api().execute_stream(request, None).collect().await;
    assert_eq!(responses.len(), 2);
    for response in responses {
        assert_eq!(response.data, value!({ "tick": { "id": 1, "friend": { "id": 1 } } }));
        assert_eq!(response.extensions["complexity"], value!({ "requested": 2, "allowed": 20_000 }));
    }
}

#[tokio::test]
async fn introspection_is_refused_by_the_gateway_or_by_the_data_of_a_request() {
    let rules = Rules { introspection: Introspection::Refused, ..Config::defaults().limits().into() };
    let (open, closed) = (api(), limited(rules));
    for (api, rule, is_allowed) in [
        (&open, None, true),
        (&open, Some(Introspection::Allowed), true),
        (&open, Some(Introspection::Refused), false),
        (&closed, None, false),
        (&closed, Some(Introspection::Allowed), false),
    ] {
        for text in [INTROSPECTION, "{ customer { id } ...F } fragment F on Query { __type(name: \"Query\") { name } }"] {
            let request = Request::new(text);
            let request = if let Some(rule) = rule { request.data(rule) } else { request };
            let response = api.execute(request).await;
            assert_eq!(response.is_ok(), is_allowed, "{rule:?} {:?}", response.errors);
            assert!(is_allowed || extensions(&response) == value!({ "code": "FORBIDDEN" }));
        }
        let request = Request::new("{ __typename customer { __typename } }").data(Introspection::Refused);
        assert!(api.execute(request).await.is_ok());
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_executor_panic(text in "(query|fragment|on|\\.\\.\\.|F|G|T|a|b|\\$v|@d|\"\"\"|[{}\\[\\]():!=\"\\\\#,.\n \u{0}-\u{7f}é😀-]| ){0,80}") {
        static API: LazyLock<Api> = LazyLock::new(api);
        let mut request = Request::new(text).variables(Variables::from_value(value!({ "v": [1, { "a": "b" }] })));
        let _ = API.scale.admit(&mut request);
    }
}
