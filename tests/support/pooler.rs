//! `PgBouncer` in front of a database, on a free port, until dropped.

use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

use super::{PATIENCE, fixed::RETRY};

pub struct Pooler {
    process: Child,
    /// The URL of the database through the pooler.
    pub url: String,
    _folder: TempDir,
}

impl Pooler {
    /// Starts a pooler in session, transaction or statement mode. It either ignores the startup parameters of connections, or
    /// refuses connections that have any.
    pub async fn start(database_url: &str, mode: &str, ignores: bool) -> Self {
        let mut url = reqwest::Url::parse(database_url).unwrap();
        let (host, server) = (url.host_str().unwrap().to_owned(), url.port().unwrap_or(5432));
        let user = url.username().to_owned();
        // Released immediately: PgBouncer does not support port 0.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let folder = tempfile::tempdir().unwrap();
        let setting = if ignores { "ignore_startup_parameters = options, extra_float_digits, application_name" } else { "" };
        let settings = format!(
            "[databases]\n* = host={host} port={server} user={user}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
             unix_socket_dir =\nauth_type = any\npool_mode = {mode}\n{setting}\n"
        );
        let file = folder.path().join("pgbouncer.ini");
        std::fs::write(&file, settings).unwrap();
        readable(folder.path());
        let mut command = Command::new("pgbouncer");
        // It refuses to run as root.
        command.args(["--user", "nobody", "--quiet"]).arg(&file).stdout(Stdio::null()).stderr(Stdio::null());
        let process = command.spawn().expect("PgBouncer is missing: run `scripts/test`, or `apt-get install pgbouncer`");
        url.set_host(Some("127.0.0.1")).unwrap();
        url.set_port(Some(port)).unwrap();
        let pooler = Self { process, url: url.into(), _folder: folder };
        let listening = async {
            while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
                tokio::time::sleep(RETRY).await;
            }
        };
        tokio::time::timeout(PATIENCE, listening).await.expect("PgBouncer listens in time");
        pooler
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Makes a folder readable for other users.
fn readable(folder: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).unwrap();
}
