//! The schedule of the history: an event queue of tasks in busy time.
//!
//! Busy time (`hours`) makes the events and their order independent of the day of the run. Conversations and tickets that the
//! end of the history interrupts are passed to the live part, which continues them.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, VecDeque},
};

use crate::{
    hours::{HOUR, Hours, SECOND},
    person::Record,
    shop::{Shop, ShopEvent, Starter},
};

/// The number of objects of each kind to simulate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    pub(crate) people: usize,
    pub(crate) conversations: usize,
    pub(crate) tickets: usize,
}

/// A scheduled task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Task {
    /// An existing customer is added to the CRM.
    AddCustomer(usize),
    /// The next conversation starts.
    Start,
    /// The next step of a conversation.
    Talk(usize),
    /// The next step of work on a ticket.
    Work(usize),
    EditCustomer,
    DeleteCustomers,
    DeleteTicket,
}

/// Runs the history task by task.
pub(crate) struct Schedule {
    pub(crate) shop: Shop,
    hours: Hours,
    sizes: Sizes,
    /// Tasks by busy time; tasks at the same time keep their order.
    tasks: BinaryHeap<Reverse<(i64, u64, Task)>>,
    scheduled: u64,
    started: usize,
    /// Existing customers who have not written yet.
    silent: VecDeque<usize>,
}

impl Schedule {
    /// A history at its beginning.
    pub(crate) fn new(mut shop: Shop, sizes: Sizes, hours: Hours) -> Self {
        let start_ms = hours.at(0);
        let existing = sizes.people * 2 / 5;
        let mut rng = shop.rng.clone();
        for _ in 0..existing {
            let person = shop.add_person();
            shop.people[person].make_existing_customer(start_ms, &mut rng);
        }
        let silent = (0..existing).collect();
        let mut schedule = Self { shop, hours, sizes, tasks: BinaryHeap::new(), scheduled: 0, started: 0, silent };
        for (person, busy) in (0..existing).zip((0..).step_by(usize::try_from(SECOND / 20).unwrap_or(1))) {
            schedule.at(busy, Task::AddCustomer(person));
        }
        if sizes.conversations > 0 {
            schedule.at(HOUR / 60, Task::Start);
            schedule.spread(sizes.people * 2 / 5, Task::EditCustomer);
            schedule.spread(sizes.people.div_ceil(80), Task::DeleteCustomers);
            schedule.spread(sizes.tickets.div_ceil(120), Task::DeleteTicket);
        }
        schedule
    }

    /// Schedules a task.
    fn at(&mut self, busy: i64, task: Task) {
        self.scheduled += 1;
        self.tasks.push(Reverse((busy, self.scheduled, task)));
    }

    /// Schedules a task `count` times, spread over the window except the first tenth, when there are few objects yet.
    fn spread(&mut self, count: usize, task: Task) {
        let total = self.hours.total();
        for index in 0..count {
            self.at(total / 10 + total / 10 * 9 / 1_000_000 * (million(index, count) + million(1, 2 * count)), task);
        }
    }

    /// When the next task is due, in milliseconds, if that is before the end.
    pub(crate) fn next_at(&self) -> Option<i64> {
        let Reverse((busy, ..)) = self.tasks.peek()?;
        (*busy < self.hours.total()).then(|| self.hours.at(*busy))
    }

    /// Runs the next task and reports its events. Does nothing after the end.
    pub(crate) fn advance(&mut self, events: &mut Vec<ShopEvent>) {
        let Some(at) = self.next_at() else { return };
        let Some(Reverse((busy, _, task))) = self.tasks.pop() else { return };
        match task {
            Task::AddCustomer(person) => events.push(ShopEvent::Customer { person, is_new: true }),
            Task::Start => self.start_conversation(busy, at),
            Task::Talk(conversation) => {
                let tickets = self.shop.tickets.len();
                let next = self.shop.play_step(conversation, at, self.hours.total() - busy, events);
                if let Some(pause) = next {
                    self.at(busy + pause, Task::Talk(conversation));
                }
                // A few tickets are forgotten and become overdue.
                if self.shop.tickets.len() > tickets && !self.shop.rng.chance(50) {
                    let pause = self.shop.rng.between(HOUR / 2, 11 * HOUR);
                    self.at(busy + pause, Task::Work(tickets));
                }
            }
            Task::Work(ticket) => {
                if self.shop.work_on_ticket(ticket, at, events) {
                    let pause = self.shop.rng.between(HOUR, 13 * HOUR);
                    self.at(busy + pause, Task::Work(ticket));
                }
            }
            Task::EditCustomer => self.shop.edit_some_customer(at, events),
            Task::DeleteCustomers => self.shop.delete_some_customers(events),
            Task::DeleteTicket => self.shop.delete_some_ticket(events),
        }
    }

    /// Starts the next conversation, and schedules the one after it.
    fn start_conversation(&mut self, busy: i64, at: i64) {
        let Sizes { people, conversations, tickets } = self.sizes;
        let starter = self.starter(people - people * 2 / 5, conversations);
        // Strangers have no tickets, and the last conversations end before a ticket would be opened.
        let has_ticket = is_turn(self.started, tickets * 21 / 20, conversations * 94 / 100) && starter != Starter::Stranger;
        let conversation = self.shop.start_conversation(starter, has_ticket, at);
        self.started += 1;
        self.at(busy, Task::Talk(conversation));
        if self.started < conversations {
            // The shop grows: conversations get slightly more frequent from week to week.
            let place = million(self.started, conversations);
            let place = place + place * (1_000_000 - place) / 5_000_000;
            let jitter = self.shop.rng.between(0, self.hours.total() / i64::try_from(conversations).unwrap_or(i64::MAX));
            self.at((self.hours.total() / 1_000_000 * place + jitter).max(busy), Task::Start);
        }
    }

    fn starter(&mut self, newcomers: usize, conversations: usize) -> Starter {
        if is_turn(self.started, conversations * 3 / 50, conversations) {
            return Starter::Stranger;
        }
        if is_turn(self.started + 7, newcomers * 50 / 47, conversations) || self.shop.people.is_empty() {
            return Starter::Newcomer;
        }
        // Every existing customer writes eventually. In between, those who have written before write again, a few of them
        // often.
        if self.shop.rng.chance(280)
            && let Some(person) = self.silent.pop_front()
            && self.shop.people[person].record == Record::Exists
        {
            return Starter::Customer(person);
        }
        if self.shop.rng.chance(80) {
            let regular = self.shop.rng.below(self.sizes.people.div_ceil(100)) * 7;
            let person = regular % self.shop.people.len();
            if self.shop.people[person].record == Record::Exists {
                return Starter::Customer(person);
            }
        }
        self.shop.some_customer(|person| person.conversations < 6).map_or(Starter::Stranger, Starter::Customer)
    }

    /// The shop at the end, with the interrupted conversations and tickets.
    pub(crate) fn into_rest(self) -> (Shop, Vec<usize>, Vec<usize>) {
        let mut tasks = self.tasks.into_vec();
        tasks.sort_unstable();
        let (mut talking, mut working) = (Vec::new(), Vec::new());
        // In order of time: the live part continues the last ones.
        for Reverse((_, _, task)) in tasks {
            match task {
                Task::Talk(conversation) => talking.push(conversation),
                Task::Work(ticket) => working.push(ticket),
                Task::AddCustomer(_) | Task::Start | Task::EditCustomer | Task::DeleteCustomers | Task::DeleteTicket => {}
            }
        }
        (self.shop, talking, working)
    }
}

/// Whether the `index`-th of `of` is one of `count` that are spread evenly.
fn is_turn(index: usize, count: usize, of: usize) -> bool {
    let of = of.max(1);
    (index + 1) * count / of > index * count / of
}

/// The progress of `index` in `count`, in millionths.
fn million(index: usize, count: usize) -> i64 {
    i64::try_from(index * 1_000_000 / count.max(1)).expect("an index is below its count")
}
