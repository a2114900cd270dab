//! Date literals: periods relative to today, in the user's time zone.

use std::fmt;

/// A length of time that date literals count in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unit {
    /// Days.
    Day,
    /// Weeks; the user's locale says on which day they begin.
    Week,
    /// Months.
    Month,
    /// Quarters of the calendar year.
    Quarter,
    /// Calendar years.
    Year,
    /// Quarters of the org's fiscal year.
    FiscalQuarter,
    /// The org's fiscal years.
    FiscalYear,
}

impl Unit {
    fn name(self) -> &'static str {
        match self {
            Self::Day => "DAY",
            Self::Week => "WEEK",
            Self::Month => "MONTH",
            Self::Quarter => "QUARTER",
            Self::Year => "YEAR",
            Self::FiscalQuarter => "FISCAL_QUARTER",
            Self::FiscalYear => "FISCAL_YEAR",
        }
    }
}

/// A period relative to today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DateLiteral {
    /// The period before this one; of days, yesterday.
    Last(Unit),
    /// The current period; of days, today.
    This(Unit),
    /// The period after this one; of days, tomorrow.
    Next(Unit),
    /// The last `n` periods before this one; of days, today counts too.
    LastN(Unit, u32),
    /// The next `n` periods.
    NextN(Unit, u32),
    /// The one period `n` periods ago.
    Ago(Unit, u32),
    /// Today and the 90 days before.
    Last90Days,
    /// The 90 days that begin tomorrow.
    Next90Days,
}

impl DateLiteral {
    /// Today.
    pub const TODAY: Self = Self::This(Unit::Day);
    /// Yesterday.
    pub const YESTERDAY: Self = Self::Last(Unit::Day);
    /// Tomorrow.
    pub const TOMORROW: Self = Self::Next(Unit::Day);

    /// The last `n` days.
    #[must_use]
    pub const fn last_days(n: u32) -> Self {
        Self::LastN(Unit::Day, n)
    }

    /// The next `n` days.
    #[must_use]
    pub const fn next_days(n: u32) -> Self {
        Self::NextN(Unit::Day, n)
    }
}

impl fmt::Display for DateLiteral {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Last(Unit::Day) => f.write_str("YESTERDAY"),
            Self::This(Unit::Day) => f.write_str("TODAY"),
            Self::Next(Unit::Day) => f.write_str("TOMORROW"),
            Self::Last(unit) => write!(f, "LAST_{}", unit.name()),
            Self::This(unit) => write!(f, "THIS_{}", unit.name()),
            Self::Next(unit) => write!(f, "NEXT_{}", unit.name()),
            Self::LastN(unit, n) => write!(f, "LAST_N_{}S:{n}", unit.name()),
            Self::NextN(unit, n) => write!(f, "NEXT_N_{}S:{n}", unit.name()),
            Self::Ago(unit, n) => write!(f, "N_{}S_AGO:{n}", unit.name()),
            Self::Last90Days => f.write_str("LAST_90_DAYS"),
            Self::Next90Days => f.write_str("NEXT_90_DAYS"),
        }
    }
}
