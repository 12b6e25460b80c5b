//! Validation by async-graphql, without execution.
//!
//! Its validation has no public function of its own. So a schema of the same types, without data, is told to execute the request
//! and has an extension that replaces the execution: the response has the errors of everything that comes before.

use std::sync::{Arc, LazyLock};

use async_graphql::{
    Request, Response, ServerError, Variables,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextExecute},
    parser::types::ExecutableDocument,
};
use futures_util::FutureExt;

use super::super::executor::{self, Executor};

static VALIDATOR: LazyLock<Executor> = LazyLock::new(|| executor::builder().extension(NoExecution).finish());

/// The errors that async-graphql finds before it executes a request.
pub(super) fn validate(
    document: ExecutableDocument,
    operation_name: Option<String>,
    variables: Variables,
) -> Result<(), Vec<ServerError>> {
    let mut request = Request::new("").variables(variables);
    request.operation_name = operation_name;
    request.set_parsed_query(document);
    let response = VALIDATOR.execute(request).now_or_never().expect("validation waits for nothing");
    if response.errors.is_empty() { Ok(()) } else { Err(response.errors) }
}

struct NoExecution;

impl ExtensionFactory for NoExecution {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_trait::async_trait]
impl Extension for NoExecution {
    async fn execute(&self, _ctx: &ExtensionContext<'_>, _operation_name: Option<&str>, _next: NextExecute<'_>) -> Response {
        Response::default()
    }
}
