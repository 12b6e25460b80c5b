//! What one execution has to itself: its reads, its loaders, and the head of the log at its start.
//!
//! A schema extension makes a [`RequestContext`] for every execution: a query, or one payload of a subscription, so that a
//! subscription that lasts for days neither keeps loaders nor reads through old ones. Transports only say who reads
//! ([`data`](super::request_data)).
//!
//! `head` promises a cursor from before anything else was read. Reading it in each request would cost everyone a statement;
//! reading it when its field is resolved would be too late. So the extension looks, when a document is parsed, for a field
//! of that name anywhere in it (only the query root has one; a fragment that is not used costs a needless read and no more), and
//! reads it before execution starts.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use async_graphql::{
    Context, Data, Response, ServerError, ServerResult, Variables, async_trait,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextExecute, NextParseQuery, NextRequest, NextSubscribe},
    parser::types::{ExecutableDocument, Selection, SelectionSet},
};
use futures_util::{StreamExt, stream::BoxStream};
use tokio::{sync::OnceCell, task::unconstrained};

use super::{
    error::{Error, Result, with_code},
    loader::Loaders,
};
use crate::{
    domain::scope::Scope,
    store::{Reader, Store},
};

/// What the resolvers of one execution share.
pub(crate) struct RequestContext {
    pub(crate) reader: Reader,
    pub(crate) loaders: Loaders,
    head: OnceCell<i64>,
}

impl RequestContext {
    fn new(reader: Reader) -> Self {
        Self { loaders: Loaders::new(reader.clone()), reader, head: OnceCell::new() }
    }

    /// That of the execution to which a resolver belongs.
    pub(crate) fn of<'a>(ctx: &Context<'a>) -> &'a Self {
        ctx.data_unchecked()
    }

    /// The newest position of the log, as it was when this was first asked.
    pub(crate) async fn head(&self) -> Result<i64> {
        Ok(*self.head.get_or_try_init(|| self.reader.head()).await?)
    }
}

/// The extension as the schema takes it.
pub(crate) struct ContextPerExecution;

impl ExtensionFactory for ContextPerExecution {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Execution::default())
    }
}

/// The extension for one request.
#[derive(Default)]
struct Execution {
    names_head: AtomicBool,
}

#[async_trait::async_trait]
impl Extension for Execution {
    async fn request(&self, ctx: &ExtensionContext<'_>, next: NextRequest<'_>) -> Response {
        let mut response = next.run(ctx).await;
        response.errors.iter_mut().for_each(with_code);
        response
    }

    fn subscribe<'s>(
        &self,
        ctx: &ExtensionContext<'_>,
        stream: BoxStream<'s, Response>,
        next: NextSubscribe<'_>,
    ) -> BoxStream<'s, Response> {
        let coded = next.run(ctx, stream).map(|mut response| {
            response.errors.iter_mut().for_each(with_code);
            response
        });
        coded.boxed()
    }

    async fn parse_query(
        &self,
        ctx: &ExtensionContext<'_>,
        query: &str,
        variables: &Variables,
        next: NextParseQuery<'_>,
    ) -> ServerResult<ExecutableDocument> {
        let document = next.run(ctx, query, variables).await?;
        self.names_head.store(names_head(&document), Ordering::Relaxed);
        Ok(document)
    }

    async fn execute(&self, ctx: &ExtensionContext<'_>, operation_name: Option<&str>, next: NextExecute<'_>) -> Response {
        let context = match self.context(ctx).await {
            Ok(context) => context,
            Err(error) => return refused(error),
        };
        let mut data = Data::default();
        data.insert(context);
        unconstrained(next.run_with_data(ctx, operation_name, data)).await
    }
}

impl Execution {
    async fn context(&self, ctx: &ExtensionContext<'_>) -> Result<RequestContext> {
        let context = RequestContext::new(reader(ctx.data_opt::<Store>(), ctx.data_opt::<Scope>())?);
        if self.names_head.load(Ordering::Relaxed) {
            context.head().await?;
        }
        Ok(context)
    }
}

/// The reads of whoever sent a request. A transport that does not say who reads gets nothing.
pub(crate) fn reader(store: Option<&Store>, scope: Option<&Scope>) -> Result<Reader> {
    let (Some(store), Some(scope)) = (store, scope) else {
        tracing::error!("a request without a store or a scope");
        return Err(Error::Internal);
    };
    Ok(store.reader(*scope))
}

fn refused(error: Error) -> Response {
    let error = async_graphql::Error::from(error);
    Response::from_errors(vec![ServerError { extensions: error.extensions, ..ServerError::new(error.message, None) }])
}

/// Whether a field `head` is named anywhere. Each selection is visited once, since fragments are not followed.
fn names_head(document: &ExecutableDocument) -> bool {
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
