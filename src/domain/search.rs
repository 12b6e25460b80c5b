//! Parses a search text into words and phone numbers (in any notation), and ranks the matches.
//!
//! Pure. It defines the word characters, phone numbers and ranking once for all databases; `store` queries the indexes.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::{contact, text};

/// The largest number of terms in a search; the rest of a longer text is ignored.
pub const MAX_TERMS: usize = 16;

/// The number of characters of a search text that are read.
const MAX_LETTERS: usize = 2000;

/// A parsed search text: all terms must match. Without terms, nothing matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchText {
    /// The terms.
    pub terms: Vec<Term>,
}

/// One term: words that must all match or, for a phone number, spellings of which one must.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// Words that must all occur, each as a prefix of a word.
    pub words: Vec<Word>,
    /// Spellings of a phone number, each a sequence of consecutive words, of which the last is a prefix.
    pub spellings: Vec<String>,
}

/// A word of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// As typed, in composed form.
    pub exact: String,
    /// In lower case, without diacritics.
    pub folded: String,
}

impl SearchText {
    /// Parses a search text. Everything except letters and digits separates words.
    pub fn read(typed: &str) -> Self {
        let typed: Vec<char> = typed.nfc().take(MAX_LETTERS).collect();
        let (mut terms, mut at) = (Vec::new(), 0);
        while at < typed.len() && terms.len() < MAX_TERMS {
            if let Some((end, key)) = phone(&typed, at) {
                terms.push(Term { words: words(&typed[at..end]), spellings: spellings(&key) });
                at = end;
            } else if is_of_word(typed[at]) {
                let end = end_of(&typed, at, is_of_word);
                terms.extend(words(&typed[at..end]).into_iter().map(Term::word));
                at = end;
            } else {
                at += 1;
            }
        }
        Self { terms }
    }
}

/// The weight of a word that matches with its accents; a match without them weighs 1.
const EXACT_WEIGHT: f64 = 10.0;

/// Additional weight of a match of a whole word rather than a prefix.
const WHOLE_WEIGHT: f64 = 0.5;

/// Ranks the rows that a search found.
pub struct Ranking {
    /// For each word, the prefix to match with accents and the whole word to match without.
    words: Vec<(String, String)>,
}

impl Ranking {
    /// The ranking for a search text.
    pub fn of(text: &SearchText) -> Self {
        let words = text.terms.iter().flat_map(|term| &term.words);
        Self { words: words.map(|word| (format!(" {}", word.exact.to_lowercase()), format!(" {} ", word.folded))).collect() }
    }

    /// The score of a row's texts. A match scores higher in a shorter text.
    pub fn rank<'t>(&self, texts: impl Iterator<Item = &'t str> + Clone) -> f64 {
        let exact: Vec<String> = texts.clone().map(|text| text.nfc().collect::<String>().to_lowercase()).collect();
        let exact = words_in_a_row(exact.iter().map(String::as_str));
        let folded: Vec<String> = texts.map(text::fold).collect();
        let folded = words_in_a_row(folded.iter().map(String::as_str));
        let of_word = |(start, whole): &(String, String)| {
            let exact = if exact.contains(start) { EXACT_WEIGHT } else { 1.0 };
            exact + if folded.contains(whole) { WHOLE_WEIGHT } else { 0.0 }
        };
        let letters = u32::try_from(folded.chars().count()).unwrap_or(u32::MAX);
        self.words.iter().map(of_word).sum::<f64>() / (3.0 + f64::from(letters.max(1)).ln())
    }
}

/// The words of several texts, separated and enclosed by blanks, so that a word's prefix is found as a substring. Empty if
/// there are no words.
pub fn words_in_a_row<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    let mut row = String::new();
    for word in texts.flat_map(|text| text.split(|c| !is_of_word(c))).filter(|word| word.contains(char::is_alphanumeric)) {
        row.push(' ');
        row.push_str(word);
    }
    if !row.is_empty() {
        row.push(' ');
    }
    row
}

/// The words of `part`, which is folded like the text, separated by blanks; the first and last may be incomplete. Every text
/// that contains `part` has this in its [`words_in_a_row`]. Empty if there are no words.
pub fn words_of_part(part: &str) -> String {
    words_in_a_row(std::iter::once(part)).trim().to_owned()
}

impl Term {
    fn word(word: Word) -> Self {
        let spellings = contact::phone_key(&word.exact).map(|key| spellings(&key)).unwrap_or_default();
        Self { words: vec![word], spellings }
    }
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c)
}

fn end_of(typed: &[char], from: usize, is_part: impl Fn(char) -> bool) -> usize {
    typed[from..].iter().position(|c| !is_part(*c)).map_or(typed.len(), |length| from + length)
}

fn words(typed: &[char]) -> Vec<Word> {
    let runs = typed.split(|c| !is_of_word(*c)).filter(|run| run.iter().any(|c| c.is_alphanumeric()));
    let exact = runs.map(|run| run.iter().collect::<String>());
    let words = exact.map(|exact| Word { folded: text::fold(&exact), exact });
    // Folding can leave nothing of marks that count as letters.
    words.filter(|word| !word.folded.is_empty()).collect()
}

/// The phone number that starts at `at`: the index of its end, and its key.
fn phone(typed: &[char], at: usize) -> Option<(usize, String)> {
    let follows_word = at.checked_sub(1).is_some_and(|before| is_of_word(typed[before]));
    if follows_word || !(typed[at].is_ascii_digit() || matches!(typed[at], '+' | '(')) {
        return None;
    }
    let signs = end_of(typed, at + 1, |c| c.is_ascii_digit() || contact::is_separator(c));
    let is_cut = typed.get(signs).is_some_and(|next| is_of_word(*next)) && typed[signs - 1].is_ascii_digit();
    let end = at + typed[at..signs].iter().rposition(char::is_ascii_digit)? + 1;
    let key = contact::phone_key(&typed[at..end].iter().collect::<String>()).filter(|_| !is_cut)?;
    Some((end, key))
}

/// The spellings of a phone number: unseparated, or in the groups usual in Vietnam.
fn spellings(key: &str) -> Vec<String> {
    let mut spellings = vec![key.to_owned()];
    if let Some(national) = key.strip_prefix("84") {
        spellings.push(format!("0{national}"));
        if national.len() == 9 {
            spellings.push(format!("0{} {} {}", &national[..3], &national[3..6], &national[6..]));
            spellings.push(format!("0{} {} {}", &national[..2], &national[2..5], &national[5..]));
            spellings.push(format!("0{} {} {} {}", &national[..3], &national[3..5], &national[5..7], &national[7..]));
            spellings.push(format!("84 {} {} {}", &national[..3], &national[3..6], &national[6..]));
        }
    }
    spellings
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(typed: &str) -> Vec<String> {
        let folded = |term: &Term| {
            let words: Vec<&str> = term.words.iter().map(|word| word.folded.as_str()).collect();
            if term.spellings.is_empty() { words.join(" ") } else { format!("{} or {}", words.join(" "), term.spellings[0]) }
        };
        SearchText::read(typed).terms.iter().map(folded).collect()
    }

    #[test]
    fn words_are_runs_of_letters_and_digits() {
        assert_eq!(read("Chào  shop, đơn DH-1029?"), ["chao", "shop", "don", "dh", "1029"]);
        assert_eq!(read("mai.nguyen@example.com"), ["mai", "nguyen", "example", "com"]);
        assert!(read(" 🎁 \"*\" () -- ").is_empty());
        assert!(read("").is_empty());
        assert!(read("\u{345} \u{902}").is_empty(), "only marks");
    }

    #[test]
    fn accents_are_kept_beside_the_folded_word_however_they_are_encoded() {
        let composed = SearchText::read("Nguyễn");
        assert_eq!(composed, SearchText::read(&"Nguyễn".nfd().collect::<String>()));
        assert_eq!(composed.terms[0].words, [Word { exact: "Nguyễn".into(), folded: "nguyen".into() }]);
    }

    #[test]
    fn operators_are_words_like_any_other() {
        assert_eq!(read("AND NOT NEAR(a, 2) OR exact:b*"), ["and", "not", "near", "a", "2", "or", "exact", "b"]);
    }

    #[test]
    fn a_phone_number_is_one_term_in_any_notation() {
        for typed in ["0912 345 678", "+84 912345678", "84-912-345-678", "(091) 234-5678", "0912345678"] {
            let terms = SearchText::read(typed).terms;
            assert_eq!(terms.len(), 1, "{typed}: {terms:?}");
            assert_eq!(terms[0].spellings[..3], ["84912345678", "0912345678", "0912 345 678"], "{typed}");
        }
        assert_eq!(read("Mai 0912.345.678, Huế"), ["mai", "0912 345 678 or 84912345678", "hue"]);
        assert_eq!(read("+49 30 901820"), ["49 30 901820 or 4930901820"]);
    }

    #[test]
    fn two_numbers_side_by_side_are_two_terms() {
        assert_eq!(read("0912345678 0987654321"), ["0912345678 or 84912345678", "0987654321 or 84987654321"]);
    }

    #[test]
    fn digits_within_a_word_are_no_phone_number() {
        assert_eq!(read("x0912345678 0912345678x DH-10291029"), ["x0912345678", "0912345678x", "dh", "10291029 or 10291029"]);
    }

    #[test]
    fn words_are_separated_and_enclosed_by_blanks() {
        assert_eq!(words_in_a_row(["chao shop,don", "", " 🎁 ", "dh-1029?"].into_iter()), " chao shop don dh 1029 ");
        assert_eq!(words_in_a_row(["🎁", ""].into_iter()), "");
        assert_eq!(words_of_part("hop, d"), "hop d");
        assert_eq!(words_of_part("?!"), "");
    }

    #[test]
    fn matching_accents_and_shorter_texts_rank_higher() {
        let ranking = Ranking::of(&SearchText::read("má"));
        let rank = |text: &str| ranking.rank(std::iter::once(text));
        assert!(rank("MÁ") > rank("má ơi"));
        assert!(rank("má ơi") > rank("ma ơi"));
        assert!(rank("ma ơi") > rank("mai ơi"));
        assert!(rank("").is_finite());
    }

    #[test]
    fn only_the_first_words_of_a_long_search_text_count() {
        assert_eq!(SearchText::read(&"từ ".repeat(100)).terms.len(), MAX_TERMS);
        assert!(SearchText::read(&"(".repeat(1_000_000)).terms.is_empty());
    }

    proptest! {
        #[test]
        fn the_words_of_a_substring_are_a_substring_of_the_words(text in "[a-c ,.]{0,12}", from in 0_usize..12, length in 0_usize..12) {
            let from = from.min(text.len());
            let part = &text[from..(from + length).min(text.len())];
            let words = words_in_a_row(std::iter::once(text.as_str()));
            prop_assert!(words.contains(&words_of_part(part)), "{text:?} {part:?} {words:?}");
        }

        #[test]
        fn no_search_text_makes_the_parser_panic(typed in any::<String>()) {
            for term in SearchText::read(&typed).terms {
                prop_assert!(!term.words.is_empty());
                prop_assert!(term.words.iter().all(|word| !word.exact.contains(['"', '\0', ' ']) && !word.folded.is_empty()));
            }
        }
    }
}
