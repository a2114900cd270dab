//! The company's calendar. It keeps Pacific time, as Intuit's sample companies do.

use chrono::{
    DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, Utc, Weekday,
};

/// A time as rows carry it, `2015-10-01T16:48:43-07:00`.
pub(crate) fn stamp(at: DateTime<Utc>) -> String {
    local(at).format("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// A time as envelopes carry it, `2020-09-29T05:58:07.300-07:00`.
pub(crate) fn stamp_millis(at: DateTime<Utc>) -> String {
    local(at).format("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string()
}

/// The company's date at a time.
pub(crate) fn today(at: DateTime<Utc>) -> NaiveDate {
    local(at).date_naive()
}

/// Seconds since 1970 of a date or time in any of the forms clients send: with an offset (colon or none), `Z`, without
/// one (company time), or only a date.
pub(crate) fn parse(text: &str) -> Option<i64> {
    for form in
        ["%Y-%m-%dT%H:%M:%S%.f%:z", "%Y-%m-%dT%H:%M:%S%.f%z", "%Y-%m-%d %H:%M:%S%.f%:z", "%Y-%m-%dT%H:%M%:z"]
    {
        if let Ok(time) = DateTime::parse_from_str(text, form) {
            return Some(time.timestamp());
        }
    }
    let (bare, zulu) = text.strip_suffix(['Z', 'z']).map_or((text, false), |bare| (bare, true));
    for form in ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M"] {
        if let Ok(time) = NaiveDateTime::parse_from_str(bare, form) {
            return Some(if zulu { time.and_utc().timestamp() } else { from_local(time) });
        }
    }
    date(bare).map(|date| from_local(date.and_time(NaiveTime::MIN)))
}

/// A date, `2015-10-01`; also as the first part of a time.
pub(crate) fn date(text: &str) -> Option<NaiveDate> {
    let date = text.get(..10)?;
    let rest = text.get(10..)?;
    if !(rest.is_empty() || rest.starts_with(['T', ' ', '-', '+', 'Z'])) {
        return None;
    }
    NaiveDate::parse_from_str(date, "%Y-%m-%d").ok()
}

fn local(at: DateTime<Utc>) -> DateTime<FixedOffset> {
    at.with_timezone(&offset(at.naive_utc()))
}

/// Seconds since 1970 of a wall-clock time in the company's zone.
fn from_local(time: NaiveDateTime) -> i64 {
    let guess = time + TimeDelta::hours(8);
    time.and_utc().timestamp() - i64::from(offset(guess).local_minus_utc())
}

/// Pacific time: daylight saving from the second Sunday in March to the first in November, changing at 10:00 and 09:00
/// UTC.
fn offset(at: NaiveDateTime) -> FixedOffset {
    let sunday = |month, n| NaiveDate::from_weekday_of_month_opt(at.year(), month, Weekday::Sun, n);
    let summer = sunday(3, 2).zip(sunday(11, 1)).is_some_and(|(from, to)| {
        let time = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or(NaiveTime::MIN);
        at >= from.and_time(time(10)) && at < to.and_time(time(9))
    });
    let seconds = if summer { -7 * 3600 } else { -8 * 3600 };
    FixedOffset::east_opt(seconds).unwrap_or_else(|| Utc.fix())
}
