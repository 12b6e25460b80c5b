//! The people of the demo: who they are, where they can be written to, and how their customer record changes.
//!
//! A person is made from a key alone. Phone numbers and e-mail addresses carry the person's number, so that no two people
//! of a run share one and every conversation finds the customer it should. Knows the vocabulary, not the payloads.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::{
    dice::{Dice, decimal_id, mix, object_id},
    words::{self, City, Platform},
};

const DAY_MS: i64 = 86_400_000;

/// Someone's address on a platform.
#[derive(Clone, Debug)]
pub(super) struct Account {
    pub(super) platform: Platform,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) avatar: String,
    /// Whether the customer record names it under `social`; the others are found by phone, e-mail or the customer's own id.
    pub(super) is_social: bool,
}

/// A customer, or someone about to be one.
pub(super) struct Person {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) given: &'static str,
    pub(super) is_man: bool,
    pub(super) phone: String,
    pub(super) telco: &'static str,
    pub(super) email: Option<String>,
    pub(super) accounts: Vec<Account>,
    pub(super) city: &'static City,
    pub(super) district: &'static str,
    pub(super) address: String,
    pub(super) birthday: Option<String>,
    pub(super) origin: &'static str,
    pub(super) tags: Vec<&'static str>,
    pub(super) note: &'static str,
    pub(super) status: usize,
    pub(super) points: i64,
    pub(super) orders: u32,
    pub(super) last_order: Option<String>,
    pub(super) manager: usize,
    pub(super) creator: usize,
    pub(super) updater: usize,
    pub(super) created_at: i64,
    pub(super) updated_at: i64,
    /// How far the CRM knows them.
    pub(super) standing: Standing,
    /// Conversations they have begun.
    pub(super) conversations: u32,
}

/// Whether there is a customer record of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Not yet: the first message makes it.
    New,
    /// There is one.
    Customer,
    /// There was one.
    Deleted,
}

impl Person {
    /// The person of a key. `number` tells apart the phone numbers and e-mail addresses of a run.
    pub(super) fn new(key: u64, number: u64) -> Self {
        let mut dice = Dice::of(mix(key));
        let is_man = dice.chance(380);
        let family = dice.weighted(words::FAMILIES);
        let (middle, given) = if is_man {
            (dice.weighted(words::HIS_MIDDLES), dice.pick(words::HIS_NAMES))
        } else {
            (dice.weighted(words::HER_MIDDLES), dice.pick(words::HER_NAMES))
        };
        let id = object_id(key);
        let (prefix, telco) = dice.weighted(words::PREFIXES);
        // 4,567,891 shares no factor with ten million: each number gives other digits.
        let phone = format!("{prefix}{:07}", (number % 10_000_000) * 4_567_891 % 10_000_000);
        let address_of_mail = format!("{}.{}{number}@{}", plain(given), plain(family), dice.pick(words::DOMAINS));
        let accounts = accounts(&mut dice, [family, middle, given], &id, &phone, &address_of_mail);
        let writes_mail = accounts.iter().any(|account| account.platform == Platform::Email);
        let city = dice.weighted(words::CITIES);
        let district = dice.pick(city.districts);
        let manager = dice.below(words::STAFF.len());
        let creator = if dice.chance(700) { manager } else { dice.below(words::STAFF.len()) };
        Self {
            name: format!("{family} {middle} {given}"),
            given,
            is_man,
            phone,
            telco,
            email: (writes_mail || dice.chance(420)).then_some(address_of_mail),
            accounts,
            city,
            district,
            address: format!("{} {}, {district}, {}", dice.between(1, 380), dice.pick(city.streets), city.name),
            birthday: dice
                .chance(550)
                .then(|| format!("{}-{:02}-{:02}", dice.between(1962, 2006), dice.between(1, 12), dice.between(1, 28))),
            origin: dice.pick(words::ORIGINS),
            tags: Vec::new(),
            note: if dice.chance(250) { dice.pick(words::NOTES) } else { "" },
            status: usize::from(dice.chance(350)),
            points: 0,
            orders: 0,
            last_order: None,
            manager,
            creator,
            updater: creator,
            created_at: 0,
            updated_at: 0,
            standing: Standing::New,
            conversations: 0,
            id,
        }
    }

    /// Makes them a customer of some standing, known since before the window that starts at `start_ms`.
    pub(super) fn grow_old(&mut self, start_ms: i64, dice: &mut Dice) {
        self.created_at = start_ms - dice.between(2 * DAY_MS, 500 * DAY_MS);
        self.updated_at = self.created_at + dice.between(0, start_ms - self.created_at);
        self.orders = u32::try_from(dice.between(0, 2) * dice.between(0, 4)).unwrap_or_default();
        self.points = i64::from(self.orders) * dice.between(8, 60);
        self.rank();
        if self.orders > 0 {
            self.tags.push(dice.pick(words::TAGS));
        }
        self.standing = Standing::Customer;
    }

    /// They bought something for so many thousands of đồng.
    pub(super) fn buy(&mut self, order: &str, thousands: i64, staff: usize, at: i64) {
        self.orders += 1;
        self.points += thousands / 10;
        self.last_order = Some(order.to_owned());
        self.rank();
        self.touch(staff, at);
    }

    /// Staff look after the record: a note, a tag, a birthday, another manager.
    pub(super) fn look_after(&mut self, dice: &mut Dice, at: i64) {
        let staff = dice.below(words::STAFF.len());
        match dice.below(5) {
            0 => self.note = dice.pick(words::NOTES),
            1 => self.manager = staff,
            2 if self.orders == 0 => self.status = if dice.chance(300) { 5 } else { 1 },
            3 if self.birthday.is_none() => {
                self.birthday =
                    Some(format!("{}-{:02}-{:02}", dice.between(1965, 2005), dice.between(1, 12), dice.between(1, 28)));
            }
            _ => {
                let tag = dice.pick(words::TAGS);
                if !self.tags.contains(&tag) {
                    self.tags.push(tag);
                }
                self.points += dice.between(0, 6) * 5;
            }
        }
        self.touch(staff, at);
    }

    fn touch(&mut self, staff: usize, at: i64) {
        self.updater = staff;
        self.updated_at = at.max(self.updated_at + 1);
    }

    fn rank(&mut self) {
        self.status = match self.orders {
            0 => self.status,
            1..=2 => 2,
            3..=6 => 3,
            _ => 4,
        };
    }
}

/// Someone who writes without being a customer.
pub(super) fn stranger(key: u64) -> Account {
    let mut dice = Dice::of(mix(key));
    let platform = dice.weighted(&[(35, Platform::Zalo), (35, Platform::Facebook), (22, Platform::Web), (8, Platform::Email)]);
    let family = dice.weighted(words::FAMILIES);
    let name = match platform {
        Platform::Web => format!("Khách {}", dice.between(1000, 9999)),
        Platform::Email => dice.pick(words::OFFICES).to_owned(),
        Platform::Zalo | Platform::Facebook => {
            let names = if dice.chance(400) { words::HIS_NAMES } else { words::HER_NAMES };
            let given = dice.pick(names);
            display_name(&mut dice, [family, given, given])
        }
    };
    let id = match platform {
        Platform::Web => visitor_id(key),
        Platform::Email => format!("lienhe.{:05}@congty.example", key % 100_000),
        Platform::Zalo | Platform::Facebook => social_id(key, platform),
    };
    account(&mut dice, platform, id, name, false)
}

fn accounts(dice: &mut Dice, names: [&str; 3], customer: &str, phone: &str, mail: &str) -> Vec<Account> {
    const PLATFORMS: &[(u64, Platform)] =
        &[(48, Platform::Zalo), (34, Platform::Facebook), (11, Platform::Web), (7, Platform::Email)];
    let mut accounts: Vec<Account> = Vec::new();
    for _ in 0..dice.weighted(&[(58, 1), (30, 2), (12, 3)]) {
        let platform = dice.weighted(PLATFORMS);
        if accounts.iter().any(|account| account.platform == platform) {
            continue;
        }
        let key = dice.roll();
        let (id, is_social) = match platform {
            Platform::Zalo | Platform::Facebook => (social_id(key, platform), true),
            Platform::Email => (mail.to_owned(), false),
            Platform::Web => match dice.below(20) {
                0..=7 => (visitor_id(key), true),
                8..=12 => (phone.to_owned(), false),
                13..=16 => (format!("+84{}", &phone[1..]), false),
                _ => (customer.to_owned(), false),
            },
        };
        let name = display_name(dice, names);
        accounts.push(account(dice, platform, id, name, is_social));
    }
    accounts
}

fn account(dice: &mut Dice, platform: Platform, id: String, name: String, is_social: bool) -> Account {
    let has_face = matches!(platform, Platform::Zalo | Platform::Facebook);
    let avatar = if has_face { format!("https://avatars.example/{:08x}.jpg", dice.roll() >> 32) } else { String::new() };
    Account { platform, id, name, avatar, is_social }
}

/// Sixteen digits or more: fewer could be taken for a phone number.
fn social_id(key: u64, platform: Platform) -> String {
    decimal_id(key, if platform == Platform::Zalo { 16 + [0, 1, 2, 3][(key & 3) as usize] } else { 16 })
}

fn visitor_id(key: u64) -> String {
    format!("visitor-{key:016x}")
}

fn display_name(dice: &mut Dice, [family, middle, given]: [&str; 3]) -> String {
    match dice.below(10) {
        0..=3 => format!("{family} {middle} {given}"),
        4..=6 => format!("{given} {family}"),
        7 | 8 => format!("{middle} {given}"),
        _ => format!("{given} {given} {}", dice.pick(words::ORNAMENTS)),
    }
}

/// A name as it stands in an e-mail address.
fn plain(name: &str) -> String {
    name.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).map(|c| if c == 'đ' { 'd' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{Person, Platform, plain};
    use crate::demo::dice::{Sort, key};

    #[test]
    fn people_share_no_address_and_no_number() {
        let people: Vec<Person> = (0..5000).map(|index| Person::new(key(1, Sort::Person, index), index)).collect();
        let phones: HashSet<&str> = people.iter().map(|person| person.phone.as_str()).collect();
        let accounts: HashSet<&str> =
            people.iter().flat_map(|person| &person.accounts).map(|account| account.id.as_str()).collect();
        assert_eq!(phones.len(), people.len());
        assert_eq!(accounts.len(), people.iter().map(|person| person.accounts.len()).sum::<usize>());
        assert!(people.iter().all(|person| person.phone.len() == 10 && !person.accounts.is_empty()));
    }

    #[test]
    fn who_writes_mail_has_the_address_in_the_record() {
        for index in 0..2000 {
            let person = Person::new(key(2, Sort::Person, index), index);
            for account in person.accounts.iter().filter(|account| account.platform == Platform::Email) {
                assert_eq!(Some(&account.id), person.email.as_ref());
            }
        }
    }

    #[test]
    fn names_in_addresses_are_ascii() {
        assert_eq!(plain("Đặng"), "dang");
        assert_eq!(plain("Thủy"), "thuy");
    }
}
