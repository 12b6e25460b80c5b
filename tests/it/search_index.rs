//! Texts are indexed some time after they are stored. Search results do not depend on when.

use std::collections::{BTreeMap, BTreeSet};

use deskgraph::{
    domain::{
        filter::{MessageField, MessageFilter, MessageRelation, Pattern, Predicate, Test},
        kind::EventKind,
        page::{Direction, MessageOrder, PageRequest},
        search::SearchText,
    },
    store::{Parent, Reader, Searched},
};
use proptest::{collection::vec, prelude::*, test_runner::Config};
use serde_json::{Value, json};

use crate::support::{
    desk::{Desk, at, entry, iso},
    message,
    property::{cases, run},
    sample,
};

const WORDS: [&str; 6] = ["Hoa", "hồng", "hoàng", "la", "LAN", "đơn"];

/// A search text, with the words of [`WORDS`] that it finds.
const TYPED: [(&str, &[usize]); 6] =
    [("hoa", &[0, 2]), ("ho", &[0, 1, 2]), ("hoàng", &[2]), ("la", &[3, 4]), ("lan", &[4]), ("don", &[5])];

#[derive(Clone, Debug)]
enum Step {
    /// A message with these words, new or repeated with other ones.
    Message(usize, Vec<usize>),
    /// A customer with these words in its note.
    Customer(usize, Vec<usize>),
    /// A ticket with these words in its name, under one of its ids or both: then tickets are merged.
    Ticket(usize, bool, Vec<usize>),
    Index,
    Rebuild,
}

fn step() -> impl Strategy<Value = Step> {
    let words = || vec(0..WORDS.len(), 0..4);
    prop_oneof![
        6 => (0_usize..5, words()).prop_map(|(id, words)| Step::Message(id, words)),
        2 => (0_usize..2, words()).prop_map(|(id, words)| Step::Customer(id, words)),
        3 => (0_usize..3, any::<bool>(), words()).prop_map(|(id, both, words)| Step::Ticket(id, both, words)),
        3 => Just(Step::Index),
        1 => Just(Step::Rebuild),
    ]
}

fn text(words: &[usize]) -> String {
    words.iter().map(|word| WORDS[*word]).collect::<Vec<_>>().join(", ")
}

async fn take(desk: &Desk, seconds: i64, step: &Step) {
    match step {
        Step::Message(id, words) => {
            let mut payload = message(&format!("m{id}"), "k", &text(words), 1_758_791_400_000);
            payload["is_read_by_staff"] = json!([]);
            desk.deliver(seconds, EventKind::MessageSent, payload).await;
        }
        Step::Customer(id, words) => {
            let payload = json!({ "id": format!("c{id}"), "note": text(words), "updatedAt": iso(seconds) });
            desk.deliver(seconds, EventKind::CustomerUpdated, payload).await;
        }
        Step::Ticket(id, both, words) => {
            let mut payload = sample("ticket-updated");
            payload["ticket_id"] = format!("T{id}").into();
            payload["id"] = if *both { format!("T{}", (id + 1) % 3).into() } else { Value::Null };
            payload["_id"] = Value::Null;
            payload["name"] = text(words).into();
            payload["description"] = "".into();
            payload["updatedAt"] = iso(seconds).into();
            desk.deliver(seconds, EventKind::TicketUpdated, payload).await;
        }
        Step::Index => desk.store.index_searched().await.unwrap(),
        Step::Rebuild => {
            desk.store.rebuild(|_, _| {}).await.unwrap();
        }
    }
}

/// The current searchable texts, by id.
async fn texts(desk: &Desk) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    let tables = desk.tables().await;
    for (table, key) in [("message", "text"), ("customer", "note"), ("ticket", "name")] {
        for row in &tables[table] {
            let field = |name: &str| {
                let (_, value) = row.split_once(&format!(" {name}: "))?;
                Some(value.trim_start_matches("Some(").strip_prefix('"')?.split_once('"')?.0.to_owned())
            };
            let id = field(if table == "message" { "key" } else { "id" }).unwrap();
            texts.insert(format!("{table} {id}"), field(key).unwrap_or_default());
        }
    }
    texts
}

fn messages(predicate: Predicate<deskgraph::domain::filter::Messages>) -> MessageFilter {
    MessageFilter { predicate: Predicate::All(vec![predicate]), ..MessageFilter::default() }
}

/// The keys of the messages in a list. Asserts that testing each message alone gives the same.
async fn listed(reader: &Reader, filter: &MessageFilter, all: &[String]) -> BTreeSet<String> {
    let order = MessageOrder::SentAt;
    let request = PageRequest { order, direction: Direction::Asc, limit: 100, from_end: false, after: None, before: None };
    let pages = reader.messages(&[Parent::All], filter, &request).await.unwrap();
    let listed: BTreeSet<String> = pages.into_values().flat_map(|page| page.rows).map(|(_, row)| row.key).collect();
    let matching = reader.messages_matching(all, filter).await.unwrap();
    assert_eq!(listed, matching.into_iter().collect());
    listed
}

async fn count(reader: &Reader, filter: &MessageFilter) -> i64 {
    reader.message_counts(&[Parent::All], filter).await.unwrap().into_values().sum()
}

async fn assert_found(desk: &Desk) {
    let (texts, reader) = (texts(desk).await, desk.reader());
    let keys: Vec<String> = texts.keys().filter_map(|id| id.strip_prefix("message ")).map(str::to_owned).collect();
    let of = |name: &str| Searched::ALL.into_iter().find(|searched| format!("{searched:?}").eq_ignore_ascii_case(name)).unwrap();
    for (typed, words) in TYPED {
        let has = |text: &str| text.split(", ").any(|word| words.iter().any(|at| WORDS[*at] == word));
        let expected: BTreeSet<&String> = texts.iter().filter(|(_, text)| has(text)).map(|(id, _)| id).collect();
        let typed_text = SearchText::read(typed);
        let types = ["message", "customer", "ticket"].map(of);
        let hits = reader.search(&typed_text, &types, None, 1000).await.unwrap();
        let found: Vec<String> = hits.iter().map(|hit| format!("{:?} {}", hit.searched, hit.id).to_lowercase()).collect();
        let lower: BTreeSet<String> = expected.iter().map(|id| id.to_lowercase()).collect();
        assert_eq!(found.len(), lower.len(), "each once: {typed} {found:?} {texts:?}");
        assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), lower, "{typed} {texts:?}");
        assert_eq!(usize::try_from(reader.search_count(&typed_text, &types).await.unwrap()).unwrap(), lower.len());

        let expected = |has: &dyn Fn(&str) -> bool| -> BTreeSet<String> {
            let messages = texts.iter().filter_map(|(id, text)| Some((id.strip_prefix("message ")?, text)));
            messages.filter(|(_, text)| has(text)).map(|(key, _)| key.to_owned()).collect()
        };
        let searched = messages(Predicate::Relation(MessageRelation::Search(typed.to_owned())));
        assert_eq!(listed(&reader, &searched, &keys).await, expected(&has), "{typed} {texts:?}");
        let part = |text: &str| deskgraph::domain::text::fold(text).contains(&deskgraph::domain::text::fold(typed));
        let test = Test::Match(Pattern::Contains, typed.into());
        let containing = messages(Predicate::Field(MessageField::Text, test));
        assert_eq!(listed(&reader, &containing, &keys).await, expected(&part), "contains {typed} {texts:?}");
    }
}

proptest! {
    #![proptest_config(Config { cases: cases(24), failure_persistence: None, ..Config::default() })]

    #[test]
    fn every_stored_text_is_found_no_matter_when_it_is_indexed(steps in vec(step(), 1..14)) {
        run(async {
            let desk = Desk::new().await;
            for (seconds, step) in (1..).zip(&steps) {
                take(&desk, seconds, step).await;
                if matches!(step, Step::Index | Step::Rebuild) {
                    assert_found(&desk).await;
                }
            }
            assert_found(&desk).await;
            desk.assert_verified().await;
        });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_found_from_its_commit_on_during_indexing() {
    const MESSAGES: i64 = 1500;
    let desk = Desk::new().await;
    let (stored, mut newest) = tokio::sync::watch::channel(0_i64);
    let writing = {
        let store = desk.store.clone();
        tokio::spawn(async move {
            for n in 1..=MESSAGES {
                let payload = message(&format!("m{n}"), &format!("k{}", n % 9), &format!("hoa số w{n}"), 1_758_791_400_000 + n);
                store.append(&[entry(EventKind::MessageSent, &payload)], at(n)).await.unwrap();
                stored.send(n).unwrap();
                if n % 7 == 0 {
                    store.index_searched().await.unwrap();
                }
            }
        })
    };
    let mut looked = 0;
    while newest.changed().await.is_ok() {
        let n = *newest.borrow_and_update();
        let reader = desk.reader();
        let hits = reader.search(&SearchText::read(&format!("w{n}")), &[Searched::Message], None, 10).await.unwrap();
        assert_eq!(hits.iter().filter(|hit| hit.id.ends_with(&format!("m{n}"))).count(), 1, "w{n}: {hits:?}");
        let least = usize::try_from(n).unwrap();
        let test = Test::Match(Pattern::Contains, format!("ố w{n}"));
        let containing = messages(Predicate::Field(MessageField::Text, test));
        assert!(count(&reader, &containing).await >= 1, "w{n}");
        let all = messages(Predicate::Relation(MessageRelation::Search("hoa".into())));
        assert!(usize::try_from(count(&reader, &all).await).unwrap() >= least, "w{n}");
        looked += 1;
    }
    writing.await.unwrap();
    assert!(looked > 10, "{looked}");
    desk.assert_verified().await;
}
