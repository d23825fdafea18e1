//! The regular expressions of an adapter's configuration, as far as people write them there: letters, `.`, `\.`, `\d`, `\w`,
//! sets, groups, alternatives, and `*`, `+`, `?` behind them. Whole names are matched, by trying all ways.

/// Ways tried before it is given up: names are short.
const WAYS: usize = 100_000;
/// Groups in groups, and letters of a pattern and a name: trying goes as deep.
const DEPTH: usize = 16;
/// See [`DEPTH`].
const LONGEST: usize = 256;

/// A pattern that was read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pattern(Node);

#[derive(Debug, Clone, PartialEq)]
enum Node {
    Any,
    Letter(char),
    Set(bool, Vec<(char, char)>),
    /// One after the other.
    Chain(Vec<Node>),
    /// One of them.
    Either(Vec<Node>),
    /// As often as possible: at least, and at most once.
    Repeated(Box<Node>, usize, bool),
}

impl Pattern {
    /// Reads a pattern; `None` when something in it is not known here.
    pub(super) fn read(text: &str) -> Option<Self> {
        let letters: Vec<char> = text.chars().collect();
        let mut at = 0_usize;
        let node = either(letters.get(..letters.len().min(LONGEST))?, &mut at, 0)?;
        (at == letters.len()).then_some(Self(node))
    }

    /// Whether it is `name`, or what is behind one of its dots: `(.*\.)?(pattern)$` as PEFT asks. `None` when that is not
    /// found out in time.
    pub(super) fn is(&self, name: &str) -> Option<bool> {
        let letters: Vec<char> = name.chars().collect();
        let mut ways = if letters.len() > LONGEST { 0 } else { WAYS };
        let behind_dots =
            letters.iter().enumerate().filter(|(_, letter)| **letter == '.').map(|(at, _)| at.saturating_add(1));
        for start in std::iter::once(0).chain(behind_dots) {
            let ends = |at: usize, _: &mut usize| at == letters.len();
            if matches(&self.0, &letters, start, &mut ways, &mut { ends }) {
                return Some(true);
            }
        }
        (ways > 0).then_some(false)
    }
}

fn either(letters: &[char], at: &mut usize, depth: usize) -> Option<Node> {
    if depth > DEPTH {
        return None;
    }
    let mut ways = Vec::new();
    loop {
        ways.push(chain(letters, at, depth)?);
        if letters.get(*at) != Some(&'|') {
            break;
        }
        *at = at.saturating_add(1);
    }
    Some(if ways.len() == 1 { ways.pop()? } else { Node::Either(ways) })
}

fn chain(letters: &[char], at: &mut usize, depth: usize) -> Option<Node> {
    let mut nodes = Vec::new();
    while let Some(&letter) = letters.get(*at).filter(|letter| !matches!(letter, '|' | ')')) {
        *at = at.saturating_add(1);
        let node = match letter {
            '.' => Node::Any,
            '\\' => escaped(letters, at)?,
            '[' => set(letters, at)?,
            '(' => {
                if letters.get(*at..)?.starts_with(&['?', ':']) {
                    *at = at.saturating_add(2);
                }
                let inner = either(letters, at, depth.saturating_add(1))?;
                (letters.get(*at) == Some(&')')).then_some(())?;
                *at = at.saturating_add(1);
                inner
            }
            // The ends of the name are where the pattern ends anyway.
            '^' if nodes.is_empty() => continue,
            '$' if *at == letters.len() => continue,
            '*' | '+' | '?' | '{' | '}' | '^' | '$' => return None,
            letter => Node::Letter(letter),
        };
        let repeated = match letters.get(*at) {
            Some('*') => Some((0, false)),
            Some('+') => Some((1, false)),
            Some('?') => Some((0, true)),
            _ => None,
        };
        nodes.push(match repeated {
            Some((least, once)) => {
                *at = at.saturating_add(1);
                // `*?` finds the same whole names.
                if letters.get(*at) == Some(&'?') {
                    *at = at.saturating_add(1);
                }
                Node::Repeated(Box::new(node), least, once)
            }
            None => node,
        });
    }
    Some(Node::Chain(nodes))
}

const DIGITS: (char, char) = ('0', '9');
const WORD: [(char, char); 4] = [DIGITS, ('a', 'z'), ('A', 'Z'), ('_', '_')];

fn escaped(letters: &[char], at: &mut usize) -> Option<Node> {
    let letter = *letters.get(*at)?;
    *at = at.saturating_add(1);
    match letter {
        'd' => Some(Node::Set(true, vec![DIGITS])),
        'w' => Some(Node::Set(true, WORD.to_vec())),
        letter if letter.is_ascii_alphanumeric() => None,
        letter => Some(Node::Letter(letter)),
    }
}

fn set(letters: &[char], at: &mut usize) -> Option<Node> {
    let is_of = letters.get(*at) != Some(&'^');
    *at = at.saturating_add(usize::from(!is_of));
    let mut ranges = Vec::new();
    loop {
        let mut first = *letters.get(*at)?;
        *at = at.saturating_add(1);
        match first {
            ']' if !ranges.is_empty() => return Some(Node::Set(is_of, ranges)),
            '\\' => match escaped(letters, at)? {
                Node::Set(_, inner) => {
                    ranges.extend(inner);
                    continue;
                }
                Node::Letter(letter) => first = letter,
                _ => return None,
            },
            _ => {}
        }
        let is_range =
            letters.get(*at) == Some(&'-') && letters.get(at.saturating_add(1)).is_some_and(|end| *end != ']');
        let last = if is_range { *letters.get(at.saturating_add(1))? } else { first };
        *at = at.saturating_add(if is_range { 2 } else { 0 });
        ranges.push((first, last));
    }
}

type Next<'a> = &'a mut dyn FnMut(usize, &mut usize) -> bool;

/// Whether `node` matches at `at`, and `next` what is behind it.
fn matches(node: &Node, letters: &[char], at: usize, ways: &mut usize, next: Next<'_>) -> bool {
    if *ways == 0 {
        return false;
    }
    *ways = ways.saturating_sub(1);
    let one = |is: bool, ways: &mut usize, next: Next<'_>| is && next(at.saturating_add(1), ways);
    match node {
        Node::Any => one(at < letters.len(), ways, next),
        Node::Letter(letter) => one(letters.get(at) == Some(letter), ways, next),
        Node::Set(is_of, ranges) => {
            let is_in = |letter: &char| ranges.iter().any(|(first, last)| (first..=last).contains(&letter));
            one(letters.get(at).is_some_and(|letter| is_in(letter) == *is_of), ways, next)
        }
        Node::Chain(nodes) => in_order(nodes, letters, at, ways, next),
        Node::Either(nodes) => nodes.iter().any(|node| matches(node, letters, at, ways, next)),
        Node::Repeated(inner, least, once) => {
            let again = |to: usize, ways: &mut usize, next: Next<'_>| {
                if *once {
                    next(to, ways)
                } else {
                    matches(&Node::Repeated(inner.clone(), 0, false), letters, to, ways, next)
                }
            };
            let mut more = |to: usize, ways: &mut usize| to > at && again(to, ways, next);
            matches(inner, letters, at, ways, &mut more) || (*least == 0 && next(at, ways))
        }
    }
}

fn in_order(nodes: &[Node], letters: &[char], at: usize, ways: &mut usize, next: Next<'_>) -> bool {
    let Some((first, rest)) = nodes.split_first() else { return next(at, ways) };
    let mut behind = |to: usize, ways: &mut usize| in_order(rest, letters, to, ways, next);
    matches(first, letters, at, ways, &mut behind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_matched_as_python_does() {
        for (pattern, name, expected) in [
            ("q_proj", "model.layers.0.self_attn.q_proj", true),
            ("q_proj", "model.layers.0.self_attn.aq_proj", false),
            ("proj", "q_proj", false),
            ("self_attn.q_proj", "model.self_attn.q_proj", true),
            (r"layers\.[0-9]+\.mlp\.(up|down)_proj", "model.layers.17.mlp.down_proj", true),
            (r"layers\.[0-9]+\.mlp\.(up|down)_proj", "model.layers.17.mlp.gate_proj", false),
            (r"layers\.\d\.", "model.layers.1.", true),
            (r".*\.h\.(0|1)\..*", "transformer.h.1.attn.c_attn", true),
            (r"h\.[^0]\.attn", "h.0.attn", false),
            (r"(?:a|b)+c?", "ababc", true),
            ("^model.layers.0$", "model.layers.0", true),
            ("", "q", false),
        ] {
            let read = Pattern::read(pattern).unwrap();
            assert_eq!(read.is(name), Some(expected), "{pattern} {name}");
        }
    }

    #[test]
    fn what_is_not_known_is_refused_and_what_takes_too_long_given_up() {
        for pattern in [r"a{2}", r"(?=a)", r"\bq", "(a", "[a", "a)", "*a", r"\1"] {
            assert_eq!(Pattern::read(pattern), None, "{pattern}");
        }
        let read = Pattern::read("(a*)*b").unwrap();
        assert_eq!(read.is(&"a".repeat(60)), None);
        assert_eq!(Pattern::read(&"(".repeat(100_000)), None);
    }
}
