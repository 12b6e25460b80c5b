//! The filter fields and relations of customers.

use super::{Collection, Conversations, IdOf, Kind, Members, Test, Tickets, Value, fields, relations};
use crate::domain::{customer::Customer, time::Timestamp};

/// Customers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Customers;

fields! {
    /// The fields of a customer.
    CustomerField {
        Id: Kind::Id(IdOf::Customer),
        Name: Kind::Text,
        /// Phone number as the CRM writes it.
        Phone: Kind::Text,
        Email: Kind::Text,
        Note: Kind::Text,
        Telco: Kind::Text,
        ManagerId: Kind::Id(IdOf::Staff),
        CreatedById: Kind::Id(IdOf::Staff),
        CreatedAt: Kind::Time,
        /// Time of the last update.
        UpdatedAt: Kind::Time,
        DeletedAt: Kind::Time,
    }
}

relations! {
    /// The relations of a customer.
    CustomerRelation, named CustomerRelationName {
        /// Tests of its status names. One status must pass all positive tests, and no status may equal the operand of a
        /// negative test.
        Status(Vec<Test>),
        /// A custom field.
        CustomField(CustomField),
        /// Words of its name, e-mail address and note, or its phone number.
        Search(String),
        /// Its conversations.
        Conversations(Members<Conversations>),
        /// Its tickets, except deleted ones.
        Tickets(Members<Tickets>),
    }
}

/// A condition on one custom field. For a customer without the field, the value is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct CustomField {
    /// The key as the CRM sends it, such as `cf_points`.
    pub key: String,
    /// Tests of the value as text.
    pub text: Vec<Test>,
    /// Tests of the value as a number.
    pub number: Vec<Test>,
    /// Whether the customer has the field.
    pub exists: Option<bool>,
}

impl Collection for Customers {
    type Object = Customer;
    type Field = CustomerField;
    type Relation = CustomerRelation;

    fn value(customer: &Customer, field: CustomerField, _: Timestamp) -> Value<'_> {
        let profile = &customer.profile;
        match field {
            CustomerField::Id => profile.id.as_str().into(),
            CustomerField::Name => profile.name.as_deref().into(),
            CustomerField::Phone => profile.phone.as_deref().into(),
            CustomerField::Email => profile.email.as_deref().into(),
            CustomerField::Note => profile.note.as_deref().into(),
            CustomerField::Telco => profile.telco.as_deref().into(),
            CustomerField::ManagerId => profile.manager_id.as_deref().into(),
            CustomerField::CreatedById => profile.created_by_id.as_deref().into(),
            CustomerField::CreatedAt => profile.created_at.into(),
            CustomerField::UpdatedAt => profile.updated_at.into(),
            CustomerField::DeletedAt => customer.deleted_at.into(),
        }
    }
}
