//! Dates and times: days since the common era and seconds since 1970 inside, Salesforce's text outside.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, Utc};

use super::number::push_padded;

const DAY: i64 = 86_400;

pub(crate) fn day_of(date: NaiveDate) -> i64 {
    i64::from(date.num_days_from_ce())
}

pub(crate) fn date_of(day: i64) -> NaiveDate {
    i32::try_from(day).ok().and_then(NaiveDate::from_num_days_from_ce_opt).unwrap_or_default()
}

/// Midnight UTC of a day, in seconds. The org's default time zone and its users' is GMT.
pub(crate) fn seconds_at(day: i64) -> i64 {
    date_of(day).and_time(NaiveTime::MIN).and_utc().timestamp()
}

/// The day a moment falls on.
pub(crate) fn day_at(seconds: i64) -> i64 {
    DateTime::<Utc>::from_timestamp(seconds, 0).map_or(0, |moment| day_of(moment.date_naive()))
}

/// `2024-06-11`, also in front of a time, which is dropped.
pub(crate) fn parse_date(text: &str) -> Option<i64> {
    let date = text.get(..10)?;
    let rest = text.get(10..)?;
    if !rest.is_empty() && parse_datetime(text).is_none() {
        return None;
    }
    NaiveDate::parse_from_str(date, "%Y-%m-%d").ok().map(day_of)
}

/// `2024-06-11T17:02:44.000+0000`, `…Z`, `…+02:00`, with or without a fraction (dropped: the org's resolution is one
/// second), and a bare date as its midnight. Years are 1700 to 4000, as in Salesforce.
pub(crate) fn parse_datetime(text: &str) -> Option<i64> {
    if text.len() == 10 {
        return parse_date(text).map(seconds_at);
    }
    let (clock, offset) = split_offset(text)?;
    let moment = NaiveDateTime::parse_from_str(clock, "%Y-%m-%dT%H:%M:%S%.f")
        .or_else(|_| NaiveDateTime::parse_from_str(clock, "%Y-%m-%dT%H:%M"))
        .ok()?;
    (1700..=4000).contains(&moment.year()).then(|| moment.and_utc().timestamp() - offset)
}

fn split_offset(text: &str) -> Option<(&str, i64)> {
    if let Some(clock) = text.strip_suffix(['Z', 'z']) {
        return Some((clock, 0));
    }
    let at = text.rfind(['+', '-']).filter(|&at| at > 10)?;
    let (clock, offset) = text.split_at_checked(at)?;
    let sign = if offset.starts_with('-') { -1 } else { 1 };
    let digits: String = offset.chars().skip(1).filter(|&c| c != ':').collect();
    let value: i64 = digits.parse().ok()?;
    (digits.len() == 4).then_some((clock, sign * (value / 100 * 3600 + value % 100 * 60)))
}

pub(crate) fn write_date(day: i64, out: &mut String) {
    let date = date_of(day);
    push_padded(date.year().unsigned_abs().into(), 4, out);
    out.push('-');
    push_padded(date.month().into(), 2, out);
    out.push('-');
    push_padded(date.day().into(), 2, out);
}

/// `2024-06-11T17:02:44.000` and the zone as given: `+0000` in REST, `Z` in Bulk.
pub(crate) fn write_datetime(seconds: i64, zone: &str, out: &mut String) {
    write_date(day_at(seconds), out);
    let clock = seconds.rem_euclid(DAY).unsigned_abs();
    for (lead, value) in [('T', clock / 3600), (':', clock / 60 % 60), (':', clock % 60)] {
        out.push(lead);
        push_padded(value, 2, out);
    }
    out.push_str(".000");
    out.push_str(zone);
}

#[cfg(test)]
mod tests {
    use super::{parse_date, parse_datetime, write_date, write_datetime};

    fn shown(seconds: i64) -> String {
        let mut out = String::new();
        write_datetime(seconds, "+0000", &mut out);
        out
    }

    #[test]
    fn moments_are_read_in_every_form_salesforce_takes() {
        let expected = parse_datetime("2024-06-11T17:02:44.000+0000").unwrap();
        assert_eq!(shown(expected), "2024-06-11T17:02:44.000+0000");
        for text in [
            "2024-06-11T17:02:44Z",
            "2024-06-11T17:02:44.999Z",
            "2024-06-11T19:02:44+02:00",
            "2024-06-11T12:02:44.5-0500",
        ] {
            assert_eq!(parse_datetime(text), Some(expected), "{text}");
        }
        assert_eq!(shown(parse_datetime("2024-06-11").unwrap()), "2024-06-11T00:00:00.000+0000");
        assert_eq!(shown(parse_datetime("1969-12-31T23:59:59Z").unwrap()), "1969-12-31T23:59:59.000+0000");
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for text in ["2017-10-17 00:00:00", "2024-13-01T00:00:00Z", "2024-06-11T17:02:44", "soon", ""] {
            assert_eq!(parse_datetime(text), None, "{text}");
        }
        for text in ["2024-02-30", "11/06/2024", "2024-06-11x", "日本語日本語"] {
            assert_eq!(parse_date(text), None, "{text}");
        }
    }

    #[test]
    fn dates_print_padded_and_drop_a_time() {
        let mut out = String::new();
        write_date(parse_date("2024-06-01T10:00:00Z").unwrap(), &mut out);
        assert_eq!(out, "2024-06-01");
    }
}
