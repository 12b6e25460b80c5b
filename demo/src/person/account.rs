//! The accounts of people, and their ids on each platform.

use super::name::FullName;
use crate::{
    data::{Platform, names},
    ids::{decimal_id, mix},
    rng::Rng,
};

/// A person's account on a platform.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) platform: Platform,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) avatar: String,
    /// Whether the customer record lists it under `social`. Other accounts are linked by phone, e-mail or the customer's id.
    pub(crate) is_social: bool,
}

/// The account of a person who writes but is not a customer.
pub(crate) fn stranger(key: u64) -> Account {
    const PLATFORMS: &[(u64, Platform)] =
        &[(35, Platform::Zalo), (35, Platform::Facebook), (22, Platform::Web), (8, Platform::Email)];
    let mut rng = Rng::new(mix(key));
    let platform = *rng.weighted(PLATFORMS);
    let names = names();
    let family = rng.weighted(&names.families);
    let name = match platform {
        Platform::Web => format!("{} {}", names.visitor, rng.between(1000, 9999)),
        Platform::Email => rng.pick(&names.offices).clone(),
        Platform::Zalo | Platform::Facebook => {
            let given_names = if rng.chance(400) { &names.male_given } else { &names.female_given };
            let given = rng.pick(given_names);
            FullName { family, middle: given, given }.displayed(&mut rng)
        }
    };
    let id = match platform {
        Platform::Web => visitor_id(key),
        Platform::Email => format!("lienhe.{:05}@congty.example", key % 100_000),
        Platform::Zalo | Platform::Facebook => social_id(key, platform),
    };
    account(&mut rng, platform, id, name, false)
}

/// One to three accounts on different platforms.
pub(super) fn accounts(rng: &mut Rng, name: FullName, customer: &str, phone: &str, email: &str) -> Vec<Account> {
    const PLATFORMS: &[(u64, Platform)] =
        &[(48, Platform::Zalo), (34, Platform::Facebook), (11, Platform::Web), (7, Platform::Email)];
    let mut accounts: Vec<Account> = Vec::new();
    for _ in 0..*rng.weighted(&[(58, 1), (30, 2), (12, 3)]) {
        let platform = *rng.weighted(PLATFORMS);
        if accounts.iter().any(|account| account.platform == platform) {
            continue;
        }
        let key = rng.next_u64();
        let (id, is_social) = match platform {
            Platform::Zalo | Platform::Facebook => (social_id(key, platform), true),
            Platform::Email => (email.to_owned(), false),
            Platform::Web => match rng.below(20) {
                0..=7 => (visitor_id(key), true),
                8..=12 => (phone.to_owned(), false),
                13..=16 => (format!("+84{}", &phone[1..]), false),
                _ => (customer.to_owned(), false),
            },
        };
        let displayed = name.displayed(rng);
        accounts.push(account(rng, platform, id, displayed, is_social));
    }
    accounts
}

fn account(rng: &mut Rng, platform: Platform, id: String, name: String, is_social: bool) -> Account {
    let has_avatar = matches!(platform, Platform::Zalo | Platform::Facebook);
    let avatar = if has_avatar { format!("https://avatars.example/{:08x}.jpg", rng.next_u64() >> 32) } else { String::new() };
    Account { platform, id, name, avatar, is_social }
}

/// Sixteen digits or more: fewer could be mistaken for a phone number.
fn social_id(key: u64, platform: Platform) -> String {
    decimal_id(key, if platform == Platform::Zalo { 16 + [0, 1, 2, 3][(key & 3) as usize] } else { 16 })
}

fn visitor_id(key: u64) -> String {
    format!("visitor-{key:016x}")
}
