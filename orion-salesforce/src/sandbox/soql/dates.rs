//! Date literals (SOQL guide, "Date Formats and Date Literals"), as ranges of days in the org's time zone, GMT.

use chrono::{Datelike, Days, Months, NaiveDate};

use crate::sandbox::store::moment::{day_of, seconds_at};

/// Days from `first` up to, not including, `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DateRange {
    pub(super) first: i64,
    pub(super) end: i64,
}

impl DateRange {
    /// The same span in seconds.
    pub(super) fn seconds(self) -> Self {
        Self { first: seconds_at(self.first), end: seconds_at(self.end) }
    }

    fn between(first: Option<NaiveDate>, end: Option<NaiveDate>) -> Option<Self> {
        Some(Self { first: day_of(first?), end: day_of(end?) })
    }
}

#[derive(Debug, Clone, Copy)]
enum Unit {
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

/// The range a literal's name means today, `n` being the number after its colon. `None` if it is no literal, or lacks
/// its number, or has one too many.
pub(super) fn literal(name: &str, n: Option<i64>, today: NaiveDate) -> Option<DateRange> {
    let name = name.to_ascii_uppercase();
    match (name.as_str(), n) {
        ("TODAY", None) => span(Unit::Day, today, 0, 1),
        ("YESTERDAY", None) => span(Unit::Day, today, -1, 1),
        ("TOMORROW", None) => span(Unit::Day, today, 1, 1),
        // The 90 days before today and today itself; the days after today.
        ("LAST_90_DAYS", None) => span(Unit::Day, today, -90, 91),
        ("NEXT_90_DAYS", None) => span(Unit::Day, today, 1, 90),
        (name, None) => {
            let (which, unit) = name.split_once('_')?;
            let offset = match which {
                "LAST" => -1,
                "THIS" => 0,
                "NEXT" => 1,
                _ => return None,
            };
            span(unit_named(unit, "")?, today, offset, 1)
        }
        (name, Some(n)) => counted(name, n, today),
    }
}

fn counted(name: &str, n: i64, today: NaiveDate) -> Option<DateRange> {
    if let Some(unit) = name.strip_prefix("LAST_N_") {
        // Days count today in (object pages of the guide: "ending with the current day"); longer units end before it.
        return match unit_named(unit, "S")? {
            Unit::Day => span(Unit::Day, today, n.checked_neg()?, n.checked_add(1)?),
            unit => span(unit, today, n.checked_neg()?, n),
        };
    }
    if let Some(unit) = name.strip_prefix("NEXT_N_") {
        return span(unit_named(unit, "S")?, today, 1, n);
    }
    let unit = name.strip_prefix("N_")?.strip_suffix("_AGO")?;
    span(unit_named(unit, "S")?, today, n.checked_neg()?, 1)
}

fn unit_named(name: &str, plural: &str) -> Option<Unit> {
    let name = name.strip_suffix(plural)?;
    match name.strip_prefix("FISCAL_").unwrap_or(name) {
        "DAY" if !plural.is_empty() => Some(Unit::Day),
        "WEEK" => Some(Unit::Week),
        "MONTH" => Some(Unit::Month),
        "QUARTER" => Some(Unit::Quarter),
        "YEAR" => Some(Unit::Year),
        _ => None,
    }
}

/// `count` units, the first being `offset` units from today's.
fn span(unit: Unit, today: NaiveDate, offset: i64, count: i64) -> Option<DateRange> {
    DateRange::between(start(unit, today, offset), start(unit, today, offset.checked_add(count)?))
}

/// The first day of the unit `offset` units from today's. Weeks start on Sunday: the locale is `en_US`.
fn start(unit: Unit, today: NaiveDate, offset: i64) -> Option<NaiveDate> {
    let month_start = |months_back: u32| today.with_day(1)?.checked_sub_months(Months::new(months_back));
    match unit {
        Unit::Day => plus_days(today, offset),
        Unit::Week => {
            let sunday = plus_days(today, -i64::from(today.weekday().num_days_from_sunday()))?;
            plus_days(sunday, offset.checked_mul(7)?)
        }
        Unit::Month => plus_months(month_start(0)?, offset),
        Unit::Quarter => plus_months(month_start(today.month0() % 3)?, offset.checked_mul(3)?),
        Unit::Year => plus_months(month_start(today.month0())?, offset.checked_mul(12)?),
    }
}

fn plus_days(date: NaiveDate, days: i64) -> Option<NaiveDate> {
    match days {
        0.. => date.checked_add_days(Days::new(days.unsigned_abs())),
        _ => date.checked_sub_days(Days::new(days.unsigned_abs())),
    }
}

fn plus_months(date: NaiveDate, months: i64) -> Option<NaiveDate> {
    let count = Months::new(u32::try_from(months.unsigned_abs()).ok()?);
    if months < 0 { date.checked_sub_months(count) } else { date.checked_add_months(count) }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::literal;
    use crate::sandbox::store::moment::{day_of, write_date};

    /// A Tuesday.
    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2024, 6, 11).unwrap()
    }

    fn shown(name: &str, n: Option<i64>) -> String {
        let range = literal(name, n, today()).unwrap();
        let mut out = String::new();
        write_date(range.first, &mut out);
        out.push_str("..");
        write_date(range.end, &mut out);
        out
    }

    #[test]
    fn literals_are_ranges_of_days() {
        let table = [
            ("TODAY", None, "2024-06-11..2024-06-12"),
            ("yesterday", None, "2024-06-10..2024-06-11"),
            ("TOMORROW", None, "2024-06-12..2024-06-13"),
            ("LAST_WEEK", None, "2024-06-02..2024-06-09"),
            ("THIS_WEEK", None, "2024-06-09..2024-06-16"),
            ("NEXT_WEEK", None, "2024-06-16..2024-06-23"),
            ("LAST_MONTH", None, "2024-05-01..2024-06-01"),
            ("THIS_MONTH", None, "2024-06-01..2024-07-01"),
            ("NEXT_MONTH", None, "2024-07-01..2024-08-01"),
            ("LAST_90_DAYS", None, "2024-03-13..2024-06-12"),
            ("NEXT_90_DAYS", None, "2024-06-12..2024-09-10"),
            ("LAST_QUARTER", None, "2024-01-01..2024-04-01"),
            ("THIS_FISCAL_QUARTER", None, "2024-04-01..2024-07-01"),
            ("NEXT_YEAR", None, "2025-01-01..2026-01-01"),
            ("LAST_N_DAYS", Some(30), "2024-05-12..2024-06-12"),
            ("NEXT_N_DAYS", Some(2), "2024-06-12..2024-06-14"),
            ("N_DAYS_AGO", Some(1), "2024-06-10..2024-06-11"),
            ("LAST_N_WEEKS", Some(2), "2024-05-26..2024-06-09"),
            ("LAST_N_MONTHS", Some(3), "2024-03-01..2024-06-01"),
            ("NEXT_N_QUARTERS", Some(1), "2024-07-01..2024-10-01"),
            ("LAST_N_YEARS", Some(2), "2022-01-01..2024-01-01"),
            ("N_MONTHS_AGO", Some(7), "2023-11-01..2023-12-01"),
            ("N_FISCAL_YEARS_AGO", Some(1), "2023-01-01..2024-01-01"),
        ];
        for (name, n, expected) in table {
            assert_eq!(shown(name, n), expected, "{name}");
        }
        assert_eq!(day_of(today()), literal("TODAY", None, today()).unwrap().first);
    }

    #[test]
    fn what_is_no_literal_is_none() {
        for (name, n) in [
            ("THIS_DAY", None),
            ("LAST_N_DAYS", None),
            ("TODAY", Some(1)),
            ("LAST_N_DECADES", Some(1)),
            ("Name", None),
            ("LAST_N_DAYS", Some(i64::MAX)),
        ] {
            assert_eq!(literal(name, n, today()), None, "{name}");
        }
    }
}
