//! The yardstick: an axum handler that sends a frame, made before, to every socket. It speaks just enough of the protocol for
//! the subscribers to begin.

use axum::{
    Router,
    extract::{
        State,
        ws::{Message, Utf8Bytes, WebSocket, WebSocketUpgrade},
    },
    response::Response,
    routing::{get, post},
    serve::ListenerExt,
};
use tokio::{net::TcpListener, sync::broadcast};

/// Frames that may wait for a subscriber: all of a measurement.
const WAITING: usize = 32 * 1024;

type Frames = broadcast::Sender<Utf8Bytes>;

/// Serves on a free port, and prints where.
pub(crate) async fn serve() {
    let (frames, _) = broadcast::channel::<Utf8Bytes>(WAITING);
    let publish = async |State(frames): State<Frames>, body: String| {
        // Without subscribers there is nobody to send to.
        let _ = frames.send(body.into());
    };
    let router = Router::new().route("/graphql", get(upgrade)).route("/publish", post(publish)).with_state(frames);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("http://{}", listener.local_addr().unwrap());
    let listener = listener.tap_io(|stream| stream.set_nodelay(true).unwrap());
    axum::serve(listener, router).await.unwrap();
}

async fn upgrade(State(frames): State<Frames>, upgrade: WebSocketUpgrade) -> Response {
    let upgrade = upgrade.protocols(["graphql-transport-ws"]).read_buffer_size(4 * 1024).write_buffer_size(0);
    upgrade.on_upgrade(async move |socket| follow(socket, frames.subscribe()).await)
}

async fn follow(mut socket: WebSocket, mut frames: broadcast::Receiver<Utf8Bytes>) {
    loop {
        let frame = tokio::select! {
            frame = frames.recv() => frame.expect("a subscriber keeps up"),
            heard = socket.recv() => match heard {
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
