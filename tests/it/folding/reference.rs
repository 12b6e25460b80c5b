//! A reference implementation of the rules of order, deletion and links, as simple as possible: over all events at once, field
//! by field, without storage or incremental application. It only shares the reading of payloads with the gateway.

use std::collections::{BTreeMap, BTreeSet};

use deskgraph::{
    domain::{
        contact::{contact_key, email_key, phone_key},
        event::{CustomerSnapshot, Event, Field, MessageSent, StaffRef, TicketSnapshot},
        time::Timestamp,
        words,
    },
    store::Delivery,
};

use super::facts::{self, Facts};

/// An event with what determines its order.
struct Said<'a, P> {
    says: &'a P,
    arrival: Timestamp,
    text: &'a str,
    digest: &'a str,
}

/// The value of one field in a list of payloads, oldest first: the last one that has it wins.
fn last<P, T: Clone>(said: &[Said<'_, P>], field: impl Fn(&P) -> Field<T>) -> Option<T> {
    said.iter().map(|said| field(said.says)).rfind(Field::is_carried).and_then(Field::set)
}

fn all<'a, P>(events: &'a [Delivery], pick: impl Fn(&'a Event) -> Option<&'a P>) -> Vec<Said<'a, P>> {
    let said = events.iter().filter_map(|delivery| {
        let arrival = delivery.received_at.expect("every arrival is fixed");
        let digest = delivery.digest.as_deref().unwrap_or_default();
        Some(Said { says: pick(&delivery.event)?, arrival, text: &delivery.payload, digest })
    });
    said.collect()
}

fn group<P, K: Ord>(said: Vec<Said<'_, P>>, key: impl Fn(&P) -> K) -> BTreeMap<K, Vec<Said<'_, P>>> {
    let mut groups: BTreeMap<K, Vec<_>> = BTreeMap::new();
    for said in said {
        groups.entry(key(said.says)).or_default().push(said);
    }
    groups
}

/// Everything that readers should see after these events.
pub(crate) fn expected(events: &[Delivery]) -> Facts {
    let mut facts = Facts::new();
    let customers = customers(events, &mut facts);
    messages(events, &customers, &mut facts);
    tickets(events, &mut facts);
    staff(events, &mut facts);
    facts
}

fn of_message(event: &Event) -> Option<&MessageSent> {
    if let Event::Message(says) = event { Some(says) } else { None }
}

fn of_ticket(event: &Event) -> Option<&TicketSnapshot> {
    if let Event::Ticket(says) = event { Some(says) } else { None }
}

/// The data that links depend on.
struct Person {
    id: String,
    accounts: Vec<(Option<String>, String)>,
    addresses: Vec<String>,
    deleted: bool,
    updated_at: Option<Timestamp>,
}

fn customer_date(says: &CustomerSnapshot) -> Option<Timestamp> {
    match (&says.updated_at, &says.created_at, says.created) {
        (Field::Set(at), _, _) | (_, Field::Set(at), true) => Some(*at),
        _ => None,
    }
}

fn customers(events: &[Delivery], facts: &mut Facts) -> Vec<Person> {
    let snapshots = all(events, |event| if let Event::Customer(says) = event { Some(says.as_ref()) } else { None });
    let deletes = all(events, |event| if let Event::CustomerDeleted(says) = event { Some(says) } else { None });
    let mut people = Vec::new();
    for (id, mut said) in group(snapshots, |says| says.id.clone()) {
        said.sort_by_key(|said| (customer_date(said.says).unwrap_or(said.arrival), !said.says.created, said.arrival, said.text));
        let latest = deletes.iter().filter(|delete| delete.says.ids.contains(&id)).map(|delete| delete.arrival).max();
        let dated = said.iter().filter_map(|said| customer_date(said.says)).max();
        let deleted_at = latest.filter(|deleted| dated.is_none_or(|dated| dated <= *deleted));
        let staff_id = |field: &Field<StaffRef>| field.clone().map(|staff| staff.id);
        let (phone, email) = (last(&said, |says| says.phone.clone()), last(&said, |says| says.email.clone()));
        let social = last(&said, |says| says.social.clone()).unwrap_or_default();
        let updated_at = last(&said, |says| says.updated_at.clone());
        let keys: BTreeSet<&String> = said.iter().flat_map(|said| said.says.custom_fields.iter().map(|(key, _)| key)).collect();
        let custom = keys.into_iter().filter_map(|key| {
            let of_key = |says: &CustomerSnapshot| {
                says.custom_fields.iter().find(|(name, _)| name == key).map_or(Field::Absent, |(_, field)| field.clone())
            };
            Some(format!("{key}={}", last(&said, of_key)?))
        });
        facts::customer(
            facts,
            &id,
            deleted_at,
            [&last(&said, |says| says.name.clone()), &phone, &email, &last(&said, |says| says.note.clone())],
            [
                &last(&said, |says| staff_id(&says.manager)),
                &last(&said, |says| staff_id(&says.created_by)),
                &last(&said, |says| staff_id(&says.updated_by)),
            ],
            [last(&said, |says| says.created_at.clone()), updated_at],
            &social,
            &last(&said, |says| says.statuses.clone()).unwrap_or_default(),
            &custom.collect::<Vec<_>>(),
        );
        people.push(Person {
            accounts: social
                .iter()
                .filter_map(|account| Some((account.platform.as_deref().map(words::key), account.source_id.clone()?)))
                .collect(),
            addresses: email.as_deref().and_then(email_key).into_iter().chain(phone.as_deref().and_then(phone_key)).collect(),
            deleted: deleted_at.is_some(),
            id,
            updated_at,
        });
    }
    people
}

fn customer_of(people: &[Person], contact: &str, platform: &str) -> Option<String> {
    let by_account =
        |person: &Person| person.accounts.iter().any(|(on, id)| id == contact && on.as_deref().is_none_or(|on| on == platform));
    let by_address = |person: &Person| contact_key(contact).is_some_and(|key| person.addresses.contains(&key));
    let ways: [&dyn Fn(&Person) -> bool; 3] = [&by_account, &|person| person.id == contact, &by_address];
    let mut found: Vec<&Person> =
        ways.iter().map(|way| people.iter().filter(|person| way(person)).collect()).find(|found: &Vec<_>| !found.is_empty())?;
    found.sort_by(|a, b| a.deleted.cmp(&b.deleted).then(b.updated_at.cmp(&a.updated_at)).then(a.id.cmp(&b.id)));
    found.first().map(|person| person.id.clone())
}

fn sent_at(says: &MessageSent, arrival: Timestamp) -> Timestamp {
    match (&says.time, &says.created_at) {
        (Field::Set(at), _) | (_, Field::Set(at)) => *at,
        _ => arrival,
    }
}

/// A message as counted in its conversation.
struct Counted {
    key: String,
    sent_at: Timestamp,
    unread: bool,
}

fn messages(events: &[Delivery], people: &[Person], facts: &mut Facts) {
    let mut counted: BTreeMap<String, Vec<Counted>> = BTreeMap::new();
    for (key, mut said) in group(all(events, of_message), MessageSent::key) {
        said.sort_by_key(|said| (said.arrival, said.text));
        let newest = said.last().expect("a group has members");
        let set =
            |field: fn(&MessageSent) -> &Field<Timestamp>| said.iter().rev().find_map(|said| field(said.says).as_set().copied());
        let sent_at = set(|says| &says.time).or(set(|says| &says.created_at)).unwrap_or(said[0].arrival);
        let outbound = last(&said, |says| says.outbound.clone()) == Some(true);
        let is_read = said.iter().any(|said| said.says.is_read == Field::Set(true));
        let readers: BTreeSet<String> =
            said.iter().flat_map(|said| said.says.read_by.iter().map(|staff| staff.id.clone())).collect();
        let conversation = newest.says.conversation_id.clone();
        facts::message(
            facts,
            &key,
            &conversation,
            sent_at,
            [outbound, is_read],
            &readers.into_iter().collect::<Vec<_>>(),
            [
                &last(&said, |says| says.text.clone()),
                &last(&said, |says| says.type_name.clone()),
                &last(&said, |says| says.sender.id.clone()),
                &last(&said, |says| says.recipient.avatar.clone()),
                &last(&said, |says| says.responder_name.clone()),
                &last(&said, |says| says.payload.clone()).map(|payload| payload.to_string()),
            ],
            &last(&said, |says| says.attachments.clone()).unwrap_or_default(),
        );
        counted.entry(conversation).or_default().push(Counted { key, sent_at, unread: !outbound && !is_read });
    }
    let mut said = group(all(events, of_message), |says| says.conversation_id.clone());
    let mut statuses = group(all(events, |event| if let Event::Status(says) = event { Some(says) } else { None }), |says| {
        says.conversation_id.clone()
    });
    let ids: BTreeSet<String> = said.keys().chain(statuses.keys()).cloned().collect();
    for id in ids {
        let mut said = said.remove(&id).unwrap_or_default();
        said.sort_by_key(|said| (sent_at(said.says, said.arrival), said.says.key(), said.arrival, said.digest));
        let closed_by_messages = said.iter().filter(|said| said.says.is_closed.is_carried()).map(|said| {
            ((sent_at(said.says, said.arrival), said.says.key(), said.arrival), said.says.is_closed == Field::Set(true))
        });
        let closed_by_status = statuses
            .remove(&id)
            .unwrap_or_default()
            .into_iter()
            .map(|said| ((said.arrival, String::new(), said.arrival), said.says.is_closed));
        // Of messages equal in all but content the last in sort order counts; of statuses the closing one.
        let mut closings: Vec<_> = closed_by_status.collect();
        closings.sort();
        closings.extend(closed_by_messages);
        closings.sort_by(|a, b| a.0.cmp(&b.0));
        let person =
            |says: &MessageSent| if says.outbound == Field::Set(true) { says.recipient.clone() } else { says.sender.clone() };
        let contact_id = last(&said, |says| person(says).id);
        let platform = last(&said, |says| says.platform.clone().map_or(Field::Absent, Field::Set));
        let platform_key = platform.as_deref().map_or_else(|| "unknown".to_owned(), words::key);
        let mut members = counted.remove(&id).unwrap_or_default();
        members.sort_by(|a, b| (a.sent_at, &a.key).cmp(&(b.sent_at, &b.key)));
        facts::conversation(
            facts,
            &id,
            closings.last().is_some_and(|(_, closed)| *closed),
            [
                &contact_id.as_ref().and_then(|contact| customer_of(people, contact, &platform_key)),
                &contact_id,
                &last(&said, |says| person(says).name),
                &platform,
                &last(&said, |says| says.channel.clone()).map(|channel| channel.id),
                &last(&said, |says| says.chat_mode.clone().map(|word| words::key(&word))),
            ],
            &last(&said, |says| says.assignees.clone()).into_iter().flatten().map(|staff| staff.id).collect::<Vec<_>>(),
            [
                last(&said, |says| says.assigned_at.clone()),
                said.iter().filter_map(|said| said.says.started_at).min(),
                members.last().map(|member| member.sent_at),
            ],
            [members.len(), members.iter().filter(|member| member.unread).count()],
            members.last().map(|member| member.key.as_str()),
        );
    }
}

fn ticket_date(says: &TicketSnapshot) -> Option<Timestamp> {
    match (&says.updated_at, &says.created_at, says.created) {
        (Field::Set(at), _, _) | (_, Field::Set(at), true) => Some(*at),
        _ => None,
    }
}

fn tickets(events: &[Delivery], facts: &mut Facts) {
    let ids_of = |says: &TicketSnapshot| says.ticket_id.iter().chain(&says.object_ids).cloned().collect::<BTreeSet<String>>();
    let mut families: Vec<BTreeSet<String>> = Vec::new();
    for said in all(events, of_ticket) {
        let (joined, apart): (Vec<_>, Vec<_>) = families.into_iter().partition(|family| !family.is_disjoint(&ids_of(said.says)));
        families = apart;
        families.push(joined.into_iter().flatten().chain(ids_of(said.says)).collect());
    }
    for family in families {
        let mut said = all(events, of_ticket);
        said.retain(|said| !ids_of(said.says).is_disjoint(&family));
        said.sort_by_key(|said| (ticket_date(said.says).unwrap_or(said.arrival), !said.says.created, said.arrival, said.text));
        let proper = said.iter().filter_map(|said| said.says.ticket_id.clone()).min();
        let id = proper.or_else(|| family.first().cloned()).expect("a family has members");
        let deletes =
            events.iter().filter(|delivery| matches!(&*delivery.event, Event::TicketDeleted { id } if family.contains(id)));
        let latest = deletes.filter_map(|delivery| delivery.received_at).max();
        let dated = said.iter().filter_map(|said| ticket_date(said.says)).max();
        facts::ticket(
            facts,
            &id,
            &family.into_iter().collect::<Vec<_>>(),
            latest.filter(|deleted| dated.is_none_or(|dated| dated <= *deleted)),
            [
                &last(&said, |says| says.name.clone()),
                &last(&said, |says| says.level.clone()),
                &last(&said, |says| says.status.clone()),
                &last(&said, |says| says.customer_id.clone()),
                &last(&said, |says| says.assignee.clone().map(|staff| staff.id)),
                &last(&said, |says| says.reminder.clone()).map(|reminder| format!("{reminder:?}")),
            ],
            [
                last(&said, |says| says.created_at.clone()),
                last(&said, |says| says.due_at.clone()),
                last(&said, |says| says.updated_at.clone()),
            ],
            last(&said, |says| says.is_reminded.clone()) == Some(true),
            &last(&said, |says| says.attachments.clone()).unwrap_or_default(),
        );
    }
}

/// The version of a mention: its date, whether it is an update, its arrival.
type Mentioned = (Timestamp, bool, Timestamp);

fn staff(events: &[Delivery], facts: &mut Facts) {
    let mut mentions: BTreeMap<String, Vec<(Mentioned, String)>> = BTreeMap::new();
    for delivery in events {
        let arrival = delivery.received_at.expect("every arrival is fixed");
        let (version, staff): (_, Vec<&StaffRef>) = match &*delivery.event {
            Event::Message(says) => {
                let assigned = says.assignees.as_set().into_iter().flatten();
                ((sent_at(says, arrival), false, arrival), says.read_by.iter().chain(assigned).collect())
            }
            Event::Customer(says) => {
                let staff = [&says.manager, &says.created_by, &says.updated_by].into_iter().filter_map(Field::as_set);
                ((customer_date(says).unwrap_or(arrival), !says.created, arrival), staff.collect())
            }
            Event::Ticket(says) => {
                let staff = [&says.assignee, &says.created_by].into_iter().filter_map(Field::as_set);
                ((ticket_date(says).unwrap_or(arrival), !says.created, arrival), staff.collect())
            }
            _ => continue,
        };
        for staff in staff {
            mentions.entry(staff.id.clone()).or_default().extend(staff.name.clone().map(|name| (version, name)));
        }
    }
    for (id, named) in mentions {
        facts::staff(facts, &id, named.into_iter().max().map(|(_, name)| name).as_ref());
    }
}
