//! Conversations as scripts: who says what after which pause, and what follows for the shop.
//!
//! A script is written when its conversation starts and then played step by step, in the history or live. Pauses are in busy
//! time (`hours`), so that nobody replies in the middle of the night.

mod capitals;
mod step;
mod writer;

use std::collections::VecDeque;

use self::writer::{Topic, Writer};
pub(crate) use self::{
    step::{Action, MessageDraft, Step},
    writer::Setting,
};
use crate::{
    data::{Platform, phrases},
    deal::Deal,
    hours::HOUR,
    rng::Rng,
};

/// The whole script of a conversation. `orders` counts the shop's orders.
pub(crate) fn script(rng: &mut Rng, setting: &Setting, orders: &mut u64) -> VecDeque<Step> {
    let is_stranger = setting.person.is_none();
    let by_email = setting.platform == Platform::Email;
    let visits = if is_stranger { 1 } else { *rng.weighted(&[(80, 1), (14, 2), (4, 3), (2, 4)]) };
    let ticket_in = setting.has_ticket.then(|| rng.below(visits));
    let deal = Deal::new(rng, setting.person, setting.staff);
    let is_casual = !by_email && rng.chance(350);
    let mut writer = Writer::new(rng, deal, is_casual);
    for visit in 0..visits {
        let has_ticket = ticket_in == Some(visit);
        let topic = writer.topic(setting, has_ticket);
        let earlier = setting.person.and_then(|person| person.last_order.clone()).filter(|_| topic != Topic::Purchase);
        let order = earlier.unwrap_or_else(|| {
            *orders += 1;
            format!("DH-{orders}")
        });
        if visit > 0 {
            // One to six days of eleven busy hours.
            writer.wait(11 * HOUR, 66 * HOUR);
            if !by_email {
                writer.exchange(&phrases().returns, 0);
            }
        }
        // The greeting above still refers to the previous purchase.
        writer.renew(order);
        writer.visit(topic, visit == 0, has_ticket);
        writer.perhaps_close(if is_stranger { 500 } else { 870 });
    }
    writer.finish()
}
