//! The empty database of a test. Every test gets its database here, and no other code constructs a database URL.
//!
//! On SQLite it is a file in a temporary folder. With `TEST_DATABASE=postgres` it is a database on the server at
//! `TEST_POSTGRES_URL`. It is deleted when dropped; databases of a killed process are dropped by the next process that creates
//! some on that server. The folder exists for both, for tests that need files.

use std::{
    path::Path,
    sync::{
        LazyLock,
        atomic::{AtomicU32, Ordering},
        mpsc,
    },
};

use sea_orm::sqlx::{self, Connection, Executor, PgConnection};
use tempfile::TempDir;

/// The file in the folder; the binary's default name.
const FILE: &str = "deskgraph.db";

/// The prefix of all test databases on PostgreSQL.
const PREFIX: &str = "deskgraph_test_";

/// Whether tests run on PostgreSQL, according to `TEST_DATABASE`.
pub fn on_postgres() -> bool {
    match std::env::var("TEST_DATABASE").as_deref() {
        Err(_) | Ok("" | "sqlite") => false,
        Ok("postgres") => true,
        Ok(other) => panic!("TEST_DATABASE is `{other}`: expected sqlite or postgres"),
    }
}

pub struct Database {
    folder: TempDir,
    url: String,
    /// Its name on the server, on PostgreSQL.
    name: Option<String>,
}

impl Database {
    /// An empty database of the selected kind.
    pub fn new() -> Self {
        if on_postgres() { Self::on_server("template0") } else { Self::sqlite() }
    }

    /// An empty SQLite file, regardless of the selected kind.
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = format!("sqlite://{}?mode=rwc", folder.path().join(FILE).display());
        Self { folder, url, name: None }
    }

    /// The database at a URL, managed elsewhere. Several of these may be the same.
    pub fn at(url: &str) -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder"), url: url.to_owned(), name: None }
    }

    /// A copy of another database, to which there must be no connections.
    pub fn copy_of(other: &Self) -> Self {
        if let Some(name) = &other.name {
            return Self::on_server(name);
        }
        let copy = Self::sqlite();
        std::fs::copy(other.folder().join(FILE), copy.folder().join(FILE)).expect("the file is copied");
        copy
    }

    fn on_server(template: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let (url, server) = (server_url(), &*SERVER);
        let name = format!("{PREFIX}{}_{}", server.process, NUMBER.fetch_add(1, Ordering::Relaxed));
        let created = server.execute(format!("CREATE DATABASE {name} TEMPLATE {template} ENCODING 'UTF8'"));
        created.unwrap_or_else(|error| panic!("no database could be created at TEST_POSTGRES_URL: {error}"));
        let mut url = reqwest::Url::parse(&url).expect("TEST_POSTGRES_URL is an address");
        url.set_path(&name);
        Self { folder: tempfile::tempdir().expect("a temporary folder"), url: url.into(), name: Some(name) }
    }

    /// Its URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its folder for files.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let Some(name) = &self.name else { return };
        if let Err(error) = SERVER.execute(format!("DROP DATABASE {name} WITH (FORCE)")) {
            eprintln!("{name} is left behind: {error}");
        }
    }
}

/// The server, used by one thread with one connection, so that databases can be dropped wherever a test ends.
static SERVER: LazyLock<Server> = LazyLock::new(Server::start);

/// The URL of the server.
fn server_url() -> String {
    std::env::var("TEST_POSTGRES_URL").ok().filter(|url| !url.is_empty()).expect(
        "TEST_DATABASE is postgres, and TEST_POSTGRES_URL names no server: run `scripts/test`, or \
         `TEST_DATABASE=postgres scripts/postgres run cargo test -- --skip sqlite::`, which start one",
    )
}

struct Server {
    /// A number on which this process holds a lock. It is part of the names of its databases.
    process: u32,
    statements: mpsc::Sender<(String, mpsc::Sender<Result<(), sqlx::Error>>)>,
}

impl Server {
    fn start() -> Self {
        let (statements, received) = mpsc::channel::<(String, mpsc::Sender<_>)>();
        let process = rand::random();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let mut connection = connect(&server_url(), process).await;
                for (sql, answer) in received {
                    let result = match &mut connection {
                        Ok(connection) => connection.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(sql))).await.map(|_| ()),
                        Err(error) => Err(sqlx::Error::Configuration(error.to_string().into())),
                    };
                    // An aborted test does not wait for the response.
                    let _ = answer.send(result);
                }
            });
        });
        Self { process, statements }
    }

    fn execute(&self, sql: String) -> Result<(), sqlx::Error> {
        let (answer, result) = mpsc::channel();
        self.statements.send((sql, answer)).expect("the thread runs as long as the process");
        result.recv().expect("the thread runs as long as the process")
    }
}

/// Connects, takes the lock, and drops the databases of processes that no longer hold theirs.
async fn connect(url: &str, process: u32) -> Result<PgConnection, sqlx::Error> {
    let mut connection = PgConnection::connect(url).await?;
    sqlx::query("SELECT pg_advisory_lock($1)").bind(i64::from(process)).execute(&mut connection).await?;
    let sql = "SELECT datname::text FROM pg_database WHERE starts_with(datname::text, $1)";
    let names: Vec<String> = sqlx::query_scalar(sql).bind(PREFIX).fetch_all(&mut connection).await?;
    for name in names {
        let Some(other) = name[PREFIX.len()..].split('_').next().and_then(|process| process.parse::<u32>().ok()) else {
            continue;
        };
        let has_ended: bool =
            sqlx::query_scalar("SELECT pg_try_advisory_lock($1)").bind(i64::from(other)).fetch_one(&mut connection).await?;
        if has_ended {
            let sql = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
            connection.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(sql))).await?;
            sqlx::query("SELECT pg_advisory_unlock($1)").bind(i64::from(other)).execute(&mut connection).await?;
        }
    }
    Ok(connection)
}
