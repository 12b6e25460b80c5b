//! Conversations: how they start, how their scripts are played, who reads which messages, and when they are closed.

use std::collections::VecDeque;

use super::{Shop, ShopEvent, Starter};
use crate::{
    data::{Media, Platform, Speaker, phrases, shop},
    hours::HOUR,
    ids::{KeyKind, object_id},
    person::{Account, Record, stranger},
    script::{Action, MessageDraft, Setting, Step, script},
    ticket::Ticket,
};

/// A conversation with the rest of its script. Customers, channels and staff are indices.
pub(crate) struct Conversation {
    pub(crate) id: String,
    /// The customer; `None` for a stranger.
    pub(crate) person: Option<usize>,
    pub(crate) contact: Account,
    pub(crate) channel: usize,
    pub(crate) started_at: i64,
    pub(crate) assignees: Vec<usize>,
    pub(crate) assigned_at: Option<i64>,
    pub(crate) is_closed: bool,
    pub(crate) is_private: bool,
    pub(crate) script: VecDeque<Step>,
    /// Unread messages from the customer.
    pub(crate) unread: Vec<Message>,
}

/// A message as it was sent.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) key: u64,
    pub(crate) draft: MessageDraft,
    pub(crate) at: i64,
    pub(crate) staff: usize,
    pub(crate) readers: Vec<usize>,
    pub(crate) is_read: bool,
    pub(crate) creates_contact: bool,
    pub(crate) is_closed: bool,
}

impl Shop {
    /// Starts a conversation and returns its index. It has no messages yet.
    pub(crate) fn start_conversation(&mut self, starter: Starter, has_ticket: bool, at: i64) -> usize {
        let person = match starter {
            Starter::Stranger => None,
            Starter::Newcomer => Some(self.add_person()),
            Starter::Customer(person) => Some(person),
        };
        let contact = if let Some(person) = person {
            self.people[person].conversations += 1;
            self.rng.pick(&self.people[person].accounts).clone()
        } else {
            stranger(self.next_key(KeyKind::Person))
        };
        let channel = self.channel_of(contact.platform);
        let staff_count = shop().staff.len();
        let manager = person.map_or(0, |person| self.people[person].manager);
        let staff = if person.is_some() && self.rng.chance(350) { manager } else { self.rng.below(staff_count) };
        let mut assignees = vec![staff];
        if self.rng.chance(120) {
            let second = self.rng.below(staff_count);
            if second != staff {
                assignees.push(second);
            }
        }
        let conversation = Conversation {
            id: object_id(self.next_key(KeyKind::Conversation)),
            person,
            contact,
            channel,
            started_at: at,
            assigned_at: self.rng.chance(850).then_some(at),
            assignees,
            is_closed: false,
            is_private: self.rng.chance(50),
            script: VecDeque::new(),
            unread: Vec::new(),
        };
        self.conversations.push(conversation);
        let index = self.conversations.len() - 1;
        self.write_script(index, has_ticket);
        index
    }

    /// One of the shop's channels on a platform.
    fn channel_of(&mut self, platform: Platform) -> usize {
        let channels = shop().channels.iter().enumerate().filter(|(_, channel)| channel.platform == platform);
        let indices: Vec<usize> = channels.map(|(index, _)| index).collect();
        // Draw no random number if there is no choice.
        if let [only] = indices[..] { only } else { *self.rng.pick(&indices) }
    }

    /// Writes a new script for a new or old conversation.
    pub(crate) fn write_script(&mut self, index: usize, has_ticket: bool) {
        let Conversation { person, contact, assignees, .. } = &self.conversations[index];
        let person = person.map(|person| &self.people[person]);
        let setting = Setting { person, platform: contact.platform, staff: assignees[0], has_ticket };
        self.conversations[index].script = script(&mut self.rng, &setting, &mut self.orders);
    }

    /// Plays the next step of a conversation and returns the pause before the step after it, if there is one. `left` is
    /// the busy time until the end of the history: a message that will be answered before then counts as read.
    pub(crate) fn play_step(&mut self, index: usize, at: i64, left: i64, events: &mut Vec<ShopEvent>) -> Option<i64> {
        let step = self.conversations[index].script.pop_front()?;
        match step.action {
            Action::Send(draft) => self.send(index, draft, at, left, events),
            Action::Close => self.close(index, at, events),
            Action::Order(order, thousands) => {
                if let Some(person) = self.customer_of(index) {
                    let staff = self.conversations[index].assignees[0];
                    self.people[person].buy(&order, thousands, staff, at);
                    events.push(ShopEvent::Customer { person, is_new: false });
                }
            }
            Action::OpenTicket(draft) => {
                if let Some(person) = self.customer_of(index) {
                    let id = object_id(self.next_key(KeyKind::Ticket));
                    let number = self.first_ticket + self.tickets.len() as u64;
                    let creator = self.conversations[index].assignees[0];
                    self.tickets.push(Ticket::open(&mut self.rng, (number, id), person, draft, creator, at));
                    events.push(ShopEvent::Ticket { ticket: self.tickets.len() - 1, is_new: true });
                }
            }
        }
        self.conversations[index].script.front().map(|next| next.pause)
    }

    fn customer_of(&self, index: usize) -> Option<usize> {
        self.conversations[index].person.filter(|person| self.people[*person].record == Record::Exists)
    }

    fn send(&mut self, index: usize, draft: MessageDraft, at: i64, left: i64, events: &mut Vec<ShopEvent>) {
        let key = self.next_key(KeyKind::Message);
        let is_read_late = self.rng.chance(25);
        let record_comes_first = self.rng.chance(100);
        let by = draft.by;
        let conversation = &mut self.conversations[index];
        let staff = if self.rng.chance(60) { self.rng.below(shop().staff.len()) } else { conversation.assignees[0] };
        let is_read = by != Speaker::Customer || (will_be_answered(&conversation.script, left) && !is_read_late);
        let newcomer = conversation.person.filter(|person| self.people[*person].record == Record::Missing);
        let reopens = std::mem::take(&mut conversation.is_closed);
        let message = Message {
            key,
            draft,
            at,
            staff,
            readers: if is_read { vec![staff] } else { vec![] },
            is_read,
            creates_contact: newcomer.is_some(),
            is_closed: false,
        };
        if by == Speaker::Customer {
            if !is_read {
                conversation.unread.push(message.clone());
            }
        } else {
            conversation.assigned_at.get_or_insert(at);
            self.read(index, staff, events);
        }
        events.push(ShopEvent::Message(index, message));
        if let Some(person) = newcomer {
            let record = &mut self.people[person];
            (record.record, record.created_at, record.updated_at) = (Record::Exists, at + 120, at + 120);
            let created = ShopEvent::Customer { person, is_new: true };
            // The webhook of the record may overtake that of the message.
            if record_comes_first { events.insert(0, created) } else { events.push(created) }
        }
        if reopens {
            events.push(ShopEvent::Status { conversation: index, is_closed: false });
        }
    }

    /// A staff member reads the unread messages: the CRM sends each message again.
    pub(crate) fn read(&mut self, index: usize, staff: usize, events: &mut Vec<ShopEvent>) {
        for mut message in std::mem::take(&mut self.conversations[index].unread) {
            message.is_read = true;
            message.readers.push(staff);
            events.push(ShopEvent::Message(index, message));
        }
    }

    fn close(&mut self, index: usize, at: i64, events: &mut Vec<ShopEvent>) {
        let staff = self.conversations[index].assignees[0];
        self.read(index, staff, events);
        if self.rng.chance(350) {
            let text = format!("{} {}", shop().staff[staff].name, phrases().closed);
            let message = Message {
                key: self.next_key(KeyKind::Message),
                draft: MessageDraft { by: Speaker::System, media: Media::Text, text },
                at,
                staff,
                readers: vec![staff],
                is_read: true,
                creates_contact: false,
                is_closed: true,
            };
            events.push(ShopEvent::Message(index, message));
        }
        self.conversations[index].is_closed = true;
        events.push(ShopEvent::Status { conversation: index, is_closed: true });
    }
}

/// Whether staff will have seen a message before the end: they answer or close, or enough time passes.
fn will_be_answered(script: &VecDeque<Step>, left: i64) -> bool {
    let mut wait = 0;
    for step in script {
        wait += step.pause;
        match &step.action {
            Action::Send(draft) if draft.by == Speaker::Customer => {}
            _ => return wait < left,
        }
    }
    40 * HOUR < left
}
