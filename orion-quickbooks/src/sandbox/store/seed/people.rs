//! Customers, vendors and employees.

use super::super::json::{Json, Object};
use super::words::{CITY, FAMILY, GIVEN, NOTE, STREET, SUPPLY, TRADE};
use super::{Planter, refer};

impl Planter<'_> {
    pub(super) fn people(&mut self) {
        let customers = (self.records / 4).max(10);
        let vendors = (self.records / 40).max(8);
        let total = customers + vendors + 4;
        // All within the first tenth of the history.
        for n in 0..customers {
            self.at(n, total * 10);
            let id = self.customer(n);
            self.customers.push(id);
        }
        for n in 0..vendors {
            self.at(customers + n, total * 10);
            let id = self.vendor(n);
            self.vendors.push(id);
        }
        for n in 0..4 {
            self.at(customers + vendors + n, total * 10);
            let id = self.employee(n);
            self.employees.push(id);
        }
    }

    fn customer(&mut self, n: usize) -> u64 {
        let (given, family) = (self.random.pick(&GIVEN), self.random.pick(&FAMILY));
        let is_job = n % 10 == 9;
        let name = match n % 3 {
            _ if is_job => format!("{} {}", 100 + n, self.random.pick(&STREET)),
            0 => self.business(n),
            _ => format!("{given} {family}"),
        };
        let name = self.free(name, n);
        let (address, tax) = self.address();
        let mut body = Object::new()
            .with("DisplayName", name.as_str())
            .with("GivenName", given)
            .with("FamilyName", family);
        if is_job {
            let parent = self.customers.get(n - 1).copied().unwrap_or(1);
            body = body.with("ParentRef", refer(parent)).with("BillWithParent", n % 20 == 9);
            let home =
                super::super::entity("Customer").and_then(|customer| self.company.object(customer, parent));
            if let Some(currency) = home.and_then(|home| home.get("CurrencyRef").cloned()) {
                body.set("CurrencyRef", currency);
            }
        } else if n % 9 == 4 {
            let currencies = ["CAD", "EUR", "JPY", "KWD", "GBP"];
            body = body.with("CurrencyRef", refer(currencies[n / 9 % currencies.len()]));
        }
        if n.is_multiple_of(3) && !is_job {
            body = body
                .with("CompanyName", name.as_str())
                .with("PrimaryTaxIdentifier", format!("94-{:07}", 1_200_000 + n));
        }
        let mail = format!("{}.{n}@customer.example", ascii(family));
        body = body
            .with("BillAddr", address)
            .with("PrimaryEmailAddr", Object::new().with("Address", mail))
            .with("PrimaryPhone", self.phone())
            .with("Taxable", !tax.is_empty() && n % 4 != 1)
            .with("CustomerTypeRef", refer(1 + n % 3));
        if !tax.is_empty() {
            body.set("DefaultTaxCodeRef", refer(tax));
        }
        if n % 5 == 2 {
            body = body.with("Notes", self.random.pick(&NOTE)).with("SalesTermRef", refer(1 + n % 4));
        }
        if n % 7 == 3 {
            body = body.with("Mobile", self.phone()).with("ShipAddr", self.address().0);
        }
        self.plant("Customer", body)
    }

    fn vendor(&mut self, n: usize) -> u64 {
        let name = format!("{} {}", self.random.pick(&FAMILY), self.random.pick(&SUPPLY));
        let name = self.free(name, n);
        let body = Object::new()
            .with("DisplayName", name.as_str())
            .with("CompanyName", name.as_str())
            .with("BillAddr", self.address().0)
            .with("PrimaryPhone", self.phone())
            .with("AcctNum", format!("{:08}", 41_000_000 + n * 37))
            .with("Vendor1099", n.is_multiple_of(4))
            .with("TaxIdentifier", format!("99-{:07}", 5_550_000 + n))
            .with("TermRef", refer(1 + n % 4));
        self.plant("Vendor", body)
    }

    fn employee(&mut self, n: usize) -> u64 {
        let (given, family) = (self.random.pick(&GIVEN), self.random.pick(&FAMILY));
        let name = self.free(format!("{given} {family}"), n);
        let body = Object::new()
            .with("GivenName", given)
            .with("FamilyName", family)
            .with("DisplayName", name)
            .with("PrimaryAddr", self.address().0)
            .with("PrimaryPhone", self.phone())
            .with("HiredDate", format!("2023-0{}-15", n + 1))
            .with("BillableTime", true)
            .with("BillRate", 40 + 5 * i64::try_from(n).unwrap_or_default());
        self.plant("Employee", body)
    }

    fn business(&mut self, n: usize) -> String {
        let (family, trade) = (self.random.pick(&FAMILY), self.random.pick(&TRADE));
        match n % 4 {
            0 => format!("{family} & {} {trade}", self.random.pick(&FAMILY)),
            1 => format!("{family}'s {trade}"),
            _ => format!("{family} {trade}"),
        }
    }

    /// A name nobody has yet.
    fn free(&self, name: String, n: usize) -> String {
        if self.company.has_name(&name) { format!("{name} {}", n + 2) } else { name }
    }

    /// An address and the tax code that applies there.
    fn address(&mut self) -> (Json, &'static str) {
        let index = usize::try_from(self.random.below(8)).unwrap_or_default();
        let (city, state, postal, tax) = CITY[index];
        let line = format!("{} {}", 1 + self.random.below(9_800), self.random.pick(&STREET));
        let address = Object::new()
            .with("Line1", line)
            .with("City", city)
            .with("CountrySubDivisionCode", state)
            .with("PostalCode", format!("{postal}{:02}", self.random.below(100)));
        (address.into(), tax)
    }

    fn phone(&mut self) -> Json {
        let number = format!("({}) 555-{:04}", 201 + self.random.below(700), self.random.below(10_000));
        Object::new().with("FreeFormNumber", number).into()
    }
}

fn ascii(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_lowercase()
}
