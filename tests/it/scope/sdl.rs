//! The printed schema, from which this test generates its requests.

use std::collections::BTreeMap;

use async_graphql::Value as Constant;
use async_graphql_parser::{
    parse_schema,
    types::{BaseType, FieldDefinition, InputValueDefinition, Type, TypeDefinition, TypeKind, TypeSystemDefinition},
};

pub(super) struct Sdl(BTreeMap<String, TypeDefinition>);

/// The name of a type without list and non-null wrappers.
pub(super) fn base(ty: &Type) -> &str {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(inner) => base(inner),
    }
}

impl Sdl {
    pub(super) fn read() -> Self {
        let document = parse_schema(deskgraph::graphql::sdl()).unwrap();
        let types = document.definitions.into_iter().filter_map(|definition| match definition {
            TypeSystemDefinition::Type(definition) => Some((definition.node.name.node.to_string(), definition.node)),
            _ => None,
        });
        Self(types.collect())
    }

    fn kind(&self, name: &str) -> Option<&TypeKind> {
        self.0.get(name).map(|definition| &definition.kind)
    }

    /// The names of the object types.
    pub(super) fn objects(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter(|(_, definition)| matches!(definition.kind, TypeKind::Object(_))).map(|(name, _)| name.as_str())
    }

    /// The fields of an object type; none of any other.
    pub(super) fn fields(&self, of: &str) -> Vec<&FieldDefinition> {
        match self.kind(of) {
            Some(TypeKind::Object(object)) => object.fields.iter().map(|field| &field.node).collect(),
            _ => Vec::new(),
        }
    }

    /// Whether objects of a type have a global id.
    pub(super) fn is_node(&self, of: &str) -> bool {
        match self.kind(of) {
            Some(TypeKind::Object(object)) => object.implements.iter().any(|interface| interface.node == "Node"),
            _ => false,
        }
    }

    /// The object types of an interface or a union; none of any other.
    pub(super) fn possible(&self, of: &str) -> Vec<&str> {
        match self.kind(of) {
            Some(TypeKind::Interface(_)) => self.objects().filter(|name| self.is_node(name)).collect(),
            Some(TypeKind::Union(union)) => union.members.iter().map(|member| member.node.as_str()).collect(),
            _ => Vec::new(),
        }
    }

    pub(super) fn is_leaf(&self, of: &str) -> bool {
        matches!(self.kind(of), None | Some(TypeKind::Scalar | TypeKind::Enum(_)))
    }

    /// The fields of an input type; none of any other.
    pub(super) fn inputs(&self, of: &str) -> Vec<&InputValueDefinition> {
        match self.kind(of) {
            Some(TypeKind::InputObject(input)) => input.fields.iter().map(|field| &field.node).collect(),
            _ => Vec::new(),
        }
    }

    /// The values of an enum; `None` of any other type.
    pub(super) fn words(&self, of: &str) -> Option<Vec<Constant>> {
        match self.kind(of) {
            Some(TypeKind::Enum(words)) => {
                Some(words.values.iter().map(|word| Constant::Enum(word.node.value.node.clone())).collect())
            }
            _ => None,
        }
    }

    /// The members named by a value of an input type: input fields and enum values, each with its type.
    pub(super) fn named(&self, of: &str, value: &Constant, names: &mut Vec<(String, String)>) {
        match value {
            Constant::List(items) => items.iter().for_each(|item| self.named(of, item, names)),
            Constant::Enum(word) => names.push((of.to_owned(), word.to_string())),
            Constant::Object(fields) => {
                for (name, value) in fields {
                    names.push((of.to_owned(), name.to_string()));
                    let field = self.inputs(of).into_iter().find(|field| field.name.node == *name).unwrap();
                    self.named(base(&field.ty.node), value, names);
                }
            }
            _ => {}
        }
    }
}
