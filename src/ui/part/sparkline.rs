//! A line as large as a word: how some numbers went. The numbers themselves are beside it.

use super::chart::path;
use crate::chart::Scale;
use crate::ui::dom::*;

const WIDTH: f64 = 72.0;
const HEIGHT: f64 = 20.0;
/// Room for the dot.
const EDGE: f64 = 3.0;

/// The line, with a dot where it is best; nothing for less than two numbers.
pub(in crate::ui) fn sparkline(points: &[(f64, f64)], best: Option<f64>) -> Option<Markup> {
    let finite = || points.iter().filter(|point| point.1.is_finite());
    let x = Scale::over(finite().map(|point| point.0), false, EDGE, WIDTH - EDGE)?;
    let y = Scale::over(finite().map(|point| point.1), false, HEIGHT - EDGE, EDGE)?;
    finite().nth(1)?;
    let dot = finite().find(|point| Some(point.0) == best);
    let dot = dot.and_then(|point| Some((x.place(point.0)?, y.place(point.1)?)));
    let dot = dot.map(|(x, y)| view! { <circle cx=x cy=y r="2.5"></circle> });
    Some(
        view! { <svg class="spark" viewBox=format!("0 0 {WIDTH} {HEIGHT}") aria-hidden="true"><path d=path(points, &x, &y)></path>{dot}</svg> },
    )
}
