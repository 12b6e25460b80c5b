//! Who watches a live page over a socket of its own: without a break, with breaks, or reading now and then.

use std::time::Duration;

use deskgraph::domain::change::LiveCursor;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::{super::data::Dice, page::Page};
use crate::support::{
    PATIENCE,
    live_page::{Kind, Shown},
    websocket::Client,
};

/// How somebody watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    /// Without a break.
    Steady,
    /// Goes away now and then, and comes back with the cursor.
    Comes,
    /// Stays, and does not read for a while now and then.
    Slow,
}

pub(super) struct Watcher {
    /// Which of the pages.
    pub(super) page: usize,
    pub(super) manner: Manner,
    /// None while it is away.
    socket: Option<Client>,
    shown: Shown,
    /// What it resumes after.
    cursor: Option<String>,
    /// Rounds for which it does not read.
    rests: usize,
    /// Whether it has read all of this round.
    has_looked: bool,
    /// Whether it has not got anything yet since it came.
    is_new: bool,
    pub(super) payloads: usize,
    /// How often it has come back, to a page that was as it had left it, and to one that was not.
    pub(super) resumed: [usize; 2],
}

impl Watcher {
    pub(super) fn new(page: usize, manner: Manner) -> Self {
        let shown = Shown::default();
        Self {
            page,
            manner,
            socket: None,
            shown,
            cursor: None,
            rests: 0,
            has_looked: false,
            is_new: true,
            payloads: 0,
            resumed: [0; 2],
        }
    }

    async fn come(&mut self, base: &str, page: &Page) {
        let authorization = format!("Bearer {}", page.key);
        let opened = Client::open(base, Some("graphql-transport-ws"), Some(("authorization", &authorization))).await;
        let mut socket = opened.expect("a socket");
        socket.say(json!({ "type": "connection_init" })).await;
        assert_eq!(socket.hear().await, json!({ "type": "connection_ack" }));
        let mut variables = page.variables.clone();
        variables["after"] = self.cursor.clone().into();
        socket.ask("1", &json!({ "query": page.subscription(), "variables": variables })).await;
        self.socket = Some(socket);
        self.is_new = true;
    }

    /// Reads until it shows what the list answers, unless it rests. All that has happened so far has led to `page.expected`,
    /// up to the position `head`.
    pub(super) async fn look(&mut self, base: &str, page: &Page, head: i64, dice: &mut Dice) {
        self.has_looked = self.rests == 0;
        if !self.has_looked {
            self.rests -= 1;
            return;
        }
        if self.socket.is_none() {
            self.come(base, page).await;
        }
        while self.is_new || self.shown != page.expected {
            let wait = timeout(PATIENCE / 2, self.next(page));
            let Ok(position) = wait.await else {
                panic!("{self:#?}\nwaits in vain for\n{:#?}\nof {} at {head}", page.expected, page.told());
            };
            assert!(position <= head, "nothing has happened since {head}: {position}");
            assert!(
                position < head || self.shown == page.expected,
                "{self:#?}\nof {} at {head}: expected {:#?}",
                page.told(),
                page.expected
            );
        }
        // Who never reads is taken for gone.
        if dice.percent(5) {
            self.settle(page).await;
        }
        match self.manner {
            Manner::Comes if dice.percent(12) => {
                self.socket = None;
                self.rests = dice.below(4);
                // With what a payload or a ping told, or with the list and the head that one query has answered.
                if dice.percent(30) {
                    self.cursor = Some(page.head.clone());
                }
            }
            Manner::Slow if dice.percent(20) => self.rests = 1 + dice.below(5),
            _ => {}
        }
    }

    /// Takes the next payload. Returns its position.
    async fn next(&mut self, page: &Page) -> i64 {
        loop {
            let message = self.socket.as_mut().expect("it is there").hear().await;
            if let Some(position) = self.take(message, page).await {
                return position;
            }
        }
    }

    /// Takes a message. Returns the position if it was a payload.
    async fn take(&mut self, mut message: Value, page: &Page) -> Option<i64> {
        match message["type"].as_str() {
            Some("next") if message["payload"].get("errors").is_none() => {}
            Some("ping") => {
                // What was looked through, which somebody can resume after as well.
                if let (Some(cursor), false) = (message["payload"]["cursors"]["1"].as_str(), self.is_new) {
                    self.cursor = Some(cursor.to_owned());
                }
                self.socket.as_mut().expect("it is there").say(json!({ "type": "pong" })).await;
                return None;
            }
            _ => panic!("{message} for {}", page.told()),
        }
        self.payloads += 1;
        let before = self.shown.clone();
        let payload = message["payload"]["data"]["live"].take();
        let kind = self.shown.take(&payload);
        let is_first = std::mem::take(&mut self.is_new);
        let told = || format!("{payload}\nof {}", page.told());
        match (is_first, self.cursor.is_some()) {
            (true, false) => assert_eq!(kind, Kind::Page, "the first payload is the page: {}", told()),
            (true, true) => {
                assert_ne!(kind, Kind::Steps, "steps from what? {}", told());
                // The cursor of a payload or a ping tells what somebody has; that of a query tells only what has happened since.
                let is_told = self.cursor.as_deref().and_then(LiveCursor::decode).is_some_and(|cursor| cursor.page.is_some());
                assert!(kind == Kind::Nothing || !is_told || self.shown != before, "it had this page: {}", told());
                self.resumed[usize::from(kind == Kind::Page)] += 1;
            }
            (false, _) => {
                assert_ne!(kind, Kind::Page, "it had a page: {}", told());
                assert_ne!(self.shown, before, "a payload without a change: {}", told());
            }
        }
        let cursor = payload["cursor"].as_str().expect("a cursor");
        self.cursor = Some(cursor.to_owned());
        Some(LiveCursor::decode(cursor).expect("a live cursor").position)
    }

    /// Takes what has come, to somebody who has looked: nothing but states in between.
    pub(super) async fn settle(&mut self, page: &Page) {
        let Some(socket) = self.socket.as_mut().filter(|_| self.has_looked) else { return };
        let mut payloads = 0;
        for message in socket.until_pong().await {
            payloads += usize::from(self.take(message, page).await.is_some());
        }
        assert!(payloads == 0 || self.manner != Manner::Steady, "it showed all of {}", page.told());
        assert_eq!(self.shown, page.expected, "{}", page.told());
    }
}

impl std::fmt::Debug for Watcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watcher")
            .field("manner", &self.manner)
            .field("shown", &self.shown)
            .field("cursor", &self.cursor)
            .finish_non_exhaustive()
    }
}

/// How long a round may take to show that nothing comes.
pub(super) const QUIET: Duration = Duration::from_millis(1500);
