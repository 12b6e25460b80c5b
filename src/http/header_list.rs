//! Parses headers whose value is a comma-separated list, such as `Accept`, `Accept-Encoding` and `If-None-Match` (RFC 9110,
//! sections 5.6.1 and 12.4.2).
//!
//! Several header lines form one list. Commas and semicolons inside a quoted string are not separators. A line that is not
//! visible ASCII is skipped.

use axum::http::{HeaderMap, HeaderName};

/// The items of a list in order, without surrounding white space; empty items are skipped.
pub(super) fn items(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    let lines = headers.get_all(name).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| split(line, ',')).map(str::trim).filter(|item| !item.is_empty())
}

/// An item without its parameters, such as a media range or a content coding.
pub(super) fn value(item: &str) -> &str {
    split(item, ';').next().unwrap_or_default().trim()
}

/// The weight (`q`) of an item, in thousandths; 1000 if there is none or it is not a number.
pub(super) fn weight(item: &str) -> u16 {
    let weight = split(item, ';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("q").then_some(value.trim())
    });
    let weight = weight.and_then(|weight| weight.parse::<f32>().ok()).unwrap_or(1.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is between 0 and 1000")]
    let thousandths = (weight.clamp(0.0, 1.0) * 1000.0).round() as u16;
    thousandths
}

/// Splits at a separator that is not inside a quoted string.
fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(move |letter| {
        if escaped {
            escaped = false;
            return false;
        }
        escaped = quoted && letter == '\\';
        quoted ^= letter == '"';
        letter == separator && !quoted
    })
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderValue, header::ACCEPT};

    use super::*;

    fn listed(lines: &[&'static str]) -> Vec<String> {
        let headers = lines.iter().map(|line| (ACCEPT, HeaderValue::from_static(line))).collect();
        items(&headers, ACCEPT).map(str::to_owned).collect()
    }

    #[test]
    fn several_lines_are_one_list_without_empty_items() {
        assert_eq!(listed(&["a/b;q=0.5 , c/d", ",, e/f"]), ["a/b;q=0.5", "c/d", "e/f"]);
        assert!(listed(&[]).is_empty());
        assert!(listed(&["", " , "]).is_empty());
    }

    #[test]
    fn a_quoted_string_is_not_split() {
        assert_eq!(listed(&[r#"a/b;x="1,2";q=0.1, c/d"#]), [r#"a/b;x="1,2";q=0.1"#, "c/d"]);
        assert_eq!(listed(&[r#"a/b;x="\",", c/d"#]), [r#"a/b;x="\",""#, "c/d"]);
        assert_eq!(listed(&[r#"W/"1,2", "3""#]), [r#"W/"1,2""#, r#""3""#]);
        assert_eq!(weight(r#"a/b;x=";q=0.1";q=0.2"#), 200);
    }

    #[test]
    fn an_item_has_a_value_and_a_weight() {
        for (item, expected) in [
            ("gzip", ("gzip", 1000)),
            ("gzip;q=0", ("gzip", 0)),
            ("gzip ; Q=0.001", ("gzip", 1)),
            ("gzip;level=1; q = 0.7", ("gzip", 700)),
            ("gzip;q=7", ("gzip", 1000)),
            ("gzip;q=-1", ("gzip", 0)),
            ("gzip;q=much", ("gzip", 1000)),
            ("*", ("*", 1000)),
        ] {
            assert_eq!((value(item), weight(item)), expected, "{item}");
        }
    }
}
