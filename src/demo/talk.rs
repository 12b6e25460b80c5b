//! Conversations as scripts: what is said by whom after what pause, and what follows from it for the shop.
//!
//! A script is written when its conversation begins and is then only played, step by step, in the past or live.
//! Pauses are busy time (`hours`), so that nobody answers in the middle of the night.

use std::collections::VecDeque;

use super::{
    dice::Dice,
    hours::{HOUR, SECOND},
    people::Person,
    phrases::{self, By, Exchange, Media},
    tickets::{self, Matter},
    words::{self, Platform},
};

/// One message as it is to be said.
#[derive(Clone, Debug)]
pub(super) struct Spoken {
    pub(super) by: By,
    pub(super) media: Media,
    pub(super) text: String,
}

/// What happens next in a conversation.
pub(super) enum Act {
    Say(Spoken),
    /// Staff close it.
    Close,
    /// The customer has ordered: the code, and the total in thousands of đồng.
    Order(String, i64),
    /// Staff open a ticket about it.
    Ticket(Matter),
}

/// An act and the busy time before it.
pub(super) struct Step {
    pub(super) pause: i64,
    pub(super) act: Act,
}

/// Who talks where.
pub(super) struct Scene<'a> {
    /// The customer; without one, a stranger.
    pub(super) person: Option<&'a Person>,
    pub(super) platform: Platform,
    pub(super) staff: usize,
    pub(super) has_ticket: bool,
}

/// What a conversation is about, as far as its sentences need it.
pub(super) struct Deal {
    product: (&'static str, i64),
    other: (&'static str, i64),
    quantity: i64,
    order: String,
    district: &'static str,
    address: String,
    phone: String,
    hour: String,
    day: &'static str,
    honorific: &'static str,
    own: &'static str,
    customer: String,
    staff: &'static str,
    /// Writes without capitals.
    is_casual: bool,
}

impl Deal {
    fn new(dice: &mut Dice, scene: &Scene, order: String) -> Self {
        let person = scene.person;
        let city = dice.weighted(words::CITIES);
        let is_man = person.map_or_else(|| dice.chance(500), |person| person.is_man);
        let honorific = if is_man { "anh" } else { "chị" };
        let name = words::STAFF[scene.staff].name;
        let (day, hour) = time_of_delivery(dice);
        let (product, other) = two_products(dice);
        Self {
            product,
            other,
            quantity: quantity(dice),
            order,
            district: person.map_or_else(|| dice.pick(city.districts), |person| person.district),
            address: person.map_or_else(String::new, |person| person.address.clone()),
            phone: person.map_or_else(String::new, |person| person.phone.clone()),
            hour,
            day,
            honorific,
            own: dice.weighted(&[(60, "mình"), (25, honorific), (15, "em")]),
            customer: person.map_or_else(String::new, |person| person.given.to_owned()),
            staff: name.rsplit(' ').next().unwrap_or(name),
            is_casual: scene.platform != Platform::Email && dice.chance(350),
        }
    }

    /// The same people some days later, about something else.
    fn renew(&mut self, dice: &mut Dice, order: String) {
        (self.product, self.other) = two_products(dice);
        (self.day, self.hour) = time_of_delivery(dice);
        (self.quantity, self.order) = (quantity(dice), order);
    }

    fn total(&self) -> i64 {
        self.product.1 * self.quantity
    }

    /// One of a text's alternatives with its slots filled.
    pub(super) fn fill(&self, dice: &mut Dice, text: &str) -> String {
        let choice = dice.below(text.split('|').count());
        let mut rest = text.split('|').nth(choice).unwrap_or_default();
        let mut filled = String::with_capacity(rest.len() + 40);
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let (slot, after) = after.split_once('}').expect("a slot is closed");
            match slot {
                "p" => filled.push_str(self.product.0),
                "p2" => filled.push_str(self.other.0),
                "gia" => filled.push_str(&dong(self.product.1)),
                "gia2" => filled.push_str(&dong(self.other.1)),
                "tong" => filled.push_str(&dong(self.total())),
                "ship" => filled.push_str(if self.total() < 500 { "30.000đ" } else { "0đ" }),
                "sl" => filled.push_str(&self.quantity.to_string()),
                "don" => filled.push_str(&self.order),
                "quan" => filled.push_str(self.district),
                "diachi" => filled.push_str(&self.address),
                "sdt" => filled.push_str(&self.phone),
                "gio" => filled.push_str(&self.hour),
                "ngay" => filled.push_str(self.day),
                "anh" => filled.push_str(self.honorific),
                "toi" => filled.push_str(self.own),
                "ten" => filled.push_str(&self.customer),
                "nv" => filled.push_str(self.staff),
                _ => unreachable!("phrases name known slots only"),
            }
            rest = after;
        }
        filled.push_str(rest);
        // A stranger has no name: what stood around it closes up.
        if self.customer.is_empty() { filled.replace("  ", " ").replace(" ,", ",") } else { filled }
    }

    fn speak(&self, dice: &mut Dice, line: &phrases::Line) -> Spoken {
        let text = self.fill(dice, line.text);
        let small = self.is_casual && line.by == By::Customer;
        let text = if line.media == Media::Link { text } else { with_first_letters(&text, small) };
        Spoken { by: line.by, media: line.media, text }
    }
}

fn quantity(dice: &mut Dice) -> i64 {
    dice.weighted(&[(70, 1), (18, 2), (7, 3), (3, 5), (2, 10)])
}

fn two_products(dice: &mut Dice) -> ((&'static str, i64), (&'static str, i64)) {
    let first = dice.below(words::PRODUCTS.len());
    let second = (first + 1 + dice.below(words::PRODUCTS.len() - 1)) % words::PRODUCTS.len();
    let [first, second] = [first, second].map(|index| (words::PRODUCTS[index].0, words::PRODUCTS[index].1));
    (first, second)
}

fn time_of_delivery(dice: &mut Dice) -> (&'static str, String) {
    const DAYS: &[(&str, i64, i64)] = &[
        ("sáng mai", 8, 11),
        ("tối mai", 18, 20),
        ("chiều mai", 14, 17),
        ("ngày mai", 9, 18),
        ("thứ bảy này", 9, 19),
        ("chủ nhật này", 9, 17),
        ("cuối tuần này", 9, 18),
    ];
    let (day, from, to) = dice.pick(DAYS);
    (day, format!("{}h{}", dice.between(from, to), dice.pick(&["", "15", "30", "45"])))
}

/// Thousands of đồng as they are written: `1.250.000đ`.
fn dong(thousands: i64) -> String {
    if thousands >= 1000 { format!("{}.{:03}.000đ", thousands / 1000, thousands % 1000) } else { format!("{thousands}.000đ") }
}

/// Capitals where sentences begin, or a small first letter for those who do without.
fn with_first_letters(text: &str, is_casual: bool) -> String {
    // A code keeps its capitals.
    let is_code = text.chars().take(2).all(char::is_uppercase);
    let mut written = String::with_capacity(text.len());
    let (mut begins, mut ends) = (true, false);
    for letter in text.chars() {
        match begins {
            true if is_casual && !is_code => written.extend(letter.to_lowercase()),
            true if !is_casual => written.extend(letter.to_uppercase()),
            _ => written.push(letter),
        }
        begins = !is_casual && ends && letter == ' ';
        ends = matches!(letter, '.' | '?' | '!');
    }
    written
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Plot {
    Inquiry,
    Purchase,
    Trouble,
    Change,
    Letter,
    Stranger,
}

/// The whole script of a conversation that begins now. `orders` counts the shop's orders.
pub(super) fn script(dice: &mut Dice, scene: &Scene, orders: &mut u64) -> VecDeque<Step> {
    let is_stranger = scene.person.is_none();
    let visits = if is_stranger { 1 } else { dice.weighted(&[(80, 1), (14, 2), (4, 3), (2, 4)]) };
    let ticket_in = scene.has_ticket.then(|| dice.below(visits));
    let deal = Deal::new(dice, scene, String::new());
    let mut writer = Writer { dice, deal, steps: VecDeque::new(), used: Vec::new(), before: None, lead: 0, said: 0 };
    for visit in 0..visits {
        let plot = match (scene.platform, ticket_in == Some(visit)) {
            _ if is_stranger => Plot::Stranger,
            (Platform::Email, _) => Plot::Letter,
            (_, true) => writer.dice.weighted(&[(45, Plot::Trouble), (25, Plot::Change), (30, Plot::Purchase)]),
            (_, false) => {
                writer.dice.weighted(&[(51, Plot::Inquiry), (41, Plot::Purchase), (5, Plot::Trouble), (3, Plot::Change)])
            }
        };
        let earlier = scene.person.and_then(|person| person.last_order.clone()).filter(|_| plot != Plot::Purchase);
        let order = earlier.unwrap_or_else(|| {
            *orders += 1;
            format!("DH-{orders}")
        });
        if visit > 0 {
            // One to six days of eleven busy hours.
            writer.lead = writer.dice.between(11 * HOUR, 66 * HOUR);
            if scene.platform != Platform::Email {
                writer.exchange(phrases::RETURNS, 0);
            }
        }
        // Who comes back speaks of what was bought before.
        writer.deal.renew(writer.dice, order);
        writer.visit(plot, visit == 0, ticket_in == Some(visit));
        if writer.dice.chance(if is_stranger { 500 } else { 870 }) {
            let pause = writer.dice.between(HOUR / 4, 6 * HOUR);
            writer.steps.push_back(Step { pause, act: Act::Close });
            writer.before = None;
        }
    }
    if writer.dice.chance(60) {
        writer.leave_unanswered();
    }
    writer.steps
}

/// A script in the making.
struct Writer<'a> {
    dice: &'a mut Dice,
    deal: Deal,
    steps: VecDeque<Step>,
    /// How the exchanges began that were had already: nobody says the same thing twice.
    used: Vec<&'static str>,
    /// Who spoke last in this visit.
    before: Option<By>,
    /// The pause that the next exchange has before it, more than the usual.
    lead: i64,
    said: usize,
}

impl Writer<'_> {
    /// No conversation is longer.
    const MOST: usize = 36;

    fn visit(&mut self, plot: Plot, greets: bool, has_ticket: bool) {
        if greets && matches!(plot, Plot::Inquiry | Plot::Purchase) && self.dice.chance(550) {
            self.exchange(phrases::GREETINGS, 0);
        }
        match plot {
            Plot::Inquiry => {
                self.exchange(phrases::PRICES, 0);
                self.perhaps(500, phrases::ADVICE);
            }
            Plot::Purchase => {
                self.perhaps(650, phrases::PRICES);
                self.perhaps(350, phrases::ADVICE);
                self.exchange(phrases::ORDERS, HOUR / 12);
                self.then(Act::Order(self.deal.order.clone(), self.deal.total()));
                self.perhaps(550, phrases::PAYMENTS);
                if self.dice.chance(450) {
                    self.exchange(phrases::DELIVERIES, 9 * HOUR);
                }
            }
            Plot::Trouble => self.exchange(phrases::COMPLAINTS, 0),
            Plot::Change => self.exchange(phrases::CHANGES, 0),
            Plot::Letter => {
                self.exchange(phrases::LETTERS, 0);
                self.perhaps(300, phrases::LETTERS);
            }
            Plot::Stranger => self.exchange(phrases::STRANGERS, 0),
        }
        if has_ticket {
            let kinds: &[usize] = match plot {
                Plot::Trouble => &[0, 2],
                Plot::Change => &[1],
                Plot::Letter => &[3],
                Plot::Inquiry | Plot::Purchase | Plot::Stranger => &[0, 4],
            };
            let kind = self.dice.pick(kinds);
            let matter = tickets::matter(self.dice, &self.deal, kind);
            self.then(Act::Ticket(matter));
        }
        if plot != Plot::Letter && plot != Plot::Stranger {
            self.perhaps(450, phrases::THANKS);
        }
    }

    fn perhaps(&mut self, per_mille: u64, from: &[Exchange]) {
        if self.dice.chance(per_mille) {
            self.exchange(from, HOUR / 6);
        }
    }

    /// One of several exchanges, after a pause of up to `pause` more than the usual.
    fn exchange(&mut self, from: &[Exchange], pause: i64) {
        if self.said > 0 {
            self.lead += self.dice.between(pause / 10, pause);
        }
        let fresh: Vec<Exchange> = from.iter().copied().filter(|exchange| !self.used.contains(&exchange[0].text)).collect();
        let exchange = self.dice.pick(if fresh.is_empty() { from } else { &fresh });
        self.used.push(exchange[0].text);
        for line in exchange {
            if self.said >= Self::MOST {
                return;
            }
            let pause = std::mem::take(&mut self.lead) + self.pause_before(line.by);
            let spoken = self.deal.speak(self.dice, line);
            self.steps.push_back(Step { pause, act: Act::Say(spoken) });
            self.before = Some(line.by);
            self.said += 1;
        }
    }

    fn pause_before(&mut self, by: By) -> i64 {
        let seconds = match (self.before, by) {
            (None, _) => self.dice.between(0, 30),
            (Some(before), by) if before == by => self.dice.between(4, 45),
            (Some(_), By::Customer) if self.dice.chance(60) => self.dice.between(3600, 9 * 3600),
            (Some(_), By::Customer) => self.dice.between(15, 480),
            (Some(_), By::Staff | By::System) if self.dice.chance(100) => self.dice.between(600, 3000),
            (Some(_), By::Staff | By::System) => self.dice.between(25, 300),
        };
        seconds * SECOND + self.dice.between(0, SECOND - 1)
    }

    /// The end of the script after the customer's last question is never played: nobody has come to answer it yet.
    fn leave_unanswered(&mut self) {
        let is_by_customer = |step: &Step| matches!(&step.act, Act::Say(spoken) if spoken.by == By::Customer);
        if let Some(last) = self.steps.iter().rposition(is_by_customer)
            && last > 0
        {
            self.steps.truncate(last + 1);
        }
    }

    fn then(&mut self, act: Act) {
        let pause = self.dice.between(20, 240) * SECOND;
        self.steps.push_back(Step { pause, act });
    }
}
