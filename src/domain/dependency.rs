//! What a live result depends on: the types of object whose changes can change the result.

use std::ops::BitOr;

use super::{
    change::SubjectType,
    filter::{
        Collection, ConversationField, ConversationRelation, Conversations, CustomerRelation, Customers, MessageField,
        MessageRelation, Messages, Predicate, StaffField, StaffMembers, TicketField, TicketRelation, Tickets,
    },
};

/// What a result depends on, besides the objects it contains.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dependencies {
    types: u8,
    /// The names of staff members.
    pub staff: bool,
    /// The current time, which makes tickets overdue.
    pub time: bool,
    /// The customers to which conversations and tickets are linked.
    pub links: bool,
}

impl Dependencies {
    /// Depends on all objects of a type.
    pub fn on(of: SubjectType) -> Self {
        Self { types: bit(of), ..Self::default() }
    }

    /// Depends on the names of staff members.
    pub fn on_staff() -> Self {
        Self { staff: true, ..Self::default() }
    }

    /// Depends on the current time.
    pub fn on_time() -> Self {
        Self { time: true, ..Self::default() }
    }

    /// Depends on links to customers.
    pub fn on_links() -> Self {
        Self { links: true, ..Self::default() }
    }

    /// Whether it depends on objects of a type.
    pub fn has(self, of: SubjectType) -> bool {
        self.types & bit(of) != 0
    }

    /// Whether it depends on objects of any type.
    pub fn has_any(self) -> bool {
        self.types != 0
    }
}

fn bit(of: SubjectType) -> u8 {
    1 << match of {
        SubjectType::Event => 0,
        SubjectType::Customer => 1,
        SubjectType::Conversation => 2,
        SubjectType::Message => 3,
        SubjectType::Ticket => 4,
    }
}

impl BitOr for Dependencies {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self {
            types: self.types | other.types,
            staff: self.staff | other.staff,
            time: self.time | other.time,
            links: self.links | other.links,
        }
    }
}

/// Collections whose predicates can depend on more than the object itself.
pub trait Depends: Collection {
    /// What the value of a field depends on.
    fn of_field(field: Self::Field) -> Dependencies {
        let _ = field;
        Dependencies::default()
    }

    /// What a relation depends on.
    fn of_relation(relation: &Self::Relation) -> Dependencies;
}

/// What a predicate depends on, besides the object itself.
pub fn dependencies<C: Depends>(predicate: &Predicate<C>) -> Dependencies {
    match predicate {
        Predicate::All(parts) | Predicate::Any(parts) => {
            parts.iter().map(dependencies).fold(Dependencies::default(), BitOr::bitor)
        }
        Predicate::Not(part) => dependencies(part),
        Predicate::Field(field, _) => C::of_field(*field),
        Predicate::Relation(relation) => C::of_relation(relation),
    }
}

fn of_linked_customer(predicate: &Predicate<Customers>) -> Dependencies {
    Dependencies::on(SubjectType::Customer) | Dependencies::on_links() | dependencies(predicate)
}

impl Depends for Messages {
    /// A message's customer comes from its conversation, and messages are not announced as changed when that is matched to a
    /// customer.
    fn of_field(field: MessageField) -> Dependencies {
        match field {
            MessageField::CustomerId => Dependencies::on(SubjectType::Conversation) | Dependencies::on_links(),
            _ => Dependencies::default(),
        }
    }

    fn of_relation(relation: &MessageRelation) -> Dependencies {
        match relation {
            MessageRelation::ReadBy(members) => dependencies(&members.predicate),
            MessageRelation::Search(_) => Dependencies::default(),
            MessageRelation::Conversation(predicate) => Dependencies::on(SubjectType::Conversation) | dependencies(predicate),
            MessageRelation::Customer(predicate) => Dependencies::on(SubjectType::Conversation) | of_linked_customer(predicate),
        }
    }
}

impl Depends for Conversations {
    fn of_field(field: ConversationField) -> Dependencies {
        match field {
            ConversationField::CustomerId | ConversationField::HasCustomer => Dependencies::on_links(),
            _ => Dependencies::default(),
        }
    }

    fn of_relation(relation: &ConversationRelation) -> Dependencies {
        match relation {
            ConversationRelation::Assignees(members) => dependencies(&members.predicate),
            ConversationRelation::Customer(predicate) => of_linked_customer(predicate),
            ConversationRelation::Messages(members) => Dependencies::on(SubjectType::Message) | dependencies(&members.predicate),
        }
    }
}

impl Depends for Customers {
    fn of_relation(relation: &CustomerRelation) -> Dependencies {
        match relation {
            CustomerRelation::Status(_) | CustomerRelation::CustomField(_) | CustomerRelation::Search(_) => {
                Dependencies::default()
            }
            CustomerRelation::Conversations(members) => {
                Dependencies::on(SubjectType::Conversation) | Dependencies::on_links() | dependencies(&members.predicate)
            }
            // A ticket names its customer itself.
            CustomerRelation::Tickets(members) => Dependencies::on(SubjectType::Ticket) | dependencies(&members.predicate),
        }
    }
}

impl Depends for Tickets {
    fn of_field(field: TicketField) -> Dependencies {
        match field {
            TicketField::IsOverdue => Dependencies::on_time(),
            _ => Dependencies::default(),
        }
    }

    fn of_relation(relation: &TicketRelation) -> Dependencies {
        match relation {
            TicketRelation::Id(_) | TicketRelation::Search(_) => Dependencies::default(),
            TicketRelation::Customer(predicate) => of_linked_customer(predicate),
        }
    }
}

impl Depends for StaffMembers {
    fn of_field(field: StaffField) -> Dependencies {
        match field {
            StaffField::Id => Dependencies::default(),
            StaffField::Name => Dependencies::on_staff(),
        }
    }

    fn of_relation(relation: &super::filter::StaffRelation) -> Dependencies {
        match *relation {}
    }
}
