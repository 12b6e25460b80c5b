//! Customers.

use entity::{custom_field, customer::Column, customer_status};
use sea_orm::{
    ColumnTrait,
    sea_query::{Expr, ExprTrait, Query, SimpleExpr},
};

use super::{
    Dialect, all,
    comparator::{Text, floats, ids, times},
    list, logic, one_of, settled,
};
use crate::{
    domain::filter::{CustomFieldFilter, CustomerFilter, StringFilter},
    store::search::{self, Searched},
};

/// What a list shows: customers that are seen, and alive unless deleted ones are asked for.
pub(super) fn listed(include_deleted: bool) -> SimpleExpr {
    let seen = Column::VersionAt.is_not_null();
    if include_deleted { seen } else { seen.and(Column::DeletedAt.is_null()) }
}

pub(super) fn condition(filter: &CustomerFilter, sql: Dialect) -> Option<SimpleExpr> {
    let column = |column: Column| column.into_expr();
    let mut parts = logic(&filter.logic, |nested| condition(nested, sql));
    parts.extend(filter.id.iter().flat_map(|is| ids(&column(Column::Id), is)));
    parts.extend(filter.manager_id.iter().flat_map(|is| ids(&column(Column::ManagerId), is)));
    parts.extend(filter.created_at.iter().flat_map(|is| times(&column(Column::CreatedAt), is)));
    parts.extend(filter.updated_at.iter().flat_map(|is| times(&column(Column::UpdatedAt), is)));
    parts.extend(filter.deleted_at.iter().flat_map(|is| times(&column(Column::DeletedAt), is)));
    for (is, raw, folded) in [
        (&filter.name, Column::Name, Column::NameKey),
        (&filter.phone, Column::Phone, Column::PhoneFolded),
        (&filter.email, Column::Email, Column::EmailFolded),
        (&filter.note, Column::Note, Column::NoteFolded),
        (&filter.telco, Column::Telco, Column::TelcoFolded),
    ] {
        parts.extend(is.iter().flat_map(|is| Text::of(raw, folded).filter(is, sql)));
    }
    parts.extend(filter.status.iter().flat_map(|is| status(is, sql)));
    parts.extend(filter.custom_field.iter().flat_map(|is| custom_field(is, sql)));
    parts.extend(filter.search.as_deref().map(|text| search::condition(Searched::Customer, text, sql)));
    if let Some(conversations) = &filter.conversations {
        parts.extend(list(conversations, &super::conversation::of_customer(), |nested| {
            super::conversation::condition(nested, sql)
        }));
    }
    if let Some(tickets) = &filter.tickets {
        parts.extend(list(tickets, &super::ticket::of_customer(), |nested| super::ticket::condition(nested, sql)));
    }
    all(parts)
}

/// The names of the statuses: one of them is what is asked; of what must not be, none is.
fn status(filter: &StringFilter, sql: Dialect) -> Vec<SimpleExpr> {
    let name = Text::of(customer_status::Column::Name, customer_status::Column::NameFolded);
    let has = |part: Option<SimpleExpr>| {
        let mut statuses = one_of(customer_status::Entity)
            .and_where(customer_status::Column::CustomerId.into_expr().eq(Column::Id.into_expr()))
            .and_where(name.raw().clone().is_not_null())
            .to_owned();
        if let Some(part) = part {
            statuses.and_where(settled(part));
        }
        Expr::exists(statuses)
    };
    let mut parts = Vec::new();
    parts.extend(all(name.positive(filter, sql)).map(|part| has(Some(part))));
    parts.extend(filter.ne.as_ref().map(|text| has(Some(name.raw().clone().eq(text.clone()))).not()));
    if let Some(texts) = filter.not_in.as_ref().filter(|texts| !texts.is_empty()) {
        parts.push(has(Some(name.raw().clone().is_in(texts.iter().cloned()))).not());
    }
    parts.extend(filter.is_null.map(|is_null| if is_null { has(None).not() } else { has(None) }));
    parts
}

/// A custom field: where the customer does not have it, its value is missing.
fn custom_field(filter: &CustomFieldFilter, sql: Dialect) -> Vec<SimpleExpr> {
    let field = |column: custom_field::Column| {
        let value = Query::select()
            .column(column)
            .from(custom_field::Entity)
            .and_where(custom_field::Column::CustomerId.into_expr().eq(Column::Id.into_expr()))
            .and_where(custom_field::Column::Key.eq(filter.key.as_str()))
            .to_owned();
        Expr::SubQuery(None, Box::new(value.into()))
    };
    let mut parts = Vec::new();
    if let Some(is) = &filter.value {
        parts
            .extend(Text::from_exprs(field(custom_field::Column::Text), field(custom_field::Column::TextFolded)).filter(is, sql));
    }
    if let Some(is) = &filter.number {
        parts.extend(floats(&field(custom_field::Column::Number), is));
    }
    if let Some(exists) = filter.exists {
        let value = field(custom_field::Column::Value);
        parts.push(if exists { value.is_not_null() } else { value.is_null() });
    }
    parts
}
