//! People: who they are, and how their customer record changes.
//!
//! A person is generated from a key alone. Phone numbers and e-mail addresses contain the person's number, so that they are
//! unique within a run and every conversation can be linked to the right customer. Knows no payloads.

mod account;
mod name;

pub(crate) use self::account::{Account, stranger};
use self::{
    account::accounts,
    name::{FullName, plain},
};
use crate::{
    data::{City, Platform, Status, names, places, shop},
    ids::{mix, object_id},
    rng::Rng,
};

const DAY_MS: i64 = 86_400_000;

/// A customer, or a person about to become one. Staff are indices into the shop's list.
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) given_name: &'static str,
    pub(crate) is_man: bool,
    pub(crate) phone: String,
    pub(crate) carrier: &'static str,
    pub(crate) email: Option<String>,
    pub(crate) accounts: Vec<Account>,
    pub(crate) city: &'static City,
    pub(crate) district: &'static str,
    pub(crate) address: String,
    pub(crate) birthday: Option<String>,
    pub(crate) source: &'static str,
    pub(crate) tags: Vec<&'static str>,
    pub(crate) note: &'static str,
    pub(crate) status: Status,
    pub(crate) points: i64,
    pub(crate) orders: u32,
    pub(crate) last_order: Option<String>,
    pub(crate) manager: usize,
    pub(crate) creator: usize,
    pub(crate) updater: usize,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
    pub(crate) record: Record,
    /// The number of conversations they have started.
    pub(crate) conversations: u32,
}

/// Whether the CRM has a customer record of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Record {
    /// Not yet: their first message creates it.
    Missing,
    Exists,
    Deleted,
}

impl Person {
    /// The person with a key. `number` makes the phone number and the e-mail address unique within a run.
    pub(crate) fn new(key: u64, number: u64) -> Self {
        let mut rng = Rng::new(mix(key));
        let is_man = rng.chance(380);
        let name = FullName::new(&mut rng, is_man);
        let id = object_id(key);
        let prefix = rng.weighted(&names().mobile_prefixes);
        // 4,567,891 is coprime to ten million, so each number gives other digits.
        let phone = format!("{}{:07}", prefix.digits, (number % 10_000_000) * 4_567_891 % 10_000_000);
        let email = format!("{}.{}{number}@{}", plain(name.given), plain(name.family), rng.pick(&names().email_domains));
        let accounts = accounts(&mut rng, name, &id, &phone, &email);
        let writes_email = accounts.iter().any(|account| account.platform == Platform::Email);
        let city = rng.weighted_by(&places().cities, |city| city.weight);
        let district = rng.pick(&city.districts);
        let manager = rng.below(shop().staff.len());
        let creator = if rng.chance(700) { manager } else { rng.below(shop().staff.len()) };
        // The fields below draw random numbers in this order.
        Self {
            name: name.to_string(),
            given_name: name.given,
            is_man,
            phone,
            carrier: &prefix.carrier,
            email: (writes_email || rng.chance(420)).then_some(email),
            accounts,
            city,
            district,
            address: format!("{} {}, {district}, {}", rng.between(1, 380), rng.pick(&city.streets), city.name),
            birthday: rng.chance(550).then(|| birthday(&mut rng, 1962, 2006)),
            source: rng.pick(&shop().sources).as_str(),
            tags: Vec::new(),
            note: if rng.chance(250) { rng.pick(&shop().notes).as_str() } else { "" },
            status: if rng.chance(350) { Status::Advised } else { Status::Lead },
            points: 0,
            orders: 0,
            last_order: None,
            manager,
            creator,
            updater: creator,
            created_at: 0,
            updated_at: 0,
            record: Record::Missing,
            conversations: 0,
            id,
        }
    }

    /// Makes them a customer since before `start_ms`.
    pub(crate) fn make_existing_customer(&mut self, start_ms: i64, rng: &mut Rng) {
        self.created_at = start_ms - rng.between(2 * DAY_MS, 500 * DAY_MS);
        self.updated_at = self.created_at + rng.between(0, start_ms - self.created_at);
        self.orders = u32::try_from(rng.between(0, 2) * rng.between(0, 4)).unwrap_or_default();
        self.points = i64::from(self.orders) * rng.between(8, 60);
        self.update_status();
        if self.orders > 0 {
            self.tags.push(rng.pick(&shop().tags).as_str());
        }
        self.record = Record::Exists;
    }

    /// Records an order for an amount in thousands of đồng.
    pub(crate) fn buy(&mut self, order: &str, thousands: i64, staff: usize, at: i64) {
        self.orders += 1;
        self.points += thousands / 10;
        self.last_order = Some(order.to_owned());
        self.update_status();
        self.set_updated(staff, at);
    }

    /// A staff member edits the record: a note, a tag, a birthday, another manager.
    pub(crate) fn edit(&mut self, rng: &mut Rng, at: i64) {
        let staff = rng.below(shop().staff.len());
        match rng.below(5) {
            0 => self.note = rng.pick(&shop().notes).as_str(),
            1 => self.manager = staff,
            2 if self.orders == 0 => self.status = if rng.chance(300) { Status::Inactive } else { Status::Advised },
            3 if self.birthday.is_none() => self.birthday = Some(birthday(rng, 1965, 2005)),
            _ => {
                let tag = rng.pick(&shop().tags).as_str();
                if !self.tags.contains(&tag) {
                    self.tags.push(tag);
                }
                self.points += rng.between(0, 6) * 5;
            }
        }
        self.set_updated(staff, at);
    }

    fn set_updated(&mut self, staff: usize, at: i64) {
        self.updater = staff;
        self.updated_at = at.max(self.updated_at + 1);
    }

    fn update_status(&mut self) {
        self.status = match self.orders {
            0 => self.status,
            1..=2 => Status::Buyer,
            3..=6 => Status::Regular,
            _ => Status::Vip,
        };
    }
}

fn birthday(rng: &mut Rng, first_year: i64, last_year: i64) -> String {
    format!("{}-{:02}-{:02}", rng.between(first_year, last_year), rng.between(1, 12), rng.between(1, 28))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::Person;
    use crate::{
        data::Platform,
        ids::{KeyKind, key},
    };

    #[test]
    fn addresses_and_numbers_are_unique() {
        let people: Vec<Person> = (0..5000).map(|index| Person::new(key(1, KeyKind::Person, index), index)).collect();
        let phones: HashSet<&str> = people.iter().map(|person| person.phone.as_str()).collect();
        let accounts: HashSet<&str> =
            people.iter().flat_map(|person| &person.accounts).map(|account| account.id.as_str()).collect();
        assert_eq!(phones.len(), people.len());
        assert_eq!(accounts.len(), people.iter().map(|person| person.accounts.len()).sum::<usize>());
        assert!(people.iter().all(|person| person.phone.len() == 10 && !person.accounts.is_empty()));
    }

    #[test]
    fn the_record_of_an_email_contact_has_their_address() {
        for index in 0..2000 {
            let person = Person::new(key(2, KeyKind::Person, index), index);
            for account in person.accounts.iter().filter(|account| account.platform == Platform::Email) {
                assert_eq!(Some(&account.id), person.email.as_ref());
            }
        }
    }
}
