//! The SQL that differs between the databases, except where a module of its own covers the difference: search indexes
//! (`store::search`), connection settings (`store::connect`), locks (`store::lock`) and notifications
//! (`store::notifications`).

use sea_orm::{
    ConnectionTrait, DbBackend, IdenStatic,
    sea_query::{Alias, DynIden, Expr, ExprTrait, Func, FunctionCall, IntoIden, LikeExpr, Query, SelectStatement, SimpleExpr},
};

/// The SQL dialect of a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    /// The dialect of a connection.
    pub(super) fn of(db: &impl ConnectionTrait) -> Self {
        Self::of_backend(db.get_database_backend())
    }

    /// The database system's name in traces.
    pub(super) fn system(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgresql",
        }
    }

    pub(super) fn of_backend(backend: DbBackend) -> Self {
        match backend {
            DbBackend::Sqlite => Self::Sqlite,
            _ => Self::Postgres,
        }
    }

    pub(super) fn backend(self) -> DbBackend {
        match self {
            Self::Sqlite => DbBackend::Sqlite,
            Self::Postgres => DbBackend::Postgres,
        }
    }

    /// Whether `text` contains `needle`, taken literally: it has no pattern characters.
    pub(super) fn contains(self, text: SimpleExpr, needle: String) -> SimpleExpr {
        match self {
            Self::Sqlite => function("instr", [text, Expr::value(needle)]).gt(0),
            Self::Postgres => text.like(LikeExpr::new(format!("%{}%", escaped(&needle)))),
        }
    }

    /// Whether `text` starts with `needle`, taken literally.
    pub(super) fn starts_with(self, text: SimpleExpr, needle: String) -> SimpleExpr {
        match self {
            Self::Sqlite => function("substr", [text, Expr::value(1), Expr::value(characters(&needle))]).eq(needle),
            Self::Postgres => text.like(LikeExpr::new(format!("{}%", escaped(&needle)))),
        }
    }

    /// Whether `text` ends with `needle`, taken literally.
    pub(super) fn ends_with(self, text: SimpleExpr, needle: String) -> SimpleExpr {
        match self {
            Self::Sqlite => {
                let length = characters(&needle);
                let has = function("length", [text.clone()]);
                let from = has.clone().sub(length - 1);
                has.gte(length).and(function("substr", [text, from]).eq(needle))
            }
            Self::Postgres => text.like(LikeExpr::new(format!("%{}", escaped(&needle)))),
        }
    }

    /// The month of a local time, as 100 × year + month. `local` counts milliseconds from `origin_ms` before the epoch.
    pub(super) fn month(self, local: SimpleExpr, origin_ms: i64) -> SimpleExpr {
        let seconds = local.div(1000_i64).sub(origin_ms / 1000);
        let month = match self {
            Self::Sqlite => function("strftime", [Expr::value("%Y%m"), seconds, Expr::value("unixepoch")]),
            Self::Postgres => {
                let at = function("to_timestamp", [seconds.cast_as("double precision")]);
                function("to_char", [function("timezone", [Expr::value("UTC"), at]), Expr::value("YYYYMM")])
            }
        };
        month.cast_as("bigint")
    }

    /// The column by which a row found through an index is read fastest. SQLite's indexes store row numbers; reading by id
    /// would take a second index lookup.
    pub(super) fn row_key(self, id: impl IdenStatic) -> DynIden {
        match self {
            Self::Sqlite => Alias::new("rowid").into_iden(),
            Self::Postgres => Alias::new(id.as_str()).into_iden(),
        }
    }

    /// Makes sure that a correlated subquery is looked up for each row that is read. PostgreSQL does not know how few these are
    /// when it plans a page, and would first read every row that the subquery could find into a hash table.
    pub(super) fn row_by_row(self, subquery: &mut SelectStatement) {
        if self == Self::Postgres {
            // The usual fence: it changes nothing in the result, and a subquery with it is not rewritten.
            subquery.offset(0);
        }
    }

    /// Whether a text is among `texts`. They are one bound value, so the statement's text does not depend on their number.
    pub(super) fn is_one_of(self, text: SimpleExpr, texts: &[String]) -> SimpleExpr {
        self.is_among(text, texts, Expr::col(Alias::new("value")))
    }

    /// Whether an integer is among `numbers`, given as decimal digits.
    pub(super) fn is_one_of_numbers(self, number: SimpleExpr, numbers: &[String]) -> SimpleExpr {
        self.is_among(number, numbers, Expr::col(Alias::new("value")).cast_as("bigint"))
    }

    fn is_among(self, value: SimpleExpr, texts: &[String], each: SimpleExpr) -> SimpleExpr {
        let mut values = Query::select();
        values.expr(each).from_function(self.rows_of(texts), Alias::new("texts"));
        match self {
            Self::Sqlite => value.in_subquery(values),
            // PostgreSQL expects an array to be short and looks each element up; it expects a function to return many rows.
            Self::Postgres => {
                let array = Func::cust(Alias::new("ARRAY")).arg(Expr::SubQuery(None, Box::new(values.into())));
                value.eq(Func::cust(Alias::new("ANY")).arg(array))
            }
        }
    }

    /// The texts of a JSON array as rows with a column `value`; none if it is NULL.
    pub(super) fn elements(self, array: SimpleExpr) -> FunctionCall {
        match self {
            Self::Sqlite => Func::cust(Alias::new("json_each")).arg(array),
            Self::Postgres => Func::cust(Alias::new("jsonb_array_elements_text")).arg(array.cast_as("jsonb")),
        }
    }

    /// Texts as rows with a column `value`. They are one bound value, so the statement's text does not depend on their number.
    pub(super) fn rows_of(self, texts: &[String]) -> FunctionCall {
        let list = serde_json::to_string(texts).expect("texts are plain data");
        self.elements(Expr::value(list))
    }
}

fn function(name: &str, arguments: impl IntoIterator<Item = SimpleExpr>) -> SimpleExpr {
    Func::cust(Alias::new(name)).args(arguments).into()
}

fn characters(text: &str) -> i64 {
    i64::try_from(text.chars().count()).unwrap_or(i64::MAX)
}

/// Escapes the pattern characters of `LIKE` in a text.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}
