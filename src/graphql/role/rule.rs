//! The rules of a role as in the settings, and their parser.

use std::convert::Infallible;

use async_graphql::{
    InputType, Value as Constant, Variables,
    parser::{
        parse_query, parse_schema,
        types::{DocumentOperations, Selection, TypeKind, TypeSystemDefinition},
    },
};
use async_graphql_value::Value;
use serde::{Deserialize, Serialize};

use super::reveals::DEFAULT_ORDERS;
use crate::{
    domain::filter::{Collection, Predicate},
    graphql::{
        document::Document,
        filter::{Described, Input},
        limits::allowance::Allowed,
        sdl::sdl,
    },
};

/// The rules of a role, as in the settings.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rules {
    /// The conversations that the role may see, as a `ConversationFilter`. Default: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversations: Option<String>,
    /// The tickets that the role may see, as a `TicketFilter`. Default: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tickets: Option<String>,
    /// The customers that the role may see, as a `CustomerFilter`. Default: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customers: Option<String>,
    /// Whether the role may see the raw log. Default: only if it has no filter and no masks, since payloads contain everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<bool>,
    /// Fields whose values are hidden, such as `Customer.phone`.
    pub masks: Vec<String>,
    /// Whether the role may use introspection.
    pub introspection: bool,
    /// The allowance of each credential of the role.
    pub limits: Allowed,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            conversations: None,
            tickets: None,
            customers: None,
            events: None,
            masks: Vec::new(),
            introspection: true,
            limits: Allowed::default(),
        }
    }
}

/// An invalid rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {reason}")]
pub struct Invalid {
    /// The key in the role's section.
    pub key: &'static str,
    /// The problem.
    pub reason: String,
}

/// A filter that may use the variable `$staff`.
#[derive(Debug)]
pub(super) struct Rule<C: Collection> {
    value: Value,
    names_staff: bool,
    /// The parsed predicate if the filter does not use `$staff`, else one with a placeholder id.
    read: Predicate<C>,
}

/// The variable for the id of the client's staff member.
const STAFF: &str = "staff";

/// Parses the rule with a key, which is also the name of the list it restricts. `None` if the rule is not set.
pub(super) fn read<C: Described>(key: &'static str, text: Option<&str>) -> Result<Option<Rule<C>>, Invalid> {
    let Some(text) = text else { return Ok(None) };
    let invalid = |reason: String| Invalid { key, reason };
    let value = literal(text).ok_or_else(|| invalid(format!("`{text}` is not a {} as a GraphQL literal", C::NAME)))?;
    let (mut names_staff, mut unknown, mut is_timed) = (false, None, false);
    let mut variable = |name: &str| {
        if name == STAFF {
            names_staff = true;
        } else {
            unknown = Some(name.to_owned());
        }
    };
    visit(&value, &mut variable, &mut |field| is_timed |= field == "isOverdue");
    if let Some(unknown) = unknown {
        return Err(invalid(format!("unknown variable `${unknown}`: rules can only use `$staff`")));
    }
    if let Some(fault) = fault(key, &value) {
        return Err(invalid(fault));
    }
    if is_timed {
        return Err(invalid(
            "`isOverdue` changes without an event, so it can't be followed live: use `dueAt` or `status`".into(),
        ));
    }
    let read = filled::<C>(&value, "any").map_err(invalid)?;
    Ok(Some(Rule { value, names_staff, read }))
}

impl<C: Described> Rule<C> {
    /// The predicate for a client of a staff member. A rule that uses `$staff` matches nothing without one.
    pub(super) fn predicate(&self, staff: Option<&str>) -> Predicate<C> {
        match (self.names_staff, staff) {
            (false, _) => self.read.clone(),
            (true, None) => Predicate::Any(Vec::new()),
            // A rule that parses with one id parses with any other.
            (true, Some(staff)) => filled(&self.value, staff).unwrap_or_else(|_| Predicate::Any(Vec::new())),
        }
    }
}

/// Parses a filter with `$staff` replaced.
fn filled<C: Described>(value: &Value, staff: &str) -> Result<Predicate<C>, String> {
    let filled = value.clone().into_const_with(|_| Ok::<_, Infallible>(Constant::from(staff)));
    let filled = filled.unwrap_or_else(|never| match never {});
    let input = Input::<C>::parse(Some(filled)).map_err(|error| error.into_server_error(<_>::default()).message)?;
    input.predicate().map_err(|error| async_graphql::Error::from(error).message)
}

/// The validation error of a filter of this list, as in a client's document.
fn fault(list: &str, value: &Value) -> Option<String> {
    let value = value.clone().into_const_with(|_| Ok::<_, Infallible>(Constant::from("any")));
    let value = value.unwrap_or_else(|never| match never {});
    let text = format!("{{ {list}(filter: {value}) {{ totalCount }} }}");
    let checked = Document::parse(&text, None).map_err(|error| vec![error]);
    let errors = checked.and_then(|document| document.validate(&Variables::default())).err()?;
    Some(errors.into_iter().next().map_or_else(|| "it is not valid".to_owned(), |error| error.message))
}

/// Parses a GraphQL literal.
fn literal(text: &str) -> Option<Value> {
    let document = parse_query(format!("{{ f(a: {text}) }}")).ok()?;
    let DocumentOperations::Single(operation) = document.operations else { return None };
    let [selection] = operation.node.selection_set.node.items.as_slice() else { return None };
    let Selection::Field(field) = &selection.node else { return None };
    let [(_, value)] = field.node.arguments.as_slice() else { return None };
    Some(value.node.clone())
}

/// Visits the names of all variables and fields in a value.
fn visit(value: &Value, variable: &mut impl FnMut(&str), field: &mut impl FnMut(&str)) {
    match value {
        Value::Variable(name) => variable(name),
        Value::List(items) => items.iter().for_each(|item| visit(item, variable, field)),
        Value::Object(fields) => {
            for (name, value) in fields {
                field(name);
                visit(value, variable, field);
            }
        }
        _ => {}
    }
}

/// Types whose fields can be masked: objects built from events.
const MASKABLE: &[&str] = &[
    "Customer",
    "Conversation",
    "Message",
    "Ticket",
    "Staff",
    "SocialAccount",
    "CustomerStatus",
    "CustomField",
    "Participant",
    "Channel",
    "Attachment",
    "Reminder",
];

/// Parses masks into pairs of type and field.
pub(super) fn masks(masks: &[String]) -> Result<Vec<(String, String)>, Invalid> {
    masks.iter().map(|mask| masked(mask).map_err(|reason| Invalid { key: "masks", reason })).collect()
}

fn masked(mask: &str) -> Result<(String, String), String> {
    let Some((of, name)) = mask.split_once('.').filter(|(of, _)| MASKABLE.contains(of)) else {
        let known = MASKABLE.join(", ");
        return Err(format!("`{mask}` is not a field of the schema such as `Customer.phone`: the types are {known}"));
    };
    if DEFAULT_ORDERS.contains(&(of, name)) {
        return Err(format!("`{mask}` can't be masked: lists are sorted by it, which would reveal its value"));
    }
    let schema = parse_schema(sdl()).expect("the schema writes an SDL that its own parser reads");
    let field = schema.definitions.iter().find_map(|definition| match definition {
        TypeSystemDefinition::Type(definition) if definition.node.name.node == of => match &definition.node.kind {
            TypeKind::Object(object) => object.fields.iter().find(|field| field.node.name.node == name),
            _ => None,
        },
        _ => None,
    });
    let Some(field) = field else { return Err(format!("`{of}` has no field `{name}`")) };
    let ty = &field.node.ty.node;
    if ty.nullable || ty.to_string() == "JSON!" {
        Ok((of.to_owned(), name.to_owned()))
    } else {
        Err(format!("`{mask}` can't be masked: it is never null"))
    }
}

#[cfg(test)]
mod tests {
    use super::{Invalid, Rules};
    use crate::graphql::role::Role;

    fn refused(change: impl FnOnce(&mut Rules)) -> Invalid {
        let mut rules = Rules::default();
        change(&mut rules);
        Role::of("agent", &rules).err().expect("it is refused")
    }

    #[test]
    fn invalid_rules_are_refused_with_the_key_and_the_reason() {
        for (filter, reason) in [
            ("{ assigneeId: { eq: $staff }", "not a TicketFilter"),
            ("{ } ) x: tickets(filter: { }", "not a TicketFilter"),
            ("{ assigneId: { eq: $staff } }", "assigneId"),
            ("{ assigneeId: { eq: $me } }", "$staff"),
            ("{ assigneeId: { eq: null } }", "null"),
            ("{ isOverdue: { eq: true } }", "isOverdue"),
            ("[]", ""),
            ("$staff", ""),
        ] {
            let error = refused(|rules| rules.tickets = Some(filter.to_owned()));
            assert_eq!(error.key, "tickets", "{filter}");
            assert!(error.reason.contains(reason), "{filter}: {error}");
        }
    }

    #[test]
    fn only_nullable_fields_that_no_list_is_sorted_by_can_be_masked() {
        for (mask, reason) in [
            ("phone", "Customer.phone"),
            ("Customer.telephone", "telephone"),
            ("Customer.id", "never null"),
            ("Customer.createdAt", "sorted"),
            ("PageInfo.endCursor", "PageInfo.endCursor"),
        ] {
            let error = refused(|rules| rules.masks = vec![mask.to_owned()]);
            assert_eq!(error.key, "masks", "{mask}");
            assert!(error.reason.contains(reason), "{mask}: {error}");
        }
        let masks = ["Customer.phone", "SocialAccount.raw", "Message.customer"].map(str::to_owned).to_vec();
        assert!(Role::of("agent", &Rules { masks, ..Rules::default() }).is_ok());
    }
}
