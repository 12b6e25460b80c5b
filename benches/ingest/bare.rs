//! The baseline as a process: a bare axum handler that queues the body and responds once a single writer has committed it
//! together with all other waiting bodies.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use axum::{
    Router,
    extract::State,
    http::StatusCode,
    routing::{get, post},
    serve::ListenerExt,
};
use tokio::{
    net::TcpListener,
    sync::{mpsc, oneshot},
};

use crate::{commit, load::PATH};

/// The number of bodies that may wait for the writer.
const QUEUE: usize = 4096;

/// The path at which the server reports the number of committed transactions.
pub(crate) const BATCHES: &str = "/batches";

/// A body, and the sender that waits for its commit.
pub(crate) struct Job {
    pub(crate) payload: String,
    pub(crate) answer: oneshot::Sender<()>,
}

#[derive(Clone)]
struct Bare {
    jobs: mpsc::Sender<Job>,
    batches: Arc<AtomicU64>,
}

/// Serves an empty database on a free port, and prints its address.
pub(crate) async fn serve(database_url: &str) {
    let (jobs, waiting) = mpsc::channel(QUEUE);
    let batches = Arc::new(AtomicU64::new(0));
    commit::start(database_url, waiting, Arc::clone(&batches)).await;
    let batch_count = async |State(bare): State<Bare>| bare.batches.load(Ordering::Relaxed).to_string();
    let router = Router::new().route(PATH, post(receive)).route(BATCHES, get(batch_count)).with_state(Bare { jobs, batches });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("http://{}", listener.local_addr().unwrap());
    let listener = listener.tap_io(|stream| stream.set_nodelay(true).unwrap());
    axum::serve(listener, router).await.unwrap();
}

async fn receive(State(bare): State<Bare>, payload: String) -> StatusCode {
    let (answer, answered) = oneshot::channel();
    bare.jobs.send(Job { payload, answer }).await.unwrap();
    answered.await.unwrap();
    StatusCode::OK
}
