//! Tickets: their subjects, and how they are worked on until they are done, cancelled or overdue.

use crate::{
    data::{Reminder, TicketKind, shop, tickets},
    deal::Deal,
    rng::Rng,
};

const MINUTE_MS: i64 = 60_000;

/// The content of a ticket before it has a number.
pub(crate) struct TicketDraft {
    kind: TicketKind,
    title: String,
    description: String,
}

impl TicketDraft {
    /// A draft of the given kind about a deal.
    pub(crate) fn new(rng: &mut Rng, deal: &Deal, kind: TicketKind) -> Self {
        let texts = tickets().kind(kind);
        let title = deal.fill(rng, &texts.titles);
        let description = deal.fill(rng, &texts.descriptions);
        Self { kind, title, description }
    }
}

/// A ticket as stored in the CRM. Times are in milliseconds. Customers and staff are indices.
pub(crate) struct Ticket {
    /// The 731 of `TK-000731`.
    pub(crate) number: u64,
    /// The object id, which the first payload does not contain.
    pub(crate) id: String,
    pub(crate) person: usize,
    pub(crate) type_id: &'static str,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) level: &'static str,
    pub(crate) status: &'static str,
    pub(crate) employee: usize,
    pub(crate) creator: usize,
    pub(crate) created_at: i64,
    pub(crate) due_at: i64,
    pub(crate) updated_at: i64,
    pub(crate) reminder: &'static Reminder,
    pub(crate) files: Vec<String>,
    pub(crate) is_deleted: bool,
}

impl Ticket {
    /// A ticket opened at `at`.
    pub(crate) fn open(
        rng: &mut Rng,
        (number, id): (u64, String),
        person: usize,
        draft: TicketDraft,
        creator: usize,
        at: i64,
    ) -> Self {
        let created_at = at - at.rem_euclid(1000);
        let level = if draft.kind == TicketKind::Complaint {
            *rng.weighted(&[(60, "high"), (35, "medium"), (5, "low")])
        } else {
            *rng.weighted(&[(15, "high"), (50, "medium"), (35, "low")])
        };
        let due_in_hours = *match level {
            "high" => rng.weighted(&[(30, 4), (50, 24), (20, 48)]),
            "medium" => rng.weighted(&[(40, 24), (40, 48), (20, 72)]),
            _ => rng.weighted(&[(30, 48), (40, 72), (30, 168)]),
        };
        // The fields below draw random numbers in this order.
        Self {
            files: if rng.chance(300) {
                vec![format!("https://files.example/tk-{number:06}.{}", rng.pick(&["pdf", "jpg"]))]
            } else {
                Vec::new()
            },
            number,
            id,
            person,
            type_id: &tickets().kind(draft.kind).id,
            title: draft.title,
            description: draft.description,
            level,
            status: "process",
            employee: if rng.chance(400) { creator } else { rng.below(shop().staff.len()) },
            creator,
            created_at,
            due_at: created_at + due_in_hours * 60 * MINUTE_MS,
            updated_at: at,
            reminder: rng.weighted(&tickets().reminders),
            is_deleted: false,
        }
    }

    /// The id displayed in the CRM.
    pub(crate) fn code(&self) -> String {
        format!("TK-{:06}", self.number)
    }

    /// Whether the reminder was sent by the time of the last change.
    pub(crate) fn is_reminded(&self) -> bool {
        self.updated_at >= self.due_at - self.reminder.amount * self.reminder.minutes * MINUTE_MS
    }

    /// Staff work on it: it makes progress or ends.
    pub(crate) fn work(&mut self, rng: &mut Rng, at: i64) {
        let texts = tickets();
        if rng.chance(380) {
            self.description.clone_from(rng.pick(&texts.in_progress));
            if rng.chance(250) {
                self.employee = rng.below(shop().staff.len());
            }
            if rng.chance(150) {
                self.level = "high";
            }
        } else if rng.chance(930) {
            self.status = "done";
            self.description.clone_from(rng.pick(&texts.done));
        } else {
            self.status = "cancel";
            self.description.clone_from(&texts.cancelled);
        }
        self.updated_at = at.max(self.updated_at + 1);
    }

    /// Whether it is not finished.
    pub(crate) fn is_open(&self) -> bool {
        self.status == "process" && !self.is_deleted
    }
}
