//! Requests get the same response, byte by byte, through the document cache and plans as from plain async-graphql.

mod writer;

use std::{sync::Arc, thread};

use async_graphql::{Executor, Request, Response, Variables};
use rand::{SeedableRng, rngs::SmallRng, seq::SliceRandom};
use serde_json::Value;

use super::{
    super::{
        RequestId,
        completed::completed,
        document::Document,
        executor::{self, Executor as Types},
        limits::{Limited, Limits},
        request::RequestContext,
        schema::Api,
        sdl,
    },
    Desk, customer, message, request, ticket,
};
use crate::{clock::Clock, domain::scope::Scope, metrics::Metrics, store::Store};

/// The number of pairs of document and variables. Each is requested twice.
const CASES: usize = 20_000;

/// The number of threads that share the cases.
const THREADS: usize = 4;

/// The number of documents in a round. All requests of a round are shuffled.
const ROUND: usize = 25;

/// The number of requests for a document, each with its own variables.
const REQUESTS: usize = 5;

/// The API without a cache: each request is parsed, weighed and validated separately.
struct Plain {
    limits: Limited<Types>,
    types: Types,
    store: Store,
    clock: Clock,
}

impl Plain {
    async fn execute(&self, case: &Case) -> Response {
        let mut weighed = case.request();
        if let Err(error) = self.limits.weigh(&mut weighed) {
            return Response::from_errors(vec![error]);
        }
        let mut request = case.request();
        let id = RequestId::of(&request);
        let document = Document::of(&mut weighed).ok();
        let reader = self.store.snapshot_reader(Scope::Everything);
        request.data.insert(Arc::new(RequestContext::new(reader.clone(), &self.clock)));
        if let Some(document) = &document {
            document.prepare(&mut request);
        }
        let response = self.types.execute(request).await;
        reader.finish().await;
        completed(response, &id, document.as_deref())
    }
}

struct Case {
    text: String,
    name: Option<&'static str>,
    variables: Value,
}

impl Case {
    fn request(&self) -> Request {
        let mut request = request(&self.text).variables(Variables::from_json(self.variables.clone()));
        request.operation_name = self.name.map(str::to_owned);
        request.data.insert(RequestId("test".into()));
        request
    }
}

/// A response as a client sees it, without its position. The errors of a document are sorted, since async-graphql collects them
/// from hash maps.
fn shown(mut response: Response) -> String {
    response.extensions.remove("position");
    response.errors.sort_by_cached_key(|error| serde_json::to_string(error).unwrap());
    let data = match std::mem::take(&mut response.data) {
        async_graphql::Value::Binary(json) => String::from_utf8(json.to_vec()).unwrap(),
        data => serde_json::to_string(&data).unwrap(),
    };
    format!("{data} {}", serde_json::to_string(&response).unwrap())
}

fn limits(document_cache_bytes: u64) -> Limits {
    Limits {
        complexity: 400,
        input: 600,
        tokens: 400,
        nesting: 12,
        document_cache_bytes,
        ..crate::config::Config::defaults().limits()
    }
}

/// What one thread counted.
#[derive(Default)]
struct Seen {
    cases: usize,
    without_error: usize,
    with_data_and_errors: usize,
    /// Responses written by a plan.
    planned: usize,
}

async fn compare(api: &Api, plain: &Plain, seed: u64, cases: usize) -> Seen {
    let mut random = SmallRng::seed_from_u64(seed);
    let mut found = Seen::default();
    while found.cases < cases {
        let mut round = Vec::new();
        for _ in 0..ROUND {
            let document = writer::document(&mut random);
            for _ in 0..REQUESTS {
                let (name, variables) = (document.name(&mut random), document.values(&mut random));
                let case = Case { text: document.text.clone(), name, variables };
                let response = plain.execute(&case).await;
                found.cases += 1;
                found.without_error += usize::from(response.errors.is_empty());
                found.with_data_and_errors +=
                    usize::from(!response.errors.is_empty() && response.data != async_graphql::Value::Null);
                round.push((case, shown(response)));
            }
        }
        let mut order: Vec<usize> = (0..round.len()).chain(0..round.len()).collect();
        order.shuffle(&mut random);
        for number in order {
            let (case, expected) = &round[number];
            let response = Executor::execute(api, case.request()).await;
            found.planned += usize::from(matches!(response.data, async_graphql::Value::Binary(_)));
            let answer = shown(response);
            assert_eq!(&answer, expected, "seed {seed}: {} {:?} {}", case.text, case.name, case.variables);
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cached_document_gets_the_same_response_as_one_parsed_anew() {
    let desk = Desk::open().await;
    let customers = (0..3).map(|n| customer(&format!("c{n}"), &format!("z{n}")));
    let messages = (0..4).map(|n| message(&format!("m{n}"), &format!("k{}", n % 2), &format!("z{}", n % 2)));
    let tickets = [ticket("t1", "c1"), ticket("t2", "stranger")];
    desk.store(&customers.chain(messages).chain(tickets).collect::<Vec<_>>()).await;

    let types = executor::builder().finish();
    let plain = Plain {
        limits: Limited::new(types.clone(), &sdl(), limits(0), Metrics::default()),
        types,
        store: desk.store.clone(),
        clock: Clock::from_fn(super::now),
    };
    // Some documents are evicted while in use.
    let api: Api = Limited::new(desk.schema.clone(), &sdl(), limits(2 * 1024 * 1024), Metrics::default());
    let runtime = tokio::runtime::Handle::current();
    let seen: Vec<Seen> = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|number| {
                let (api, plain, runtime) = (&api, &plain, runtime.clone());
                scope.spawn(move || runtime.block_on(compare(api, plain, number as u64, CASES / THREADS)))
            })
            .collect();
        tokio::task::block_in_place(|| threads.into_iter().map(|thread| thread.join().unwrap()).collect())
    });
    let sum = |of: fn(&Seen) -> usize| seen.iter().map(of).sum::<usize>();
    let cases = sum(|seen| seen.cases);
    let without_error = sum(|seen| seen.without_error);
    let partial = sum(|seen| seen.with_data_and_errors);
    let planned = sum(|seen| seen.planned);
    println!("{cases} cases, {without_error} without an error, {partial} with data and errors; {planned} planned answers");
    assert!(cases >= CASES && without_error * 2 >= cases && without_error < cases && partial > 0 && planned > cases / 2);
}
