//! The course of the past: who begins to write when, what is done in between, and which of it lies before the end.
//!
//! Everything is laid out in busy time (`hours`), so that neither the events nor their order depend on the day of the run.
//! What the end cuts off is handed to the live part, which plays it on.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, VecDeque},
};

use super::{
    hours::{HOUR, Hours, SECOND},
    people::Standing,
    world::{Happening, Who, World},
};

/// How much there is of everything.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    pub(super) people: usize,
    pub(super) conversations: usize,
    pub(super) tickets: usize,
}

/// What is to happen at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Cue {
    /// A customer of old enters the CRM.
    Enter(usize),
    /// The next conversation begins.
    Begin,
    /// A conversation goes on.
    Talk(usize),
    /// Someone works on a ticket.
    Work(usize),
    LookAfter,
    DeleteCustomers,
    DeleteTicket,
}

/// The past, played cue by cue.
pub(super) struct Course {
    pub(super) world: World,
    hours: Hours,
    sizes: Sizes,
    cues: BinaryHeap<Reverse<(i64, u64, Cue)>>,
    cued: u64,
    begun: usize,
    /// Customers of old who have not written yet.
    silent: VecDeque<usize>,
}

impl Course {
    /// The course of a plan that has not begun.
    pub(super) fn new(mut world: World, sizes: Sizes, hours: Hours) -> Self {
        let start_ms = hours.at(0);
        let of_old = sizes.people * 2 / 5;
        let mut dice = world.dice.clone();
        for _ in 0..of_old {
            let person = world.meet();
            world.people[person].grow_old(start_ms, &mut dice);
        }
        let mut course = Self { world, hours, sizes, cues: BinaryHeap::new(), cued: 0, begun: 0, silent: (0..of_old).collect() };
        for (person, busy) in (0..of_old).zip((0..).step_by(usize::try_from(SECOND / 20).unwrap_or(1))) {
            course.cue(busy, Cue::Enter(person));
        }
        if sizes.conversations > 0 {
            course.cue(HOUR / 60, Cue::Begin);
            course.spread(sizes.people * 2 / 5, Cue::LookAfter);
            course.spread(sizes.people.div_ceil(80), Cue::DeleteCustomers);
            course.spread(sizes.tickets.div_ceil(120), Cue::DeleteTicket);
        }
        course
    }

    fn cue(&mut self, busy: i64, cue: Cue) {
        self.cued += 1;
        self.cues.push(Reverse((busy, self.cued, cue)));
    }

    /// So many cues all over the window, the first not before there is something to work with.
    fn spread(&mut self, count: usize, cue: Cue) {
        let total = self.hours.total();
        for index in 0..count {
            self.cue(total / 10 + total / 10 * 9 / 1_000_000 * (million(index, count) + million(1, 2 * count)), cue);
        }
    }

    /// When the next thing happens, in milliseconds, if there is one before the end.
    pub(super) fn next_at(&self) -> Option<i64> {
        let Reverse((busy, ..)) = self.cues.peek()?;
        (*busy < self.hours.total()).then(|| self.hours.at(*busy))
    }

    /// Lets the next thing happen and tells it. Nothing after the end.
    pub(super) fn advance(&mut self, told: &mut Vec<Happening>) {
        let Some(at) = self.next_at() else { return };
        let Some(Reverse((busy, _, cue))) = self.cues.pop() else { return };
        match cue {
            Cue::Enter(person) => told.push(Happening::Customer { person, is_new: true }),
            Cue::Begin => self.begin(busy, at),
            Cue::Talk(conversation) => {
                let tickets = self.world.tickets.len();
                let next = self.world.step(conversation, at, self.hours.total() - busy, told);
                if let Some(pause) = next {
                    self.cue(busy + pause, Cue::Talk(conversation));
                }
                // A few tickets are forgotten, and are overdue one day.
                if self.world.tickets.len() > tickets && !self.world.dice.chance(50) {
                    let pause = self.world.dice.between(HOUR / 2, 11 * HOUR);
                    self.cue(busy + pause, Cue::Work(tickets));
                }
            }
            Cue::Work(ticket) => {
                if self.world.work(ticket, at, told) {
                    let pause = self.world.dice.between(HOUR, 13 * HOUR);
                    self.cue(busy + pause, Cue::Work(ticket));
                }
            }
            Cue::LookAfter => self.world.look_after_someone(at, told),
            Cue::DeleteCustomers => self.world.delete_someone(told),
            Cue::DeleteTicket => self.world.delete_a_ticket(told),
        }
    }

    /// The next conversation begins, and the one after it gets its time.
    fn begin(&mut self, busy: i64, at: i64) {
        let Sizes { people, conversations, tickets } = self.sizes;
        let who = self.who_begins(people - people * 2 / 5, conversations);
        // Strangers have no tickets, and what begins last does not get to them.
        let has_ticket = is_turn(self.begun, tickets * 21 / 20, conversations * 94 / 100) && who != Who::Stranger;
        let conversation = self.world.begin(who, has_ticket, at);
        self.begun += 1;
        self.cue(busy, Cue::Talk(conversation));
        if self.begun < conversations {
            // The shop grows: conversations come a little closer together from week to week.
            let place = million(self.begun, conversations);
            let place = place + place * (1_000_000 - place) / 5_000_000;
            let jitter = self.world.dice.between(0, self.hours.total() / i64::try_from(conversations).unwrap_or(i64::MAX));
            self.cue((self.hours.total() / 1_000_000 * place + jitter).max(busy), Cue::Begin);
        }
    }

    fn who_begins(&mut self, newcomers: usize, conversations: usize) -> Who {
        if is_turn(self.begun, conversations * 3 / 50, conversations) {
            return Who::Stranger;
        }
        if is_turn(self.begun + 7, newcomers * 50 / 47, conversations) || self.world.people.is_empty() {
            return Who::Newcomer;
        }
        // Every customer of old writes in the end; between them, those who write again, a few of them often.
        if self.world.dice.chance(280)
            && let Some(person) = self.silent.pop_front()
            && self.world.people[person].standing == Standing::Customer
        {
            return Who::Known(person);
        }
        if self.world.dice.chance(80) {
            let regular = self.world.dice.below(self.sizes.people.div_ceil(100)) * 7;
            let person = regular % self.world.people.len();
            if self.world.people[person].standing == Standing::Customer {
                return Who::Known(person);
            }
        }
        self.world.someone(|person| person.conversations < 6).map_or(Who::Stranger, Who::Known)
    }

    /// The shop at the end, with the conversations and tickets that the end interrupted.
    pub(super) fn into_rest(self) -> (World, Vec<usize>, Vec<usize>) {
        let mut cues = self.cues.into_vec();
        cues.sort_unstable();
        let (mut talking, mut working) = (Vec::new(), Vec::new());
        // The latest first: the live part goes on with the last.
        for Reverse((_, _, cue)) in cues {
            match cue {
                Cue::Talk(conversation) => talking.push(conversation),
                Cue::Work(ticket) => working.push(ticket),
                Cue::Enter(_) | Cue::Begin | Cue::LookAfter | Cue::DeleteCustomers | Cue::DeleteTicket => {}
            }
        }
        (self.world, talking, working)
    }
}

/// Whether the `index`-th of `of` is one of `count` that are spread evenly over them.
fn is_turn(index: usize, count: usize, of: usize) -> bool {
    let of = of.max(1);
    (index + 1) * count / of > index * count / of
}

/// How far `index` of `count` is, in millionths.
fn million(index: usize, count: usize) -> i64 {
    i64::try_from(index * 1_000_000 / count.max(1)).expect("an index is below its count")
}
