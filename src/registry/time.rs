//! Times as servers write them, in seconds since 1970. A time without a zone is read as UTC (SkyRL writes such).

/// ISO 8601: `2026-11-21T02:41:03.165055Z`, with an offset, or without any zone.
pub(super) fn iso(text: &str) -> Option<u64> {
    let (date, rest) = text.trim().split_once(['T', ' ', 't'])?;
    let mut date = date.splitn(3, '-').map(|part| part.parse::<u64>().ok());
    let days = days(date.next()??, date.next()??, date.next()??)?;
    let end = rest.find(['Z', 'z', '+', '-']).unwrap_or(rest.len());
    let (clock, zone) = rest.split_at_checked(end)?;
    let seconds = clock_seconds(clock)?;
    let local = days.checked_mul(86_400)?.checked_add(seconds)?;
    match zone.chars().next() {
        Some('+') => local.checked_sub(offset(zone)?),
        Some('-') => local.checked_add(offset(zone)?),
        _ => Some(local),
    }
}

/// HTTP date (RFC 9110, section 5.6.7): `Sat, 21 Nov 2026 04:42:42 GMT`.
pub(super) fn http(text: &str) -> Option<u64> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut words = text.trim().split_once(',')?.1.split_whitespace();
    let day = words.next()?.parse().ok()?;
    let name = words.next()?;
    let month = (1_u64..).zip(MONTHS).find(|(_, month)| *month == name)?.0;
    let year = words.next()?.parse().ok()?;
    let seconds = clock_seconds(words.next()?)?;
    days(year, month, day)?.checked_mul(86_400)?.checked_add(seconds)
}

fn clock_seconds(clock: &str) -> Option<u64> {
    let mut parts = clock.split(':').map(|part| part.split('.').next()?.parse::<u64>().ok());
    let (hours, minutes) = (parts.next()??, parts.next()??);
    let seconds = parts.next().unwrap_or(Some(0))?;
    (hours < 24 && minutes < 60 && seconds <= 60).then_some(())?;
    hours.checked_mul(3600)?.checked_add(minutes.checked_mul(60)?)?.checked_add(seconds)
}

/// `+05:30` or `+0530`.
fn offset(zone: &str) -> Option<u64> {
    let digits: String = zone.chars().filter(char::is_ascii_digit).collect();
    let (hours, minutes) = (digits.get(..2)?.parse::<u64>().ok()?, digits.get(2..).unwrap_or_default());
    let minutes = if minutes.is_empty() { 0 } else { minutes.parse::<u64>().ok()? };
    hours.checked_mul(3600)?.checked_add(minutes.checked_mul(60)?)
}

/// Days from 1970-01-01 to a date of the Gregorian calendar, not before.
fn days(year: u64, month: u64, day: u64) -> Option<u64> {
    ((1970..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day)).then_some(())?;
    // Years begin in March, so that the leap day is the last.
    let (year, month) =
        if month > 2 { (year, month.checked_sub(3)?) } else { (year.checked_sub(1)?, month.checked_add(9)?) };
    let leaps = (year / 4).checked_sub(year / 100)?.checked_add(year / 400)?;
    let before = month.checked_mul(153)?.checked_add(2)? / 5;
    let since = year.checked_mul(365)?.checked_add(leaps)?.checked_add(before)?.checked_add(day)?;
    // Days from 0000-03-01 to 1970-01-01, and one since days count from 1.
    since.checked_sub(719_469)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected values: `datetime.fromisoformat(…).timestamp()` of Python 3.11.
    #[test]
    fn iso_times_with_and_without_zone() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2026-11-21T02:41:03.165055", 1_795_228_863),
            ("2026-11-21T02:41:03.165055Z", 1_795_228_863),
            ("2026-11-21T02:41:03+00:00", 1_795_228_863),
            ("2026-11-21T04:41:03+02:00", 1_795_228_863),
            ("2026-11-20T21:11:03-0530", 1_795_228_863),
            ("2024-02-29T23:59:59Z", 1_709_251_199),
            ("2000-03-01 00:00:00", 951_868_800),
            ("2026-01-01T00:00Z", 1_767_225_600),
        ] {
            assert_eq!(iso(text), Some(seconds), "{text}");
        }
        for wrong in
            ["", "today", "2026-13-01T00:00:00Z", "2026-11-21", "2026-11-21T25:00:00Z", "-1-1-1T1:1", "T", "é-é-éTé"]
        {
            assert_eq!(iso(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn http_dates() {
        assert_eq!(http("Sat, 21 Nov 2026 04:42:42 GMT"), Some(1_795_236_162));
        for wrong in ["", "never", "Sat, 21 Nov", "Sat, 99 Foo 2026 04:42:42 GMT"] {
            assert_eq!(http(wrong), None, "{wrong}");
        }
    }
}
