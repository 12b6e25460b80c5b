//! Upper and lower case at the beginning of sentences.

/// Capitalises the beginnings of sentences, or for casual writers makes the first letter lower case.
pub(super) fn with_first_letters(text: &str, is_casual: bool) -> String {
    // An order code keeps its capitals.
    let is_code = text.chars().take(2).all(char::is_uppercase);
    let mut written = String::with_capacity(text.len());
    let (mut begins, mut ends) = (true, false);
    for letter in text.chars() {
        match begins {
            true if is_casual && !is_code => written.extend(letter.to_lowercase()),
            true if !is_casual => written.extend(letter.to_uppercase()),
            _ => written.push(letter),
        }
        begins = !is_casual && ends && letter == ' ';
        ends = matches!(letter, '.' | '?' | '!');
    }
    written
}

#[cfg(test)]
mod tests {
    use super::with_first_letters;

    #[test]
    fn sentences_begin_with_a_capital_unless_the_writer_is_casual() {
        assert_eq!(with_first_letters("đẹp quá. còn không?", false), "Đẹp quá. Còn không?");
        assert_eq!(with_first_letters("Đẹp quá. Còn không?", true), "đẹp quá. Còn không?");
        assert_eq!(with_first_letters("COD nhé", true), "COD nhé");
    }
}
