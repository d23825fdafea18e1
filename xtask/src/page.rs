//! The built page's promises, checked on its HTML: nothing inline, nothing foreign, nothing absolute.

use crate::process::Result;

/// Removes what only Trunk reads, and comments.
pub fn clean(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, after)) = rest.split_once("<!--") {
        text.push_str(before);
        rest = after.split_once("-->").map_or("", |(_, after)| after);
    }
    text.push_str(rest);
    let lines = text.lines().map(str::trim_end).filter(|line| !line.is_empty());
    lines.map(|line| format!("{line}\n")).collect()
}

/// Sets the content of `<meta name="NAME" content="…">`.
pub fn set_meta(html: &str, name: &str, content: &str) -> Result<String> {
    let start = format!("<meta name=\"{name}\" content=\"");
    let (before, after) = html.split_once(&start).ok_or_else(|| format!("index.html has no {start}…"))?;
    let (_, after) = after.split_once('"').ok_or_else(|| format!("index.html: {start} is not closed"))?;
    Ok(format!("{before}{start}{content}\"{after}"))
}

/// Fails if the page breaks its own policy or depends on where it is served from.
pub fn check(html: &str) -> Result {
    let policy = tags(html).find(|tag| tag.contains("http-equiv=\"Content-Security-Policy\""));
    let policy = policy.ok_or("index.html has no Content-Security-Policy")?;
    if policy.contains("unsafe-inline") || policy.contains("'unsafe-eval'") {
        return Err("index.html: the Content-Security-Policy allows inline scripts or eval".into());
    }
    for tag in tags(html) {
        let name = tag.split([' ', '\n', '>']).next().unwrap_or_default().to_ascii_lowercase();
        if (name == "script" && attribute(tag, "src").is_none()) || name == "style" {
            return Err(format!("index.html: <{tag}> is inline, which the Content-Security-Policy forbids"));
        }
        if attribute(tag, "style").is_some() || tag.contains(" on") && tag.contains("=\"") && handler(tag) {
            return Err(format!("index.html: <{tag}> has an inline style or handler"));
        }
        for key in ["src", "href"] {
            if let Some(address) = attribute(tag, key).filter(|address| !address.starts_with("./")) {
                return Err(format!("index.html: {address} in <{tag}> is not relative to the page"));
            }
        }
    }
    Ok(())
}

fn tags(html: &str) -> impl Iterator<Item = &str> {
    html.split('<').skip(1).filter_map(|piece| piece.split_once('>')).map(|(tag, _)| tag)
}

fn attribute<'a>(tag: &'a str, key: &str) -> Option<&'a str> {
    let (_, rest) = tag.split_once(&format!(" {key}=\""))?;
    rest.split_once('"').map(|(value, _)| value)
}

fn handler(tag: &str) -> bool {
    let keys = tag.split_whitespace().filter_map(|word| word.split_once('=')).map(|(key, _)| key);
    keys.into_iter().any(|key| key.starts_with("on"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'\">";

    fn verdict(body: &str) -> Result {
        check(&format!("{HEAD}{body}"))
    }

    #[test]
    fn what_the_policy_forbids_is_refused() {
        assert!(verdict("<script type=\"module\" src=\"./boot.js\"></script><p class=\"one\">").is_ok());
        assert!(check("<p>").is_err());
        for body in [
            "<script>x</script>",
            "<script type=\"module\">x</script>",
            "<style>p{}</style>",
            "<p style=\"color:red\">",
            "<p class=\"a\" onclick=\"x()\">",
            "<script src=\"/boot.js\"></script>",
            "<link href=\"https://example.org/a.css\">",
            "<link href=\"//example.org/a.css\">",
        ] {
            assert!(verdict(body).is_err(), "{body}");
        }
    }

    #[test]
    fn a_meta_is_set() {
        let html = "<meta name=\"a\" content=\"1\"><meta name=\"b\" content=\"2\">";
        assert_eq!(set_meta(html, "b", "3").unwrap(), "<meta name=\"a\" content=\"1\"><meta name=\"b\" content=\"3\">");
        assert!(set_meta(html, "c", "3").is_err());
    }
}
