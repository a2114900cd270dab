//! Contacts and leads.

use super::super::Org;
use super::super::id::RowId;
use super::super::moment::day_at;
use super::super::schema::Object;
use super::super::table::Cell;
use super::fill::{
    Calendar, Draw, Filler, From, Places, city, country, description, employees, latitude, longitude, phone,
    postal_code, revenue, state, street, text, website, yes,
};
use super::random::Random;
use super::words::{DEPARTMENTS, TITLES};

/// The first account has many contacts, as one account always does: enough for child results to need paging.
const CROWD: usize = 450;

const CONTACT: [(&str, u8, From); 28] = [
    ("LastName", 100, From::With(|_, draw| text(draw.last.0))),
    ("FirstName", 95, From::With(|_, draw| text(draw.first.0))),
    ("Salutation", 55, From::Picklist),
    ("MailingStreet", 100, From::With(street)),
    ("MailingCity", 100, From::With(city)),
    ("MailingState", 100, From::With(state)),
    ("MailingPostalCode", 95, From::With(postal_code)),
    ("MailingCountry", 100, From::With(country)),
    ("MailingLatitude", 100, From::With(latitude)),
    ("MailingLongitude", 100, From::With(longitude)),
    ("OtherCity", 10, From::With(city)),
    ("OtherCountry", 10, From::With(country)),
    ("Phone", 70, From::With(phone)),
    ("Fax", 15, From::With(phone)),
    ("MobilePhone", 60, From::With(phone)),
    ("HomePhone", 10, From::With(phone)),
    ("AssistantName", 8, From::With(assistant)),
    ("Email", 85, From::With(email)),
    ("Title", 75, From::With(|random, _| text(random.word(&TITLES)))),
    ("Department", 55, From::With(|random, _| text(random.word(&DEPARTMENTS)))),
    ("LeadSource", 55, From::Picklist),
    ("Birthdate", 30, From::With(birthdate)),
    ("Description", 35, From::With(description)),
    ("HasOptedOutOfEmail", 8, From::With(yes)),
    ("HasOptedOutOfFax", 2, From::With(yes)),
    ("DoNotCall", 5, From::With(yes)),
    ("CleanStatus", 100, From::With(|_, _| text("Pending"))),
    ("External_Id__c", 70, From::With(|_, draw| text(format!("CON-{:06}", draw.n + 1)))),
];

const LEAD: [(&str, u8, From); 28] = [
    ("LastName", 100, From::With(|_, draw| text(draw.last.0))),
    ("FirstName", 93, From::With(|_, draw| text(draw.first.0))),
    ("Salutation", 40, From::Picklist),
    ("Title", 70, From::With(|random, _| text(random.word(&TITLES)))),
    ("Company", 100, From::With(|_, draw| text(draw.company.as_str()))),
    ("Street", 90, From::With(street)),
    ("City", 100, From::With(city)),
    ("State", 100, From::With(state)),
    ("PostalCode", 90, From::With(postal_code)),
    ("Country", 100, From::With(country)),
    ("Latitude", 100, From::With(latitude)),
    ("Longitude", 100, From::With(longitude)),
    ("Phone", 65, From::With(phone)),
    ("MobilePhone", 35, From::With(phone)),
    ("Fax", 10, From::With(phone)),
    ("Email", 90, From::With(email)),
    ("Website", 50, From::With(website)),
    ("Description", 40, From::With(description)),
    ("LeadSource", 75, From::Picklist),
    ("Industry", 65, From::Picklist),
    ("Rating", 55, From::Picklist),
    ("AnnualRevenue", 50, From::With(revenue)),
    ("NumberOfEmployees", 55, From::With(employees)),
    ("HasOptedOutOfEmail", 6, From::With(yes)),
    ("DoNotCall", 4, From::With(yes)),
    ("IsUnreadByOwner", 45, From::With(yes)),
    ("CleanStatus", 100, From::With(|_, _| text("Pending"))),
    ("External_Id__c", 60, From::With(|_, draw| text(format!("LED-{:06}", draw.n + 1)))),
];

fn email(random: &mut Random, draw: &Draw<'_>) -> Cell {
    let number = if random.chance(40) { random.between(2, 99).to_string() } else { String::new() };
    text(format!("{}.{}{number}@{}", draw.first.1, draw.last.1, draw.domain))
}

fn assistant(random: &mut Random, draw: &Draw<'_>) -> Cell {
    let culture = draw.place.culture;
    let name = (random.pick(culture.first), random.pick(culture.last));
    match name {
        (Some(first), Some(last)) => text(format!("{} {}", first.0, last.0)),
        _ => Cell::Null,
    }
}

/// Between 21 and 70 years before the row was made.
fn birthdate(random: &mut Random, draw: &Draw<'_>) -> Cell {
    Cell::Word(day_at(draw.stamps.created) - random.between(21 * 365, 70 * 365))
}

fn full_name(draw: &Draw<'_>, has_first: bool) -> Cell {
    match has_first {
        true => text(format!("{} {}", draw.first.0, draw.last.0)),
        false => text(draw.last.0),
    }
}

impl Org {
    pub(super) fn seed_contacts(&mut self, seed: u64, count: usize, calendar: &Calendar, places: &Places) {
        let Some(object) = self.schema.object("Contact") else { return };
        let account = object.position("AccountId");
        let mut crowd = 0;
        self.seed_people(object, &CONTACT, seed, count, calendar, places, |org, random, id| {
            let target = match id.row % 4 {
                3 if crowd < CROWD => {
                    crowd += 1;
                    0
                }
                _ if random.chance(7) => return,
                _ => random.below(id.row as usize + 1),
            };
            if let Some(field) = account {
                let row =
                    RowId { object: org.schema.object("Account").map_or(0, |o| o.index), row: target as u32 };
                org.put(id, field, Cell::Word(row.pack()));
            }
        });
    }

    pub(super) fn seed_leads(&mut self, seed: u64, count: usize, calendar: &Calendar, places: &Places) {
        let Some(object) = self.schema.object("Lead") else { return };
        let statuses = ["Open - Not Contacted", "Working - Contacted", "Closed - Not Converted"]
            .map(std::sync::Arc::from);
        self.seed_people(object, &LEAD, seed, count, calendar, places, |org, random, id| {
            if random.chance(6) {
                org.convert(id, random);
            } else {
                let status = random.shared(&statuses);
                org.put_in(id, "Status", status);
            }
        });
    }

    /// Marks a lead as converted to the account and contact of its own row number, which are as old as it is.
    fn convert(&mut self, id: RowId, random: &mut Random) {
        let row =
            |object: &str| self.schema.object(object).map(|o| RowId { object: o.index, row: id.row }.pack());
        let (account, contact) = (row("Account"), row("Contact"));
        let converted = day_at(self.word_of(id, "LastModifiedDate").unwrap_or(0));
        self.put_in(id, "Status", text("Closed - Converted"));
        self.put_in(id, "IsConverted", Cell::Word(1));
        self.put_in(id, "IsUnreadByOwner", Cell::Word(0));
        self.put_in(id, "ConvertedDate", Cell::Word(converted));
        self.put_in(id, "ConvertedAccountId", account.map_or(Cell::Null, Cell::Word));
        if random.chance(90) {
            self.put_in(id, "ConvertedContactId", contact.map_or(Cell::Null, Cell::Word));
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "what contacts and leads share; a struct for two calls says no more"
    )]
    fn seed_people(
        &mut self,
        object: &'static Object,
        fields: &[(&str, u8, From)],
        seed: u64,
        count: usize,
        calendar: &Calendar,
        places: &Places,
        mut relate: impl FnMut(&mut Self, &mut Random, RowId),
    ) {
        let mut random = Random::new(seed, &object.name);
        let filler = Filler::new(object, fields);
        let (name, first) = (object.position("Name"), object.position("FirstName"));
        let mut last = None;
        for n in 0..count {
            let stamps = calendar.stamps(&mut random, n, count, last);
            last = Some(stamps);
            let Some(draw) = Draw::new(&mut random, n, places, stamps) else { continue };
            let id = self.sow(object, &filler, &mut random, &draw);
            if let (Some(name), Some(first)) = (name, first) {
                let cell = full_name(&draw, self.text(id, first).is_some());
                self.put(id, name, cell);
            }
            relate(self, &mut random, id);
        }
    }
}
