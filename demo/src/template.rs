//! Texts with placeholders such as `{product}`, parsed when the data files are read.
//!
//! An unknown placeholder is an error of the data file, so filling in a template can't fail.

use std::borrow::Cow;

use serde::Deserialize;

/// What a placeholder stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Placeholder {
    Product,
    OtherProduct,
    Price,
    OtherPrice,
    Quantity,
    Total,
    Shipping,
    Order,
    District,
    Address,
    Phone,
    Hour,
    Day,
    Honorific,
    CustomerSelf,
    CustomerName,
    StaffName,
}

impl Placeholder {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "product" => Self::Product,
            "other_product" => Self::OtherProduct,
            "price" => Self::Price,
            "other_price" => Self::OtherPrice,
            "quantity" => Self::Quantity,
            "total" => Self::Total,
            "shipping" => Self::Shipping,
            "order" => Self::Order,
            "district" => Self::District,
            "address" => Self::Address,
            "phone" => Self::Phone,
            "hour" => Self::Hour,
            "day" => Self::Day,
            "honorific" => Self::Honorific,
            "self" => Self::CustomerSelf,
            "name" => Self::CustomerName,
            "staff" => Self::StaffName,
            _ => return None,
        })
    }
}

#[derive(Debug)]
enum Piece {
    Text(String),
    Placeholder(Placeholder),
}

/// A text with placeholders.
#[derive(Debug, Default, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Template(Vec<Piece>);

impl Template {
    /// The text with each placeholder replaced by its value.
    pub(crate) fn fill<'a>(&self, value: impl Fn(Placeholder) -> Cow<'a, str>) -> String {
        let mut filled = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => filled.push_str(text),
                Piece::Placeholder(placeholder) => filled.push_str(&value(*placeholder)),
            }
        }
        filled
    }
}

impl TryFrom<String> for Template {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').ok_or_else(|| format!("unclosed placeholder in {text:?}"))?;
            let placeholder = Placeholder::parse(name).ok_or_else(|| format!("unknown placeholder {{{name}}} in {text:?}"))?;
            if !before.is_empty() {
                pieces.push(Piece::Text(before.to_owned()));
            }
            pieces.push(Piece::Placeholder(placeholder));
            rest = after;
        }
        if rest.contains('}') {
            return Err(format!("stray }} in {text:?}"));
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        Ok(Self(pieces))
    }
}

#[cfg(test)]
mod tests {
    use super::{Placeholder, Template};

    #[test]
    fn placeholders_are_replaced_and_the_rest_is_unchanged() {
        let template = Template::try_from("{product}: {price} ạ".to_owned()).unwrap();
        let filled = template.fill(|placeholder| if placeholder == Placeholder::Price { "95.000đ" } else { "hoa" }.into());
        assert_eq!(filled, "hoa: 95.000đ ạ");
    }

    #[test]
    fn bad_placeholders_are_refused() {
        for text in ["{colour}", "{product", "product}", "{}"] {
            assert!(Template::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
