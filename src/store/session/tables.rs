//! Rows by key: objects by id, and rows by the object they belong to.

use std::collections::HashMap;

use entity::{
    assignee, conversation, custom_field, customer, customer_status, event, message, social_account, staff, ticket, ticket_alias,
};
use sea_orm::{
    StatementBuilder,
    sea_query::{Alias, DynIden, Expr, ExprTrait, IntoIden, IntoTableRef, Order, Query, SelectStatement, SimpleExpr, TableRef},
};

use super::{
    super::{dialect::Dialect, postgres::Planned},
    Error, Rows, Session,
};

/// A table that can be read by key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Table {
    /// Customers, by id. Customers of whom only the deletion is known are not found.
    Customer,
    /// Conversations, by id.
    Conversation,
    /// Messages, by key.
    Message,
    /// Tickets, by any of their ids. Tickets of which only the deletion is known are not found.
    Ticket,
    /// Stored events, by sequence number.
    Event,
    /// Staff members, by id.
    Staff,
    /// Staff members, by the conversations assigned to them, in the order sent.
    Assignee,
    /// Staff members, by lists of their ids in a column of JSON, in id order.
    ReadBy,
    /// Social accounts, by customer, in the order sent.
    SocialAccount,
    /// Statuses, by customer, in the order sent.
    CustomerStatus,
    /// Custom fields, by customer, in key order.
    CustomField,
}

/// The rows of a table for some keys.
#[derive(Debug, Default)]
pub struct Keyed {
    /// The rows.
    pub rows: Rows,
    /// The indexes of each key's rows in `rows`.
    pub of: HashMap<String, Vec<u32>>,
}

const ROW: &str = "row";
const BY: &str = "by";

impl Session {
    /// The rows for these keys, with these columns. One statement.
    pub async fn by_key(&mut self, table: Table, keys: &[String], columns: &[&'static str]) -> Result<Keyed, Error> {
        if keys.is_empty() {
            return Ok(Keyed::default());
        }
        let statement = StatementBuilder::build(&statement(table, keys, columns, self.sql()), &self.backend());
        // The rows of one key are few, and a role's rules are evaluated for them alone.
        let planned = if keys.len() == 1 { Planned::Once } else { Planned::ByEstimate };
        let rows = self.query(statement, planned).await?;
        let mut of: HashMap<String, Vec<u32>> = HashMap::with_capacity(keys.len());
        for (at, row) in (0_u32..).zip(rows.iter()) {
            let key = row.key(columns.len()).unwrap_or_default();
            match of.get_mut(&*key) {
                Some(places) => places.push(at),
                None => drop(of.insert(key.into_owned(), vec![at])),
            }
        }
        Ok(Keyed { rows, of })
    }
}

fn statement(table: Table, keys: &[String], columns: &[&'static str], sql: Dialect) -> SelectStatement {
    let row: DynIden = Alias::new(ROW).into_iden();
    let by: DynIden = Alias::new(BY).into_iden();
    let mut select = Query::select();
    for column in columns {
        select.column((row.clone(), Alias::new(*column)));
    }
    let is_one_of = |key: SimpleExpr| match keys {
        [one] => key.eq(one.as_str()),
        _ => sql.is_one_of(key, keys),
    };
    let col = |of: &DynIden, column: DynIden| Expr::col((of.clone(), column));
    let mut from = |entity: TableRef, key: DynIden| {
        select.from(aliased(entity, &row)).expr(col(&row, key.clone())).and_where(is_one_of(col(&row, key)));
    };
    match table {
        Table::Customer => {
            from(customer::Entity.into_table_ref(), customer::Column::Id.into_iden());
            select.and_where(col(&row, customer::Column::VersionAt.into_iden()).is_not_null());
        }
        Table::Conversation => from(conversation::Entity.into_table_ref(), conversation::Column::Id.into_iden()),
        Table::Message => from(message::Entity.into_table_ref(), message::Column::Key.into_iden()),
        Table::Event => {
            let seq = event::Column::Seq.into_iden();
            select
                .from(aliased(event::Entity.into_table_ref(), &row))
                .expr(col(&row, seq.clone()))
                .and_where(sql.is_one_of_numbers(col(&row, seq), keys));
        }
        Table::Staff => from(staff::Entity.into_table_ref(), staff::Column::Id.into_iden()),
        Table::SocialAccount => {
            from(social_account::Entity.into_table_ref(), social_account::Column::CustomerId.into_iden());
            select.order_by((row, social_account::Column::Position), Order::Asc);
        }
        Table::CustomerStatus => {
            from(customer_status::Entity.into_table_ref(), customer_status::Column::CustomerId.into_iden());
            select.order_by((row, customer_status::Column::Position), Order::Asc);
        }
        Table::CustomField => {
            from(custom_field::Entity.into_table_ref(), custom_field::Column::CustomerId.into_iden());
            select.order_by((row, custom_field::Column::Key), Order::Asc);
        }
        Table::Ticket => {
            let (id, of) = (ticket_alias::Column::Id.into_iden(), ticket_alias::Column::TicketId.into_iden());
            select
                .from(aliased(ticket_alias::Entity.into_table_ref(), &by))
                .inner_join(
                    aliased(ticket::Entity.into_table_ref(), &row),
                    col(&row, ticket::Column::Id.into_iden()).eq(col(&by, of)),
                )
                .expr(col(&by, id.clone()))
                .and_where(is_one_of(col(&by, id)))
                .and_where(col(&row, ticket::Column::VersionAt.into_iden()).is_not_null());
        }
        Table::Assignee => {
            let of = assignee::Column::ConversationId.into_iden();
            joined_staff(&mut select, assignee::Entity.into_table_ref(), assignee::Column::StaffId.into_iden());
            select.expr(col(&by, of.clone())).and_where(is_one_of(col(&by, of)));
            select.order_by((by, assignee::Column::Position), Order::Asc);
        }
        Table::ReadBy => {
            let (id, list): (DynIden, _) = (staff::Column::Id.into_iden(), col(&by, Alias::new("value").into_iden()));
            let ids = sql.elements(list.clone());
            let ids_name: DynIden = Alias::new("ids").into_iden();
            let is_reader = col(&row, id.clone()).eq(col(&ids_name, Alias::new("value").into_iden()));
            select
                .from_function(sql.rows_of(keys), by)
                .from_function(ids, ids_name)
                .inner_join(aliased(staff::Entity.into_table_ref(), &row), is_reader)
                .expr(list)
                .order_by((row, id), Order::Asc);
        }
    }
    select
}

/// Joins staff members with a table that refers to them.
fn joined_staff(select: &mut SelectStatement, by: TableRef, staff_id: DynIden) {
    let id = Expr::col((Alias::new(ROW), staff::Column::Id));
    let refers = id.eq(Expr::col((Alias::new(BY), staff_id)));
    select
        .from(aliased(by, &Alias::new(BY).into_iden()))
        .inner_join(aliased(staff::Entity.into_table_ref(), &Alias::new(ROW).into_iden()), refers);
}

fn aliased(table: TableRef, name: &DynIden) -> TableRef {
    table.alias(name.clone())
}
