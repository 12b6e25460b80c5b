//! The limit on PostgreSQL: a few connections with prepared statements. Each pipelines its queries without waiting for earlier
//! responses.

use std::sync::atomic::{AtomicUsize, Ordering};

use deskgraph::domain::{page::SortValue, search::words_of_part, text::fold};
use tokio_postgres::{Client, Config, NoTls, Row, Statement, types::ToSql};

use crate::{
    cases::Case,
    json::{Cells, Counts, Json, LINKS, MESSAGE, Page},
    nested::{self, Nested, WIDTH},
    server::Variables,
};

/// The number of connections, the same as the gateway's readers.
const CONNECTIONS: usize = 4;

/// The connections.
pub(crate) struct Pool {
    connections: Vec<Connection>,
    next: AtomicUsize,
}

struct Connection {
    client: Client,
    /// Prepared statements, by case.
    statements: Vec<Statement>,
}

impl Pool {
    pub(crate) async fn open(url: &str) -> Self {
        let mut connections = Vec::new();
        for _ in 0..CONNECTIONS {
            connections.push(Connection::open(url).await);
        }
        Self { connections, next: AtomicUsize::new(0) }
    }

    /// Answers a query.
    pub(crate) async fn answer(&self, case: Case, variables: &Variables<'_>) -> Vec<u8> {
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        let connection = &self.connections[turn % CONNECTIONS];
        match case {
            Case::ById => {
                let rows = connection.rows(case, &[&variables.key()]).await;
                let mut json = Json::new();
                json.raw(r#"{"data":{"message":"#);
                match rows.first() {
                    Some(row) => json.message(row).raw("}}}"),
                    None => json.raw("null}}"),
                };
                json.0
            }
            Case::Newest | Case::Linked => {
                let rows =
                    connection.rows(case, &[&variables.platform_key(), &variables.sent_from(), &variables.sent_until()]).await;
                page(&rows, case == Case::Linked)
            }
            Case::Deep => {
                let cursor = variables.cursor();
                let SortValue::Int(at) = cursor.value else { panic!("an instant") };
                page(&connection.rows(case, &[&at, &cursor.id]).await, false)
            }
            Case::Contains => {
                let needle = fold(variables.needle.unwrap());
                let escaped = needle.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
                let words = format!("%{}%", words_of_part(&needle));
                page(&connection.rows(case, &[&format!("%{escaped}%"), &words]).await, false)
            }
            Case::Counts => {
                let mut counts = Counts::default();
                for row in connection.rows(case, &[&variables.sent_from(), &variables.sent_until()]).await {
                    counts.row(&row);
                }
                counts.end()
            }
            Case::Nested => {
                let cursor = variables.cursor();
                let SortValue::Int(at) = cursor.value else { panic!("an instant") };
                nested(&connection.rows(case, &[&at, &cursor.id]).await)
            }
        }
    }
}

impl Connection {
    async fn open(url: &str) -> Self {
        let mut config: Config = url.parse().unwrap();
        // No statement benefits from a plan for its specific values, and planning would take as long as running it.
        config.options("-c jit=off -c plan_cache_mode=force_generic_plan");
        let (client, connection) = config.connect(NoTls).await.unwrap();
        tokio::spawn(async move { connection.await.unwrap() });
        let mut statements = Vec::new();
        for case in Case::ALL {
            statements.push(client.prepare(&sql(*case)).await.unwrap());
        }
        Self { client, statements }
    }

    async fn rows(&self, case: Case, bound: &[&(dyn ToSql + Sync)]) -> Vec<Row> {
        let place = Case::ALL.iter().position(|listed| *listed == case).unwrap();
        self.client.query(&self.statements[place], bound).await.unwrap()
    }
}

fn sql(case: Case) -> String {
    const LIST: &str = "FROM message m WHERE m.platform = $1 AND m.sent_at >= $2 AND m.sent_at < $3
                        ORDER BY m.sent_at DESC, m.key DESC LIMIT 51";
    match case {
        Case::ById => format!("SELECT {MESSAGE} FROM message m WHERE m.key = $1"),
        Case::Newest => format!("SELECT {MESSAGE} {LIST}"),
        // The page first, then the customer of each row: for a plain join the planner may sort all rows of the month.
        Case::Linked => format!(
            "SELECT {MESSAGE}, {LINKS} FROM (SELECT m.* {LIST}) m LEFT JOIN LATERAL (
               SELECT id, name FROM customer WHERE id = m.customer_id AND version_at IS NOT NULL LIMIT 1
             ) c ON true"
        ),
        Case::Deep => format!(
            "SELECT {MESSAGE} FROM message m WHERE (m.sent_at, m.key) < ($1, $2) ORDER BY m.sent_at DESC, m.key DESC LIMIT 51"
        ),
        // Materialized, so that the planner uses the trigram index instead of scanning the list of all messages.
        Case::Contains => format!(
            "WITH found AS MATERIALIZED (
               SELECT {MESSAGE} FROM message m WHERE m.words LIKE $2 AND coalesce(m.text_folded, m.text) LIKE $1)
             SELECT * FROM found ORDER BY sent_at DESC, key DESC LIMIT 51"
        ),
        // The platforms are found by a loose index scan, and each is counted in the index.
        Case::Counts => "WITH RECURSIVE platforms(platform) AS (
               SELECT min(platform) FROM message
               UNION ALL
               SELECT (SELECT min(platform) FROM message m WHERE m.platform > platforms.platform) FROM platforms
               WHERE platforms.platform IS NOT NULL
             )
             SELECT platform, (
               SELECT count(*) FROM message m WHERE m.platform = platforms.platform AND m.sent_at >= $1 AND m.sent_at < $2
             ) FROM platforms WHERE platform IS NOT NULL"
            .to_owned(),
        // Nested loops return the rows in the order of the response; sorting them again would cost a third more.
        Case::Nested => format!(
            "SELECT {}, {}, {} FROM (
               SELECT * FROM customer
               WHERE version_at IS NOT NULL AND deleted_at IS NULL AND (created_at, id) < ($1, $2)
               ORDER BY created_at DESC, id DESC LIMIT 20
             ) c LEFT JOIN LATERAL (
               SELECT * FROM conversation WHERE customer_id = c.id ORDER BY last_message_at DESC NULLS LAST, id DESC LIMIT 5
             ) v ON true LEFT JOIN LATERAL (
               SELECT * FROM message WHERE conversation_id = v.id ORDER BY sent_at DESC, key DESC LIMIT 10
             ) m ON true",
            nested::CUSTOMER,
            nested::CONVERSATION,
            nested::MESSAGE
        ),
    }
}

impl Cells for Row {
    fn text(&self, at: usize) -> Option<&str> {
        self.get(at)
    }

    fn number(&self, at: usize) -> Option<i64> {
        self.get(at)
    }

    fn flag(&self, at: usize) -> bool {
        self.get(at)
    }
}

fn page(rows: &[Row], linked: bool) -> Vec<u8> {
    let mut page = Page::new(linked);
    for row in rows {
        page.row(row);
    }
    page.end()
}

/// From rows that each have a customer, its conversation and its message, if any.
fn nested(rows: &[Row]) -> Vec<u8> {
    let mut written = Nested::new();
    let (mut customer, mut conversation) = (None, None);
    for row in rows {
        if row.text(0) != customer {
            written.customer(row);
            (customer, conversation) = (row.text(0), None);
        }
        let of = row.text(WIDTH);
        if of.is_some() && of != conversation {
            written.conversation(row, WIDTH);
            conversation = of;
        }
        if row.text(2 * WIDTH).is_some() {
            written.message(row, 2 * WIDTH);
        }
    }
    written.end()
}
