//! The baseline: bare axum, which sends a prepared frame to the sockets of the groups that a message concerns. It implements
//! just enough of the protocol for the subscribers to start. With a file, it first commits the frame to a SQLite table there,
//! together with all other waiting frames and synced to disk, as the gateway does with a delivery.

use std::{
    collections::HashMap,
    path::Path as FilePath,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    extract::{
        Path, State,
        ws::{Message, Utf8Bytes, WebSocket, WebSocketUpgrade},
    },
    response::Response,
    routing::{get, post},
    serve::ListenerExt,
};
use rusqlite::Connection;
use tokio::{
    net::TcpListener,
    sync::{
        broadcast::{self, error::RecvError},
        mpsc, oneshot,
    },
};

/// The number of frames that may wait for a commit, and that one commit takes.
const COMMITTED: usize = 1000;

/// The subscribers, by group.
struct Groups {
    /// The number of frames that may wait for a subscriber.
    waiting: usize,
    by_number: Mutex<HashMap<usize, broadcast::Sender<Utf8Bytes>>>,
}

impl Groups {
    fn follow(&self, group: usize) -> broadcast::Receiver<Utf8Bytes> {
        let mut groups = self.by_number.lock().unwrap();
        groups.entry(group).or_insert_with(|| broadcast::channel(self.waiting).0).subscribe()
    }

    fn publish(&self, groups: &str, frame: &Utf8Bytes) {
        let by_number = self.by_number.lock().unwrap();
        for group in groups.split(',').filter_map(|group| group.parse().ok()) {
            if let Some(group) = by_number.get(&group) {
                // Without subscribers there is no socket to send to.
                let _ = group.send(frame.clone());
            }
        }
    }
}

/// A frame that waits for its commit.
type Uncommitted = (String, oneshot::Sender<String>);

#[derive(Clone)]
struct Bare {
    groups: Arc<Groups>,
    writer: Option<mpsc::Sender<Uncommitted>>,
}

/// Serves on a free port, and prints its address. Commits to `file`, if there is one.
pub(crate) async fn serve(waiting: usize, file: Option<&FilePath>) {
    let groups = Arc::new(Groups { waiting, by_number: Mutex::default() });
    let writer = file.map(|file| {
        let (writer, uncommitted) = mpsc::channel(COMMITTED);
        let db = Connection::open(file).unwrap();
        db.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE frame (frame TEXT)").unwrap();
        std::thread::spawn(move || commit(&db, uncommitted));
        writer
    });
    let publish = async |State(bare): State<Bare>, Path(concerned): Path<String>, mut frame: String| {
        if let Some(writer) = &bare.writer {
            let (answer, committed) = oneshot::channel();
            writer.send((frame, answer)).await.unwrap();
            frame = committed.await.unwrap();
        }
        bare.groups.publish(&concerned, &frame.into());
    };
    let router = Router::new()
        .route("/groups/{group}", get(upgrade))
        .route("/publish/{groups}", post(publish))
        .with_state(Bare { groups, writer });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("http://{}", listener.local_addr().unwrap());
    let listener = listener.tap_io(|stream| stream.set_nodelay(true).unwrap());
    axum::serve(listener, router).await.unwrap();
}

/// Commits waiting frames, all together, until there are no senders.
fn commit(db: &Connection, mut uncommitted: mpsc::Receiver<Uncommitted>) {
    let mut batch = Vec::new();
    while uncommitted.blocking_recv_many(&mut batch, COMMITTED) > 0 {
        let transaction = db.unchecked_transaction().unwrap();
        for (frame, _) in &batch {
            transaction.prepare_cached("INSERT INTO frame VALUES (?1)").unwrap().execute([frame]).unwrap();
        }
        transaction.commit().unwrap();
        for (frame, answer) in batch.drain(..) {
            // The sender may be gone.
            let _ = answer.send(frame);
        }
    }
}

async fn upgrade(State(bare): State<Bare>, Path(group): Path<usize>, upgrade: WebSocketUpgrade) -> Response {
    let groups = bare.groups;
    let upgrade = upgrade.protocols(["graphql-transport-ws"]).read_buffer_size(4 * 1024).write_buffer_size(0);
    upgrade.on_upgrade(async move |socket| send_to(socket, groups.follow(group)).await)
}

async fn send_to(mut socket: WebSocket, mut frames: broadcast::Receiver<Utf8Bytes>) {
    loop {
        let frame = tokio::select! {
            frame = frames.recv() => match frame {
                Ok(frame) => frame,
                Err(RecvError::Lagged(lost)) => {
                    eprintln!("the baseline lost {lost} frames, because a subscriber was too slow");
                    return;
                }
                Err(RecvError::Closed) => return,
            },
            received = socket.recv() => match received {
                Some(Ok(Message::Text(text))) if text.contains("connection_init") => r#"{"type":"connection_ack"}"#.into(),
                Some(Ok(Message::Text(text))) if text.contains("ping") => r#"{"type":"pong"}"#.into(),
                Some(Ok(_)) => continue,
                _ => return,
            },
        };
        if socket.send(Message::Text(frame)).await.is_err() {
            return;
        }
    }
}
