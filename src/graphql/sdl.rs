//! The schema as a document: `schema.graphql`, the command `schema` and `GET /schema.graphql`.
//!
//! The text equals the output of `printSchema` in GraphQL's reference implementation (graphql-js), so that it passes linters
//! such as graphql-eslint and does not differ from the files that frontend tools generate. async-graphql prints the same
//! definitions in another layout, which is changed here. No store is needed.

use async_graphql::{EmptyMutation, SDLExportOptions, Schema};

use super::{Query, Subscription};

/// The delimiter of a block string.
const QUOTES: &str = "\"\"\"";

/// The longest description, in characters, that is put on the same line as its delimiters.
const MAX_INLINE: usize = 70;

/// The schema in the GraphQL schema definition language.
pub fn sdl() -> String {
    let printed = printed();
    let (types, _) = split(&printed);
    layout(types)
}

/// The document as async-graphql prints it.
fn printed() -> String {
    Schema::new(Query, EmptyMutation, Subscription::default()).sdl_with_options(SDLExportOptions::new().use_space_ident())
}

/// Splits off the definitions after the types that the specification implies: `@include`, `@skip`, and a `schema` with the
/// default names of the root types. `printSchema` omits those.
fn split(printed: &str) -> (&str, &str) {
    printed.rsplit_once("\n\n").unwrap_or((printed, ""))
}

/// Changes the layout of type definitions to that of `printSchema`: a short description on one line, a blank line before each
/// described member but the first, no commas after arguments.
fn layout(types: &str) -> String {
    let mut out = String::with_capacity(types.len());
    let mut lines = types.lines();
    while let Some(line) = lines.next() {
        let Some(indent) = line.strip_suffix(QUOTES) else {
            push_line(&mut out, line.strip_suffix(',').unwrap_or(line));
            continue;
        };
        let text: Vec<&str> = lines.by_ref().take_while(|line| line.trim_start() != QUOTES).collect();
        let is_first = out.ends_with("{\n") || out.ends_with("(\n");
        if !indent.is_empty() && !is_first {
            out.push('\n');
        }
        match text[..] {
            [line] if fits_inline(line.trim_start()) => {
                push_line(&mut out, &format!("{indent}{QUOTES}{}{QUOTES}", line.trim_start()));
            }
            _ => {
                push_line(&mut out, &format!("{indent}{QUOTES}"));
                for line in text {
                    push_line(&mut out, line);
                }
                push_line(&mut out, &format!("{indent}{QUOTES}"));
            }
        }
    }
    out
}

/// Whether a one-line description fits between its delimiters. A quote or backslash at its end would merge with them.
fn fits_inline(text: &str) -> bool {
    text.chars().count() <= MAX_INLINE && !text.ends_with(['"', '\\'])
}

fn push_line(out: &mut String, line: &str) {
    out.push_str(line);
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn omitted_definitions_are_implied_by_the_specification() {
        let printed = printed();
        let (_, implied) = split(&printed);
        let definitions: Vec<&str> =
            implied.lines().filter(|line| line.starts_with("directive") || line.starts_with("schema")).collect();
        let directive = "(if: Boolean!) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT";
        assert_eq!(definitions, [&format!("directive @include{directive}"), &format!("directive @skip{directive}"), "schema {"]);
        assert!(implied.ends_with("schema {\n  query: Query\n  subscription: Subscription\n}\n"), "{implied}");
        assert!(!implied.contains("type ") && !implied.contains("input "), "{implied}");
    }

    #[test]
    fn the_layout_equals_that_of_the_reference_implementation() {
        let long = "x".repeat(MAX_INLINE + 1);
        let printed = format!(
            "\"\"\"\nA type.\n\"\"\"\ntype A {{\n  \"\"\"\n  {long}\n  \"\"\"\n  a(\n    \"\"\"\n    One.\n    \"\"\"\n    b: Int,\n    \
             \"\"\"\n    Ends in \"quotes\"\n    \"\"\"\n    c: Int\n  ): Int\n  \"\"\"\n  Two\n  lines,\n  \"\"\"\n  d: Int\n}}\n"
        );
        let expected = format!(
            "\"\"\"A type.\"\"\"\ntype A {{\n  \"\"\"\n  {long}\n  \"\"\"\n  a(\n    \"\"\"One.\"\"\"\n    b: Int\n\n    \"\"\"\n    \
             Ends in \"quotes\"\n    \"\"\"\n    c: Int\n  ): Int\n\n  \"\"\"\n  Two\n  lines,\n  \"\"\"\n  d: Int\n}}\n"
        );
        assert_eq!(layout(&printed), expected);
    }
}
