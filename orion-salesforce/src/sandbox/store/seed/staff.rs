//! The organization, its profiles and roles, and its five users.

use super::super::Org;
use super::super::id::RowId;
use super::super::table::Cell;
use super::fill::{Calendar, Stamps, text};
use super::random::Random;

/// First name, last name, alias, title, role, and profile (0 administrator, 1 standard).
const USERS: [(&str, &str, &str, &str, usize, i64); 5] = [
    ("Dana", "Whitfield", "dwhit", "Salesforce Administrator", 0, 0),
    ("Jürgen", "Krüger", "jkrug", "Account Executive, DACH", 2, 1),
    ("Amélie", "Moreau", "amore", "Account Executive, France", 2, 1),
    ("健一", "髙橋", "ktaka", "Account Executive, Japan", 2, 1),
    ("Marcus", "Okafor", "mokaf", "VP, Sales", 1, 1),
];

const PROFILES: [&str; 2] = ["System Administrator", "Standard User"];
const ROLES: [(&str, &str); 3] = [
    ("CEO", "CEO"),
    ("VP, International Sales", "VPInternationalSales"),
    ("Account Executive", "AccountExecutive"),
];

/// One of the users who sell.
pub(super) fn owner(org: &Org, random: &mut Random) -> RowId {
    let row = random.below(USERS.len()) as u32;
    RowId { row, ..org.user }
}

impl Org {
    pub(super) fn seed_staff(&mut self, calendar: &Calendar) {
        for name in PROFILES {
            self.plant("Profile", calendar, &[("Name", text(name)), ("UserType", text("Standard"))]);
        }
        for (row, (name, developer)) in ROLES.into_iter().enumerate() {
            let parent = row.checked_sub(1).map_or(Cell::Null, |row| self.pointer("UserRole", row));
            let cells = [("Name", text(name)), ("DeveloperName", text(developer)), ("ParentRoleId", parent)];
            self.plant("UserRole", calendar, &cells);
        }
        self.plant(
            "Organization",
            calendar,
            &[
                ("Name", text("Orion Sandbox")),
                ("City", text("San Francisco")),
                ("State", text("CA")),
                ("PostalCode", text("94105")),
                ("Country", text("US")),
                ("PrimaryContact", text("Dana Whitfield")),
                ("DefaultLocaleSidKey", text("en_US")),
                ("TimeZoneSidKey", text("GMT")),
                ("LanguageLocaleKey", text("en_US")),
                ("FiscalYearStartMonth", Cell::Word(1)),
                ("OrganizationType", text("Developer Edition")),
                ("InstanceName", text("NA000")),
                ("IsSandbox", Cell::Word(1)),
            ],
        );
        for user in USERS {
            self.plant_user(calendar, user);
        }
    }

    fn plant_user(
        &mut self,
        calendar: &Calendar,
        (first, last, alias, title, role, profile): (&str, &str, &str, &str, usize, i64),
    ) {
        let email = format!("{alias}@orion.example.com");
        let cells = [
            ("Username", text(email.as_str())),
            ("FirstName", text(first)),
            ("LastName", text(last)),
            ("Name", text(format!("{first} {last}"))),
            ("Email", text(email)),
            ("Alias", text(alias)),
            ("CommunityNickname", text(alias)),
            ("Title", text(title)),
            ("CompanyName", text("Orion Sandbox")),
            ("IsActive", Cell::Word(1)),
            ("TimeZoneSidKey", text("GMT")),
            ("LocaleSidKey", text("en_US")),
            ("LanguageLocaleKey", text("en_US")),
            ("EmailEncodingKey", text("UTF-8")),
            ("UserType", text("Standard")),
            ("ReceivesInfoEmails", Cell::Word(1)),
            ("ForecastEnabled", Cell::Word(1)),
            ("UserRoleId", self.pointer("UserRole", role)),
            ("ProfileId", self.pointer("Profile", usize::try_from(profile).unwrap_or(0))),
            ("LastLoginDate", Cell::Word(calendar.end)),
        ];
        self.plant("User", calendar, &cells);
    }

    fn pointer(&self, object: &str, row: usize) -> Cell {
        let id = self.schema.object(object).map(|object| RowId { object: object.index, row: row as u32 });
        id.map_or(Cell::Null, |id| Cell::Word(id.pack()))
    }

    /// Adds a row made when the org was.
    pub(super) fn plant(
        &mut self,
        object: &str,
        calendar: &Calendar,
        cells: &[(&str, Cell)],
    ) -> Option<RowId> {
        let object = self.schema.object(object)?;
        let id = self.add_row(object);
        for (name, cell) in cells {
            self.put_in(id, name, cell.clone());
        }
        self.stamp(object, id, Stamps { created: calendar.start, modified: calendar.start });
        Some(id)
    }
}
