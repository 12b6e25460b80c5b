//! A live page: a window of a list, and the steps from one state of it to the next.
//!
//! Each round reads from one state of the store: what has changed since the last round, which of the changed rows are in the
//! list and where, and the contents of rows that may have changed. The list itself is read only at the start, when the window
//! runs out of rows, and when something else changed on which membership depends.

use std::{
    collections::{HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
};

use async_graphql::Variables;
use futures_util::future::BoxFuture;

use super::{
    live_result::{LiveResult, PreparedBatch},
    topic::{Payload, Place, Start, Topic},
};
use crate::{
    clock::Clock,
    domain::{
        change::{Change, ChangeKind, SubjectType},
        dependency::Dependencies,
        steps::{Row, StepKind, steps},
        time::Timestamp,
        window::Window,
    },
    graphql::{
        error::{Error, Result},
        plan::{Content, Page, PagePayload, PageQuery, Subjects, Subscribed},
    },
    store::{self, Extent, Parent, Reader, Session, StaffMark},
};

/// The number of spare rows in a window, after its page.
const SPARE: u32 = 10;

/// If there are more changes than this, they are not examined one by one: the list is read again.
const MANY_CHANGES: u64 = 500;

/// The average number of linked objects remembered for each row of a page. Beyond it, the contents of all rows are read again.
const REACHED: usize = 32;

/// A live page.
pub(super) struct LivePage {
    pub(super) subscribed: Arc<Subscribed>,
    pub(super) variables: Variables,
    pub(super) reader: Reader,
    pub(super) clock: Clock,
    /// What membership of the list depends on, besides the rows themselves.
    pub(super) membership: Dependencies,
    /// What the contents of rows depend on, besides the rows and the objects they link to.
    pub(super) contents: Dependencies,
    /// Whether the objects alone can tell that a change does not concern the page.
    pub(super) is_open: bool,
    pub(super) through: Arc<AtomicI64>,
    pub(super) is_stale: AtomicBool,
    pub(super) state: Mutex<Option<Arc<State>>>,
}

/// The page at a position of the log.
#[derive(Clone)]
pub(super) struct State {
    position: i64,
    window: Window,
    shown: Vec<Row<String, u64>>,
    total: i64,
    reached: Subjects,
    staff: StaffMark,
    /// When the next ticket becomes overdue.
    due: Option<Timestamp>,
}

/// The result of a round.
struct Round {
    state: State,
    /// For followers that have the previous page, if it has changed.
    steps: Option<Payload>,
    /// For new followers.
    start: Option<Start>,
}

impl LivePage {
    fn state(&self) -> MutexGuard<'_, Option<Arc<State>>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn page(&self) -> &Page {
        self.subscribed.page.as_ref().expect("a live page has a plan")
    }

    /// Whether changes may have changed the page.
    fn is_concerned(&self, state: &State, prepared: &PreparedBatch) -> bool {
        let depends = self.membership | self.contents;
        if depends.staff && prepared.staff_changed {
            return true;
        }
        let query = self.subscribed.page_query(&self.variables, prepared.now);
        let own = self.page().subject();
        prepared.batch.iter().any(|change| {
            if depends.has(change.subject_type) || state.reaches(change) {
                return true;
            }
            if change.subject_type != own {
                return false;
            }
            !self.is_open
                || state.window.has(&change.subject_id)
                || (self.page().counts && change.kind != ChangeKind::Created)
                || query.as_ref().is_none_or(|query| prepared.may_match(&query.listing, &change.subject_id))
        })
    }

    /// Computes the next state of the page.
    async fn round(&self, session: &mut Session, before: Option<&State>, wants_start: bool) -> Result<Round> {
        let now = self.clock.now();
        let query = self.subscribed.page_query(&self.variables, now).ok_or(Error::Internal)?;
        let position = session.position().await?;
        let depends = self.membership | self.contents;
        let staff = if depends.staff { session.staff_mark().await? } else { StaffMark::default() };
        let since = Since::read(self, session, before, staff, now).await?;
        let mut reached = Subjects::new();

        let (window, is_read) = match before {
            Some(state) => match self.moved_on(session, &query, state, &since).await? {
                Some(window) => (window, false),
                None => (read_window(session, &query).await?, true),
            },
            None => (read_window(session, &query).await?, true),
        };
        let shown_before = before.map_or(&[][..], |state| &state.shown);
        let ids: Vec<String> = window.page().map(str::to_owned).collect();
        let all = wants_start || since.all_contents;
        let to_read = if all { ids.clone() } else { since.to_read(shown_before, &ids) };
        let mut contents = if to_read.is_empty() {
            HashMap::new()
        } else {
            self.page().contents(&query, to_read, session, &mut reached).await?
        };
        if !all && let Some(state) = before {
            reached.extend(state.reached.iter().cloned());
        }
        let old: HashMap<&str, u64> = shown_before.iter().map(|row| (row.id.as_str(), row.digest)).collect();
        let digest = |id: &str| contents.get(id).map(|content| content.digest).or_else(|| old.get(id).copied());
        let shown: Option<Vec<_>> = ids.into_iter().map(|id| Some(Row { digest: digest(&id)?, id })).collect();
        // All reads see one state of the store, so every row of the list has content.
        let shown = shown.ok_or(Error::Internal)?;
        let moved = moved(shown_before, &shown, &contents);
        if !moved.is_empty() {
            contents.extend(self.page().contents(&query, moved, session, &mut reached).await?);
        }

        let counted = before.filter(|_| !is_read && !since.may_change_total);
        let total = match counted {
            _ if !self.page().counts => 0,
            Some(state) => state.total,
            None => session.counts(&query.listing, &[Parent::All]).await?.first().copied().unwrap_or(0),
        };
        let due = if depends.time { session.next_due(now).await? } else { None };
        let state = State { position, window, shown, total, reached, staff, due };
        let (steps, start) = self.payloads(before, &state, &contents, wants_start);
        Ok(Round { state, steps, start })
    }

    /// Applies changes to the window. `None` if the list has to be read again.
    async fn moved_on(&self, session: &mut Session, query: &PageQuery, state: &State, since: &Since) -> Result<Option<Window>> {
        if since.is_unclear {
            return Ok(None);
        }
        let mut window = state.window.clone();
        if since.own.is_empty() {
            return Ok(Some(window));
        }
        let members = session.members(&query.listing, &since.own).await?;
        let changed: HashSet<&str> = since.own.iter().map(String::as_str).collect();
        Ok(window.apply(&changed, members).then_some(window))
    }

    fn payloads(
        &self,
        before: Option<&State>,
        state: &State,
        contents: &HashMap<String, Content>,
        wants_start: bool,
    ) -> (Option<Payload>, Option<Start>) {
        let cursor = self.reader.page_cursor(state.position, state.fingerprint()).to_string();
        let payload = |page: Option<Vec<&Content>>, steps| {
            let written = self.page().write(&PagePayload { cursor: &cursor, total: state.total, page, steps });
            Payload {
                place: Place::at(state.position),
                fingerprint: Some(state.fingerprint()),
                arrived: None,
                data: written.into(),
                errors: Arc::new([]),
            }
        };
        let steps = before.and_then(|before| {
            let steps = steps::<str, _, _>(&before.shown, &state.shown);
            if steps.is_empty() && before.total == state.total {
                return None;
            }
            let content = |id: &str| contents.get(id);
            let steps = steps.into_iter().map(|step| {
                let content = if step.kind == StepKind::Left { None } else { content(step.id) };
                (step, content)
            });
            Some(payload(None, steps.collect()))
        });
        let start = wants_start.then(|| {
            let rows = state.shown.iter().filter_map(|row| contents.get(&row.id)).collect();
            Start { page: payload(Some(rows), Vec::new()), unchanged: payload(None, Vec::new()) }
        });
        (steps, start)
    }
}

impl State {
    /// A digest that distinguishes states of the page.
    fn fingerprint(&self) -> u64 {
        let mut hash = DefaultHasher::new();
        self.total.hash(&mut hash);
        for row in &self.shown {
            (&row.id, row.digest).hash(&mut hash);
        }
        hash.finish()
    }

    fn reaches(&self, change: &Change) -> bool {
        !self.reached.is_empty() && self.reached.contains(&(change.subject_type, change.subject_id.clone()))
    }
}

/// What has happened since a previous state.
struct Since {
    /// The ids of rows that changed themselves.
    own: Vec<String>,
    /// Membership may have changed for any row.
    is_unclear: bool,
    /// The contents of all rows may have changed.
    all_contents: bool,
    may_change_total: bool,
}

impl Since {
    async fn read(
        live: &LivePage,
        session: &mut Session,
        before: Option<&State>,
        staff: StaffMark,
        now: Timestamp,
    ) -> Result<Self> {
        let Some(state) = before else {
            return Ok(Self { own: Vec::new(), is_unclear: true, all_contents: true, may_change_total: true });
        };
        let changes = session.changes_after(state.position, MANY_CHANGES + 1).await?;
        let are_many = changes.len() as u64 > MANY_CHANGES;
        let (staff_changed, is_due) = (staff != state.staff, state.due.is_some_and(|due| due < now));
        let concerns = |depends: Dependencies| {
            (depends.staff && staff_changed)
                || (depends.time && is_due)
                || changes.iter().any(|change| depends.has(change.subject_type))
        };
        let subject = live.page().subject();
        let mut own: Vec<String> =
            changes.iter().filter(|change| change.subject_type == subject).map(|change| change.subject_id.clone()).collect();
        own.sort_unstable();
        own.dedup();
        // A ticket may be named by an id that is not its canonical one.
        let is_unclear = are_many || concerns(live.membership) || (subject == SubjectType::Ticket && !own.is_empty());
        let forgets = state.reached.len() > REACHED * (state.shown.len() + 1);
        let all_contents = is_unclear || forgets || concerns(live.contents) || changes.iter().any(|change| state.reaches(change));
        Ok(Self { may_change_total: is_unclear || !own.is_empty(), own, is_unclear, all_contents })
    }

    /// The ids of rows whose contents have to be read: those that changed, and those new on the page.
    fn to_read(&self, before: &[Row<String, u64>], ids: &[String]) -> Vec<String> {
        let known: HashSet<&str> = before.iter().map(|row| row.id.as_str()).collect();
        let must_be_read = |id: &&String| !known.contains(id.as_str()) || self.own.contains(id);
        ids.iter().filter(must_be_read).cloned().collect()
    }
}

/// The ids of rows that are sent because they moved, and whose contents were not read.
fn moved(before: &[Row<String, u64>], shown: &[Row<String, u64>], read: &HashMap<String, Content>) -> Vec<String> {
    let sent = steps::<str, _, _>(before, shown).into_iter().filter(|step| step.kind == StepKind::Moved);
    sent.filter(|step| !read.contains_key(step.id)).map(|step| step.id.to_owned()).collect()
}

async fn read_window(session: &mut Session, query: &PageQuery) -> Result<Window> {
    let (first, direction) = query.listing.page();
    let paged = session.pages(&query.listing.clone().limited(first + SPARE), &[Parent::All], &[]).await?;
    let page = &paged.pages[0];
    let places = page.rows.iter().map(|row| paged.place(*row)).collect();
    Ok(Window::new(direction, first as usize, SPARE as usize, places, !page.has_next))
}

impl LiveResult for LivePage {
    fn through(&self) -> &Arc<AtomicI64> {
        &self.through
    }

    fn check(&self, prepared: &PreparedBatch) {
        if self.is_stale.load(Ordering::Acquire) {
            return;
        }
        let mut state = self.state();
        match &mut *state {
            // A round has already processed it.
            Some(state) if prepared.end <= state.position => {}
            Some(state) if !self.is_concerned(state, prepared) => {
                Arc::make_mut(state).position = prepared.end;
                self.through.store(prepared.end, Ordering::Release);
            }
            _ => self.mark_due(),
        }
    }

    fn mark_due(&self) {
        self.is_stale.store(true, Ordering::Release);
    }

    fn depends_on_staff(&self) -> bool {
        (self.membership | self.contents).staff
    }

    fn objects(&self) -> Option<SubjectType> {
        self.is_open.then(|| self.page().subject())
    }

    fn is_due(&self, now: Timestamp) -> bool {
        self.is_stale.load(Ordering::Acquire) || self.state().as_ref().is_some_and(|state| state.due.is_some_and(|due| due < now))
    }

    fn due(&self) -> Option<Timestamp> {
        self.state().as_ref().and_then(|state| state.due)
    }

    fn may_have_changed(&self, changes: &[Change]) -> bool {
        let depends = self.membership | self.contents;
        let own = self.page().subject();
        // An object that was linked before need not be linked now.
        let single = self.page().reach().single;
        if depends.time || (depends.staff && !changes.is_empty()) {
            return true;
        }
        changes
            .iter()
            .any(|change| depends.has(change.subject_type) || single.has(change.subject_type) || change.subject_type == own)
    }

    fn advance(self: Arc<Self>, topic: Arc<Topic>) -> BoxFuture<'static, std::result::Result<Option<Payload>, store::Error>> {
        Box::pin(async move {
            let wants_start = topic.wants_start();
            // The previous state is kept until the next one exists, so that a failed round can be retried.
            let before = self.state().clone();
            self.is_stale.store(false, Ordering::Release);
            let this = self.clone();
            let round = self.reader.in_session(Extent::Statements, move |mut session| async move {
                let round = this.round(&mut session, before.as_deref(), wants_start).await;
                let is_lost = session.is_lost() || matches!(round, Err(Error::Unavailable));
                let round = if is_lost { Err(store::Error::Lost) } else { Ok(round) };
                (session, round)
            });
            let round = match round.await {
                Ok(Ok(round)) => round,
                Ok(Err(lost)) | Err(lost) => {
                    self.mark_due();
                    return Err(lost);
                }
            };
            match round {
                Ok(Round { state, steps, start }) => {
                    let position = state.position;
                    *self.state() = Some(Arc::new(state));
                    let place = topic.turn(steps.clone(), start);
                    self.through.store(position, Ordering::Release);
                    Ok(steps.zip(place).map(|(steps, place)| Payload { place, ..steps }))
                }
                Err(error) => {
                    topic.fail(error);
                    Ok(None)
                }
            }
        })
    }
}
