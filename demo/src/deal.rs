//! The subject of a conversation: the values of its placeholders.
//!
//! Conversations and tickets fill their texts from the same deal, so that a ticket names the product, order and address that
//! the conversation was about.

use std::borrow::Cow;

use crate::{
    data::{Product, phrases, places, shop},
    person::Person,
    rng::Rng,
    template::{Placeholder, Template},
};

/// The goods, the order and the people of a conversation.
pub(crate) struct Deal {
    product: &'static Product,
    other_product: &'static Product,
    quantity: i64,
    order: String,
    district: &'static str,
    address: String,
    phone: String,
    day: &'static str,
    hour: String,
    honorific: &'static str,
    customer_self: &'static str,
    customer_name: &'static str,
    staff_name: &'static str,
}

impl Deal {
    /// A deal with a customer, or with a stranger (`None`). It has no order code yet.
    pub(crate) fn new(rng: &mut Rng, person: Option<&Person>, staff: usize) -> Self {
        let city = rng.weighted_by(&places().cities, |city| city.weight);
        let is_man = person.map_or_else(|| rng.chance(500), |person| person.is_man);
        let honorific = if is_man { "anh" } else { "chị" };
        let name = &shop().staff[staff].name;
        let (day, hour) = delivery_time(rng);
        let (product, other_product) = two_products(rng);
        Self {
            product,
            other_product,
            quantity: quantity(rng),
            order: String::new(),
            district: person.map_or_else(|| rng.pick(&city.districts).as_str(), |person| person.district),
            address: person.map_or_else(String::new, |person| person.address.clone()),
            phone: person.map_or_else(String::new, |person| person.phone.clone()),
            day,
            hour,
            honorific,
            customer_self: *rng.weighted::<&str>(&[(60, "mình"), (25, honorific), (15, "em")]),
            customer_name: person.map_or("", |person| person.given_name),
            staff_name: name.rsplit(' ').next().unwrap_or(name),
        }
    }

    /// Starts a new deal between the same people.
    pub(crate) fn renew(&mut self, rng: &mut Rng, order: String) {
        (self.product, self.other_product) = two_products(rng);
        (self.day, self.hour) = delivery_time(rng);
        (self.quantity, self.order) = (quantity(rng), order);
    }

    pub(crate) fn order(&self) -> &str {
        &self.order
    }

    /// The total, in thousands of đồng.
    pub(crate) fn total(&self) -> i64 {
        self.product.price * self.quantity
    }

    /// One of several alternatives, with its placeholders filled in.
    pub(crate) fn fill(&self, rng: &mut Rng, alternatives: &[Template]) -> String {
        let filled = rng.pick(alternatives).fill(|placeholder| self.value(placeholder));
        // A stranger has no name: remove the gap around it.
        if self.customer_name.is_empty() { filled.replace("  ", " ").replace(" ,", ",") } else { filled }
    }

    fn value(&self, placeholder: Placeholder) -> Cow<'_, str> {
        match placeholder {
            Placeholder::Product => self.product.name.as_str().into(),
            Placeholder::OtherProduct => self.other_product.name.as_str().into(),
            Placeholder::Price => dong(self.product.price).into(),
            Placeholder::OtherPrice => dong(self.other_product.price).into(),
            Placeholder::Quantity => self.quantity.to_string().into(),
            Placeholder::Total => dong(self.total()).into(),
            Placeholder::Shipping => if self.total() < 500 { "30.000đ" } else { "0đ" }.into(),
            Placeholder::Order => self.order.as_str().into(),
            Placeholder::District => self.district.into(),
            Placeholder::Address => self.address.as_str().into(),
            Placeholder::Phone => self.phone.as_str().into(),
            Placeholder::Hour => self.hour.as_str().into(),
            Placeholder::Day => self.day.into(),
            Placeholder::Honorific => self.honorific.into(),
            Placeholder::CustomerSelf => self.customer_self.into(),
            Placeholder::CustomerName => self.customer_name.into(),
            Placeholder::StaffName => self.staff_name.into(),
        }
    }
}

fn quantity(rng: &mut Rng) -> i64 {
    *rng.weighted(&[(70, 1), (18, 2), (7, 3), (3, 5), (2, 10)])
}

fn two_products(rng: &mut Rng) -> (&'static Product, &'static Product) {
    let products = &shop().products;
    let first = rng.below(products.len());
    let second = (first + 1 + rng.below(products.len() - 1)) % products.len();
    (&products[first], &products[second])
}

fn delivery_time(rng: &mut Rng) -> (&'static str, String) {
    let day = rng.pick(&phrases().delivery_days);
    (&day.day, format!("{}h{}", rng.between(day.from, day.to), rng.pick(&["", "15", "30", "45"])))
}

/// An amount in its usual notation: `1.250.000đ`.
fn dong(thousands: i64) -> String {
    if thousands >= 1000 { format!("{}.{:03}.000đ", thousands / 1000, thousands % 1000) } else { format!("{thousands}.000đ") }
}
