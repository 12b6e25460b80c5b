//! A client of a live page with its own socket: continuous, with interruptions, or reading only now and then.

use std::time::{Duration, Instant};

use deskgraph::domain::change::LiveCursor;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::{super::data::Dice, page::Page};
use crate::support::{
    PATIENCE,
    live_page::{Kind, Shown},
    websocket::Client,
};

/// The behaviour of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Behaviour {
    /// Reads all the time.
    Continuous,
    /// Disconnects now and then, and resumes with its cursor.
    Reconnecting,
    /// Stays connected, but sometimes does not read for a while.
    Slow,
}

pub(super) struct Watcher {
    /// The index of its page.
    pub(super) page: usize,
    pub(super) behaviour: Behaviour,
    /// `None` while disconnected.
    socket: Option<Client>,
    shown: Shown,
    /// The cursor to resume after.
    cursor: Option<String>,
    /// The number of rounds in which it will not read.
    paused_rounds: usize,
    /// When it last read. The gateway disconnects a client that does not answer pings for a minute.
    read: Instant,
    /// Whether it has read everything of this round.
    has_read: bool,
    /// Whether it has received nothing since it connected.
    is_new: bool,
    pub(super) payloads: usize,
    /// How often it has resumed a page that was unchanged, and one that was not.
    pub(super) resumed: [usize; 2],
}

impl Watcher {
    pub(super) fn new(page: usize, behaviour: Behaviour) -> Self {
        let shown = Shown::default();
        Self {
            page,
            behaviour,
            socket: None,
            shown,
            cursor: None,
            paused_rounds: 0,
            read: Instant::now(),
            has_read: false,
            is_new: true,
            payloads: 0,
            resumed: [0; 2],
        }
    }

    async fn connect(&mut self, base: &str, page: &Page) {
        let authorization = format!("Bearer {}", page.key);
        let opened = Client::open(base, Some("graphql-transport-ws"), Some(("authorization", &authorization))).await;
        let mut socket = opened.expect("a socket");
        socket.send_json(json!({ "type": "connection_init" })).await;
        assert_eq!(socket.receive().await, json!({ "type": "connection_ack" }));
        let mut variables = page.variables.clone();
        variables["after"] = self.cursor.clone().into();
        socket.subscribe_with("1", &json!({ "query": page.subscription(), "variables": variables })).await;
        self.socket = Some(socket);
        self.read = Instant::now();
        self.is_new = true;
    }

    /// Reads until its page equals the list, unless it pauses. All events so far lead to `page.expected`, up to the position
    /// `head`.
    pub(super) async fn follow(&mut self, base: &str, page: &Page, head: i64, dice: &mut Dice) {
        let must_read = self.socket.is_some() && self.read.elapsed() > LONGEST_PAUSE;
        self.has_read = self.paused_rounds == 0 || must_read;
        if !self.has_read {
            self.paused_rounds -= 1;
            return;
        }
        if self.socket.is_none() {
            self.connect(base, page).await;
        }
        while self.is_new || self.shown != page.expected {
            let wait = timeout(PATIENCE / 2, self.next(page));
            let Ok(position) = wait.await else {
                panic!("{self:#?}\ndoes not become\n{:#?}\nof {} at {head}", page.expected, page.description());
            };
            assert!(position <= head, "there is no event after {head}: {position}");
            assert!(
                position < head || self.shown == page.expected,
                "{self:#?}\nof {} at {head}: expected {:#?}",
                page.description(),
                page.expected
            );
        }
        if dice.percent(5) || must_read {
            self.settle(page).await;
        }
        match self.behaviour {
            Behaviour::Reconnecting if dice.percent(12) => {
                self.socket = None;
                self.paused_rounds = dice.below(4);
                // With the cursor of a payload or a ping, or with a list and `head` from one query.
                if dice.percent(30) {
                    self.cursor = Some(page.head.clone());
                }
            }
            Behaviour::Slow if dice.percent(20) => self.paused_rounds = 1 + dice.below(5),
            _ => {}
        }
    }

    /// Applies the next payload. Returns its position.
    async fn next(&mut self, page: &Page) -> i64 {
        loop {
            let message = self.socket.as_mut().expect("a socket").receive().await;
            if let Some(position) = self.take(message, page).await {
                return position;
            }
        }
    }

    /// Handles a message. Returns the position if it was a payload.
    async fn take(&mut self, mut message: Value, page: &Page) -> Option<i64> {
        match message["type"].as_str() {
            Some("next") if message["payload"].get("errors").is_none() => {}
            Some("ping") => {
                // Progress, which a client can resume after as well.
                if let (Some(cursor), false) = (message["payload"]["cursors"]["1"].as_str(), self.is_new) {
                    self.cursor = Some(cursor.to_owned());
                }
                self.socket.as_mut().expect("a socket").send_json(json!({ "type": "pong" })).await;
                return None;
            }
            _ => panic!("{message} for {}", page.description()),
        }
        self.payloads += 1;
        let before = self.shown.clone();
        let payload = message["payload"]["data"]["live"].take();
        let kind = self.shown.take(&payload);
        let is_first = std::mem::take(&mut self.is_new);
        let context = || format!("{payload}\nof {}", page.description());
        match (is_first, self.cursor.is_some()) {
            (true, false) => assert_eq!(kind, Kind::Page, "the first payload is the page: {}", context()),
            (true, true) => {
                assert_ne!(kind, Kind::Steps, "steps without a known page: {}", context());
                // The cursor of a payload or ping identifies the client's state; that of a query only identifies a
                // position.
                let has_page = self.cursor.as_deref().and_then(LiveCursor::decode).is_some_and(|cursor| cursor.page.is_some());
                assert!(kind == Kind::Nothing || !has_page || self.shown != before, "it had this page: {}", context());
                self.resumed[usize::from(kind == Kind::Page)] += 1;
            }
            (false, _) => {
                assert_ne!(kind, Kind::Page, "it had a page: {}", context());
                assert_ne!(self.shown, before, "a payload without a change: {}", context());
            }
        }
        let cursor = payload["cursor"].as_str().expect("a cursor");
        self.cursor = Some(cursor.to_owned());
        Some(LiveCursor::decode(cursor).expect("a live cursor").position)
    }

    /// Handles what a client that is up to date has received: only intermediate states.
    pub(super) async fn settle(&mut self, page: &Page) {
        let Some(socket) = self.socket.as_mut().filter(|_| self.has_read) else { return };
        self.read = Instant::now();
        let mut payloads = 0;
        for message in socket.until_pong().await {
            payloads += usize::from(self.take(message, page).await.is_some());
        }
        assert!(payloads == 0 || self.behaviour != Behaviour::Continuous, "it had everything of {}", page.description());
        assert_eq!(self.shown, page.expected, "{}", page.description());
    }
}

impl std::fmt::Debug for Watcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watcher")
            .field("behaviour", &self.behaviour)
            .field("shown", &self.shown)
            .field("cursor", &self.cursor)
            .finish_non_exhaustive()
    }
}

/// The longest time without reading.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// How long to wait to show that nothing arrives.
pub(super) const QUIET: Duration = Duration::from_millis(1500);
