//! The shop as it stands at one moment, and the things that can happen in it.
//!
//! Everything that happens changes the world first and is then told as [`Happening`]s, which `payload` turns into webhooks.
//! The world asks no clock: `course` plays it through the past, `live` plays it on. Nothing here depends on whether the
//! payloads are ever written, so that the live part can pass through the past without writing it.

use std::collections::VecDeque;

use super::{
    dice::{Dice, Sort, key, object_id},
    hours::HOUR,
    people::{self, Account, Person, Standing},
    phrases::{By, Media},
    talk::{self, Act, Scene, Spoken, Step},
    tickets::Ticket,
    words::{CHANNELS, Platform, STAFF},
};

/// A conversation with its script, as far as it is not yet played.
pub(super) struct Conversation {
    pub(super) id: String,
    /// The customer, or nobody's.
    pub(super) person: Option<usize>,
    pub(super) contact: Account,
    pub(super) channel: usize,
    pub(super) started_at: i64,
    pub(super) assignees: Vec<usize>,
    pub(super) assigned_at: Option<i64>,
    pub(super) is_closed: bool,
    pub(super) is_private: bool,
    pub(super) script: VecDeque<Step>,
    /// Messages of the customer that nobody has read.
    pub(super) unread: Vec<Said>,
}

/// A message as it was said.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) key: u64,
    pub(super) spoken: Spoken,
    pub(super) at: i64,
    pub(super) staff: usize,
    pub(super) readers: Vec<usize>,
    pub(super) is_read: bool,
    pub(super) creates_contact: bool,
    pub(super) is_closed: bool,
}

/// Something that the CRM tells.
#[derive(Debug)]
pub(super) enum Happening {
    Message(usize, Said),
    Status { conversation: usize, is_closed: bool },
    Customer { person: usize, is_new: bool },
    CustomersDeleted(Vec<usize>),
    Ticket { ticket: usize, is_new: bool },
    TicketDeleted(usize),
}

/// Who begins a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// Someone who stays unknown.
    Stranger,
    /// Someone whose first message makes them a customer.
    Newcomer,
    /// A customer.
    Known(usize),
}

/// The shop.
pub(super) struct World {
    /// The root of all new ids. The live part takes its own, so that two runs share none.
    pub(super) root: u64,
    pub(super) dice: Dice,
    pub(super) people: Vec<Person>,
    pub(super) conversations: Vec<Conversation>,
    pub(super) tickets: Vec<Ticket>,
    /// What new people's phone numbers, and tickets, are numbered from.
    pub(super) first_person: u64,
    pub(super) first_ticket: u64,
    /// Orders so far, as their codes count them.
    orders: u64,
    keys: u64,
}

impl World {
    /// An empty shop.
    pub(super) fn new(root: u64) -> Self {
        let dice = Dice::of(key(root, Sort::World, 0));
        Self {
            root,
            dice,
            people: vec![],
            conversations: vec![],
            tickets: vec![],
            first_person: 0,
            first_ticket: 1,
            orders: 1000,
            keys: 0,
        }
    }

    fn key(&mut self, sort: Sort) -> u64 {
        self.keys += 1;
        key(self.root, sort, self.keys)
    }

    /// A person who is not yet a customer.
    pub(super) fn meet(&mut self) -> usize {
        let key = self.key(Sort::Person);
        let number = self.first_person + self.people.len() as u64;
        self.people.push(Person::new(key, number));
        self.people.len() - 1
    }

    /// Someone begins a conversation: its index. Nothing is said yet.
    pub(super) fn begin(&mut self, who: Who, has_ticket: bool, at: i64) -> usize {
        let person = match who {
            Who::Stranger => None,
            Who::Newcomer => Some(self.meet()),
            Who::Known(person) => Some(person),
        };
        let contact = if let Some(person) = person {
            self.people[person].conversations += 1;
            let accounts = &self.people[person].accounts;
            accounts[self.dice.below(accounts.len())].clone()
        } else {
            people::stranger(self.key(Sort::Person))
        };
        let channel = match contact.platform {
            Platform::Zalo => self.dice.below(2),
            Platform::Facebook => 2 + self.dice.below(2),
            Platform::Web => 4,
            Platform::Email => 5,
        };
        debug_assert!(CHANNELS[channel].platform == contact.platform, "a contact writes to a channel of its own platform");
        let manager = person.map_or(0, |person| self.people[person].manager);
        let staff = if person.is_some() && self.dice.chance(350) { manager } else { self.dice.below(STAFF.len()) };
        let mut assignees = vec![staff];
        if self.dice.chance(120) {
            let second = self.dice.below(STAFF.len());
            if second != staff {
                assignees.push(second);
            }
        }
        let conversation = Conversation {
            id: object_id(self.key(Sort::Conversation)),
            person,
            contact,
            channel,
            started_at: at,
            assigned_at: self.dice.chance(850).then_some(at),
            assignees,
            is_closed: false,
            is_private: self.dice.chance(50),
            script: VecDeque::new(),
            unread: Vec::new(),
        };
        self.conversations.push(conversation);
        let index = self.conversations.len() - 1;
        self.write_script(index, has_ticket);
        index
    }

    /// Gives a conversation, new or old, something to be said.
    pub(super) fn write_script(&mut self, index: usize, has_ticket: bool) {
        let Conversation { person, contact, assignees, .. } = &self.conversations[index];
        let person = person.map(|person| &self.people[person]);
        let scene = Scene { person, platform: contact.platform, staff: assignees[0], has_ticket };
        let script = talk::script(&mut self.dice, &scene, &mut self.orders);
        self.conversations[index].script = script;
    }

    /// Plays the next step of a conversation. `left` is the busy time until the end of the past: what will be answered before
    /// it counts as read already. Gives the pause before the step after this one, if there is one.
    pub(super) fn step(&mut self, index: usize, at: i64, left: i64, told: &mut Vec<Happening>) -> Option<i64> {
        let step = self.conversations[index].script.pop_front()?;
        match step.act {
            Act::Say(spoken) => self.say(index, spoken, at, left, told),
            Act::Close => self.close(index, at, told),
            Act::Order(order, thousands) => {
                if let Some(person) = self.customer_of(index) {
                    let staff = self.conversations[index].assignees[0];
                    self.people[person].buy(&order, thousands, staff, at);
                    told.push(Happening::Customer { person, is_new: false });
                }
            }
            Act::Ticket(matter) => {
                if let Some(person) = self.customer_of(index) {
                    let id = object_id(self.key(Sort::Ticket));
                    let number = self.first_ticket + self.tickets.len() as u64;
                    let creator = self.conversations[index].assignees[0];
                    self.tickets.push(Ticket::open(&mut self.dice, (number, id), person, matter, creator, at));
                    told.push(Happening::Ticket { ticket: self.tickets.len() - 1, is_new: true });
                }
            }
        }
        self.conversations[index].script.front().map(|next| next.pause)
    }

    fn customer_of(&self, index: usize) -> Option<usize> {
        self.conversations[index].person.filter(|person| self.people[*person].standing == Standing::Customer)
    }

    fn say(&mut self, index: usize, spoken: Spoken, at: i64, left: i64, told: &mut Vec<Happening>) {
        let key = self.key(Sort::Message);
        let seen_late = self.dice.chance(25);
        let swaps = self.dice.chance(100);
        let by = spoken.by;
        let conversation = &mut self.conversations[index];
        let staff = if self.dice.chance(60) { self.dice.below(STAFF.len()) } else { conversation.assignees[0] };
        let is_read = by != By::Customer || (will_be_answered(&conversation.script, left) && !seen_late);
        let newcomer = conversation.person.filter(|person| self.people[*person].standing == Standing::New);
        let reopens = std::mem::take(&mut conversation.is_closed);
        let said = Said {
            key,
            spoken,
            at,
            staff,
            readers: if is_read { vec![staff] } else { vec![] },
            is_read,
            creates_contact: newcomer.is_some(),
            is_closed: false,
        };
        if by == By::Customer {
            if !is_read {
                conversation.unread.push(said.clone());
            }
        } else {
            conversation.assigned_at.get_or_insert(at);
            self.read(index, staff, told);
        }
        told.push(Happening::Message(index, said));
        if let Some(person) = newcomer {
            let record = &mut self.people[person];
            (record.standing, record.created_at, record.updated_at) = (Standing::Customer, at + 120, at + 120);
            let created = Happening::Customer { person, is_new: true };
            // A customer may be told before the message that made them one.
            if swaps { told.insert(0, created) } else { told.push(created) }
        }
        if reopens {
            told.push(Happening::Status { conversation: index, is_closed: false });
        }
    }

    /// Staff read what is unread: each message is told again.
    pub(super) fn read(&mut self, index: usize, staff: usize, told: &mut Vec<Happening>) {
        for mut said in std::mem::take(&mut self.conversations[index].unread) {
            said.is_read = true;
            said.readers.push(staff);
            told.push(Happening::Message(index, said));
        }
    }

    fn close(&mut self, index: usize, at: i64, told: &mut Vec<Happening>) {
        let staff = self.conversations[index].assignees[0];
        self.read(index, staff, told);
        if self.dice.chance(350) {
            let text = format!("{} đã đóng hội thoại", STAFF[staff].name);
            let key = self.key(Sort::Message);
            let spoken = Spoken { by: By::System, media: Media::Text, text };
            let said =
                Said { key, spoken, at, staff, readers: vec![staff], is_read: true, creates_contact: false, is_closed: true };
            told.push(Happening::Message(index, said));
        }
        self.conversations[index].is_closed = true;
        told.push(Happening::Status { conversation: index, is_closed: true });
    }

    /// Someone works on a ticket. Gives whether there will be more to do.
    pub(super) fn work(&mut self, ticket: usize, at: i64, told: &mut Vec<Happening>) -> bool {
        if self.people[self.tickets[ticket].person].standing != Standing::Customer || !self.tickets[ticket].is_open() {
            return false;
        }
        self.tickets[ticket].work(&mut self.dice, at);
        told.push(Happening::Ticket { ticket, is_new: false });
        self.tickets[ticket].is_open()
    }

    /// Staff look after some customer's record.
    pub(super) fn look_after_someone(&mut self, at: i64, told: &mut Vec<Happening>) {
        let Some(person) = self.someone(|_| true) else { return };
        self.people[person].look_after(&mut self.dice, at);
        told.push(Happening::Customer { person, is_new: false });
    }

    /// A few customers who never bought anything and have nothing open are deleted.
    pub(super) fn delete_someone(&mut self, told: &mut Vec<Happening>) {
        let mut deleted = Vec::new();
        for _ in 0..self.dice.weighted(&[(60, 1), (30, 2), (10, 3)]) {
            let Some(person) = self.someone(|person| person.orders == 0 && person.conversations < 2) else { continue };
            let is_busy = self.conversations.iter().any(|conversation| {
                conversation.person == Some(person) && !(conversation.is_closed && conversation.script.is_empty())
            });
            if !is_busy && !self.tickets.iter().any(|ticket| ticket.person == person) {
                self.people[person].standing = Standing::Deleted;
                deleted.push(person);
            }
        }
        if !deleted.is_empty() {
            told.push(Happening::CustomersDeleted(deleted));
        }
    }

    /// A ticket that came to nothing is deleted.
    pub(super) fn delete_a_ticket(&mut self, told: &mut Vec<Happening>) {
        for _ in 0..20 {
            if self.tickets.is_empty() {
                return;
            }
            let ticket = self.dice.below(self.tickets.len());
            if !self.tickets[ticket].is_open() && !self.tickets[ticket].is_deleted {
                self.tickets[ticket].is_deleted = true;
                told.push(Happening::TicketDeleted(ticket));
                return;
            }
        }
    }

    /// Some customer of whom something holds, if one is found in a few tries.
    pub(super) fn someone(&mut self, holds: impl Fn(&Person) -> bool) -> Option<usize> {
        (0..20).find_map(|_| {
            let index = if self.people.is_empty() { return None } else { self.dice.below(self.people.len()) };
            let person = &self.people[index];
            (person.standing == Standing::Customer && holds(person)).then_some(index)
        })
    }
}

/// Whether staff come to see a message before the end: they answer or close, or a good while passes.
fn will_be_answered(script: &VecDeque<Step>, left: i64) -> bool {
    let mut wait = 0;
    for step in script {
        wait += step.pause;
        match &step.act {
            Act::Say(spoken) if spoken.by == By::Customer => {}
            _ => return wait < left,
        }
    }
    40 * HOUR < left
}
