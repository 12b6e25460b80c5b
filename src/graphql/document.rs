//! A document prepared once for all its requests: parsed, validated as far as variables allow, and with the order of its
//! response keys.
//!
//! ```text
//!   text + operation name ─▶ Document ─ attach ─▶ request ─▶ schema: validate(variables) ─▶ executor that does not validate again
//! ```
//!
//! The request limits cache documents and attach them to requests; the schema parses the text of a request without one.
//!
//! Invariant: [`Document::validate`] returns what async-graphql's strict validation returns for the same variables. Only one of
//! its rules depends on the values of variables, "arguments of correct type"; the others run once. [`arguments`] repeats that
//! one without its messages: if it finds a value that may be wrong, async-graphql validates the whole request.

mod arguments;
mod named;
mod strict;
mod types;

use std::{
    any::TypeId,
    collections::HashMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use async_graphql::{
    Name, Request, ServerError, Variables,
    parser::{
        parse_query,
        types::{DocumentOperations, ExecutableDocument, OperationDefinition},
    },
};

use self::arguments::Arguments;
pub(super) use self::{
    arguments::has_variable,
    named::{Member, Named},
};
use super::{
    plan::{self, Plan, Subscribed},
    response_order::ResponseOrder,
};
use crate::{domain::scope::Masks, metrics::Operation};

/// A parsed document and the name of the operation to run.
pub(super) struct Document {
    parsed: ExecutableDocument,
    operation_name: Option<String>,
    order: OnceLock<ResponseOrder>,
    plan: Compiled<Plan>,
    subscribed: Compiled<Subscribed>,
    validation: OnceLock<Validation>,
    named: OnceLock<Named>,
    metrics: OnceLock<Arc<Operation>>,
}

/// The compiled form of an operation.
struct Compiled<T> {
    /// For viewers without masks.
    plain: OnceLock<Compilation<T>>,
    /// For roles with masks, by role name.
    masked: Mutex<HashMap<Arc<str>, Compilation<T>>>,
}

/// A compilation result, as far as it is independent of variables.
enum Compilation<T> {
    /// Independent of variables; `None` if it can't be compiled.
    Always(Option<Arc<T>>),
    /// Variables decide what is selected.
    EachTime,
}

/// A compiler of operations. Returns `None` for an operation that it can't compile.
type Compile<T> = fn(&ExecutableDocument, &OperationDefinition, &Variables, Option<&Masks>) -> Option<T>;

impl<T> Default for Compiled<T> {
    fn default() -> Self {
        Self { plain: OnceLock::new(), masked: Mutex::default() }
    }
}

impl<T> Clone for Compilation<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Always(compiled) => Self::Always(compiled.clone()),
            Self::EachTime => Self::EachTime,
        }
    }
}

/// The result of the validation rules that don't depend on variables.
struct Validation {
    arguments: Arguments,
    result: Result<(), Vec<ServerError>>,
}

impl Document {
    pub(super) fn parse(text: &str, operation_name: Option<&str>) -> Result<Self, ServerError> {
        // The parser's vectors have spare capacity, clones don't. A document may be kept for a long time.
        let parsed = parse_query(text)?.clone();
        let operation_name = operation_name.map(str::to_owned);
        Ok(Self {
            parsed,
            operation_name,
            order: OnceLock::new(),
            plan: Compiled::default(),
            subscribed: Compiled::default(),
            validation: OnceLock::new(),
            named: OnceLock::new(),
            metrics: OnceLock::new(),
        })
    }

    /// The document attached to a request, or else the one parsed from its text.
    pub(super) fn of(request: &mut Request) -> Result<Arc<Self>, ServerError> {
        if let Some(document) = Self::attached(request) {
            return Ok(document);
        }
        let document = Arc::new(Self::parse(&request.query, request.operation_name.as_deref())?);
        document.attach(request);
        Ok(document)
    }

    /// The document that is attached to a request.
    pub(super) fn attached(request: &Request) -> Option<Arc<Self>> {
        request.data.get(&TypeId::of::<Arc<Self>>())?.downcast_ref::<Arc<Self>>().cloned()
    }

    /// Attaches this document to a request.
    pub(super) fn attach(self: &Arc<Self>, request: &mut Request) {
        request.data.insert(self.clone());
    }

    /// Prepares a request for async-graphql. It gets a copy of the document, since it removes what `@skip` and `@include`
    /// exclude.
    pub(super) fn prepare(&self, request: &mut Request) {
        request.set_parsed_query(self.parsed.clone());
    }

    /// The plan of a query; `None` if async-graphql has to execute it. The document must be valid. A role with masks has a plan
    /// of its own.
    pub(super) fn plan(&self, variables: &Variables, masked: Option<(&Arc<str>, &Masks)>) -> Option<Arc<Plan>> {
        self.compiled(&self.plan, Plan::of, variables, masked)
    }

    /// The root field of a subscription. The document must be valid.
    pub(super) fn subscribed(&self, variables: &Variables, masked: Option<(&Arc<str>, &Masks)>) -> Option<Arc<Subscribed>> {
        self.compiled(&self.subscribed, Subscribed::of, variables, masked)
    }

    fn compiled<T>(
        &self,
        cache: &Compiled<T>,
        compile: Compile<T>,
        variables: &Variables,
        masked: Option<(&Arc<str>, &Masks)>,
    ) -> Option<Arc<T>> {
        let operation = self.operation()?;
        let compiled =
            |variables: &Variables| compile(&self.parsed, operation, variables, masked.map(|(_, masks)| masks)).map(Arc::new);
        let known = || {
            if plan::depends_on_variables(&self.parsed, operation) {
                Compilation::EachTime
            } else {
                Compilation::Always(compiled(&Variables::default()))
            }
        };
        let known = match masked {
            Some((role, _)) => {
                let mut masked = cache.masked.lock().unwrap_or_else(PoisonError::into_inner);
                masked.entry(role.clone()).or_insert_with(known).clone()
            }
            None => cache.plain.get_or_init(known).clone(),
        };
        match known {
            Compilation::Always(compiled) => compiled,
            Compilation::EachTime => compiled(variables),
        }
    }

    /// The operation to run, if it is unambiguous.
    fn operation(&self) -> Option<&OperationDefinition> {
        match (&self.operation_name, &self.parsed.operations) {
            (None, DocumentOperations::Single(operation)) => Some(&operation.node),
            (None, DocumentOperations::Multiple(operations)) if operations.len() == 1 => {
                operations.values().next().map(|operation| &operation.node)
            }
            (Some(name), DocumentOperations::Multiple(operations)) => {
                operations.get(name.as_str()).map(|operation| &operation.node)
            }
            _ => None,
        }
    }

    /// The name of the operation that runs, if it is clear which, and has one.
    pub(super) fn operation_name(&self) -> Option<&str> {
        match (&self.operation_name, &self.parsed.operations) {
            (None, DocumentOperations::Multiple(operations)) if operations.len() == 1 => {
                operations.keys().next().map(Name::as_str)
            }
            (Some(name), DocumentOperations::Multiple(operations)) => {
                operations.get_key_value(name.as_str()).map(|(name, _)| name.as_str())
            }
            _ => None,
        }
    }

    /// The metrics of the operation, once they were looked up.
    pub(super) fn metrics(&self) -> &OnceLock<Arc<Operation>> {
        &self.metrics
    }

    pub(super) fn parsed(&self) -> &ExecutableDocument {
        &self.parsed
    }

    /// The order of the keys of a response.
    pub(super) fn order(&self) -> &ResponseOrder {
        self.order.get_or_init(|| ResponseOrder::of(&self.parsed, self.operation_name.as_deref()))
    }

    /// The members of the schema that the document names.
    pub(super) fn named(&self) -> &Named {
        self.named.get_or_init(|| Named::of(&self.parsed))
    }

    /// Validates the document with these variables. Returns the errors of async-graphql.
    pub(super) fn validate(&self, variables: &Variables) -> Result<(), Vec<ServerError>> {
        let validation = self.validation.get_or_init(|| Validation {
            arguments: Arguments::of(&self.parsed),
            result: self.validate_strictly(Variables::default()),
        });
        if validation.arguments.accept(variables) { validation.result.clone() } else { self.validate_strictly(variables.clone()) }
    }

    fn validate_strictly(&self, variables: Variables) -> Result<(), Vec<ServerError>> {
        strict::validate(self.parsed.clone(), self.operation_name.clone(), variables)
    }
}
