//! Checks the root of a subscription. The specification allows one field there, because each field would be its own stream.
//! async-graphql does not check this: it would run all fields concurrently, and ignore fields in fragments.

use async_graphql::parser::types::{OperationDefinition, Selection};

use super::refusal::Refusal;

/// Refuses a subscription unless it has exactly one field of the schema.
pub(super) fn check_subscription(operation: &OperationDefinition) -> Result<(), Refusal> {
    let set = &operation.selection_set;
    match set.node.items.as_slice() {
        [selection] => match &selection.node {
            Selection::Field(field) if !field.node.name.node.starts_with("__") => Ok(()),
            Selection::Field(_) => Err(Refusal::invalid("a subscription can't be an introspection", selection.pos)),
            _ => Err(Refusal::invalid("the field of a subscription must stand in it, not in a fragment", selection.pos)),
        },
        _ => Err(Refusal::invalid("a subscription has one field; start another subscription for another field", set.pos)),
    }
}
