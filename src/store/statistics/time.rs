//! Time as a dimension: groups rows into hours, days, weeks or months of a time zone.

use sea_orm::{
    ColumnTrait, EntityTrait, QueryResult,
    sea_query::{Expr, ExprTrait, Query, SimpleExpr},
};

use super::{Error, Grouped, Reader, group};
use crate::{
    domain::{
        calendar::{Bucket, Interval, ORIGIN_MS, Segment, Segments},
        statistics::Grouping,
        time::Timestamp,
    },
    store::dialect::Dialect,
};

const BUCKET: &str = "by_bucket";
const OFFSET: &str = "by_offset";

/// The time axis of a statistic.
pub(super) struct Axis {
    interval: Interval,
    segments: Segments,
    sql: Dialect,
}

impl Axis {
    /// The axis over the column's full range, whatever the filter, since two index entries give that range.
    pub(super) async fn over<E, D>(reader: &Reader, table: E, column: E::Column, grouping: &Grouping<D>) -> Result<Self, Error>
    where
        E: EntityTrait,
    {
        let end = |value: SimpleExpr| Expr::SubQuery(None, Box::new(Query::select().expr(value).from(table).to_owned().into()));
        let span = Query::select()
            .expr_as(end(column.into_expr().min()), "earliest")
            .expr_as(end(column.into_expr().max()), "latest")
            .to_owned();
        let row = reader.db().query_one(&span).await?;
        let ends = |name: &str| row.as_ref().map_or(Ok(None), |row| row.try_get::<Option<i64>>("", name));
        let (earliest, latest) = (ends("earliest")?.unwrap_or(0), ends("latest")?.unwrap_or(0));
        let segments = Segments::of(&grouping.zone, Timestamp::clamped(earliest), Timestamp::clamped(latest));
        Ok(Self { interval: grouping.interval, segments, sql: reader.sql() })
    }

    /// Whether every span of this length, counted from the epoch, lies within one bucket.
    pub(super) fn fits(&self, length_ms: i64) -> bool {
        self.segments.are_multiples_of(length_ms)
    }

    /// Groups rows by the bucket of their time.
    pub(super) fn group(&self, grouped: &mut Grouped, time: &SimpleExpr) {
        let offset = offset(time, self.segments.as_slice());
        let local = time.clone().add(offset.clone()).add(ORIGIN_MS);
        grouped.by(
            BUCKET,
            match self.interval.millis() {
                Some(length) => local.div(length),
                None => self.sql.month(local, ORIGIN_MS),
            },
        );
        if self.interval == Interval::Hour {
            // The offset distinguishes the two hours when clocks go back. Without a time it is NULL.
            grouped.by(OFFSET, offset.add(time.clone().mul(0)));
        }
    }

    /// The start of a group's bucket.
    pub(super) fn start(&self, row: &QueryResult) -> Result<Option<Timestamp>, Error> {
        let Some(number) = row.try_get::<Option<i64>>("", BUCKET)? else { return Ok(None) };
        let offset_ms = group(row, self.interval == Interval::Hour, OFFSET)?;
        Ok(self.segments.start(self.interval, Bucket { number, offset_ms }))
    }
}

/// The UTC offset at a time: a binary search through the segments.
fn offset(time: &SimpleExpr, segments: &[Segment]) -> SimpleExpr {
    match segments {
        [] => Expr::value(0_i64),
        [segment] => Expr::value(segment.offset_ms),
        _ => {
            let (earlier, later) = segments.split_at(segments.len() / 2);
            Expr::case(time.clone().lt(later[0].from_ms), offset(time, earlier)).finally(offset(time, later)).into()
        }
    }
}
