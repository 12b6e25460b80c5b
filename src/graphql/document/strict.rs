//! Validation by async-graphql, without execution.
//!
//! async-graphql has no public function for validation alone. So a schema with the same types but no data executes the request,
//! with an extension that replaces the execution step. The response then has only the errors of the steps before it.

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
    let response = VALIDATOR.execute(request).now_or_never().expect("validation does not await");
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
