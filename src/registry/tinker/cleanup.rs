//! Which checkpoints of an account a policy keeps, and which could go. A dry run: nothing here deletes.

use std::collections::BTreeMap;

use super::model::Checkpoint;
use crate::model::order_by;

/// What is kept, of each run and kind for itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// So many newest.
    pub newest: usize,
    /// So many best.
    pub best: usize,
    /// Best by this name in what their owner wrote down.
    pub metric: String,
    /// Whether the highest is the best.
    pub is_highest: bool,
    /// Everything public.
    pub public: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self { newest: 3, best: 0, metric: "loss".to_owned(), is_highest: false, public: true }
    }
}

/// What would be done with one checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Index of the checkpoint.
    pub checkpoint: usize,
    /// Why it is kept; none when it could go.
    pub reasons: Vec<&'static str>,
}

/// A plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// One for each checkpoint, those that could go last.
    pub choices: Vec<Choice>,
    /// Bytes that could go, as far as sizes are known.
    pub freed: u64,
    /// Checkpoints that could go and have no known size.
    pub unsized_: u64,
}

impl Plan {
    /// Makes a plan. A checkpoint whose time is not known is kept: it could be the newest.
    pub fn new(checkpoints: &[Checkpoint], policy: &Policy) -> Self {
        let mut reasons: Vec<Vec<&'static str>> = vec![Vec::new(); checkpoints.len()];
        let mut keep = |at: usize, why| {
            if let Some(reasons) = reasons.get_mut(at) {
                reasons.push(why);
            }
        };
        let mut groups: BTreeMap<_, Vec<(usize, &Checkpoint)>> = BTreeMap::new();
        for (at, checkpoint) in checkpoints.iter().enumerate() {
            groups.entry((&checkpoint.path.run, checkpoint.path.kind)).or_default().push((at, checkpoint));
            match (checkpoint.time, checkpoint.is_public) {
                (None, _) => keep(at, "its age is not known"),
                (_, Some(true)) if policy.public => keep(at, "public"),
                (_, None) if policy.public => keep(at, "the server does not say whether it is public"),
                _ => {}
            }
        }
        for mut group in groups.into_values() {
            order_by(&mut group, |(_, a), (_, b)| b.time.cmp(&a.time));
            group.iter().take(policy.newest).for_each(|(at, _)| keep(*at, "among the newest"));
            let measured = group.into_iter().filter_map(|(at, found)| Some((at, measure(found, &policy.metric)?)));
            let mut measured: Vec<(usize, f64)> = measured.collect();
            order_by(&mut measured, |(_, a), (_, b)| if policy.is_highest { b.total_cmp(a) } else { a.total_cmp(b) });
            measured.iter().take(policy.best).for_each(|(at, _)| keep(*at, "among the best"));
        }
        let (mut plan, mut going) = (Self::default(), Vec::new());
        for (at, reasons) in reasons.into_iter().enumerate() {
            let is_going = reasons.is_empty();
            let choice = Choice { checkpoint: at, reasons };
            if is_going {
                match checkpoints.get(at).and_then(|checkpoint| checkpoint.size_bytes) {
                    Some(size) => plan.freed = plan.freed.saturating_add(size),
                    None => plan.unsized_ = plan.unsized_.saturating_add(1),
                }
                going.push(choice);
            } else {
                plan.choices.push(choice);
            }
        }
        plan.choices.extend(going);
        plan
    }

    /// Indexes of the checkpoints that could go.
    pub fn going(&self) -> impl Iterator<Item = usize> {
        self.choices.iter().filter(|choice| choice.reasons.is_empty()).map(|choice| choice.checkpoint)
    }
}

fn measure(checkpoint: &Checkpoint, metric: &str) -> Option<f64> {
    let (_, value) = checkpoint.metadata.iter().find(|(name, _)| name == metric)?;
    value.trim().parse().ok().filter(|value: &f64| !value.is_nan())
}

#[cfg(test)]
mod tests {
    use super::super::path::TinkerPath;
    use super::*;

    fn checkpoint(path: &str, time: Option<u64>, loss: &str, is_public: Option<bool>) -> Checkpoint {
        Checkpoint {
            path: TinkerPath::parse(path).unwrap(),
            time,
            size_bytes: time.map(|time| time * 10),
            is_public,
            expires: None,
            base_model: None,
            metadata: vec![("loss".to_owned(), loss.to_owned())],
        }
    }

    #[test]
    fn each_run_and_kind_keeps_its_newest_best_and_public() {
        let no = Some(false);
        let all = [
            checkpoint("tinker://a/weights/1", Some(1), "0.1", no),
            checkpoint("tinker://a/weights/2", Some(2), "0.9", no),
            checkpoint("tinker://a/weights/3", Some(3), "nan", no),
            checkpoint("tinker://a/sampler_weights/1", Some(1), "", no),
            checkpoint("tinker://b/weights/1", Some(1), "", Some(true)),
            checkpoint("tinker://b/weights/2", Some(2), "", no),
            checkpoint("tinker://b/weights/x", None, "", no),
        ];
        let policy = Policy { newest: 1, best: 1, ..Policy::default() };
        let plan = Plan::new(&all, &policy);
        let going: Vec<usize> = plan.going().collect();
        assert_eq!((going, plan.freed, plan.unsized_), (vec![1], 20, 0));
        let kept: Vec<_> = plan.choices.iter().map(|choice| (choice.checkpoint, choice.reasons.join(", "))).collect();
        assert_eq!(kept[0], (0, "among the best".to_owned()));
        assert_eq!(kept[3], (4, "public".to_owned()));
        assert_eq!(kept[5], (6, "its age is not known".to_owned()));
        let none = Plan::new(&all, &Policy { newest: 0, best: 0, public: false, ..policy });
        assert_eq!(none.going().count(), 6, "all but the one of unknown age");
        assert_eq!(Plan::new(&[], &Policy::default()), Plan::default());
    }
}
