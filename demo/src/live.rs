//! Live traffic without end: continues the shop of a history at random instead of by a schedule.
//!
//! It runs through the history without writing payloads, and continues with the same people, open conversations and tickets.
//! Its ids contain the start time, so that a later run against the same gateway continues instead of colliding.

use std::collections::VecDeque;

use crate::{
    data,
    delivery::Delivery,
    ids::{KeyKind, key},
    payload,
    person::Record,
    plan::Plan,
    rng::Rng,
    shop::{Shop, ShopEvent, Starter},
};

/// 2025-01-01T00:00:00Z: live tickets are numbered by tenths of a second since then.
const TICKET_EPOCH_MS: i64 = 1_735_689_600_000;
/// The largest number of active conversations. Only the newest stay active, so that one can be followed on the screen.
const MAX_ACTIVE: usize = 40;
/// If fewer conversations than this are active, a new one starts.
const MIN_ACTIVE: usize = 16;

/// The source of live deliveries.
pub struct Live {
    shop: Shop,
    root: u64,
    id_prefix: String,
    /// Conversations and tickets whose scripts are not finished.
    talking: Vec<usize>,
    working: Vec<usize>,
    events: VecDeque<ShopEvent>,
    written: u64,
    last: Option<Delivery>,
}

impl Live {
    /// The traffic after the history of a plan.
    pub fn new(plan: &Plan) -> Self {
        let mut schedule = plan.schedule();
        let mut events = Vec::new();
        while schedule.next_at().is_some() {
            schedule.advance(&mut events);
            events.clear();
        }
        let (mut shop, talking, working) = schedule.into_rest();
        let start_ms = plan.now_ms;
        let root = key(plan.root(), KeyKind::Live, start_ms.unsigned_abs());
        shop.root = root;
        shop.rng = Rng::new(root);
        shop.first_person = root % 10_000_000;
        shop.first_ticket = (start_ms - TICKET_EPOCH_MS).unsigned_abs() / 100;
        let id_prefix = format!("demo-{:08x}-{start_ms}", plan.root() >> 32);
        Self { shop, root, id_prefix, talking, working, events: VecDeque::new(), written: 0, last: None }
    }

    /// The next delivery, sent at `now_ms`.
    pub fn next(&mut self, now_ms: i64) -> Delivery {
        if let Some(last) = self.last.take()
            && self.shop.rng.chance(10)
        {
            return Delivery { at_ms: now_ms, ..last };
        }
        let event = loop {
            if let Some(event) = self.events.pop_front() {
                break event;
            }
            self.act(now_ms);
        };
        self.written += 1;
        let mut rng = Rng::new(key(self.root, KeyKind::Delivery, self.written));
        let (segment, payload) = payload::write(&self.shop, &event, &mut rng);
        let id = format!("{}-{}", self.id_prefix, self.written);
        let delivery = Delivery { event: segment, id, at_ms: now_ms, payload };
        self.last = Some(delivery.clone());
        delivery
    }

    /// Performs one random action, which may have no effect.
    fn act(&mut self, at: i64) {
        type Act = fn(&mut Live, i64, &mut Vec<ShopEvent>);
        const ACTS: &[(u64, Act)] = &[
            (760, Live::talk),
            (28, Live::start),
            (16, Live::resume),
            (70, Live::read),
            (40, Live::work),
            (35, |live, at, events| live.shop.edit_some_customer(at, events)),
            (2, |live, _, events| live.shop.delete_some_customers(events)),
            (2, |live, _, events| live.shop.delete_some_ticket(events)),
        ];
        let mut events = Vec::new();
        let act = if self.talking.len() < MIN_ACTIVE { Live::start } else { *self.shop.rng.weighted(ACTS) };
        act(self, at, &mut events);
        self.events.extend(events);
    }

    fn talk(&mut self, at: i64, events: &mut Vec<ShopEvent>) {
        let active = self.talking.len().min(MAX_ACTIVE);
        let place = self.talking.len() - 1 - self.shop.rng.below(active);
        self.step(place, at, events);
    }

    fn step(&mut self, place: usize, at: i64, events: &mut Vec<ShopEvent>) {
        let tickets = self.shop.tickets.len();
        if self.shop.play_step(self.talking[place], at, 0, events).is_none() {
            self.talking.remove(place);
        }
        self.working.extend(tickets..self.shop.tickets.len());
    }

    fn start(&mut self, at: i64, events: &mut Vec<ShopEvent>) {
        let starter = match self.shop.rng.below(20) {
            0 => Starter::Stranger,
            1..=7 => Starter::Newcomer,
            _ => self.shop.some_customer(|_| true).map_or(Starter::Newcomer, Starter::Customer),
        };
        let has_ticket = self.shop.rng.chance(300);
        let conversation = self.shop.start_conversation(starter, has_ticket, at);
        self.talking.push(conversation);
        self.step(self.talking.len() - 1, at, events);
    }

    /// A contact writes again in a closed conversation.
    fn resume(&mut self, at: i64, events: &mut Vec<ShopEvent>) {
        let Some(index) = self.some_conversation(|shop, index| {
            let conversation = &shop.conversations[index];
            conversation.is_closed
                && conversation.script.is_empty()
                && conversation.person.is_some_and(|person| shop.people[person].record == Record::Exists)
        }) else {
            return;
        };
        self.shop.write_script(index, false);
        self.talking.push(index);
        self.step(self.talking.len() - 1, at, events);
    }

    /// A staff member reads the unread messages of a conversation.
    fn read(&mut self, _at: i64, events: &mut Vec<ShopEvent>) {
        if let Some(index) = self.some_conversation(|shop, index| !shop.conversations[index].unread.is_empty()) {
            let staff = self.shop.rng.below(data::shop().staff.len());
            self.shop.read(index, staff, events);
        }
    }

    fn work(&mut self, at: i64, events: &mut Vec<ShopEvent>) {
        if self.working.is_empty() {
            return;
        }
        let place = self.shop.rng.below(self.working.len());
        if !self.shop.work_on_ticket(self.working[place], at, events) {
            self.working.swap_remove(place);
        }
    }

    /// A random conversation that satisfies a condition, if one is found in a few tries.
    fn some_conversation(&mut self, condition: impl Fn(&Shop, usize) -> bool) -> Option<usize> {
        (0..100).find_map(|_| {
            if self.shop.conversations.is_empty() {
                return None;
            }
            let index = self.shop.rng.below(self.shop.conversations.len());
            condition(&self.shop, index).then_some(index)
        })
    }
}
