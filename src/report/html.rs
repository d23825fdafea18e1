//! The report as one page of HTML: no script, nothing loaded, readable and printable wherever it is sent.
//!
//! It is made from the Markdown of [`to_markdown`], of which it understands what that writes: headings, paragraphs, tables,
//! and characters behind a backslash.

use super::{Report, to_markdown};

/// Before and behind the content. The policy holds even if something in it were mistaken for markup.
const HEAD: &str = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Weighbridge report</title>
<style>
:root { color-scheme: light dark; }
body { font: 14px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 0 auto; padding: 24px; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; font-size: 13px; font-variant-numeric: tabular-nums; margin: 12px 0 24px; }
th, td { text-align: left; vertical-align: top; padding: 4px 8px; border-bottom: 1px solid GrayText; }
th { white-space: nowrap; }
.number { text-align: right; }
tr { break-inside: avoid; }
</style>
</head>
<body>
<main>
"#;
const TAIL: &str = "</main>\n</body>\n</html>\n";

/// The report as a page that needs nothing else.
pub fn to_html(report: &Report<'_>) -> String {
    let mut page = HEAD.to_owned();
    for block in to_markdown(report).split("\n\n") {
        let block = block.trim();
        let level = block.chars().take_while(|letter| *letter == '#').count();
        match level {
            0 if block.is_empty() => {}
            0 if block.starts_with("| ") => table(block, &mut page),
            0 => element("p", block, &mut page),
            1 => element("h1", block.trim_start_matches('#'), &mut page),
            2 => element("h2", block.trim_start_matches('#'), &mut page),
            _ => element("h3", block.trim_start_matches('#'), &mut page),
        }
    }
    page.push_str(TAIL);
    page
}

/// A heading or a paragraph.
fn element(name: &str, text: &str, page: &mut String) {
    page.push_str(&format!("<{name}>{}</{name}>\n", inline(text.trim())));
}

/// Head, alignment, rows.
fn table(block: &str, page: &mut String) {
    let mut lines = block.lines().map(cells);
    let (Some(head), Some(alignment)) = (lines.next(), lines.next()) else { return };
    let is_number = |at: usize| alignment.get(at).is_some_and(|cell| cell.trim().ends_with(':'));
    let row = |cells: &[String], name: &str, page: &mut String| {
        page.push_str("<tr>");
        for (at, cell) in cells.iter().enumerate() {
            let class = if is_number(at) { r#" class="number""# } else { "" };
            page.push_str(&format!("<{name}{class}>{}</{name}>", inline(cell.trim())));
        }
        page.push_str("</tr>\n");
    };
    page.push_str("<table>\n<thead>\n");
    row(&head, "th", page);
    page.push_str("</thead>\n<tbody>\n");
    lines.for_each(|cells| row(&cells, "td", page));
    page.push_str("</tbody>\n</table>\n");
}

/// The cells of a row: what stands between bars that have no backslash in front.
fn cells(line: &str) -> Vec<String> {
    let line = line.trim();
    let line = line.strip_prefix('|').unwrap_or(line);
    let (mut cells, mut cell, mut letters) = (Vec::new(), String::new(), line.chars());
    while let Some(letter) = letters.next() {
        match letter {
            '|' => cells.push(std::mem::take(&mut cell)),
            '\\' => {
                cell.push(letter);
                cell.extend(letters.next());
            }
            _ => cell.push(letter),
        }
    }
    cells
}

/// Text with what is behind backslashes as itself. What could be markup is written as an entity, if it is not one already.
fn inline(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let mut behind = rest.get(letter.len_utf8()..).unwrap_or_default();
        match letter {
            '\\' => {
                let next = behind.chars().next();
                behind = behind.get(next.map_or(0, char::len_utf8)..).unwrap_or_default();
                entity(next.unwrap_or(letter), &mut html);
            }
            '&' if ["&amp;", "&lt;", "&gt;"].iter().any(|known| rest.starts_with(known)) => html.push(letter),
            _ => entity(letter, &mut html),
        }
        rest = behind;
    }
    html
}

fn entity(letter: char, html: &mut String) {
    match letter {
        '&' => html.push_str("&amp;"),
        '<' => html.push_str("&lt;"),
        '>' => html.push_str("&gt;"),
        '"' => html.push_str("&quot;"),
        _ => html.push(letter),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_markdown_escapes_is_shown_and_never_markup() {
        assert_eq!(inline(r"embed\|&lt;b&gt; \*x\* & <i> \& \<"), "embed|&lt;b&gt; *x* &amp; &lt;i&gt; &amp; &lt;");
        assert_eq!(cells(r"| a\|b | c |"), [r" a\|b ", " c "]);
        let mut page = String::new();
        table("| Name | Size |\n| --- | ---: |\n| x\\_y | 3 |", &mut page);
        assert!(page.contains(r#"<tr><td>x_y</td><td class="number">3</td></tr>"#), "{page}");
    }
}
