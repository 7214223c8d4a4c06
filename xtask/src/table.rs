// SPDX-License-Identifier: GPL-2.0

//! Plain tables for a terminal: columns of equal width, no colour needed to read them.

/// Lays out `rows` under `header`, columns two spaces apart; numbers are set to the right.
pub(crate) fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        rows.iter()
            .map(|row| row[column].chars().count())
            .chain([header[column].chars().count()])
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..header.len()).map(width).collect();
    let numeric: Vec<bool> = (0..header.len())
        .map(|column| {
            !rows.is_empty()
                && rows.iter().all(|row| {
                    row[column]
                        .chars()
                        .all(|c| c.is_ascii_digit() || ".,-%".contains(c))
                })
        })
        .collect();
    let line = |cells: Vec<&str>| {
        let mut text = String::new();
        for (column, cell) in cells.into_iter().enumerate() {
            let pad = " ".repeat(widths[column] - cell.chars().count());
            if numeric[column] {
                text += &pad;
                text += cell;
            } else {
                text += cell;
                text += &pad;
            }
            text += "  ";
        }
        text.trim_end().to_owned() + "\n"
    };
    let mut text = line(header.to_vec());
    text += &line(
        widths
            .iter()
            .map(|width| "-".repeat(*width))
            .collect::<Vec<_>>()
            .iter()
            .map(String::as_str)
            .collect(),
    );
    for row in rows {
        text += &line(row.iter().map(String::as_str).collect());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_right_and_text_left() {
        let rows = vec![
            vec!["a".to_owned(), "5".to_owned()],
            vec!["long".to_owned(), "1,234".to_owned()],
        ];
        assert_eq!(
            table(&["name", "n"], &rows),
            "name      n\n----  -----\na         5\nlong  1,234\n"
        );
    }
}
