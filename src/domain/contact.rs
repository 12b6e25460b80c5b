//! Normalises e-mail addresses and phone numbers, so that a conversation finds its customer by them.
//!
//! Pure functions. Different spellings of an address or number have the same key. A key contains `@` if and only if it is an
//! e-mail address, so both kinds share one column.

/// The longest e-mail address that is accepted.
const EMAIL_MAX_BYTES: usize = 254;

/// The number of digits in a phone number as written, including its prefix.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 8..=15;

/// The address, trimmed and in lower case, if the text looks like an e-mail address: one `@`, something before it, and after it
/// a domain of at least two parts.
pub fn email_key(text: &str) -> Option<String> {
    let address = text.trim().to_lowercase();
    let (local, domain) = address.split_once('@')?;
    let looks_right = !local.is_empty()
        && domain.contains('.')
        && domain.split('.').all(|part| !part.is_empty())
        && !domain.contains('@')
        && !address.contains(|c: char| c.is_whitespace() || c.is_control())
        && address.len() <= EMAIL_MAX_BYTES;
    looks_right.then_some(address)
}

/// The digits of a phone number with country prefix, if the text is one: 8 to 15 digits after an optional `+`, with the usual
/// separators between them.
///
/// A leading 0 marks a Vietnamese number and is replaced by 84; a leading 00 is equivalent to `+`. So `0912 345 678`,
/// `+84 912 345 678`, `84912345678` and `0084912345678` are the same number.
pub fn phone_key(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text.strip_prefix('+').unwrap_or(text);
    let mut digits = String::with_capacity(16);
    for c in text.chars() {
        if c.is_ascii_digit() {
            digits.push(c);
        } else if !is_separator(c) {
            return None;
        }
    }
    if !PHONE_DIGITS.contains(&digits.len()) {
        return None;
    }
    Some(match (digits.strip_prefix("00"), digits.strip_prefix('0')) {
        (Some(international), _) => international.to_owned(),
        (None, Some(national)) => format!("84{national}"),
        (None, None) => digits,
    })
}

/// Whether a character is a usual separator in a phone number: a space, dot, bracket, slash or dash.
pub(super) fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, '.' | '-' | '(' | ')' | '/' | '\u{2010}'..='\u{2015}')
}

/// The key of a contact id that is an e-mail address or a phone number; `None` otherwise.
pub fn contact_key(contact_id: &str) -> Option<String> {
    email_key(contact_id).or_else(|| phone_key(contact_id))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_are_compared_without_case_and_surrounding_space() {
        assert_eq!(email_key(" Mai.Nguyen@Example.COM\n").as_deref(), Some("mai.nguyen@example.com"));
        assert_eq!(email_key("a+b@shop.co.vn").as_deref(), Some("a+b@shop.co.vn"));
    }

    #[test]
    fn what_does_not_look_like_an_address_has_no_email_key() {
        for text in [
            "",
            "@",
            "mai",
            "mai@",
            "@example.com",
            "mai@example",
            "mai@.com",
            "mai@example.",
            "a@b@c.d",
            "a b@c.d",
            "0912345678",
        ] {
            assert_eq!(email_key(text), None, "{text:?}");
        }
        assert_eq!(email_key(&format!("{}@example.com", "a".repeat(300))), None);
    }

    #[test]
    fn every_spelling_of_a_vietnamese_number_has_one_key() {
        for text in [
            "0912345678",
            " 0912 345 678 ",
            "0912.345.678",
            "(091) 234-5678",
            "091\u{a0}234\u{2011}5678",
            "+84 912 345 678",
            "+84912345678",
            "84912345678",
            "0084912345678",
            "00 84 912 345 678",
            "+0912345678",
        ] {
            assert_eq!(phone_key(text).as_deref(), Some("84912345678"), "{text:?}");
        }
    }

    #[test]
    fn other_countries_numbers_keep_their_prefix() {
        assert_eq!(phone_key("+49 30 901820").as_deref(), Some("4930901820"));
        assert_eq!(phone_key("004930901820").as_deref(), Some("4930901820"));
    }

    #[test]
    fn eight_to_fifteen_digits_are_a_phone_number() {
        assert_eq!(phone_key("1234567"), None);
        assert_eq!(phone_key("12345678").as_deref(), Some("12345678"));
        assert_eq!(phone_key("123456789012345").as_deref(), Some("123456789012345"));
        assert_eq!(phone_key("7740118822334455"), None);
    }

    #[test]
    fn text_with_other_characters_is_no_phone_number() {
        for text in [
            "",
            "+",
            "mai",
            "0912345678x",
            "09+12345678",
            "++84912345678",
            "64f2aa000000000000000c01",
            "٠٩١٢٣٤٥٦٧٨",
            "0912345678, 0987654321",
        ] {
            assert_eq!(phone_key(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_contact_id_can_be_an_address_or_a_phone_number() {
        assert_eq!(contact_key("Mai@Example.com").as_deref(), Some("mai@example.com"));
        assert_eq!(contact_key("0912345678").as_deref(), Some("84912345678"));
        assert_eq!(contact_key("7740118822334455"), None);
    }

    proptest! {
        #[test]
        fn no_text_makes_the_key_functions_panic(text in any::<String>()) {
            if let Some(key) = contact_key(&text) {
                prop_assert!(key.contains('@') || key.bytes().all(|byte| byte.is_ascii_digit()));
            }
        }
    }
}
