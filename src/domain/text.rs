//! Text functions: decoding URL-encoded text, folding for search, and replacing U+0000.
//!
//! Pure. [`fold`] is the only definition of "equal except for case and diacritics". Both the stored search texts and the search
//! words pass through it.

use percent_encoding::percent_decode_str;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Text with each U+0000, which PostgreSQL can't hold, replaced by U+FFFD.
pub fn without_nul(text: &str) -> String {
    text.replace('\0', "\u{FFFD}")
}

/// Undoes `encodeURIComponent` once: a plus stays a plus, and `%2520` becomes `%20`.
///
/// Decoding is all or nothing. Text that has a `%` without two hexadecimal digits after it, or that is not UTF-8 after
/// decoding, was not encoded and is kept as sent. U+0000 is replaced in either case.
pub fn decode_uri_component(text: &str) -> String {
    if !is_percent_encoded(text) {
        return without_nul(text);
    }
    match percent_decode_str(text).decode_utf8() {
        Ok(decoded) => without_nul(&decoded),
        Err(_) => without_nul(text),
    }
}

/// Whether two hexadecimal digits follow every `%`. The decoder itself would leave others unchanged.
fn is_percent_encoded(text: &str) -> bool {
    text.split('%').skip(1).all(|after| {
        let mut bytes = after.bytes();
        (0..2).all(|_| bytes.next().is_some_and(|byte| byte.is_ascii_hexdigit()))
    })
}

/// Normalises text for search: decomposed canonically, without marks, đ as d, in lower case.
///
/// `Đà Nẵng` becomes `da nang`, whether it was composed or decomposed. Folding is idempotent.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).map(plain).collect()
}

/// Maps letters that lower case and decomposition keep distinct although readers consider them equal.
fn plain(letter: char) -> char {
    match letter {
        'đ' => 'd',
        // The final form of sigma depends on the next letter, which differs in a part of the word.
        'ς' => 'σ',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn encoded_text_is_decoded_once() {
        assert_eq!(decode_uri_component("Ch%C3%A0o%20shop%2C%20%C4%91%C6%A1n%20DH-1029%3F"), "Chào shop, đơn DH-1029?");
        assert_eq!(decode_uri_component("%2520"), "%20");
        assert_eq!(decode_uri_component("%e2%80%a6"), "…");
        assert_eq!(decode_uri_component(""), "");
    }

    #[test]
    fn a_plus_stays_a_plus() {
        assert_eq!(decode_uri_component("1+1%3D2"), "1+1=2");
    }

    #[test]
    fn text_that_was_never_encoded_is_kept() {
        for text in ["giảm 50%", "100% cotton", "%zz", "%2", "%", "%%20", "a%20b%", "%+1", "% 20", "%2g%20", "%é0"] {
            assert_eq!(decode_uri_component(text), text);
        }
        assert_eq!(decode_uri_component("Chào shop"), "Chào shop");
        assert_eq!(decode_uri_component("Chào%20shop"), "Chào shop");
    }

    #[test]
    fn text_that_is_not_utf8_after_decoding_is_kept() {
        for text in ["%FF%FE", "ok%20%C3", "%C3%28", "%ED%A0%80"] {
            assert_eq!(decode_uri_component(text), text);
        }
    }

    #[test]
    fn nul_is_replaced_before_and_after_decoding() {
        assert_eq!(decode_uri_component("a%00b"), "a\u{FFFD}b");
        assert_eq!(decode_uri_component("a\0b"), "a\u{FFFD}b");
        assert_eq!(decode_uri_component("a\0b%"), "a\u{FFFD}b%");
        assert_eq!(without_nul("\0\0"), "\u{FFFD}\u{FFFD}");
    }

    #[test]
    fn folding_removes_case_and_diacritics() {
        assert_eq!(fold("Nguyễn Thị Mai"), "nguyen thi mai");
        assert_eq!(fold("ĐÀ NẴNG, đà nẵng"), "da nang, da nang");
        assert_eq!(fold("Phút GIỜ Ngày"), "phut gio ngay");
        assert_eq!(fold("İstanbul ΟΔΟΣ οδός"), "istanbul οδοσ οδοσ");
        assert_eq!(fold("DH-1029 🎁 50%"), "dh-1029 🎁 50%");
    }

    #[test]
    fn folding_is_idempotent_for_every_letter() {
        for letter in '\0'..=char::MAX {
            let folded = fold(&letter.to_string());
            assert_eq!(fold(&folded), folded, "{letter:?} (U+{:04X})", u32::from(letter));
        }
    }

    proptest! {
        #[test]
        fn composed_and_decomposed_text_fold_alike_and_once(text in "\\PC*") {
            let folded = fold(&text);
            prop_assert_eq!(&fold(&folded), &folded);
            prop_assert_eq!(&fold(&text.nfc().collect::<String>()), &folded);
            prop_assert_eq!(&fold(&text.nfd().collect::<String>()), &folded);
        }

        #[test]
        fn decoding_takes_any_text(text in any::<String>()) {
            prop_assert!(!decode_uri_component(&text).contains('\0'));
        }

        #[test]
        fn decoding_undoes_encoding(text in any::<String>()) {
            let encoded = percent_encoding::utf8_percent_encode(&text, percent_encoding::NON_ALPHANUMERIC).to_string();
            prop_assert_eq!(decode_uri_component(&encoded), without_nul(&text));
        }
    }
}
