//! Evaluates the arguments of a plan with the values of variables: the lists and objects to read.
//!
//! Arguments are parsed by the same input types as in async-graphql's resolvers. If one is invalid, the query is left to
//! async-graphql before anything is read, since it has to produce the error message.

use async_graphql::{ID, InputType, Name, Value, Variables};

use super::{Arguments, LinkPlan, ListPlan, Listed, Plan, Root, RowsPlan, Type, Variable};
use crate::{
    domain::{
        filter::{ConversationFilter, CustomerFilter, EventFilter, Filter, MessageFilter, StaffFilter, TicketFilter},
        id::{NodeId, source_ids},
        page::{self, PageArgs, PageRequest},
        time::Timestamp,
    },
    graphql::{
        connection::List,
        filter::{Described, Input},
        order::{Choice, ConversationOrder, CustomerOrder, MessageOrder, TicketOrder},
    },
    store::Listing,
};

/// A plan with its arguments.
#[derive(Debug)]
pub(super) struct Query {
    /// For each root field of the plan.
    pub(super) root: Vec<RootQuery>,
    pub(super) now: Timestamp,
}

#[derive(Debug)]
pub(super) enum RootQuery {
    Nothing,
    /// The keys that the object may have, in the order to try them.
    Object(Vec<String>, RowsQuery),
    List(Box<ListQuery>),
}

/// For each link of the rows.
pub(super) type RowsQuery = Vec<LinkQuery>;

#[derive(Debug)]
pub(super) enum LinkQuery {
    Rows { keys: Option<Vec<String>>, rows: RowsQuery },
    List(Box<ListQuery>),
}

#[derive(Debug)]
pub(super) struct ListQuery {
    pub(super) listing: Listing,
    pub(super) rows: RowsQuery,
}

impl Query {
    /// `None` if an argument is invalid.
    pub(super) fn of(plan: &Plan, variables: &Variables, now: Timestamp) -> Option<Self> {
        let given = Given { definitions: &plan.variables, variables, now };
        let root = plan.root.iter().map(|(_, root)| given.root(root)).collect::<Option<_>>()?;
        Some(Self { root, now })
    }
}

/// The variables of a request, and its current time.
pub(super) struct Given<'q> {
    pub(super) definitions: &'q [Variable],
    pub(super) variables: &'q Variables,
    pub(super) now: Timestamp,
}

impl Given<'_> {
    fn root(&self, root: &Root) -> Option<RootQuery> {
        Some(match root {
            Root::Typename | Root::Head(_) => RootQuery::Nothing,
            Root::Object { of, arguments, rows, .. } => {
                let ID(id) = self.argument(arguments, "id")?;
                RootQuery::Object(keys(*of, &id)?, self.rows(rows)?)
            }
            Root::List(list) => RootQuery::List(Box::new(self.list(list)?)),
        })
    }

    pub(super) fn rows(&self, rows: &RowsPlan) -> Option<RowsQuery> {
        let link = |link: &LinkPlan| {
            Some(match link {
                LinkPlan::Rows { arguments, rows, .. } => {
                    LinkQuery::Rows { keys: self.argument(arguments, "keys")?, rows: self.rows(rows)? }
                }
                LinkPlan::List { list, .. } => LinkQuery::List(Box::new(self.list(list)?)),
            })
        };
        rows.links.iter().map(link).collect()
    }

    pub(super) fn list(&self, list: &ListPlan) -> Option<ListQuery> {
        let arguments = &list.arguments;
        let listing = match list.listed {
            Listed::Customers => {
                let mut filter: CustomerFilter = self.filter(arguments)?;
                filter.include_deleted = self.include_deleted(arguments)?;
                let order = self.argument::<Option<CustomerOrder>>(arguments, "orderBy")?;
                Listing::Customers(filter.clone(), self.page(arguments, order.map(Choice::from), &filter)?)
            }
            Listed::Conversations => {
                let filter: ConversationFilter = self.filter(arguments)?;
                let order = self.argument::<Option<ConversationOrder>>(arguments, "orderBy")?;
                Listing::Conversations(filter.clone(), self.page(arguments, order.map(Choice::from), &filter)?)
            }
            Listed::Messages => {
                let filter: MessageFilter = self.filter(arguments)?;
                let order = self.argument::<Option<MessageOrder>>(arguments, "orderBy")?;
                Listing::Messages(filter.clone(), self.page(arguments, order.map(Choice::from), &filter)?)
            }
            Listed::Tickets => {
                let mut filter: TicketFilter = self.filter(arguments)?;
                filter.include_deleted = self.include_deleted(arguments)?;
                let order = self.argument::<Option<TicketOrder>>(arguments, "orderBy")?;
                Listing::Tickets(filter.clone(), self.page(arguments, order.map(Choice::from), &filter)?)
            }
            Listed::Staff => {
                let filter: StaffFilter = self.filter(arguments)?;
                Listing::Staff(filter.clone(), self.page(arguments, None, &filter)?)
            }
            Listed::Events => {
                let filter: EventFilter = self.filter(arguments)?;
                Listing::Events(filter.clone(), self.page(arguments, None, &filter)?)
            }
        };
        Some(ListQuery { listing, rows: self.rows(&list.rows)? })
    }

    pub(super) fn filter<C: Described>(&self, arguments: &Arguments) -> Option<Filter<C>> {
        Input::of(self.argument(arguments, "filter")?, self.now).ok()
    }

    fn include_deleted(&self, arguments: &Arguments) -> Option<bool> {
        let is_given = arguments.iter().any(|(name, _)| name == "includeDeleted");
        if is_given { self.argument(arguments, "includeDeleted") } else { Some(false) }
    }

    /// The page arguments of a list. `_of` only selects the type of list.
    fn page<L: List>(&self, arguments: &Arguments, order: Option<Choice<L::Order>>, _of: &L) -> Option<PageRequest<L::Order>> {
        let args = PageArgs {
            first: self.argument(arguments, "first")?,
            after: self.argument(arguments, "after")?,
            last: self.argument(arguments, "last")?,
            before: self.argument(arguments, "before")?,
        };
        let (order, direction) = order.unwrap_or(L::ORDER);
        PageRequest::new(&args, order, direction, page::MAX_SIZE).ok()
    }

    /// Parses an argument, which may be absent. `None` if it is invalid.
    pub(super) fn argument<T: InputType>(&self, arguments: &Arguments, name: &str) -> Option<T> {
        let value = match arguments.iter().find(|(other, _)| other == name) {
            Some((_, value)) => Some(value.clone().into_const_with(|name| self.variable(&name).ok_or(())).ok()?),
            None => None,
        };
        T::parse(value).ok()
    }

    fn variable(&self, name: &Name) -> Option<Value> {
        let definition = self.definitions.iter().find(|definition| definition.name == *name)?;
        self.variables.get(name).cloned().or_else(|| definition.default.clone())
    }
}

/// Whether any argument below the root uses a variable.
pub(super) fn have_variables(rows: &RowsPlan) -> bool {
    rows.links.iter().any(|link| {
        let (arguments, rows) = match link {
            LinkPlan::Rows { arguments, rows, .. } => (arguments, rows),
            LinkPlan::List { list, .. } => (&list.arguments, &list.rows),
        };
        arguments.iter().any(|(_, value)| has_variable(value)) || have_variables(rows)
    })
}

/// Whether a value contains a variable.
fn has_variable(value: &async_graphql_value::Value) -> bool {
    use async_graphql_value::Value;
    match value {
        Value::Variable(_) => true,
        Value::List(items) => items.iter().any(has_variable),
        Value::Object(fields) => fields.values().any(has_variable),
        _ => false,
    }
}

/// The keys that an object with this id may have.
fn keys(of: Type, id: &str) -> Option<Vec<String>> {
    let prefix = match of {
        Type::Message => match id.parse() {
            Ok(NodeId::Message(key)) => return Some(vec![key]),
            _ => return None,
        },
        Type::Customer => "cus_",
        Type::Conversation => "con_",
        Type::Ticket => "tkt_",
        Type::Staff => "stf_",
        Type::Event | Type::SocialAccount | Type::CustomerStatus | Type::CustomField => return None,
    };
    Some(source_ids(prefix, id).map(str::to_owned).collect())
}
