//! Where stores are filled and stored: SQLite files in a folder, or databases on a PostgreSQL server.

use std::{fs, path::PathBuf};

use deskgraph::{
    config::Config,
    store::{Options, Store},
};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection};

/// A location for stores.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// Files.
    Folder(PathBuf),
    /// Databases on a server, by the URL of one of its databases.
    Server(String),
}

impl Place {
    /// The store of this size, filled by `fill` unless it exists.
    pub(crate) async fn filled(&self, messages: u32, readers: u32, fill: impl AsyncFnOnce(Store)) -> Store {
        let (unfinished, whole) = (format!("filling_{messages}"), messages.to_string());
        if !self.is_there(&whole).await {
            // Under a temporary name until it is complete.
            self.remove(&unfinished).await;
            self.create(&unfinished).await;
            fill(self.open(&unfinished, readers).await).await;
            self.rename(&unfinished, &whole).await;
        }
        self.open(&whole, readers).await
    }

    /// Deletes the store of this size.
    pub(crate) async fn delete(&self, messages: u32) {
        self.remove(&messages.to_string()).await;
    }

    /// The URL of the store with this name: its number of messages.
    pub(crate) fn address(&self, name: &str) -> String {
        match self {
            Self::Folder(_) => format!("sqlite://{}?mode=rwc", self.file(name).display()),
            Self::Server(url) => format!("{}/{}", url.rsplit_once('/').expect("a database's address").0, database(name)),
        }
    }

    async fn open(&self, name: &str, readers: u32) -> Store {
        Store::open(&Options { readers, ..Config::defaults_at(self.address(name)).store().unwrap() }).await.unwrap()
    }

    fn file(&self, name: &str) -> PathBuf {
        match self {
            Self::Folder(folder) => folder.join(format!("{name}.db")),
            Self::Server(_) => unreachable!("stores on a server are not files"),
        }
    }

    async fn is_there(&self, name: &str) -> bool {
        match self {
            Self::Folder(_) => self.file(name).exists(),
            Self::Server(_) => {
                let sql = format!("SELECT 1 FROM pg_database WHERE datname = '{}'", database(name));
                let server = self.server().await;
                let found = server.query_one_raw(sea_orm::Statement::from_string(server.get_database_backend(), sql)).await;
                found.unwrap().is_some()
            }
        }
    }

    async fn create(&self, name: &str) {
        if let Self::Server(_) = self {
            self.run(&format!("CREATE DATABASE {}", database(name))).await;
        }
    }

    async fn rename(&self, from: &str, to: &str) {
        match self {
            Self::Folder(_) => fs::rename(self.file(from), self.file(to)).unwrap(),
            Self::Server(_) => self.run(&format!("ALTER DATABASE {} RENAME TO {}", database(from), database(to))).await,
        }
    }

    async fn remove(&self, name: &str) {
        match self {
            Self::Folder(_) => {
                for end in ["", "-wal", "-shm"] {
                    let _ = fs::remove_file(format!("{}{end}", self.file(name).display()));
                }
            }
            Self::Server(_) => self.run(&format!("DROP DATABASE IF EXISTS {}", database(name))).await,
        }
    }

    async fn server(&self) -> DatabaseConnection {
        match self {
            Self::Folder(_) => unreachable!("files have no server"),
            Self::Server(url) => Database::connect(url).await.unwrap(),
        }
    }

    async fn run(&self, sql: &str) {
        self.server().await.execute_unprepared(sql).await.unwrap();
    }
}

fn database(name: &str) -> String {
    format!("deskgraph_bench_{name}")
}
