//! What is due when on one connection: the end of the wait for `connection_init`, keep-alive pings, the end of the wait
//! for a sign of life, the end of an idle connection. Pure over instants that are passed in, so one timer serves them all.

use tokio::time::Instant;

use super::{Limits, closing::Closing};

/// The times of one connection.
#[derive(Debug)]
pub(super) struct Watch {
    /// When the client must have asked to begin; nothing once it has.
    init_by: Option<Instant>,
    /// When the next ping goes out.
    ping_at: Instant,
    /// When the client must have been heard; nothing while no ping is unanswered.
    heard_by: Option<Instant>,
    /// When a connection without operations is closed; nothing while one runs.
    idle_by: Option<Instant>,
}

/// What is to be done.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// Nothing yet.
    Nothing,
    /// A keep-alive ping.
    Ping,
    /// The socket is to be closed.
    Close(Closing),
}

impl Watch {
    /// The times of a connection that was opened now.
    pub(super) fn new(now: Instant, limits: &Limits) -> Self {
        Self {
            init_by: Some(now + limits.init_timeout),
            ping_at: now + limits.ping_interval,
            heard_by: None,
            idle_by: Some(now + limits.idle_timeout),
        }
    }

    /// The client asked to begin.
    pub(super) fn begun(&mut self) {
        self.init_by = None;
    }

    /// The client gave a sign of life.
    pub(super) fn heard(&mut self) {
        self.heard_by = None;
    }

    /// An operation runs.
    pub(super) fn busy(&mut self) {
        self.idle_by = None;
    }

    /// No operation runs, or none any more.
    pub(super) fn idle(&mut self, limits: &Limits, now: impl FnOnce() -> Instant) {
        self.idle_by = self.idle_by.or_else(|| Some(now() + limits.idle_timeout));
    }

    /// The next time at which something may be due.
    pub(super) fn next(&self) -> Instant {
        [self.init_by, self.heard_by, self.idle_by].into_iter().flatten().fold(self.ping_at, Instant::min)
    }

    /// What is due now. A ping is taken as sent.
    pub(super) fn due(&mut self, now: Instant, limits: &Limits) -> Due {
        let passed = |by: Option<Instant>| by.is_some_and(|by| by <= now);
        if passed(self.init_by) {
            return Due::Close(Closing::InitTimeout);
        }
        if passed(self.heard_by) {
            return Due::Close(Closing::Silent(limits.pong_timeout));
        }
        if passed(self.idle_by) {
            return Due::Close(Closing::Idle(limits.idle_timeout));
        }
        if self.ping_at > now {
            return Due::Nothing;
        }
        self.ping_at = now + limits.ping_interval;
        self.heard_by = self.heard_by.or(Some(now + limits.pong_timeout));
        Due::Ping
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn limits() -> Limits {
        Limits {
            init_timeout: Duration::from_secs(10),
            ping_interval: Duration::from_secs(25),
            pong_timeout: Duration::from_mins(1),
            idle_timeout: Duration::from_mins(10),
            ..crate::config::Config::defaults().websocket()
        }
    }

    /// Steps from one due time to the next until the socket is to be closed: how many pings went out, after how many seconds.
    fn until_closed(watch: &mut Watch, opened: Instant, answers: bool) -> (usize, u64, Closing) {
        for pings in 0.. {
            let now = watch.next();
            match watch.due(now, &limits()) {
                Due::Close(closing) => return (pings, (now - opened).as_secs(), closing),
                Due::Ping if answers => watch.heard(),
                Due::Ping => {}
                Due::Nothing => panic!("nothing was due at the next time"),
            }
        }
        unreachable!("the pings end")
    }

    #[test]
    fn a_client_that_does_not_begin_is_closed_in_time() {
        let opened = Instant::now();
        let mut watch = Watch::new(opened, &limits());
        assert_eq!(until_closed(&mut watch, opened, true), (0, 10, Closing::InitTimeout));
    }

    #[test]
    fn a_client_that_leaves_a_ping_unanswered_is_closed_a_pong_timeout_after_it() {
        let opened = Instant::now();
        let mut watch = Watch::new(opened, &limits());
        watch.begun();
        watch.busy();
        assert_eq!(until_closed(&mut watch, opened, false), (3, 85, Closing::Silent(limits().pong_timeout)));
    }

    #[test]
    fn a_client_that_answers_stays_until_it_is_idle_for_too_long() {
        let opened = Instant::now();
        let mut watch = Watch::new(opened, &limits());
        watch.begun();
        watch.busy();
        let done = opened + Duration::from_secs(100);
        while watch.next() < done {
            assert_eq!(watch.due(watch.next(), &limits()), Due::Ping);
            watch.heard();
        }
        watch.idle(&limits(), || done);
        let (_, seconds, closing) = until_closed(&mut watch, opened, true);
        assert_eq!((seconds, closing), (700, Closing::Idle(limits().idle_timeout)));
    }
}
