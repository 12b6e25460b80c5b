//! Writes a script: combines exchanges by topic, with their pauses and consequences.

use std::{collections::VecDeque, mem, ptr};

use super::{
    capitals::with_first_letters,
    step::{Action, MessageDraft, Step},
};
use crate::{
    data::{Exchange, Line, Media, Platform, Speaker, TicketKind, phrases},
    deal::Deal,
    hours::{HOUR, SECOND},
    person::Person,
    rng::Rng,
    ticket::TicketDraft,
};

/// The participants and the place of a conversation.
pub(crate) struct Setting<'a> {
    /// The customer; `None` for a stranger.
    pub(crate) person: Option<&'a Person>,
    pub(crate) platform: Platform,
    pub(crate) staff: usize,
    pub(crate) has_ticket: bool,
}

/// The topic of one visit in a conversation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Topic {
    Inquiry,
    Purchase,
    Complaint,
    Change,
    Letter,
    Stranger,
}

/// A script being written.
pub(super) struct Writer<'a> {
    rng: &'a mut Rng,
    deal: Deal,
    /// Whether the customer writes without capitals.
    is_casual: bool,
    steps: VecDeque<Step>,
    /// Exchanges already used, to avoid repetition.
    used: Vec<&'static Exchange>,
    /// Who spoke last in this visit.
    last_speaker: Option<Speaker>,
    /// Additional pause before the next message.
    extra_pause: i64,
    messages: usize,
}

impl<'a> Writer<'a> {
    /// The largest number of messages in a script.
    const MAX_MESSAGES: usize = 36;

    pub(super) fn new(rng: &'a mut Rng, deal: Deal, is_casual: bool) -> Self {
        Self { rng, deal, is_casual, steps: VecDeque::new(), used: Vec::new(), last_speaker: None, extra_pause: 0, messages: 0 }
    }

    /// The topic of the next visit.
    pub(super) fn topic(&mut self, setting: &Setting, has_ticket: bool) -> Topic {
        match setting.platform {
            _ if setting.person.is_none() => Topic::Stranger,
            Platform::Email => Topic::Letter,
            _ if has_ticket => *self.rng.weighted(&[(45, Topic::Complaint), (25, Topic::Change), (30, Topic::Purchase)]),
            _ => *self.rng.weighted(&[(51, Topic::Inquiry), (41, Topic::Purchase), (5, Topic::Complaint), (3, Topic::Change)]),
        }
    }

    /// Lengthens the pause before the next message.
    pub(super) fn wait(&mut self, low: i64, high: i64) {
        self.extra_pause = self.rng.between(low, high);
    }

    /// Continues the conversation with other goods and this order.
    pub(super) fn renew(&mut self, order: String) {
        self.deal.renew(self.rng, order);
    }

    /// A visit: the exchanges about a topic, and their consequences.
    pub(super) fn visit(&mut self, topic: Topic, greets: bool, has_ticket: bool) {
        let phrases = phrases();
        if greets && matches!(topic, Topic::Inquiry | Topic::Purchase) && self.rng.chance(550) {
            self.exchange(&phrases.greetings, 0);
        }
        match topic {
            Topic::Inquiry => {
                self.exchange(&phrases.prices, 0);
                self.perhaps(500, &phrases.advice);
            }
            Topic::Purchase => {
                self.perhaps(650, &phrases.prices);
                self.perhaps(350, &phrases.advice);
                self.exchange(&phrases.orders, HOUR / 12);
                self.then(Action::Order(self.deal.order().to_owned(), self.deal.total()));
                self.perhaps(550, &phrases.payments);
                if self.rng.chance(450) {
                    self.exchange(&phrases.deliveries, 9 * HOUR);
                }
            }
            Topic::Complaint => self.exchange(&phrases.complaints, 0),
            Topic::Change => self.exchange(&phrases.changes, 0),
            Topic::Letter => {
                self.exchange(&phrases.letters, 0);
                self.perhaps(300, &phrases.letters);
            }
            Topic::Stranger => self.exchange(&phrases.strangers, 0),
        }
        if has_ticket {
            let kinds: &[TicketKind] = match topic {
                Topic::Complaint => &[TicketKind::Delivery, TicketKind::Complaint],
                Topic::Change => &[TicketKind::Exchange],
                Topic::Letter => &[TicketKind::Quote],
                Topic::Inquiry | Topic::Purchase | Topic::Stranger => &[TicketKind::Delivery, TicketKind::Care],
            };
            let kind = *self.rng.pick(kinds);
            let draft = TicketDraft::new(self.rng, &self.deal, kind);
            self.then(Action::OpenTicket(draft));
        }
        if topic != Topic::Letter && topic != Topic::Stranger {
            self.perhaps(450, &phrases.thanks);
        }
    }

    fn perhaps(&mut self, per_mille: u64, from: &'static [Exchange]) {
        if self.rng.chance(per_mille) {
            self.exchange(from, HOUR / 6);
        }
    }

    /// One of several exchanges, after a pause that is up to `pause` longer than usual.
    pub(super) fn exchange(&mut self, from: &'static [Exchange], pause: i64) {
        if self.messages > 0 {
            self.extra_pause += self.rng.between(pause / 10, pause);
        }
        let fresh: Vec<&Exchange> = from.iter().filter(|exchange| !self.is_used(exchange)).collect();
        let exchange = if fresh.is_empty() { self.rng.pick(from) } else { *self.rng.pick(&fresh) };
        self.used.push(exchange);
        for line in exchange {
            if self.messages >= Self::MAX_MESSAGES {
                return;
            }
            let pause = mem::take(&mut self.extra_pause) + self.pause_before(line.by);
            let draft = self.draft(line);
            self.steps.push_back(Step { pause, action: Action::Send(draft) });
            self.last_speaker = Some(line.by);
            self.messages += 1;
        }
    }

    fn is_used(&self, exchange: &Exchange) -> bool {
        self.used.iter().any(|used| ptr::eq(*used, exchange))
    }

    fn draft(&mut self, line: &Line) -> MessageDraft {
        let text = self.deal.fill(self.rng, &line.text);
        let is_casual = self.is_casual && line.by == Speaker::Customer;
        let text = if line.media == Media::Link { text } else { with_first_letters(&text, is_casual) };
        MessageDraft { by: line.by, media: line.media, text }
    }

    fn pause_before(&mut self, by: Speaker) -> i64 {
        let seconds = match (self.last_speaker, by) {
            (None, _) => self.rng.between(0, 30),
            (Some(last), by) if last == by => self.rng.between(4, 45),
            (Some(_), Speaker::Customer) if self.rng.chance(60) => self.rng.between(3600, 9 * 3600),
            (Some(_), Speaker::Customer) => self.rng.between(15, 480),
            (Some(_), Speaker::Staff | Speaker::System) if self.rng.chance(100) => self.rng.between(600, 3000),
            (Some(_), Speaker::Staff | Speaker::System) => self.rng.between(25, 300),
        };
        seconds * SECOND + self.rng.between(0, SECOND - 1)
    }

    fn then(&mut self, action: Action) {
        let pause = self.rng.between(20, 240) * SECOND;
        self.steps.push_back(Step { pause, action });
    }

    /// Staff close the conversation after a visit, or forget to.
    pub(super) fn perhaps_close(&mut self, per_mille: u64) {
        if self.rng.chance(per_mille) {
            let pause = self.rng.between(HOUR / 4, 6 * HOUR);
            self.steps.push_back(Step { pause, action: Action::Close });
            self.last_speaker = None;
        }
    }

    /// The script. A few end with an unanswered question of the customer.
    pub(super) fn finish(mut self) -> VecDeque<Step> {
        if self.rng.chance(60) {
            let is_by_customer = |step: &Step| matches!(&step.action, Action::Send(draft) if draft.by == Speaker::Customer);
            if let Some(last) = self.steps.iter().rposition(is_by_customer)
                && last > 0
            {
                self.steps.truncate(last + 1);
            }
        }
        self.steps
    }
}
