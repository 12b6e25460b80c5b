//! The subscription root: what the feed announces, as objects.
//!
//! A subscription takes the feed's batches of changes, reads the objects of those that concern it in one call of the store
//! per batch, and sends them one by one in log order, each with the cursor to resume after.

use std::collections::HashSet;

use async_graphql::{Context, SimpleObject};
use futures_util::{Stream, StreamExt, TryStreamExt};

use super::{
    error::Result,
    loader::{MessageByKey, Question},
    request,
    types::Message,
};
use crate::{
    domain::{
        change::{Change, ChangeKind, SubjectType},
        scope::Scope,
    },
    feed::Feed,
    store::Store,
};

/// The subscription root.
#[derive(Clone, Copy, Debug)]
pub struct Subscription;

/// What happens, as it happens. Each change comes once and in order; the objects are read when they are sent, so a change that
/// is replayed shows the present state of its object.
#[async_graphql::Subscription]
impl Subscription {
    /// New messages, in either direction. A message that changes later, for instance because it was read, is not new.
    async fn message_added(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "A cursor from `head` or from an earlier payload: first everything stored since comes, then what is new, with \
                    no gap and no repetition in between. Without it, only what is new."
        )]
        after: Option<String>,
    ) -> Result<impl Stream<Item = Result<MessageAdded>> + use<>> {
        let announced = announcements(ctx, after.as_deref(), |change| {
            let added = change.subject_type == SubjectType::Message && change.kind == ChangeKind::Created;
            added.then(|| MessageByKey(change.subject_id.clone()))
        });
        Ok(announced.await?.map_ok(|Announcement { cursor, subject }| MessageAdded { cursor, message: subject }))
    }
}

/// A new message.
#[derive(SimpleObject)]
struct MessageAdded {
    /// The cursor of this change: subscribe with `after` set to it to go on from here.
    cursor: String,
    /// The message.
    message: Message,
}

/// What a change is about, and the cursor of that change.
struct Announcement<T> {
    cursor: String,
    subject: T,
}

/// What the changes after a cursor are about, of those that `concerns` makes a question of. What no longer exists is left out.
async fn announcements<Q: Question>(
    ctx: &Context<'_>,
    after: Option<&str>,
    concerns: fn(&Change) -> Option<Q>,
) -> Result<impl Stream<Item = Result<Announcement<Q::Answer>>> + Send + use<Q>> {
    let reader = request::reader(ctx.data_opt::<Store>(), ctx.data_opt::<Scope>())?;
    let mut batches = ctx.data_unchecked::<Feed>().subscribe(after).await?.boxed();
    Ok(async_stream::try_stream! {
        while let Some(changes) = batches.next().await {
            let concerning: Vec<(i64, Q)> =
                changes.iter().filter_map(|change| Some((change.position, concerns(change)?))).collect();
            if concerning.is_empty() {
                continue;
            }
            let distinct: HashSet<&Q> = concerning.iter().map(|(_, question)| question).collect();
            let questions: Vec<Q> = distinct.into_iter().cloned().collect();
            let answers = Q::answer(&reader, &questions).await?;
            for (position, question) in concerning {
                if let Some(subject) = answers.get(&question) {
                    yield Announcement { cursor: reader.live_cursor(position).to_string(), subject: subject.clone() };
                }
            }
        }
    })
}
