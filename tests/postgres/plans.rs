//! Plans of reads on PostgreSQL with a million messages: every list in each order and with each of the main filters,
//! `contains`, search and nested pages use indexes and touch few rows, also within a scope. The plans are those of the
//! statements that the API runs.

use std::sync::{Arc, Mutex};

use async_graphql::Request;
use deskgraph::{
    clock::Clock,
    config::Config,
    feed::Feed,
    graphql::{self, Role, Viewer, role::Rules},
    metrics::Metrics,
    store::Store,
};
use sea_orm::sqlx::{self, AssertSqlSafe, Connection, Executor, PgConnection, Row};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::support::database::Database;

/// The largest number of rows that a statement may visit. A page of 50 for each of 20 parents is the most that is requested
/// here, and a trigram index also returns some false matches.
const ROWS: f64 = 6_000.0;

/// Fills a store with a million messages, bypassing the fold, since only the shape of the data matters. One customer has five
/// conversations of ten messages each, and all but two words of a message are rare.
const FILL: &[&str] = &[
    "INSERT INTO customer (id, name, name_key, manager_id, created_at, updated_at, version_at)
     SELECT 'c' || n, 'Khách ' || n, 'khach ' || md5(n::text), 's' || n % 200, n, n * 7 % 20011, 1 FROM generate_series(1, 20000) n",
    "INSERT INTO conversation (id, platform, channel_id, contact_name, contact_name_folded, customer_id, is_closed, started_at,
                               last_message_at, message_count, unread_count, stamps, words)
     SELECT 'k' || n, (ARRAY['zalo', 'facebook', 'web', 'email'])[1 + n % 4], 'ch' || n % 20, 'Khách ' || n, 'khach ' || n,
            'c' || 1 + n % 20000, n % 3 > 0, n, n * 7 % 100003, 10, n % 5, '{}', ' khach ' || n || ' ' FROM generate_series(1, 100000) n",
    "INSERT INTO assignee (conversation_id, staff_id, position) SELECT 'k' || n, 's' || n % 200, 0 FROM generate_series(1, 100000) n",
    "INSERT INTO message (key, source_id, conversation_id, customer_id, platform, platform_name, channel_id, outbound, type_key, text,
                          text_folded, is_read, creates_contact, sent_at, has_time, event_seq, version_received_at, words)
     SELECT 'm' || n, 'm' || n, 'k' || 1 + n % 100000, 'c' || 1 + n % 20000, (ARRAY['zalo', 'facebook', 'web', 'email'])[1 + n % 4],
            'x', 'ch' || n % 20, n % 2 = 0, 'text', 'Chào shop ' || md5(n::text), 'chao shop ' || md5(n::text), true, false, n, true, n, n,
            ' chao shop ' || md5(n::text) || ' '
     FROM generate_series(1, 1000000) n",
    "INSERT INTO ticket (id, name, level_rank, status_key, customer_id, assignee_id, is_reminded, created_at, due_at, updated_at, version_at)
     SELECT 't' || n, 'Đơn ' || n, n % 4, (ARRAY['process', 'done'])[1 + n % 2], 'c' || 1 + n % 20000, 's' || n % 2000, false, n,
            NULLIF(n % 3, 0) * n, n * 7 % 100003, 1 FROM generate_series(1, 100000) n",
    "INSERT INTO event (seq, kind, received_at, payload)
     SELECT n, (ARRAY['message.sent', 'ticket.created'])[1 + n % 2], n, '{}' FROM generate_series(1, 200000) n",
    "INSERT INTO event_subject (subject_type, subject_id, seq) SELECT 'customer', 'c' || 1 + n % 20000, n FROM generate_series(1, 200000) n",
    "INSERT INTO change (position, seq, subject_type, subject_id, kind)
     SELECT n, n, 'event', n::text, 'created' FROM generate_series(1, 200000) n",
    "INSERT INTO staff (id, name, name_key) SELECT 's' || n, 'Nhân viên ' || n, 'nhan vien ' || n FROM generate_series(0, 1999) n",
];

/// A trigram index is built faster over existing rows than row by row.
const LATER: [&str; 1] = ["message_words"];

async fn filled() -> Database {
    let database = Database::new();
    Store::open(&Config::defaults_at(database.url()).store().unwrap()).await.unwrap().close().await.unwrap();
    let mut connection = PgConnection::connect(database.url()).await.unwrap();
    let mut later = Vec::new();
    for index in LATER {
        let sql = "SELECT pg_get_indexdef($1::regclass)";
        later.push(sqlx::query_scalar::<_, String>(sql).bind(index).fetch_one(&mut connection).await.unwrap());
        connection.execute(AssertSqlSafe(format!("DROP INDEX {index}"))).await.unwrap();
    }
    for sql in FILL.iter().map(|sql| (*sql).to_owned()).chain(later).chain(["VACUUM ANALYZE".to_owned()]) {
        connection.execute(AssertSqlSafe(sql)).await.unwrap();
    }
    database
}

/// Every list, in each order, with each filter that many rows match, at its beginning and deep inside.
fn lists() -> Vec<String> {
    let lists: [(&str, &[&str], &[&str]); 4] = [
        ("customers", &["NAME", "CREATED_AT", "UPDATED_AT"], &["", "managerId: {eq: \"s7\"}"]),
        (
            "conversations",
            &["LAST_MESSAGE_AT", "STARTED_AT", "UNREAD_COUNT"],
            &["", "isClosed: {eq: false}", "platform: {eq: ZALO}", "channelId: {eq: \"ch7\"}", "customerId: {eq: \"c7\"}"],
        ),
        (
            "messages",
            &["SENT_AT"],
            &[
                "",
                "conversationId: {eq: \"k7\"}",
                "customerId: {eq: \"c7\"}",
                "platform: {eq: WEB}",
                "channelId: {eq: \"ch7\"}",
                "text: {contains: \"Chào\"}",
                "text: {contains: \"c81e728d9d4c2f6\"}",
                "search: \"chào\"",
                "search: \"c81e728d9d\"",
            ],
        ),
        (
            "tickets",
            &["CREATED_AT", "DUE_AT", "UPDATED_AT", "LEVEL"],
            &["", "status: {eq: PROCESS}", "customerId: {eq: \"c7\"}", "assigneeId: {eq: \"s7\"}"],
        ),
    ];
    let mut queries = Vec::new();
    for (list, orders, filters) in lists {
        for (order, filter) in orders.iter().flat_map(|order| filters.iter().map(move |filter| (order, filter))) {
            for direction in ["ASC", "DESC"] {
                for page in ["first: 50", "last: 50"] {
                    let order = format!("orderBy: {{field: {order}, direction: {direction}}}");
                    queries.push(format!("{{ {list}({page}, {order}, filter: {{{filter}}}) {{ nodes {{ id }} }} }}"));
                }
            }
        }
    }
    queries
}

const OTHERS: &[&str] = &[
    "{ message(id: \"msg_zalo_m7\") { id } }",
    "{ events(first: 50) { nodes { id } } }",
    "{ events(first: 50) { nodes { cursor } } }",
    "{ events(last: 50, filter: {kind: {eq: TICKET_CREATED}}) { nodes { id } } }",
    "{ search(text: \"c81e728d9d\") { edges { score node { ... on Message { id } } } } }",
    "{ customers(first: 20) { nodes { id tickets { totalCount } conversations(first: 5) { totalCount nodes { id
         messages(first: 10) { totalCount nodes { id } } } } } } }",
    "{ customer(id: \"c7\") { id events(first: 20) { totalCount nodes { id } } } }",
    "{ messageStats(filter: {customerId: {eq: \"c7\"}}, groupBy: [PLATFORM]) { count } }",
];

/// Pages of a role. Nothing but the objects of the page is looked up in other tables, and links are tested one by one.
const SCOPED: &[&str] = &[
    "{ conversations(first: 50) { nodes { id customer { id name } messages(first: 5) { nodes { id } } } } }",
    "{ conversations(first: 50, orderBy: {field: UNREAD_COUNT}) { nodes { id customer { id } } } }",
    "{ messages(first: 50) { nodes { id customer { id } conversation { id customer { id } } } } }",
    "{ messages(first: 50, filter: {customerId: {eq: \"c7\"}}) { nodes { id customer { id } } } }",
    "{ customers(first: 20) { nodes { id conversations(first: 5) { totalCount nodes { id } } tickets(first: 5) { nodes { id } } } } }",
    "{ tickets(first: 50) { nodes { id customer { id } } } }",
    "{ customer(id: \"c7\") { id messages(first: 20) { totalCount nodes { id } } } conversation(id: \"k6\") { id customer { id } } }",
];

/// Roles with rules by relation, by column, and for customers alone. One row of three matches, so a page is soon full.
fn roles() -> Vec<Viewer> {
    let third: Vec<String> = (0..200).step_by(3).map(|n| format!("\"s{n}\"")).collect();
    let third = third.join(", ");
    let assigned = format!("{{ assignees: {{ some: {{ id: {{ in: [{third}] }} }} }} }}");
    let agent = Rules {
        customers: Some(format!("{{ conversations: {{ some: {assigned} }} }}")),
        conversations: Some(assigned),
        tickets: Some("{ status: { eq: PROCESS } }".to_owned()),
        ..Rules::default()
    };
    let hidden = Rules { customers: Some(format!("{{ not: {{ managerId: {{ in: [{third}] }} }} }}")), ..Rules::default() };
    let viewer = |(name, rules): (&str, Rules)| Viewer::with(&Arc::new(Role::of(name, &rules).unwrap()), None, "key");
    [("agent", agent), ("hidden", hidden)].map(viewer).into()
}

/// The plan by which a statement ran.
async fn explained(connection: &mut PgConnection, statement: &str) -> Value {
    let explain = AssertSqlSafe(format!("EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}"));
    let plan = connection.fetch_one(sqlx::raw_sql(explain)).await.unwrap();
    serde_json::from_str(plan.try_get_raw(0).unwrap().as_str().unwrap()).unwrap()
}

/// The problems of a plan: sequential scans, or too many rows.
fn faults(plan: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let rows = visited(&plan[0]["Plan"], &mut faults);
    if rows > ROWS {
        faults.push(format!("reads {rows} rows"));
    }
    faults
}

/// The rows that a part of a plan visits. Adds its sequential scans to `faults`.
fn visited(plan: &Value, faults: &mut Vec<String>) -> f64 {
    let number = |key: &str| plan[key].as_f64().unwrap_or(0.0);
    let kind = plan["Node Type"].as_str().unwrap();
    let of = plan["Relation Name"].as_str().unwrap_or_default();
    let mut rows = 0.0;
    if kind.ends_with("Scan") && !of.is_empty() {
        let read = number("Actual Rows") + number("Rows Removed by Filter") + number("Rows Removed by Index Recheck");
        rows += read * number("Actual Loops");
        if kind == "Seq Scan" && number("Actual Loops") > 0.0 && of != "staff" {
            faults.push(format!("reads all of {of}"));
        }
    }
    for inner in plan["Plans"].as_array().into_iter().flatten() {
        rows += visited(inner, faults);
    }
    rows
}

/// Lists that an index has as a whole.
const INDEXED: &[&str] = &[
    "{ messages(first: 50) { nodes { text } } }",
    "{ messages(first: 50, filter: {sentAt: {lt: \"1970-01-01T00:05:00Z\"}}) { nodes { text } } }",
    "{ messages(last: 20, filter: {channelId: {eq: \"ch7\"}}) { nodes { id } } }",
    "{ messages(first: 50, filter: {platform: {eq: WEB}, sentAt: {gte: \"1970-01-01T00:01:40Z\", lt: \"1970-01-01T00:15:00Z\"}}) {
         nodes { text } } }",
    "{ conversations(first: 50, filter: {isClosed: {eq: false}}) { nodes { contact { name } } } }",
    "{ conversations(first: 50, orderBy: {field: UNREAD_COUNT, direction: DESC}, filter: {platform: {eq: ZALO}}) { nodes { id } } }",
];

/// A statement with the values in its sub-selects as parameters: their types, the statement, the values.
fn parameterised(statement: &str) -> (Vec<&'static str>, String, Vec<String>) {
    const HIDDEN: &str = "(SELECT ";
    let (mut types, mut values) = (Vec::new(), Vec::new());
    let mut parts = statement.split(HIDDEN);
    let mut sql = parts.next().unwrap().to_owned();
    for part in parts {
        sql += HIDDEN;
        let of = match part.as_bytes()[0] {
            b'\'' => "text",
            b'0'..=b'9' | b'-' => "bigint",
            b'T' | b'F' => "boolean",
            _ => {
                sql += part;
                continue;
            }
        };
        let (value, rest) = part.split_once(')').unwrap();
        types.push(of);
        values.push(value.to_owned());
        sql += "$";
        sql += &values.len().to_string();
        sql += ")";
        sql += rest;
    }
    (types, sql, values)
}

/// Prepares a statement, runs it some times, and returns how often it was planned for all values, and that plan.
async fn planned_once(connection: &mut PgConnection, statement: &str) -> (i64, Value) {
    let (types, sql, values) = parameterised(statement);
    let listed = |of: &str| if of.is_empty() { String::new() } else { format!("({of})") };
    let (types, run) = (listed(&types.join(", ")), format!("EXECUTE listed{}", listed(&values.join(", "))));
    connection.execute(AssertSqlSafe(format!("PREPARE listed{types} AS {sql}"))).await.unwrap();
    for _ in 0..8 {
        connection.execute(AssertSqlSafe(run.clone())).await.unwrap();
    }
    let times = "SELECT generic_plans FROM pg_prepared_statements WHERE name = 'listed'";
    let times = connection.fetch_one(sqlx::raw_sql(times)).await.unwrap().try_get_raw(0).unwrap().as_str().unwrap().parse();
    let plan = explained(connection, &run).await;
    connection.execute("DEALLOCATE listed").await.unwrap();
    (times.unwrap(), plan)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_million_messages_are_read_by_index_and_a_page_at_a_time() {
    let database = filled().await;
    let mut store = Store::open(&Config::defaults_at(database.url()).store().unwrap()).await.unwrap();
    let statements = Arc::new(Mutex::new(Vec::new()));
    let recorded = Arc::clone(&statements);
    store.observe_reads(move |sql| recorded.lock().unwrap().push(sql.to_owned()));
    let stop = CancellationToken::new();
    let feed = Feed::start(&store, Metrics::default(), stop.clone()).await.unwrap();
    let api = graphql::api(store, &feed, Clock::system(), Config::defaults().limits(), []);
    let mut connection = PgConnection::connect(database.url()).await.unwrap();

    let (mut wrong, mut count) = (Vec::new(), 0);
    let everything = Viewer::of_everything();
    let all = lists();
    let all = all.iter().map(String::as_str).chain(OTHERS.iter().copied()).map(|query| (query, &everything));
    let roles = roles();
    let scoped = SCOPED.iter().flat_map(|query| roles.iter().map(move |viewer| (*query, viewer)));
    for (query, viewer) in all.chain(scoped) {
        statements.lock().unwrap().clear();
        let mut request = Request::new(query);
        request.data = graphql::request_data(viewer.clone());
        let response = async_graphql::Executor::execute(&api, request).await;
        assert!(response.errors.is_empty(), "{query}: {:?}", response.errors);
        let statements = statements.lock().unwrap().clone();
        assert!(!statements.is_empty(), "{query}");
        for statement in statements {
            let faults = faults(&explained(&mut connection, &statement).await);
            count += 1;
            if !faults.is_empty() {
                wrong.push(format!("{query}\n  {}\n  {statement}", faults.join(", ")));
            }
        }
    }
    for query in INDEXED {
        statements.lock().unwrap().clear();
        let mut request = Request::new(*query);
        request.data = graphql::request_data(everything.clone());
        let response = async_graphql::Executor::execute(&api, request).await;
        assert!(response.errors.is_empty(), "{query}: {:?}", response.errors);
        let [statement] = &*std::mem::take(&mut *statements.lock().unwrap()) else { panic!("one statement: {query}") };
        let (times, plan) = planned_once(&mut connection, statement).await;
        assert!(times > 0, "{query} is planned each time:\n{statement}");
        let faults = faults(&plan);
        assert!(faults.is_empty(), "{query}: {}\n{statement}", faults.join(", "));
    }
    stop.cancel();
    assert!(count > 100);
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}
