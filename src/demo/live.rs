//! Live traffic without end: the shop of a past, played on by chance instead of by the clock.
//!
//! It passes through the past without writing it and goes on from there with the same people, open conversations and
//! tickets. Its own ids carry the start time, so that a later run against the same store continues instead of colliding.

use std::collections::VecDeque;

use super::{
    dice::{Dice, Sort, key},
    payload,
    people::Standing,
    shop::{Delivery, Plan},
    words::STAFF,
    world::{Happening, Who, World},
};
use crate::domain::time::Timestamp;

/// 2025-01-01T00:00:00Z: live tickets are numbered by tenths of a second since then.
const TICKETS_SINCE_MS: i64 = 1_735_689_600_000;
/// So many conversations are lively at a time: the newest, so that something can be followed on the screen.
const LIVELY: usize = 40;
/// With fewer than these, somebody begins to write.
const FEWEST: usize = 16;

/// The source of live deliveries.
pub struct Live {
    world: World,
    root: u64,
    ids: String,
    /// Conversations with something left to say, and tickets with something left to do.
    talking: Vec<usize>,
    working: Vec<usize>,
    told: VecDeque<Happening>,
    written: u64,
    last: Option<Delivery>,
}

impl Live {
    /// What goes on after the past of a plan.
    pub fn new(plan: &Plan) -> Self {
        let mut course = plan.course();
        let mut told = Vec::new();
        while course.next_at().is_some() {
            course.advance(&mut told);
            told.clear();
        }
        let (mut world, talking, working) = course.into_rest();
        let start_ms = plan.now.as_millis();
        let root = key(plan.root(), Sort::Live, start_ms.unsigned_abs());
        world.root = root;
        world.dice = Dice::of(root);
        world.first_person = root % 10_000_000;
        world.first_ticket = (start_ms - TICKETS_SINCE_MS).unsigned_abs() / 100;
        let ids = format!("demo-{:08x}-{start_ms}", plan.root() >> 32);
        Self { world, root, ids, talking, working, told: VecDeque::new(), written: 0, last: None }
    }

    /// The next delivery, which happens `now`.
    pub fn next(&mut self, now: Timestamp) -> Delivery {
        if let Some(last) = self.last.take()
            && self.world.dice.chance(10)
        {
            return Delivery { at: now, ..last };
        }
        let happening = loop {
            if let Some(happening) = self.told.pop_front() {
                break happening;
            }
            self.act(now.as_millis());
        };
        self.written += 1;
        let mut dice = Dice::of(key(self.root, Sort::Delivery, self.written));
        let (kind, payload) = payload::write(&self.world, &happening, &mut dice);
        let delivery = Delivery { kind, id: format!("{}-{}", self.ids, self.written), at: now, payload };
        self.last = Some(delivery.clone());
        delivery
    }

    /// Lets something happen, which may be nothing.
    fn act(&mut self, at: i64) {
        type Deed = fn(&mut Live, i64, &mut Vec<Happening>);
        const DEEDS: &[(u64, Deed)] = &[
            (760, Live::talk),
            (28, Live::begin),
            (16, Live::resume),
            (70, Live::read),
            (40, Live::work),
            (35, |live, at, told| live.world.look_after_someone(at, told)),
            (2, |live, _, told| live.world.delete_someone(told)),
            (2, |live, _, told| live.world.delete_a_ticket(told)),
        ];
        let mut told = Vec::new();
        let deed = if self.talking.len() < FEWEST { Live::begin } else { self.world.dice.weighted(DEEDS) };
        deed(self, at, &mut told);
        self.told.extend(told);
    }

    fn talk(&mut self, at: i64, told: &mut Vec<Happening>) {
        let lively = self.talking.len().min(LIVELY);
        let place = self.talking.len() - 1 - self.world.dice.below(lively);
        self.step(place, at, told);
    }

    fn step(&mut self, place: usize, at: i64, told: &mut Vec<Happening>) {
        let tickets = self.world.tickets.len();
        if self.world.step(self.talking[place], at, 0, told).is_none() {
            self.talking.remove(place);
        }
        self.working.extend(tickets..self.world.tickets.len());
    }

    fn begin(&mut self, at: i64, told: &mut Vec<Happening>) {
        let who = match self.world.dice.below(20) {
            0 => Who::Stranger,
            1..=7 => Who::Newcomer,
            _ => self.world.someone(|_| true).map_or(Who::Newcomer, Who::Known),
        };
        let has_ticket = self.world.dice.chance(300);
        let conversation = self.world.begin(who, has_ticket, at);
        self.talking.push(conversation);
        self.step(self.talking.len() - 1, at, told);
    }

    /// A closed conversation is taken up again.
    fn resume(&mut self, at: i64, told: &mut Vec<Happening>) {
        let Some(index) = self.some_conversation(|world, index| {
            let conversation = &world.conversations[index];
            conversation.is_closed
                && conversation.script.is_empty()
                && conversation.person.is_some_and(|person| world.people[person].standing == Standing::Customer)
        }) else {
            return;
        };
        self.world.write_script(index, false);
        self.talking.push(index);
        self.step(self.talking.len() - 1, at, told);
    }

    /// Staff read what waits in some conversation.
    fn read(&mut self, _at: i64, told: &mut Vec<Happening>) {
        if let Some(index) = self.some_conversation(|world, index| !world.conversations[index].unread.is_empty()) {
            let staff = self.world.dice.below(STAFF.len());
            self.world.read(index, staff, told);
        }
    }

    fn work(&mut self, at: i64, told: &mut Vec<Happening>) {
        if self.working.is_empty() {
            return;
        }
        let place = self.world.dice.below(self.working.len());
        if !self.world.work(self.working[place], at, told) {
            self.working.swap_remove(place);
        }
    }

    /// Some conversation of which something holds, if one is found in a few tries.
    fn some_conversation(&mut self, holds: impl Fn(&World, usize) -> bool) -> Option<usize> {
        (0..100).find_map(|_| {
            if self.world.conversations.is_empty() {
                return None;
            }
            let index = self.world.dice.below(self.world.conversations.len());
            holds(&self.world, index).then_some(index)
        })
    }
}
