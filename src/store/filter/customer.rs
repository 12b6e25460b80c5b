//! Customers.

use entity::{custom_field, customer::Column, customer_status};
use sea_orm::{
    ColumnTrait,
    sea_query::{Expr, ExprTrait, Query, SimpleExpr},
};

use super::{Compiler, Stored, Table, View, all, one_of, settled, stored::Text};
use crate::{
    domain::{
        filter::{CustomField, CustomerField, CustomerRelation, Customers, Test},
        time::Timestamp,
    },
    store::{
        dialect::Dialect,
        search::{self, Searched},
    },
};

impl Table for Customers {
    fn stored(field: CustomerField, _: Timestamp, _: View) -> Stored {
        match field {
            CustomerField::Id => Stored::plain(Column::Id),
            CustomerField::Name => Stored::text(Column::Name, Column::NameKey),
            CustomerField::Phone => Stored::text(Column::Phone, Column::PhoneFolded),
            CustomerField::Email => Stored::text(Column::Email, Column::EmailFolded),
            CustomerField::Note => Stored::text(Column::Note, Column::NoteFolded),
            CustomerField::Telco => Stored::text(Column::Telco, Column::TelcoFolded),
            CustomerField::ManagerId => Stored::plain(Column::ManagerId),
            CustomerField::CreatedById => Stored::plain(Column::CreatedById),
            CustomerField::CreatedAt => Stored::plain(Column::CreatedAt),
            CustomerField::UpdatedAt => Stored::plain(Column::UpdatedAt),
            CustomerField::DeletedAt => Stored::plain(Column::DeletedAt),
        }
    }

    fn related(relation: &CustomerRelation, compiler: Compiler) -> Option<SimpleExpr> {
        match relation {
            CustomerRelation::Status(tests) => all(status(tests, compiler.view.sql)),
            CustomerRelation::CustomField(field) => all(custom_field(field, compiler.view.sql)),
            CustomerRelation::Search(words) => Some(search::condition(Searched::Customer, words, compiler.view)),
            CustomerRelation::Conversations(conversations) => compiler.many(&compiler.conversations_of_customer(), conversations),
            CustomerRelation::Tickets(tickets) => compiler.many(&compiler.tickets_of_customer(), tickets),
        }
    }

    /// Excludes customers of whom only the deletion is known.
    fn listed(include_deleted: bool) -> Option<SimpleExpr> {
        let seen = Column::VersionAt.is_not_null();
        Some(if include_deleted { seen } else { seen.and(Column::DeletedAt.is_null()) })
    }
}

/// The status condition: one status must pass all positive tests, and no status may equal a negated one.
fn status(tests: &[Test], sql: Dialect) -> Vec<SimpleExpr> {
    let name = Stored::text(customer_status::Column::Name, customer_status::Column::NameFolded);
    let has = |part: Option<SimpleExpr>| {
        let mut statuses = one_of(customer_status::Entity)
            .and_where(customer_status::Column::CustomerId.into_expr().eq(Column::Id.into_expr()))
            .and_where(customer_status::Column::Name.is_not_null())
            .to_owned();
        if let Some(part) = part {
            statuses.and_where(settled(part));
        }
        Expr::exists(statuses)
    };
    let (mut parts, mut positive) = (Vec::new(), Vec::new());
    for test in tests {
        match test {
            Test::Equal(_) | Test::OneOf(_) | Test::Compare(..) | Test::Match(..) => positive.push(name.passes(test, sql)),
            Test::NotEqual(operand) => parts.push(has(Some(name.passes(&Test::Equal(operand.clone()), sql))).not()),
            Test::NoneOf(operands) if operands.is_empty() => {}
            Test::NoneOf(operands) => parts.push(has(Some(name.passes(&Test::OneOf(operands.clone()), sql))).not()),
            Test::Null(true) => parts.push(has(None).not()),
            Test::Null(false) => parts.push(has(None)),
        }
    }
    parts.extend(all(positive).map(|part| has(Some(part))));
    parts
}

/// The condition of a custom field. The value is NULL if the customer does not have the field.
fn custom_field(field: &CustomField, sql: Dialect) -> Vec<SimpleExpr> {
    let value = |column: custom_field::Column| {
        let value = Query::select()
            .column(column)
            .from(custom_field::Entity)
            .and_where(custom_field::Column::CustomerId.into_expr().eq(Column::Id.into_expr()))
            .and_where(custom_field::Column::Key.eq(field.key.as_str()))
            .to_owned();
        Expr::SubQuery(None, Box::new(value.into()))
    };
    let mut parts = Vec::new();
    if !field.text.is_empty() {
        let text = Stored::Text(Text::new(value(custom_field::Column::Text), value(custom_field::Column::TextFolded)));
        parts.extend(field.text.iter().map(|test| text.passes(test, sql)));
    }
    if !field.number.is_empty() {
        let number = Stored::Plain(value(custom_field::Column::Number));
        parts.extend(field.number.iter().map(|test| number.passes(test, sql)));
    }
    parts.extend(field.exists.map(|exists| {
        let value = value(custom_field::Column::Value);
        if exists { value.is_not_null() } else { value.is_null() }
    }));
    parts
}
