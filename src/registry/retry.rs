//! Whether to ask again, and when. One loop, few tries: an open server that answers a missing thing with 500 makes a
//! client with two nested loops hang for minutes.

use super::http::{Answer, Failure, Method};
use super::time;
use crate::limits;

/// Longest wait that a server may ask for, in milliseconds: official clients ignore longer ones too.
const LONGEST: u32 = 60_000;

/// Milliseconds until `tried` requests without success are followed by another; `None` to give up. `now` is in seconds
/// since 1970.
pub fn after(method: Method, tried: u32, answer: &Result<Answer, Failure>, now: u64) -> Option<u32> {
    let tries = match answer {
        Ok(answer) => tries(method, answer),
        // Nobody knows whether what changes something was done.
        Err(Failure::Unreachable(_)) if method == Method::Get => 2,
        Err(_) => 1,
    };
    (tried < tries)
        .then(|| answer.as_ref().ok().and_then(|answer| asked_for(answer, now)).unwrap_or_else(|| backoff(tried)))
}

/// How often a request that was answered like this is sent in all.
fn tries(method: Method, answer: &Answer) -> u32 {
    let is_repeatable = method == Method::Get || matches!(answer.status, 429 | 503);
    match (answer.header("x-should-retry"), answer.status) {
        // "Already public", "already private": asking again gives the same.
        (_, 409 | 200..=299) => 1,
        (Some("false"), _) => 1,
        (Some("true"), _) => limits::URL_TRIES,
        (_, 408 | 429 | 502 | 503 | 504) if is_repeatable => limits::URL_TRIES,
        (_, 500) if method == Method::Get => 2,
        _ => 1,
    }
}

/// What the server asks for, in milliseconds: `retry-after-ms`, else `retry-after` in seconds or as a date.
pub(super) fn asked_for(answer: &Answer, now: u64) -> Option<u32> {
    let milliseconds = |text: &str, by: f64| {
        let wait = text.trim().parse::<f64>().ok()? * by;
        u32::try_from(crate::words::whole(wait)).ok()
    };
    let wait = answer.header("retry-after-ms").and_then(|text| milliseconds(text, 1.0)).or_else(|| {
        let text = answer.header("retry-after")?;
        let until = || u32::try_from(time::http(text)?.checked_sub(now)?.checked_mul(1000)?).ok();
        milliseconds(text, 1000.0).or_else(until)
    });
    wait.filter(|wait| (1..=LONGEST).contains(wait))
}

/// Half a second, doubled each time, ten at most.
fn backoff(tried: u32) -> u32 {
    500_u32.saturating_mul(2_u32.saturating_pow(tried.saturating_sub(1))).min(10_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, headers: &[(&str, &str)]) -> Result<Answer, Failure> {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Ok(Answer { status, headers: headers.collect(), body: Vec::new() })
    }

    fn waits(method: Method, answer: &Result<Answer, Failure>) -> Vec<u32> {
        (1..20).map_while(|tried| after(method, tried, answer, 1_795_236_160)).collect()
    }

    #[test]
    fn what_may_pass_is_asked_three_times_at_most() {
        for status in [408, 429, 502, 503, 504] {
            assert_eq!(waits(Method::Get, &answer(status, &[])), [500, 1000], "{status}");
        }
        assert_eq!(waits(Method::Get, &answer(500, &[])), [500]);
        for status in [200, 204, 400, 401, 402, 403, 404, 405, 409, 422] {
            assert!(waits(Method::Get, &answer(status, &[])).is_empty(), "{status}");
        }
    }

    #[test]
    fn a_conflict_is_never_repeated_whatever_the_server_says() {
        assert!(waits(Method::Post, &answer(409, &[("x-should-retry", "true"), ("retry-after", "1")])).is_empty());
        assert!(waits(Method::Get, &answer(503, &[("x-should-retry", "false")])).is_empty());
        assert_eq!(waits(Method::Get, &answer(400, &[("x-should-retry", "true")])).len(), 2);
    }

    #[test]
    fn what_changes_something_is_repeated_only_when_it_was_not_done() {
        assert!(waits(Method::Delete, &answer(500, &[])).is_empty());
        assert!(waits(Method::Delete, &answer(504, &[])).is_empty());
        assert_eq!(waits(Method::Delete, &answer(429, &[])).len(), 2);
        let gone = Err(Failure::Unreachable(String::new()));
        assert_eq!((waits(Method::Get, &gone).len(), waits(Method::Post, &gone).len()), (1, 0));
    }

    #[test]
    fn the_server_says_when_in_every_form() {
        for (headers, wait) in [
            (&[("retry-after", "7")][..], 7_000),
            (&[("retry-after", "0.25")], 250),
            (&[("retry-after-ms", "1500"), ("retry-after", "7")], 1_500),
            (&[("retry-after", "Sat, 21 Nov 2026 04:42:42 GMT")], 2_000),
            (&[("retry-after", "Sat, 21 Nov 2026 04:40:00 GMT")], 500),
            (&[("retry-after", "3600")], 500),
            (&[("retry-after", "0")], 500),
            (&[("retry-after", "-5")], 500),
            (&[("retry-after", "soon")], 500),
            (&[("retry-after", "NaN")], 500),
        ] {
            assert_eq!(waits(Method::Get, &answer(429, headers))[0], wait, "{headers:?}");
        }
    }
}
