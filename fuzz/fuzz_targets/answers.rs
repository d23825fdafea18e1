#![no_main]

use libfuzzer_sys::fuzz_target;
use weighbridge::registry::{Answer, Method, Next, Refusal, SERVICES, Talk, Wanted, retry_after, tinker};

const ADDRESSES: [&str; 4] = ["https://a.example", "https://a.example/b", "owner/name", "a.example/b/c:latest"];

// Answers of a server, one behind the other with a byte of 255 between; the first byte of each is its status.
fuzz_target!(|bytes: &[u8]| {
    let answers: Vec<Answer> = bytes.split(|&byte| byte == 255).take(8).filter_map(answer).collect();
    for answer in &answers {
        let _ = Refusal::new(answer, None).to_string();
        retry_after(Method::Get, 0, &Ok(answer.clone()), 1_700_000_000);
        if let Ok(value) = serde_json::from_slice(&answer.body) {
            tinker::runs(&value, 100);
            tinker::checkpoints(&value, 100);
            tinker::checkpoints_of(&value, "run");
            tinker::models(&value);
            tinker::whose(&value);
            tinker::sessions(&value);
            tinker::session(&value);
            tinker::sampler(&value);
        }
    }
    for connect in SERVICES.iter().filter_map(|service| service.shelf) {
        for address in ADDRESSES {
            let Ok(shelf) = connect(address, "") else { continue };
            let mut items = Vec::new();
            talk(shelf.list(), &answers, &mut items);
            items.truncate(3);
            for wanted in [Wanted::Files, Wanted::Digests] {
                for conversation in shelf.open(&items, wanted) {
                    talk(conversation, &answers, &mut Vec::new());
                }
            }
        }
    }
});

fn answer(bytes: &[u8]) -> Option<Answer> {
    let (first, body) = bytes.split_first()?;
    let status = [200, 200, 200, 404, 401, 429, 500, 302][usize::from(first % 8)];
    let challenge = "Bearer realm=\"https://a.example/token\",service=\"a\",scope=\"repository:b:pull\"";
    let headers = [
        ("link", "</v2/_catalog?last=b>; rel=\"next\""),
        ("www-authenticate", challenge),
        ("retry-after", std::str::from_utf8(body).unwrap_or("1")),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    Some(Answer { status, headers, body: body.to_vec() })
}

fn talk(mut conversation: Box<dyn Talk>, answers: &[Answer], items: &mut Vec<weighbridge::registry::Item>) {
    for answer in answers {
        let request = conversation.request();
        assert!(request.url.starts_with("https://"), "{}", request.url);
        match conversation.answered(answer, items) {
            Ok(Next::Ask) => {}
            _ => break,
        }
    }
    conversation.left_out();
}
