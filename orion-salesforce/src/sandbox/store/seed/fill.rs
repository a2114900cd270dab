//! Rows filled field by field from tables of generators.

use std::sync::Arc;

use super::super::Org;
use super::super::id::RowId;
use super::super::schema::{FieldIndex, Object};
use super::super::table::Cell;
use super::random::Random;
use super::words::{COMPANY_HEADS, COMPANY_TAILS, Named, PLACES, Place, SENTENCES};

/// When rows may have been made and changed, in seconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Calendar {
    pub(super) start: i64,
    pub(super) end: i64,
}

/// When one row was made and last changed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stamps {
    pub(super) created: i64,
    pub(super) modified: i64,
}

impl Calendar {
    /// The stamps of row `n` of `count`: rows are made in order, most are never touched again, and some come in loads
    /// that share their second.
    pub(super) fn stamps(&self, random: &mut Random, n: usize, count: usize, last: Option<Stamps>) -> Stamps {
        if let Some(last) = last.filter(|_| random.chance(15)) {
            return last;
        }
        let (n, count) = (i64::try_from(n).unwrap_or(0), i64::try_from(count).unwrap_or(1).max(1));
        let step = (self.end - self.start) / count;
        let floor = last.map_or(self.start, |last| last.created);
        let created = (self.start + step * n + random.between(0, step.max(1) - 1)).clamp(floor, self.end);
        let modified = if random.chance(45) { random.between(created, self.end) } else { created };
        Stamps { created, modified }
    }
}

/// The texts of the places, shared by all rows.
#[derive(Debug)]
pub(super) struct Places(Vec<Pool>);

#[derive(Debug)]
pub(super) struct Pool {
    city: Arc<str>,
    state: Option<Arc<str>>,
    country: Arc<str>,
}

impl Places {
    pub(super) fn new() -> Self {
        let pool = |place: &Place| Pool {
            city: place.city.into(),
            state: place.state.map(Arc::from),
            country: place.country.into(),
        };
        Self(PLACES.iter().map(pool).collect())
    }
}

/// What the fields of one row have in common.
#[derive(Debug)]
pub(super) struct Draw<'a> {
    pub(super) n: usize,
    pub(super) place: &'static Place,
    pool: &'a Pool,
    pub(super) first: Named,
    pub(super) last: Named,
    /// Company name and domain.
    pub(super) company: String,
    pub(super) domain: String,
    /// Whether the row has an address.
    pub(super) settled: bool,
    pub(super) stamps: Stamps,
}

impl<'a> Draw<'a> {
    pub(super) fn new(random: &mut Random, n: usize, places: &'a Places, stamps: Stamps) -> Option<Self> {
        let at = random.below(PLACES.len());
        let (place, pool) = (PLACES.get(at)?, places.0.get(at)?);
        let (first, last) = (*random.pick(place.culture.first)?, *random.pick(place.culture.last)?);
        let (company, domain) = company(random, place);
        let settled = random.chance(80);
        Some(Self { n, place, pool, first, last, company, domain, settled, stamps })
    }
}

/// A company's name, and its domain under one of the reserved ones.
fn company(random: &mut Random, place: &Place) -> (String, String) {
    let form = random.word(place.culture.company_forms);
    let tail = random.word(&COMPANY_TAILS);
    let (name, plain) = match random.below(3) {
        0 => {
            let last = random.pick(place.culture.last).copied().unwrap_or_default();
            (format!("{} {tail}", last.0), format!("{}{tail}", last.1))
        }
        _ => {
            let head = random.word(&COMPANY_HEADS);
            (format!("{head} {tail}"), format!("{head}{tail}"))
        }
    };
    let mut domain: String = plain.to_ascii_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    domain.push_str(if random.chance(25) { ".example.org" } else { ".example.com" });
    (format!("{name} {form}"), domain)
}

pub(super) type Make = fn(&mut Random, &Draw<'_>) -> Cell;

/// Where a field's values come from.
#[derive(Debug, Clone, Copy)]
pub(super) enum From {
    /// Its picklist.
    Picklist,
    With(Make),
}

/// Generators bound to an object's fields, each with the share of rows that have a value, in percent.
#[derive(Debug)]
pub(super) struct Filler(Vec<(FieldIndex, u8, Source)>);

#[derive(Debug)]
enum Source {
    Pool(Vec<Arc<str>>),
    With(Make),
}

impl Filler {
    pub(super) fn new(object: &Object, fields: &[(&str, u8, From)]) -> Self {
        let bind = |&(name, percent, from): &(&str, u8, From)| {
            let field = object.field(name)?;
            let source = match from {
                From::Picklist => {
                    Source::Pool(field.values.iter().map(|value| Arc::from(&**value)).collect())
                }
                From::With(make) => Source::With(make),
            };
            Some((field.index, percent, source))
        };
        Self(fields.iter().filter_map(bind).collect())
    }
}

impl Org {
    /// Adds a row filled from `filler`, made and changed when `draw` says, owned by one of the staff.
    pub(super) fn sow(
        &mut self,
        object: &Object,
        filler: &Filler,
        random: &mut Random,
        draw: &Draw<'_>,
    ) -> RowId {
        let id = self.add_row(object);
        for (field, percent, source) in &filler.0 {
            if !random.chance(*percent) {
                continue;
            }
            let cell = match source {
                Source::Pool(pool) => random.shared(pool),
                Source::With(make) => make(random, draw),
            };
            if cell != Cell::Null {
                self.put(id, *field, cell);
            }
        }
        self.stamp(object, id, draw.stamps);
        let owner = super::staff::owner(self, random);
        self.assign(object, id, owner);
        id
    }

    pub(super) fn stamp(&mut self, object: &Object, id: RowId, stamps: Stamps) {
        let system = &object.system;
        for (field, at) in [
            (system.created_date, stamps.created),
            (system.modified_date, stamps.modified),
            (system.modstamp, stamps.modified),
        ] {
            if let Some(field) = field {
                self.put(id, field, Cell::Word(at));
            }
        }
    }

    pub(super) fn assign(&mut self, object: &Object, id: RowId, owner: RowId) {
        let system = &object.system;
        for field in [system.owner, system.created_by, system.modified_by].into_iter().flatten() {
            self.put(id, field, Cell::Word(owner.pack()));
        }
    }
}

pub(super) fn text(text: impl Into<Arc<str>>) -> Cell {
    Cell::Text(text.into())
}

pub(super) fn yes(_: &mut Random, _: &Draw<'_>) -> Cell {
    Cell::Word(1)
}

pub(super) fn phone(random: &mut Random, draw: &Draw<'_>) -> Cell {
    text(random.digits(draw.place.phone))
}

pub(super) fn website(_: &mut Random, draw: &Draw<'_>) -> Cell {
    text(format!("https://www.{}", draw.domain))
}

pub(super) fn description(random: &mut Random, _: &Draw<'_>) -> Cell {
    let count = 1 + random.below(3);
    let sentences: Vec<&str> = (0..count).map(|_| random.word(&SENTENCES)).collect();
    text(sentences.join(" "))
}

pub(super) fn employees(random: &mut Random, _: &Draw<'_>) -> Cell {
    let digits = random.below(5);
    Cell::Word(random.between(1, 9 * 10_i64.pow(digits.try_into().unwrap_or(0))))
}

/// Whole units of currency, most of them round.
pub(super) fn revenue(random: &mut Random, _: &Draw<'_>) -> Cell {
    let thousands = random.between(50, 900_000);
    Cell::Word(if random.chance(70) { thousands * 1000 } else { thousands * 1000 + random.between(1, 999) })
}

pub(super) fn street(random: &mut Random, draw: &Draw<'_>) -> Cell {
    if !draw.settled {
        return Cell::Null;
    }
    let culture = draw.place.culture;
    let number = random.between(1, 240).to_string();
    let street = random.word(culture.streets);
    let line = culture.address.replacen("{n}", &number, 1).replace("{n}", "2").replace("{s}", street);
    text(if random.chance(12) { format!("{line}\nFloor {}", random.between(1, 40)) } else { line })
}

pub(super) fn city(_: &mut Random, draw: &Draw<'_>) -> Cell {
    settled(draw, Some(&draw.pool.city))
}

pub(super) fn state(_: &mut Random, draw: &Draw<'_>) -> Cell {
    settled(draw, draw.pool.state.as_ref())
}

pub(super) fn country(_: &mut Random, draw: &Draw<'_>) -> Cell {
    settled(draw, Some(&draw.pool.country))
}

pub(super) fn postal_code(random: &mut Random, draw: &Draw<'_>) -> Cell {
    if draw.settled { text(random.digits(draw.place.postal)) } else { Cell::Null }
}

fn settled(draw: &Draw<'_>, value: Option<&Arc<str>>) -> Cell {
    value.filter(|_| draw.settled).map_or(Cell::Null, |value| Cell::Text(Arc::clone(value)))
}

/// The columns hold 15 decimals; places are known to 6.
const DEGREE_STEP: i64 = 1_000_000_000;

/// Rows of one place share their position: a client may group by it, and one without the other never happens.
pub(super) fn latitude(_: &mut Random, draw: &Draw<'_>) -> Cell {
    located(draw, draw.place.latitude)
}

pub(super) fn longitude(_: &mut Random, draw: &Draw<'_>) -> Cell {
    located(draw, draw.place.longitude)
}

fn located(draw: &Draw<'_>, millionths: i64) -> Cell {
    if draw.settled && draw.n.is_multiple_of(3) { Cell::Word(millionths * DEGREE_STEP) } else { Cell::Null }
}
