//! E-mail addresses and phone numbers as they are compared, so that a conversation finds the customer it is held with.
//!
//! Pure functions. Two spellings of one address or number have one key; a key holds an `@` exactly when it is an e-mail
//! address's, so that both kinds can stand in one column.

/// The longest an e-mail address can be in use.
const EMAIL_MAX_BYTES: usize = 254;

/// How many digits a phone number has as it is written, with its prefix.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 8..=15;

/// The address, trimmed and in lower case, if the text looks like an e-mail address: one `@`, something before it, and a
/// domain of at least two parts after it.
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

/// The digits of a phone number with its country's prefix, if the text is one: 8 to 15 digits after an optional `+`, with
/// the separators people write between them.
///
/// A leading 0 is that of a Vietnamese number and read as 84, a leading 00 is another way to write `+`: `0912 345 678`,
/// `+84 912 345 678`, `84912345678` and `0084912345678` are one number.
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

/// What people write between the digits of a phone number: spaces, dots, brackets, slashes and the various dashes.
pub(super) fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, '.' | '-' | '(' | ')' | '/' | '\u{2010}'..='\u{2015}')
}

/// The key of a conversation's contact id that is itself an e-mail address or a phone number.
pub fn contact_key(contact_id: &str) -> Option<String> {
    email_key(contact_id).or_else(|| phone_key(contact_id))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_address_is_compared_without_case_and_surroundings() {
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
    fn what_holds_other_letters_is_no_phone_number() {
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
    fn a_contact_id_can_be_either() {
        assert_eq!(contact_key("Mai@Example.com").as_deref(), Some("mai@example.com"));
        assert_eq!(contact_key("0912345678").as_deref(), Some("84912345678"));
        assert_eq!(contact_key("7740118822334455"), None);
    }

    proptest! {
        #[test]
        fn any_text_can_be_asked_for_its_key(text in any::<String>()) {
            if let Some(key) = contact_key(&text) {
                prop_assert!(key.contains('@') || key.bytes().all(|byte| byte.is_ascii_digit()));
            }
        }
    }
}
