//! Scans the text of a document before anything recursive processes it: counts its tokens, the nesting of brackets and the
//! length of the longest name, in one pass without recursion or allocation.
//!
//! It recognises strings, block strings and comments as the GraphQL specification defines them, and ignores brackets in them.
//! It stops at an unterminated string, since a parser may read the rest differently. All other mistakes are left to the parser,
//! which stops at them too.
//! mistakes are left to the parser, which cannot get past them either.

use async_graphql::Pos;

/// The counts of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Text {
    /// Names, numbers, strings and punctuators.
    pub(super) tokens: u64,
    /// The largest number of brackets open at once.
    pub(super) nesting: u64,
    /// The bytes of the longest name.
    pub(super) name_bytes: u64,
}

/// An unterminated string, with the position where it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unterminated(pub(super) Pos);

/// Scans a text to its end.
pub(super) fn scan(text: &str) -> Result<Text, Unterminated> {
    let bytes = text.as_bytes();
    let (mut seen, mut open, mut at) = (Text::default(), 0_u64, 0);
    while let Some(&byte) = bytes.get(at) {
        let rest = &bytes[at..];
        let length = match byte {
            b' ' | b'\t' | b'\n' | b'\r' | b',' => {
                at += 1;
                continue;
            }
            b'#' => {
                at += run(rest, |byte| !matches!(byte, b'\n' | b'\r'));
                continue;
            }
            b'"' => string(rest).ok_or_else(|| Unterminated(position(text, at)))?,
            b'.' if rest.starts_with(b"...") => 3,
            b'-' | b'0'..=b'9' => 1 + run(&rest[1..], |byte| is_name(byte) || matches!(byte, b'.' | b'+' | b'-')),
            b'{' | b'[' | b'(' => {
                open += 1;
                seen.nesting = seen.nesting.max(open);
                1
            }
            b'}' | b']' | b')' => {
                open = open.saturating_sub(1);
                1
            }
            _ if is_name(byte) => {
                let length = run(rest, is_name);
                seen.name_bytes = seen.name_bytes.max(length as u64);
                length
            }
            _ => 1,
        };
        seen.tokens += 1;
        at += length;
    }
    Ok(seen)
}

/// Whether a byte is part of a name. Bytes beyond ASCII belong to no token; a run of them counts as one, like a name.
fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}

fn run(bytes: &[u8], belongs: impl Fn(u8) -> bool) -> usize {
    bytes.iter().position(|&byte| !belongs(byte)).unwrap_or(bytes.len())
}

/// The length in bytes of the string at the start of `bytes`, quotes included.
fn string(bytes: &[u8]) -> Option<usize> {
    let block = bytes.starts_with(b"\"\"\"");
    let mut at = if block { 3 } else { 1 };
    loop {
        let rest = &bytes[at..];
        at += match rest.first()? {
            b'"' if !block => return Some(at + 1),
            b'\n' | b'\r' if !block => return None,
            // A character follows the backslash, perhaps of several bytes, none of which is a quote.
            b'\\' if !block => 2.min(rest.len()),
            _ if block && rest.starts_with(b"\"\"\"") => return Some(at + 3),
            _ if block && rest.starts_with(b"\\\"\"\"") => 4,
            _ => 1,
        };
    }
}

fn position(text: &str, at: usize) -> Pos {
    let before = &text[..at];
    let line = before.rsplit('\n').next().unwrap_or_default();
    Pos { line: before.matches('\n').count() + 1, column: line.chars().count() + 1 }
}

#[cfg(test)]
mod tests {
    use async_graphql::{Pos, parser::parse_query};
    use proptest::prelude::*;

    use super::{Text, Unterminated, scan};

    fn seen(text: &str) -> (u64, u64) {
        let Text { tokens, nesting, .. } = scan(text).unwrap();
        (tokens, nesting)
    }

    #[test]
    fn tokens_are_counted_as_the_specification_counts_them() {
        assert_eq!(seen(""), (0, 0));
        assert_eq!(seen("\u{feff}{ a, b }"), (5, 1));
        assert_eq!(seen("{ a }"), (3, 1));
        assert_eq!(seen("query Q($a: [Int!]! = [1, -2.5e+3]) { a: b(c: $a) @d ...E }"), (32, 2));
    }

    #[test]
    fn brackets_in_strings_and_comments_do_not_count() {
        assert_eq!(seen("{ a(b: \"{[(\\\"{\") }"), (8, 2));
        assert_eq!(seen("{ a(b: \"\"\"{{{ \" {{ \"\" [[ \\\"\"\" (( \\\"\"\"\"\"\") }"), (8, 2));
        assert_eq!(seen("{ a # {{{ \"\n b }"), (4, 1));
        assert_eq!(seen("{ a # {{{ \" \"\"\"\r b }"), (4, 1));
        assert_eq!(seen("{ a(b: \"\", c: \"\"\"\"\"\") }"), (11, 2));
        assert_eq!(seen("# only {"), (0, 0));
    }

    #[test]
    fn an_unterminated_string_is_reported_at_its_start() {
        for text in
            ["{ a(b:\n  \"xy", "{ a(b:\n  \"x\ny\")}", "{ a(b:\n  \"\"\"x\"\"", "{ a(b:\n  \"\\", "{ a(b:\n  \"\"\"\\\"\"\" "]
        {
            assert_eq!(scan(text), Err(Unterminated(Pos { line: 2, column: 3 })), "{text}");
        }
    }

    #[test]
    fn the_longest_name_is_measured_and_strings_do_not_count() {
        assert_eq!(scan("{ abc de(f: \"ghijkl\", g: 123456) }").unwrap().name_bytes, 3);
    }

    #[test]
    fn twenty_thousand_brackets_are_counted_without_recursion() {
        for bracket in ["{", "[", "("] {
            assert_eq!(seen(&bracket.repeat(20_000)), (20_000, 20_000));
        }
    }

    /// The list nesting in the parsed document, taken from its debug output.
    fn parsed_nesting(text: &str) -> Option<u64> {
        let document = format!("{:?}", parse_query(text).ok()?);
        Some(document.matches("List([").count() as u64)
    }

    /// A valid value and the nesting of its lists. Its strings and comments are full of brackets and quotes.
    fn value() -> impl Strategy<Value = (String, u64)> {
        let string = "(\\[|\\]|#|a| |\\\\\"|\\\\\\\\){0,12}".prop_map(|inner| format!("\"{inner}\""));
        let block = "(\\[|\\]|#|\n| |\"a|\"\"a|\\\\a|\\\\\"\"\"){0,12}".prop_map(|inner| format!("\"\"\"{inner}\"\"\""));
        let commented = "[\\[\\]\"\\\\# a]{0,12}".prop_map(|comment| format!("#{comment}\na"));
        let leaf = prop_oneof![Just("a".to_owned()), string, block, commented].prop_map(|text| (text, 0));
        leaf.prop_recursive(5, 24, 4, |inner| {
            proptest::collection::vec(inner, 0..4).prop_map(|items| {
                let nesting = 1 + items.iter().map(|(_, nesting)| *nesting).max().unwrap_or(0);
                let items: Vec<String> = items.into_iter().map(|(text, _)| text).collect();
                (format!("[{}]", items.join(" ")), nesting)
            })
        })
    }

    proptest! {
        #[test]
        fn no_text_makes_the_scanner_panic(text in "([\\PC]|[{}\\[\\]()\"\\\\#.\n\r ]|\"\"\"|\\.\\.\\.|[a-z]){0,200}") {
            let _ = scan(&text);
        }

        #[test]
        fn the_nesting_of_parsed_values_equals_the_counted_one((inner, nesting) in value()) {
            let text = format!("{{ a(b: [{inner}]) }}");
            let (lists, seen) = (parsed_nesting(&text), scan(&text));
            let (Some(lists), Ok(seen)) = (lists, seen) else {
                return Err(TestCaseError::fail(format!("{text:?}: {lists:?}, {seen:?}")));
            };
            prop_assert!(seen.nesting >= 3 && seen.nesting <= 2 + lists);
            prop_assert_eq!(seen.nesting, 3 + nesting, "{}", text);
        }
    }
}
