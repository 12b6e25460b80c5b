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

/// A payload with the values that determine its order.
struct Version<'a, P> {
    payload: &'a P,
    arrival: Timestamp,
    text: &'a str,
    digest: &'a str,
}

/// The value of one field in a list of payloads, oldest first: the last one that has it wins.
fn last<P, T: Clone>(versions: &[Version<'_, P>], field: impl Fn(&P) -> Field<T>) -> Option<T> {
    versions.iter().map(|version| field(version.payload)).rfind(Field::is_carried).and_then(Field::set)
}

fn all<'a, P>(events: &'a [Delivery], pick: impl Fn(&'a Event) -> Option<&'a P>) -> Vec<Version<'a, P>> {
    let versions = events.iter().filter_map(|delivery| {
        let arrival = delivery.received_at.expect("every arrival is fixed");
        let digest = delivery.digest.as_deref().unwrap_or_default();
        Some(Version { payload: pick(&delivery.event)?, arrival, text: &delivery.payload, digest })
    });
    versions.collect()
}

fn group<P, K: Ord>(versions: Vec<Version<'_, P>>, key: impl Fn(&P) -> K) -> BTreeMap<K, Vec<Version<'_, P>>> {
    let mut groups: BTreeMap<K, Vec<_>> = BTreeMap::new();
    for version in versions {
        groups.entry(key(version.payload)).or_default().push(version);
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
    if let Event::Message(payload) = event { Some(payload) } else { None }
}

fn of_ticket(event: &Event) -> Option<&TicketSnapshot> {
    if let Event::Ticket(payload) = event { Some(payload) } else { None }
}

/// The data that links depend on.
struct Person {
    id: String,
    accounts: Vec<(Option<String>, String)>,
    addresses: Vec<String>,
    deleted: bool,
    updated_at: Option<Timestamp>,
}

fn customer_date(payload: &CustomerSnapshot) -> Option<Timestamp> {
    match (&payload.updated_at, &payload.created_at, payload.created) {
        (Field::Set(at), _, _) | (_, Field::Set(at), true) => Some(*at),
        _ => None,
    }
}

fn customers(events: &[Delivery], facts: &mut Facts) -> Vec<Person> {
    let snapshots = all(events, |event| if let Event::Customer(payload) = event { Some(payload.as_ref()) } else { None });
    let deletes = all(events, |event| if let Event::CustomerDeleted(payload) = event { Some(payload) } else { None });
    let mut people = Vec::new();
    for (id, mut versions) in group(snapshots, |payload| payload.id.clone()) {
        versions.sort_by_key(|version| {
            (customer_date(version.payload).unwrap_or(version.arrival), !version.payload.created, version.arrival, version.text)
        });
        let latest = deletes.iter().filter(|delete| delete.payload.ids.contains(&id)).map(|delete| delete.arrival).max();
        let dated = versions.iter().filter_map(|version| customer_date(version.payload)).max();
        let deleted_at = latest.filter(|deleted| dated.is_none_or(|dated| dated <= *deleted));
        let staff_id = |field: &Field<StaffRef>| field.clone().map(|staff| staff.id);
        let (phone, email) = (last(&versions, |payload| payload.phone.clone()), last(&versions, |payload| payload.email.clone()));
        let social = last(&versions, |payload| payload.social.clone()).unwrap_or_default();
        let updated_at = last(&versions, |payload| payload.updated_at.clone());
        let keys: BTreeSet<&String> =
            versions.iter().flat_map(|version| version.payload.custom_fields.iter().map(|(key, _)| key)).collect();
        let custom = keys.into_iter().filter_map(|key| {
            let of_key = |payload: &CustomerSnapshot| {
                payload.custom_fields.iter().find(|(name, _)| name == key).map_or(Field::Absent, |(_, field)| field.clone())
            };
            Some(format!("{key}={}", last(&versions, of_key)?))
        });
        facts::customer(
            facts,
            &id,
            deleted_at,
            [&last(&versions, |payload| payload.name.clone()), &phone, &email, &last(&versions, |payload| payload.note.clone())],
            [
                &last(&versions, |payload| staff_id(&payload.manager)),
                &last(&versions, |payload| staff_id(&payload.created_by)),
                &last(&versions, |payload| staff_id(&payload.updated_by)),
            ],
            [last(&versions, |payload| payload.created_at.clone()), updated_at],
            &social,
            &last(&versions, |payload| payload.statuses.clone()).unwrap_or_default(),
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

fn sent_at(payload: &MessageSent, arrival: Timestamp) -> Timestamp {
    match (&payload.time, &payload.created_at) {
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
    for (key, mut versions) in group(all(events, of_message), MessageSent::key) {
        versions.sort_by_key(|version| (version.arrival, version.text));
        let newest = versions.last().expect("a group has members");
        let set = |field: fn(&MessageSent) -> &Field<Timestamp>| {
            versions.iter().rev().find_map(|version| field(version.payload).as_set().copied())
        };
        let sent_at = set(|payload| &payload.time).or(set(|payload| &payload.created_at)).unwrap_or(versions[0].arrival);
        let outbound = last(&versions, |payload| payload.outbound.clone()) == Some(true);
        let is_read = versions.iter().any(|version| version.payload.is_read == Field::Set(true));
        let readers: BTreeSet<String> =
            versions.iter().flat_map(|version| version.payload.read_by.iter().map(|staff| staff.id.clone())).collect();
        let conversation = newest.payload.conversation_id.clone();
        facts::message(
            facts,
            &key,
            &conversation,
            sent_at,
            [outbound, is_read],
            &readers.into_iter().collect::<Vec<_>>(),
            [
                &last(&versions, |payload| payload.text.clone()),
                &last(&versions, |payload| payload.type_name.clone()),
                &last(&versions, |payload| payload.sender.id.clone()),
                &last(&versions, |payload| payload.recipient.avatar.clone()),
                &last(&versions, |payload| payload.responder_name.clone()),
                &last(&versions, |payload| payload.payload.clone()).map(|payload| payload.to_string()),
            ],
            &last(&versions, |payload| payload.attachments.clone()).unwrap_or_default(),
        );
        counted.entry(conversation).or_default().push(Counted { key, sent_at, unread: !outbound && !is_read });
    }
    let mut versions = group(all(events, of_message), |payload| payload.conversation_id.clone());
    let mut statuses =
        group(all(events, |event| if let Event::Status(payload) = event { Some(payload) } else { None }), |payload| {
            payload.conversation_id.clone()
        });
    let ids: BTreeSet<String> = versions.keys().chain(statuses.keys()).cloned().collect();
    for id in ids {
        let mut versions = versions.remove(&id).unwrap_or_default();
        versions.sort_by_key(|version| {
            (sent_at(version.payload, version.arrival), version.payload.key(), version.arrival, version.digest)
        });
        let closed_by_messages = versions.iter().filter(|version| version.payload.is_closed.is_carried()).map(|version| {
            (
                (sent_at(version.payload, version.arrival), version.payload.key(), version.arrival),
                version.payload.is_closed == Field::Set(true),
            )
        });
        let closed_by_status = statuses
            .remove(&id)
            .unwrap_or_default()
            .into_iter()
            .map(|version| ((version.arrival, String::new(), version.arrival), version.payload.is_closed));
        // Of messages equal in all but content the last in sort order counts; of statuses the closing one.
        let mut closings: Vec<_> = closed_by_status.collect();
        closings.sort();
        closings.extend(closed_by_messages);
        closings.sort_by(|a, b| a.0.cmp(&b.0));
        let person = |payload: &MessageSent| {
            if payload.outbound == Field::Set(true) { payload.recipient.clone() } else { payload.sender.clone() }
        };
        let contact_id = last(&versions, |payload| person(payload).id);
        let platform = last(&versions, |payload| payload.platform.clone().map_or(Field::Absent, Field::Set));
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
                &last(&versions, |payload| person(payload).name),
                &platform,
                &last(&versions, |payload| payload.channel.clone()).map(|channel| channel.id),
                &last(&versions, |payload| payload.chat_mode.clone().map(|word| words::key(&word))),
            ],
            &last(&versions, |payload| payload.assignees.clone()).into_iter().flatten().map(|staff| staff.id).collect::<Vec<_>>(),
            [
                last(&versions, |payload| payload.assigned_at.clone()),
                versions.iter().filter_map(|version| version.payload.started_at).min(),
                members.last().map(|member| member.sent_at),
            ],
            [members.len(), members.iter().filter(|member| member.unread).count()],
            members.last().map(|member| member.key.as_str()),
        );
    }
}

fn ticket_date(payload: &TicketSnapshot) -> Option<Timestamp> {
    match (&payload.updated_at, &payload.created_at, payload.created) {
        (Field::Set(at), _, _) | (_, Field::Set(at), true) => Some(*at),
        _ => None,
    }
}

fn tickets(events: &[Delivery], facts: &mut Facts) {
    let ids_of =
        |payload: &TicketSnapshot| payload.ticket_id.iter().chain(&payload.object_ids).cloned().collect::<BTreeSet<String>>();
    let mut families: Vec<BTreeSet<String>> = Vec::new();
    for version in all(events, of_ticket) {
        let (joined, apart): (Vec<_>, Vec<_>) =
            families.into_iter().partition(|family| !family.is_disjoint(&ids_of(version.payload)));
        families = apart;
        families.push(joined.into_iter().flatten().chain(ids_of(version.payload)).collect());
    }
    for family in families {
        let mut versions = all(events, of_ticket);
        versions.retain(|version| !ids_of(version.payload).is_disjoint(&family));
        versions.sort_by_key(|version| {
            (ticket_date(version.payload).unwrap_or(version.arrival), !version.payload.created, version.arrival, version.text)
        });
        let proper = versions.iter().filter_map(|version| version.payload.ticket_id.clone()).min();
        let id = proper.or_else(|| family.first().cloned()).expect("a family has members");
        let deletes =
            events.iter().filter(|delivery| matches!(&*delivery.event, Event::TicketDeleted { id } if family.contains(id)));
        let latest = deletes.filter_map(|delivery| delivery.received_at).max();
        let dated = versions.iter().filter_map(|version| ticket_date(version.payload)).max();
        facts::ticket(
            facts,
            &id,
            &family.into_iter().collect::<Vec<_>>(),
            latest.filter(|deleted| dated.is_none_or(|dated| dated <= *deleted)),
            [
                &last(&versions, |payload| payload.name.clone()),
                &last(&versions, |payload| payload.level.clone()),
                &last(&versions, |payload| payload.status.clone()),
                &last(&versions, |payload| payload.customer_id.clone()),
                &last(&versions, |payload| payload.assignee.clone().map(|staff| staff.id)),
                &last(&versions, |payload| payload.reminder.clone()).map(|reminder| format!("{reminder:?}")),
            ],
            [
                last(&versions, |payload| payload.created_at.clone()),
                last(&versions, |payload| payload.due_at.clone()),
                last(&versions, |payload| payload.updated_at.clone()),
            ],
            last(&versions, |payload| payload.is_reminded.clone()) == Some(true),
            &last(&versions, |payload| payload.attachments.clone()).unwrap_or_default(),
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
            Event::Message(payload) => {
                let assigned = payload.assignees.as_set().into_iter().flatten();
                ((sent_at(payload, arrival), false, arrival), payload.read_by.iter().chain(assigned).collect())
            }
            Event::Customer(payload) => {
                let staff = [&payload.manager, &payload.created_by, &payload.updated_by].into_iter().filter_map(Field::as_set);
                ((customer_date(payload).unwrap_or(arrival), !payload.created, arrival), staff.collect())
            }
            Event::Ticket(payload) => {
                let staff = [&payload.assignee, &payload.created_by].into_iter().filter_map(Field::as_set);
                ((ticket_date(payload).unwrap_or(arrival), !payload.created, arrival), staff.collect())
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
