//! The baseline: bare axum, which sends a prepared frame to the sockets of the groups that a message concerns. It implements
//! just enough of the protocol for the subscribers to start.

use std::{
    collections::HashMap,
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
use tokio::{
    net::TcpListener,
    sync::broadcast::{self, error::RecvError},
};

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

/// Serves on a free port, and prints its address.
pub(crate) async fn serve(waiting: usize) {
    let groups = Arc::new(Groups { waiting, by_number: Mutex::default() });
    let publish = async |State(groups): State<Arc<Groups>>, Path(concerned): Path<String>, frame: String| {
        groups.publish(&concerned, &frame.into());
    };
    let router = Router::new()
        .route("/groups/{group}", get(upgrade))
        .route("/publish/{groups}", post(publish))
        .with_state(Arc::clone(&groups));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("http://{}", listener.local_addr().unwrap());
    let listener = listener.tap_io(|stream| stream.set_nodelay(true).unwrap());
    axum::serve(listener, router).await.unwrap();
}

async fn upgrade(State(groups): State<Arc<Groups>>, Path(group): Path<usize>, upgrade: WebSocketUpgrade) -> Response {
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
