//! What the resolvers of one request share: its reads, its loaders, and the head of the log at its start.

use std::{
    any::TypeId,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_graphql::{
    Context, Request,
    parser::types::{ExecutableDocument, Selection, SelectionSet},
};
use tokio::sync::OnceCell;

use super::{error::Result, loader::Loaders};
use crate::{clock::Clock, domain::time::Timestamp, store::Reader};

/// What logs and internal errors call a request. A transport that has a name for it puts one into the request's data;
/// otherwise the door draws one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(pub Arc<str>);

impl RequestId {
    /// That of a request.
    pub(super) fn of(request: &Request) -> Self {
        let given = request.data.get(&TypeId::of::<Self>()).and_then(|id| id.downcast_ref::<Self>());
        given.cloned().unwrap_or_else(|| Self(format!("{:016x}", rand::random::<u64>()).into()))
    }
}

/// What the resolvers of one request share.
pub(crate) struct RequestContext {
    pub(crate) reader: Reader,
    moment: Mutex<Moment>,
    clock: Clock,
    head: OnceCell<i64>,
}

/// What is the same for one answer.
struct Moment {
    loaders: Arc<Loaders>,
    /// What is taken for now, so that equal filters on "overdue" are equal questions.
    now: Timestamp,
}

impl Moment {
    fn new(reader: Reader, clock: &Clock) -> Self {
        Self { loaders: Arc::new(Loaders::new(reader)), now: clock.now() }
    }
}

impl RequestContext {
    pub(crate) fn new(reader: Reader, clock: Clock) -> Self {
        let moment = Mutex::new(Moment::new(reader.clone(), &clock));
        Self { reader, moment, clock, head: OnceCell::new() }
    }

    /// That of the request to which a resolver belongs.
    pub(crate) fn of<'a>(ctx: &Context<'a>) -> &'a Arc<Self> {
        ctx.data_unchecked()
    }

    pub(crate) fn loaders(&self) -> Arc<Loaders> {
        self.moment().loaders.clone()
    }

    /// What this answer takes for now.
    pub(crate) fn now(&self) -> Timestamp {
        self.moment().now
    }

    /// Begins another answer: a subscription does so for each payload, since loaders remember whom they answered.
    pub(crate) fn renew(&self) {
        let moment = Moment::new(self.reader.clone(), &self.clock);
        drop(mem::replace(&mut *self.moment(), moment));
    }

    fn moment(&self) -> MutexGuard<'_, Moment> {
        self.moment.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The newest position of the log, as it was when this was first asked.
    pub(crate) async fn head(&self) -> Result<i64> {
        Ok(*self.head.get_or_try_init(|| self.reader.head()).await?)
    }
}

/// Whether a field `head` is named anywhere in a document. Each selection is visited once, since fragments are not followed.
pub(crate) fn names_head(document: &ExecutableDocument) -> bool {
    let operations = document.operations.iter().map(|(_, operation)| &operation.node.selection_set.node);
    let fragments = document.fragments.values().map(|fragment| &fragment.node.selection_set.node);
    let mut sets: Vec<&SelectionSet> = operations.chain(fragments).collect();
    while let Some(set) = sets.pop() {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) if field.node.name.node == "head" => return true,
                Selection::Field(field) => sets.push(&field.node.selection_set.node),
                Selection::InlineFragment(fragment) => sets.push(&fragment.node.selection_set.node),
                Selection::FragmentSpread(_) => {}
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::names_head;

    #[test]
    fn the_head_is_found_wherever_a_document_names_it() {
        let names = |query: &str| names_head(&parse_query(query).unwrap());
        for query in [
            "{ head }",
            "{ now: head }",
            "{ ... on Query { ... @include(if: true) { head } } }",
            "{ ...A } fragment A on Query { ...B } fragment B on Query { head }",
            "query A { customers { totalCount } } query B { head }",
        ] {
            assert!(names(query), "{query}");
        }
        for query in ["{ customers { totalCount } }", "{ head: customers { totalCount } }", "{ ticket(id: \"head\") { id } }"] {
            assert!(!names(query), "{query}");
        }
    }
}
