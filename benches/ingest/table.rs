//! A table in plain text: the first column is left-aligned, the others are right-aligned.

/// Prints rows of cells after an empty line. The first row is the head.
pub(crate) fn print(rows: &[Vec<String>]) {
    let letters = |cell: &String| cell.chars().count();
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let widths: Vec<usize> =
        (0..columns).map(|column| rows.iter().filter_map(|row| row.get(column)).map(letters).max().unwrap_or_default()).collect();
    println!();
    for row in rows {
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| match column {
            0 => format!("{cell:width$}"),
            _ => format!("{cell:>width$}"),
        });
        println!("{}", cells.collect::<Vec<_>>().join("  "));
    }
}
