//! The real binary at a fixed address while it is killed and restarted on its database.

use std::{net::SocketAddr, process::Stdio, time::Duration};

use tokio::{net::TcpSocket, process::Child, time::timeout};

use super::{PATIENCE, database::Database, process::deskgraph};

/// How long to wait before a connection to an unavailable gateway is retried.
pub const RETRY: Duration = Duration::from_millis(20);

pub struct Fixed {
    child: Child,
    pub database: Database,
    pub address: SocketAddr,
    pub base: String,
    /// Bound but not listening, so that no other program gets the port while the gateway is down.
    _reserved: TcpSocket,
}

fn spawn(database: &Database, address: SocketAddr) -> Child {
    deskgraph(database).args(["serve", "--listen", &address.to_string()]).stderr(Stdio::null()).spawn().unwrap()
}

impl Fixed {
    /// Starts it, and waits until it serves.
    pub async fn start(database: Database) -> Self {
        let reserved = TcpSocket::new_v4().unwrap();
        reserved.set_reuseaddr(true).unwrap();
        reserved.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = reserved.local_addr().unwrap();
        let base = format!("http://{address}");
        let fixed = Self { child: spawn(&database, address), database, address, base, _reserved: reserved };
        let ready = async {
            while !reqwest::get(format!("{}/readyz", fixed.base)).await.is_ok_and(|answer| answer.status() == 200) {
                tokio::time::sleep(RETRY).await;
            }
        };
        timeout(PATIENCE, ready).await.expect("the gateway serves in time");
        fixed
    }

    /// `kill -9`, then a restart without waiting for it.
    pub async fn kill_and_start(&mut self) {
        self.child.kill().await.unwrap();
        self.child = spawn(&self.database, self.address);
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id().unwrap()
    }

    /// Posts a message until it is acknowledged, even if the gateway is killed in the meantime.
    pub async fn deliver(client: &reqwest::Client, base: &str, id: &str, message: &serde_json::Value) {
        let acknowledged = async {
            loop {
                let request = client.post(format!("{base}/webhooks/message-sent")).header("webhook-id", id).json(message);
                match request.send().await {
                    Ok(response) if response.status() == 200 => return,
                    Ok(response) => assert_eq!(response.status(), 503),
                    Err(_) => {}
                }
                tokio::time::sleep(RETRY).await;
            }
        };
        timeout(PATIENCE, acknowledged).await.expect("an acknowledgement in time");
    }
}
