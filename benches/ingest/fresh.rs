//! Empty databases for measurements: SQLite files in temporary folders, or databases on a PostgreSQL server.

use std::path::Path;

use sea_orm::{ConnectionTrait, Database as Connections, DatabaseConnection, QueryResult, Statement};

use crate::support::database::Database;

/// The prefix of all benchmark databases on a server.
const PREFIX: &str = "deskgraph_bench_";

/// Where databases are created.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// In files.
    Files,
    /// On a server, by the URL of one of its databases.
    Server(String),
}

/// An empty database.
pub(crate) struct Fresh {
    database: Database,
    /// The server's URL and the database's name, on PostgreSQL.
    on_server: Option<(String, String)>,
}

/// The file in a SQLite URL; `None` for PostgreSQL.
pub(crate) fn sqlite_file(url: &str) -> Option<&Path> {
    url.strip_prefix("sqlite://")?.split('?').next().map(Path::new)
}

impl Fresh {
    /// Creates one. On a server it replaces a database with the same name that an interrupted run has left behind.
    pub(crate) async fn make(place: &Place, name: &str) -> Self {
        let Place::Server(server) = place else {
            return Self { database: Database::sqlite(), on_server: None };
        };
        let name = format!("{PREFIX}{name}");
        let db = connect(server).await;
        run(&db, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        run(&db, &format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")).await;
        db.close().await.unwrap();
        let mut url = reqwest::Url::parse(server).expect("a database's address");
        url.set_path(&name);
        Self { database: Database::at(url.as_str()), on_server: Some((server.clone(), name)) }
    }

    /// The database with its folder, in which its server process runs.
    pub(crate) fn database(&self) -> &Database {
        &self.database
    }

    /// Its URL.
    pub(crate) fn url(&self) -> &str {
        self.database.url()
    }

    /// Its size on disk. There must be no writers.
    pub(crate) async fn bytes(&self) -> u64 {
        if let Some(file) = sqlite_file(self.url()) {
            let db = rusqlite::Connection::open(file).unwrap();
            let busy: bool = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).unwrap();
            assert!(!busy, "nobody else has the file open");
            drop(db);
            return std::fs::metadata(file).unwrap().len();
        }
        let rows = self.rows("SELECT pg_database_size(current_database()) AS size").await;
        let size: i64 = rows[0].try_get("", "size").unwrap();
        size.cast_unsigned()
    }

    /// The rows of a query.
    pub(crate) async fn rows(&self, sql: &str) -> Vec<QueryResult> {
        let db = connect(self.url()).await;
        let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
        db.close().await.unwrap();
        rows
    }

    /// Deletes it.
    pub(crate) async fn delete(self) {
        if let Some((server, name)) = &self.on_server {
            let db = connect(server).await;
            run(&db, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
            db.close().await.unwrap();
        }
    }
}

async fn connect(url: &str) -> DatabaseConnection {
    Connections::connect(url).await.unwrap()
}

async fn run(db: &DatabaseConnection, sql: &str) {
    db.execute_unprepared(sql).await.unwrap();
}
