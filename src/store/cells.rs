//! Rows of selected columns, addressed by position. All cells share one vector and all texts one string, so a page of fifty
//! rows with ten columns takes two allocations rather than hundreds.

use std::borrow::Cow;

/// Rows that have the same columns.
#[derive(Debug, Default)]
pub struct Rows {
    width: usize,
    cells: Vec<Cell>,
    texts: String,
}

#[derive(Clone, Copy, Debug)]
enum Cell {
    Null,
    Int(i64),
    Real(f64),
    /// The start and end of the text in `texts`.
    Text(usize, usize),
}

impl Rows {
    pub(super) fn new(width: usize) -> Self {
        Self { width, ..Self::default() }
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.cells.len().checked_div(self.width).unwrap_or(0)
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// The row at an index.
    pub fn row(&self, at: usize) -> Row<'_> {
        Row { texts: &self.texts, cells: &self.cells[at * self.width..(at + 1) * self.width] }
    }

    /// The rows, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Row<'_>> {
        (0..self.len()).map(|at| self.row(at))
    }

    /// Removes the first column and returns its integer from the first row. Drops a row that has no other columns.
    pub(super) fn take_first(&mut self) -> Option<i64> {
        if self.cells.is_empty() {
            return None;
        }
        let first = self.cells.first().and_then(|cell| if let Cell::Int(value) = cell { Some(*value) } else { None });
        let width = self.width;
        let mut at = 0;
        self.cells.retain(|_| {
            at += 1;
            (at - 1) % width != 0
        });
        self.width -= 1;
        if self.len() == 1 && self.cells.iter().all(|cell| matches!(cell, Cell::Null)) {
            self.cells.clear();
        }
        first
    }

    pub(super) fn push_int(&mut self, value: Option<i64>) {
        self.cells.push(value.map_or(Cell::Null, Cell::Int));
    }

    pub(super) fn push_real(&mut self, value: Option<f64>) {
        self.cells.push(value.map_or(Cell::Null, Cell::Real));
    }

    pub(super) fn push_text(&mut self, text: Option<&str>) {
        let from = self.texts.len();
        self.cells.push(text.map_or(Cell::Null, |text| {
            self.texts.push_str(text);
            Cell::Text(from, self.texts.len())
        }));
    }
}

/// One row. A cell whose type is not the requested one reads as null.
#[derive(Clone, Copy, Debug)]
pub struct Row<'r> {
    texts: &'r str,
    cells: &'r [Cell],
}

impl<'r> Row<'r> {
    /// A text.
    pub fn text(self, at: usize) -> Option<&'r str> {
        if let Cell::Text(from, to) = self.cells[at] { Some(&self.texts[from..to]) } else { None }
    }

    /// A text, or the decimal digits of an integer: the form in which keys are compared across tables.
    pub fn key(self, at: usize) -> Option<Cow<'r, str>> {
        match self.cells[at] {
            Cell::Int(number) => Some(Cow::Owned(number.to_string())),
            _ => self.text(at).map(Cow::Borrowed),
        }
    }

    /// An integer; a boolean as 0 or 1.
    pub fn int(self, at: usize) -> Option<i64> {
        if let Cell::Int(value) = self.cells[at] { Some(value) } else { None }
    }

    /// A floating-point number.
    pub fn real(self, at: usize) -> Option<f64> {
        if let Cell::Real(value) = self.cells[at] { Some(value) } else { None }
    }

    /// A boolean; false if null.
    pub fn flag(self, at: usize) -> bool {
        self.int(at) == Some(1)
    }

    /// Whether the cell is null.
    pub fn is_null(self, at: usize) -> bool {
        matches!(self.cells[at], Cell::Null)
    }
}
