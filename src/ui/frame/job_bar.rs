//! What is being worked on, at the bottom, only while there is something.

use crate::protocol::Phase;
use crate::session::{Activity, ActivityId};
use crate::ui::dom::*;
use crate::ui::part::dtype_bar::share_of;
use crate::ui::part::progress::{JobLine, job_line};
use crate::ui::{Client, now_ms};
use crate::words;

/// Seconds before a rate is worth telling.
const SETTLED: f64 = 1.0;

/// The job bar.
pub(super) fn job_bar() -> Markup {
    let client = Client::expect();
    let targets = client
        .memo(|session| session.activities().into_iter().map(|activity| activity.target).collect::<Vec<ActivityId>>());
    let line = move |target: ActivityId| {
        let began = now_ms();
        let line = client.memo(move |session| {
            let found = session.activities().into_iter().find(|activity| activity.target == target);
            found.map_or(JobLine { words: String::new(), share: None }, |activity| {
                describe(&activity, (now_ms() - began) / 1000.0)
            })
        });
        job_line(line, move || client.act(|session| session.cancel(target)))
    };
    let shown = move || {
        let targets = targets.get();
        (!targets.is_empty()).then(|| {
            view! { <footer class="jobs" aria-label="Work in progress">{targets.into_iter().map(line).collect::<Markup>()}</footer> }
        })
    };
    markup(shown)
}

/// "verifying 3 of 8 · 1.2 GiB of 4.0 GiB · 410 MiB/s · 7 s left".
fn describe(activity: &Activity, seconds: f64) -> JobLine {
    let progress = activity.progress;
    let mut parts = vec![activity.label.clone()];
    match progress.phase {
        Phase::Reading if progress.total > 1 => {
            parts.push(format!("header {} of {}", words::count(progress.done), words::count(progress.total)));
        }
        Phase::Listing if progress.total > 0 => {
            parts.push(format!("listing, {} of {}", words::size(progress.done), words::size(progress.total)));
        }
        Phase::Loading if progress.total == 0 => {
            parts.extend((progress.done > 0).then(|| words::size(progress.done)));
        }
        Phase::Hashing | Phase::Counting | Phase::Comparing | Phase::Loading => {
            parts.push(format!("{} of {}", words::size(progress.done), words::size(progress.total)));
            if seconds > SETTLED && progress.done > 0 {
                parts.extend(words::rate(progress.done, seconds));
                parts.push(format!("{} left", words::duration(seconds_left(progress.done, progress.total, seconds))));
            }
        }
        _ => {}
    }
    let share = (progress.total > 0).then(|| share_of(progress.done, progress.total));
    JobLine { words: parts.join(" · "), share }
}

fn seconds_left(done: u64, total: u64, seconds: f64) -> u64 {
    let left = seconds * share_of(total.saturating_sub(done), done);
    crate::chart::whole(left.ceil()) as u64
}
