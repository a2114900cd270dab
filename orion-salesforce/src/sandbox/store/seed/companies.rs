//! Accounts.

use super::super::Org;
use super::super::id::RowId;
use super::super::moment::day_at;
use super::super::table::Cell;
use super::fill::{
    Calendar, Draw, Filler, From, Places, city, country, description, employees, latitude, longitude, phone,
    postal_code, revenue, state, street, text, website,
};
use super::random::Random;

const FIELDS: [(&str, u8, From); 36] = [
    ("Name", 100, From::With(|_, draw| text(draw.company.as_str()))),
    ("Type", 80, From::Picklist),
    ("BillingStreet", 100, From::With(street)),
    ("BillingCity", 100, From::With(city)),
    ("BillingState", 100, From::With(state)),
    ("BillingPostalCode", 95, From::With(postal_code)),
    ("BillingCountry", 100, From::With(country)),
    ("BillingLatitude", 100, From::With(latitude)),
    ("BillingLongitude", 100, From::With(longitude)),
    ("ShippingStreet", 40, From::With(street)),
    ("ShippingCity", 45, From::With(city)),
    ("ShippingState", 40, From::With(state)),
    ("ShippingPostalCode", 40, From::With(postal_code)),
    ("ShippingCountry", 45, From::With(country)),
    ("Phone", 75, From::With(phone)),
    ("Fax", 30, From::With(phone)),
    ("AccountNumber", 60, From::With(|random, _| text(random.digits("CD######")))),
    ("Website", 70, From::With(website)),
    ("Sic", 40, From::With(|random, _| text(random.digits("####")))),
    ("Industry", 80, From::Picklist),
    ("AnnualRevenue", 65, From::With(revenue)),
    ("NumberOfEmployees", 65, From::With(employees)),
    ("Ownership", 60, From::Picklist),
    ("TickerSymbol", 10, From::With(|_, draw| text(ticker(&draw.domain)))),
    ("Description", 55, From::With(description)),
    ("Rating", 55, From::Picklist),
    (
        "Site",
        30,
        From::With(|random, _| text(random.word(&["Headquarters", "Plant 2", "Werk Süd", "R&D", "本社"]))),
    ),
    ("CleanStatus", 100, From::With(|_, _| text("Pending"))),
    ("AccountSource", 55, From::Picklist),
    ("DunsNumber", 25, From::With(|random, _| text(random.digits("#########")))),
    ("NaicsCode", 25, From::With(|random, _| text(random.digits("######")))),
    ("YearStarted", 35, From::With(|random, _| text(random.between(1871, 2022).to_string()))),
    ("External_Id__c", 85, From::With(|_, draw| text(format!("ACC-{:06}", draw.n + 1)))),
    ("Loyalty_Tier__c", 45, From::Picklist),
    ("Credit_Limit__c", 50, From::With(|random, _| Cell::Word(random.between(50_000, 90_000_000)))),
    ("Renewal_Date__c", 40, From::With(renewal)),
];

/// Within two years after the row was made.
fn renewal(random: &mut Random, draw: &Draw<'_>) -> Cell {
    Cell::Word(day_at(draw.stamps.created) + random.between(30, 730))
}

fn ticker(domain: &str) -> String {
    domain.chars().filter(char::is_ascii_alphabetic).take(4).collect::<String>().to_ascii_uppercase()
}

impl Org {
    pub(super) fn seed_accounts(&mut self, seed: u64, count: usize, calendar: &Calendar, places: &Places) {
        let Some(object) = self.schema.object("Account") else { return };
        let mut random = Random::new(seed, "Account");
        let filler = Filler::new(object, &FIELDS);
        let parent = object.position("ParentId");
        let mut last = None;
        for n in 0..count {
            let stamps = calendar.stamps(&mut random, n, count, last);
            last = Some(stamps);
            let Some(draw) = Draw::new(&mut random, n, places, stamps) else { continue };
            let id = self.sow(object, &filler, &mut random, &draw);
            if let Some(parent) = parent.filter(|_| id.row > 0 && random.chance(8)) {
                let row = random.below(id.row as usize) as u32;
                self.put(id, parent, Cell::Word(RowId { object: object.index, row }.pack()));
            }
        }
    }
}
