//! The schema's types and their fields. async-graphql's schema does not expose them.

use std::sync::LazyLock;

use async_graphql::{
    ID, InputType, OutputType, SubscriptionType, Value as Constant,
    parser::types::{ExecutableDocument, OperationType, Selection, SelectionSet},
    registry::{MetaType, MetaTypeName, Registry},
};

use super::super::{Query, Subscription};

pub(super) static TYPES: LazyLock<Types> = LazyLock::new(Types::new);

/// The schema's types.
pub(super) struct Types {
    registry: Registry,
    query: String,
    subscription: String,
}

impl Types {
    fn new() -> Self {
        let mut registry = Registry::default();
        // As in async-graphql: the first Rust type registered for a scalar decides which values are valid.
        <bool as InputType>::create_type_info(&mut registry);
        <i32 as InputType>::create_type_info(&mut registry);
        <f32 as InputType>::create_type_info(&mut registry);
        <String as InputType>::create_type_info(&mut registry);
        <ID as InputType>::create_type_info(&mut registry);
        let query = <Query as OutputType>::create_type_info(&mut registry);
        let subscription = <Subscription as SubscriptionType>::create_type_info(&mut registry);
        Self { registry, query, subscription }
    }

    fn root(&self, operation: OperationType) -> Option<&MetaType> {
        match operation {
            OperationType::Query => self.registry.concrete_type_by_name(&self.query),
            OperationType::Subscription => self.registry.concrete_type_by_name(&self.subscription),
            OperationType::Mutation => None,
        }
    }

    pub(super) fn named(&self, name: &str) -> Option<&MetaType> {
        self.registry.types.get(name)
    }

    /// Visits every selection in all operations and fragments, with the type it is selected on.
    pub(super) fn visit(&self, document: &ExecutableDocument, visit: &mut dyn FnMut(&Selection, Option<&MetaType>)) {
        for (_, operation) in document.operations.iter() {
            self.visit_set(&operation.node.selection_set.node, self.root(operation.node.ty), visit);
        }
        for fragment in document.fragments.values() {
            let on = self.named(&fragment.node.type_condition.node.on.node);
            self.visit_set(&fragment.node.selection_set.node, on, visit);
        }
    }

    fn visit_set(&self, set: &SelectionSet, on: Option<&MetaType>, visit: &mut dyn FnMut(&Selection, Option<&MetaType>)) {
        for selection in &set.items {
            visit(&selection.node, on);
            match &selection.node {
                Selection::Field(field) => {
                    let meta = on.and_then(|ty| ty.field_by_name(&field.node.name.node));
                    let inner = meta.and_then(|field| self.registry.concrete_type_by_name(&field.ty));
                    self.visit_set(&field.node.selection_set.node, inner, visit);
                }
                Selection::InlineFragment(fragment) => {
                    let inner = match &fragment.node.type_condition {
                        Some(condition) => self.named(&condition.node.on.node),
                        None => on,
                    };
                    self.visit_set(&fragment.node.selection_set.node, inner, visit);
                }
                Selection::FragmentSpread(_) => {}
            }
        }
    }

    /// Whether a value is certainly valid for a type.
    pub(super) fn accept(&self, ty: &str, value: &Constant) -> bool {
        match (MetaTypeName::create(ty), value) {
            (MetaTypeName::NonNull(_), Constant::Null) => false,
            (MetaTypeName::List(_) | MetaTypeName::Named(_), Constant::Null) => true,
            (MetaTypeName::List(of), Constant::List(items)) => items.iter().all(|item| self.accept(of, item)),
            (MetaTypeName::NonNull(of) | MetaTypeName::List(of), _) => self.accept(of, value),
            (MetaTypeName::Named(name), _) => self.registry.types.get(name).is_some_and(|meta| self.accept_named(meta, value)),
        }
    }

    fn accept_named(&self, meta: &MetaType, value: &Constant) -> bool {
        match (meta, value) {
            (MetaType::Scalar { is_valid, .. }, _) => is_valid.as_ref().is_none_or(|is_valid| is_valid(value)),
            (MetaType::Enum { enum_values, .. }, Constant::Enum(name)) => enum_values.contains_key(name.as_str()),
            (MetaType::Enum { enum_values, .. }, Constant::String(name)) => enum_values.contains_key(name.as_str()),
            (MetaType::InputObject { input_fields, oneof: false, .. }, Constant::Object(values)) => {
                let is_given = |name: &str| values.contains_key(name);
                let is_required = |ty: &str| MetaTypeName::create(ty).is_non_null();
                values
                    .iter()
                    .all(|(name, value)| input_fields.get(name.as_str()).is_some_and(|field| self.accept(&field.ty, value)))
                    && input_fields
                        .values()
                        .all(|field| !is_required(&field.ty) || field.default_value.is_some() || is_given(&field.name))
            }
            _ => false,
        }
    }
}
