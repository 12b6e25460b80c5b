//! The time-outs of one connection (`connection_init`, pong, idle) and its keep-alive pings.
//!
//! Pure: instants are passed in, and the session needs a single tokio timer, set to [`Timers::next`].

use tokio::time::Instant;

use super::{Limits, closing::Closing};

/// The deadlines of one connection.
#[derive(Debug)]
pub(super) struct Timers {
    /// The deadline of `connection_init`; `None` once it has arrived.
    init_by: Option<Instant>,
    /// When the next ping is sent.
    ping_at: Instant,
    /// The deadline of the client's next message; `None` unless a ping is unanswered.
    message_by: Option<Instant>,
    /// When the idle connection is closed; `None` while an operation is running.
    idle_by: Option<Instant>,
}

/// The action that is due.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// Nothing.
    Nothing,
    /// Send a keep-alive ping.
    Ping,
    /// Close the socket.
    Close(Closing),
}

impl Timers {
    /// The deadlines of a connection that was opened at `now`.
    pub(super) fn new(now: Instant, limits: &Limits) -> Self {
        Self {
            init_by: Some(now + limits.init_timeout),
            ping_at: now + limits.ping_interval,
            message_by: None,
            idle_by: Some(now + limits.idle_timeout),
        }
    }

    /// Sends the first ping at this time.
    pub(super) fn with_first_ping(self, at: Instant) -> Self {
        Self { ping_at: at, ..self }
    }

    /// Records that `connection_init` has arrived.
    pub(super) fn initialised(&mut self) {
        self.init_by = None;
    }

    /// Records that the client has shown that it is alive.
    pub(super) fn alive(&mut self) {
        self.message_by = None;
    }

    /// Records that an operation is running.
    pub(super) fn busy(&mut self) {
        self.idle_by = None;
    }

    /// Records that no operation is running.
    pub(super) fn idle(&mut self, limits: &Limits, now: impl FnOnce() -> Instant) {
        self.idle_by = self.idle_by.or_else(|| Some(now() + limits.idle_timeout));
    }

    /// The earliest deadline.
    pub(super) fn next(&self) -> Instant {
        [self.init_by, self.message_by, self.idle_by].into_iter().flatten().fold(self.ping_at, Instant::min)
    }

    /// The action due at `now`. If it is a ping, the caller must send it.
    pub(super) fn due(&mut self, now: Instant, limits: &Limits) -> Due {
        let passed = |by: Option<Instant>| by.is_some_and(|by| by <= now);
        if passed(self.init_by) {
            return Due::Close(Closing::InitTimeout);
        }
        if passed(self.message_by) {
            return Due::Close(Closing::Silent(limits.pong_timeout));
        }
        if passed(self.idle_by) {
            return Due::Close(Closing::Idle(limits.idle_timeout));
        }
        if self.ping_at > now {
            return Due::Nothing;
        }
        self.ping_at = now + limits.ping_interval;
        self.message_by = self.message_by.or(Some(now + limits.pong_timeout));
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

    /// Advances from deadline to deadline until the socket is closed. Returns the number of pings and the seconds since
    /// opening.
    fn until_closed(timers: &mut Timers, opened: Instant, answers: bool) -> (usize, u64, Closing) {
        for pings in 0.. {
            let now = timers.next();
            match timers.due(now, &limits()) {
                Due::Close(closing) => return (pings, (now - opened).as_secs(), closing),
                Due::Ping if answers => timers.alive(),
                Due::Ping => {}
                Due::Nothing => panic!("nothing was due at the deadline"),
            }
        }
        unreachable!("the pings end")
    }

    #[test]
    fn a_client_that_sends_no_init_is_closed_after_the_timeout() {
        let opened = Instant::now();
        let mut timers = Timers::new(opened, &limits());
        assert_eq!(until_closed(&mut timers, opened, true), (0, 10, Closing::InitTimeout));
    }

    #[test]
    fn a_client_that_leaves_a_ping_unanswered_is_closed_a_pong_timeout_after_it() {
        let opened = Instant::now();
        let mut timers = Timers::new(opened, &limits());
        timers.initialised();
        timers.busy();
        assert_eq!(until_closed(&mut timers, opened, false), (3, 85, Closing::Silent(limits().pong_timeout)));
    }

    #[test]
    fn a_client_that_answers_stays_until_it_is_idle_for_too_long() {
        let opened = Instant::now();
        let mut timers = Timers::new(opened, &limits());
        timers.initialised();
        timers.busy();
        let done = opened + Duration::from_secs(100);
        while timers.next() < done {
            assert_eq!(timers.due(timers.next(), &limits()), Due::Ping);
            timers.alive();
        }
        timers.idle(&limits(), || done);
        let (_, seconds, closing) = until_closed(&mut timers, opened, true);
        assert_eq!((seconds, closing), (700, Closing::Idle(limits().idle_timeout)));
    }
}
