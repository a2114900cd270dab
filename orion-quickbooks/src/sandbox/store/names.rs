//! Customers, vendors, employees and lists: display names, uniqueness, parents, and how they become inactive.

use rust_decimal::Decimal;

use super::entity::{Entity, Kind};
use super::json::{Json, Object, reference};
use super::table::Key;
use super::{Company, Fault, currency};

const PARTS: [&str; 5] = ["Title", "GivenName", "MiddleName", "FamilyName", "Suffix"];
const ADDRESSES: [&str; 6] = ["BillAddr", "ShipAddr", "PrimaryAddr", "VendorAddr", "Address", "CompanyAddr"];
/// Deepest a sub-customer or sub-account may sit below the top.
const DEEPEST: i64 = 4;

impl Company {
    pub(super) fn complete_name(
        &mut self,
        entity: &'static Entity,
        object: &mut Object,
        old: Option<&Object>,
    ) -> Result<(), Fault> {
        display_name(object)?;
        self.defaults(entity, object);
        self.address_ids(object, old);
        self.deactivate(entity, object, old);
        self.claim(entity, object, old)?;
        let label = object.text("DisplayName").unwrap_or_default().to_owned();
        object.set_default("PrintOnCheckName", label.as_str());
        if entity.name != "Customer" {
            return Ok(());
        }
        let level = self.place(entity, object, "DisplayName", old)?;
        object.set("Job", level > 0);
        if level > 0 {
            object.set("Level", level);
        }
        self.move_jobs(entity, object, old);
        Ok(())
    }

    pub(super) fn complete_list(
        &mut self,
        entity: &'static Entity,
        object: &mut Object,
        old: Option<&Object>,
    ) -> Result<(), Fault> {
        object.set_default("Active", true);
        self.defaults(entity, object);
        self.address_ids(object, old);
        self.deactivate(entity, object, old);
        if entity.name == "CompanyCurrency" {
            return complete_currency(object);
        }
        match entity.name {
            "Item" => super::items::check(object)?,
            "Account" => super::items::check_account(object)?,
            _ => {}
        }
        let sub = match entity.name {
            "Item" => "SubItem",
            "Account" => "SubAccount",
            "Class" => "SubClass",
            "Department" => "SubDepartment",
            _ => "",
        };
        if !sub.is_empty() {
            let level = self.place(entity, object, "Name", old)?;
            if entity.name != "Item" || level > 0 {
                object.set(sub, level > 0);
            }
            if entity.name == "Item" && level > 0 {
                object.set("Level", level);
            }
        }
        self.claim(entity, object, old)
    }

    /// Lets others use a row's name.
    pub(super) fn give_up_name(&mut self, entity: &Entity, object: &Object) {
        if let Some(name) = object.text(unique(entity)) {
            self.names.remove(&(space(entity), fold(name)));
        }
    }

    /// Whether a customer, vendor or employee has this name.
    pub(super) fn has_name(&self, name: &str) -> bool {
        self.names.contains_key(&("Name", fold(name)))
    }

    fn defaults(&self, entity: &Entity, object: &mut Object) {
        match entity.name {
            "Customer" => {
                for (name, value) in [("Taxable", true), ("Job", false), ("BillWithParent", false)] {
                    object.set_default(name, value);
                }
                object.set_default("Balance", Decimal::ZERO);
                object.set_default("BalanceWithJobs", Decimal::ZERO);
                object.set_default("PreferredDeliveryMethod", "Print");
                if object.flag("Taxable") {
                    object.set_default("DefaultTaxCodeRef", reference("2", ""));
                }
            }
            "Vendor" => {
                object.set_default("Balance", Decimal::ZERO);
                object.set_default("Vendor1099", false);
                mask(object);
            }
            "Employee" => object.set_default("BillableTime", false),
            "Item" => super::items::defaults(object),
            "Account" => super::items::account_defaults(object),
            _ => {}
        }
        if matches!(entity.name, "Customer" | "Vendor" | "Account") {
            object.set_default("CurrencyRef", reference("USD", currency::name("USD").unwrap_or_default()));
        }
        if entity.is_listed() {
            object.set_default("Active", true);
        }
    }

    /// A new address gets an id, a changed one keeps its own.
    fn address_ids(&mut self, object: &mut Object, old: Option<&Object>) {
        for name in ADDRESSES {
            let kept = old
                .and_then(|old| old.object(name))
                .and_then(|address| address.text("Id"))
                .map(str::to_owned);
            if let Some(Json::Object(address)) = object.get_mut(name)
                && !address.has("Id")
            {
                let id = kept.unwrap_or_else(|| self.next("Address").to_string());
                address.set_first("Id", id);
            }
        }
    }

    /// An inactive row gives up its name (recorded for an employee: `Emily Platt (deleted)`), and takes it back.
    fn deactivate(&self, entity: &Entity, object: &mut Object, old: Option<&Object>) {
        let label = object.text(entity.label).unwrap_or_default().to_owned();
        let was = old.is_none_or(|old| old.flag("Active"));
        match (was, object.flag("Active")) {
            (true, false) if !label.ends_with(" (deleted)") => {
                let free = |name: &String| !self.names.contains_key(&(space(entity), fold(name)));
                let mut names = (1..).map(|n| {
                    if n == 1 { format!("{label} (deleted)") } else { format!("{label} (deleted {n})") }
                });
                if let Some(name) = names.find(free) {
                    object.set(entity.label, name);
                }
            }
            (false, true) => {
                if let Some((name, _)) = label.split_once(" (deleted") {
                    object.set(entity.label, name);
                }
            }
            _ => {}
        }
    }

    /// Takes a name, unless another row has it.
    fn claim(&mut self, entity: &'static Entity, object: &Object, old: Option<&Object>) -> Result<(), Fault> {
        let shown = |object: &Object| object.text(unique(entity)).map(|name| (space(entity), fold(name)));
        let Some(name) = shown(object) else { return Ok(()) };
        let own = old.and_then(|old| old.text("Id")).and_then(|id| id.parse::<u64>().ok());
        match self.names.get(&name) {
            Some((index, id)) if *index == entity.index && Some(*id) == own => return Ok(()),
            Some((index, _)) => {
                return Err(Fault::duplicate_name(
                    self.tables.get(*index).and_then(|table| kind(table.entity)),
                ));
            }
            None => {}
        }
        if let Some(before) = old.and_then(shown) {
            self.names.remove(&before);
        }
        // A create takes the id that comes next in the sequence; nothing fails between here and there.
        let id =
            own.unwrap_or_else(|| self.sequences.get(entity.sequence()).copied().unwrap_or_default() + 1);
        self.names.insert(name, (entity.index, id));
        Ok(())
    }

    /// Sets `FullyQualifiedName` from the chain of parents. Returns how deep the row sits.
    fn place(
        &self,
        entity: &'static Entity,
        object: &mut Object,
        label: &str,
        old: Option<&Object>,
    ) -> Result<i64, Fault> {
        let name = object.text(label).unwrap_or_default().to_owned();
        if name.contains([':', '\t', '\n']) {
            return Err(Fault::business("The name may not contain a colon, a tab or a line break."));
        }
        let Some(parent) = object.reference("ParentRef").and_then(|id| id.parse::<u64>().ok()) else {
            object.set("FullyQualifiedName", name);
            return Ok(0);
        };
        let own = old.and_then(|old| old.text("Id")).and_then(|id| id.parse::<u64>().ok());
        let (mut level, mut next) = (0, Some(parent));
        while let Some(id) = next {
            level += 1;
            if Some(id) == own || level > DEEPEST {
                return Err(Fault::business(
                    "The parent may not be the row itself, and rows nest five levels deep at most.",
                ));
            }
            next = match self.table(entity).key(id, "ParentRef") {
                Some(Key::Text(text)) => text.parse().ok(),
                _ => None,
            };
        }
        let above = match self.table(entity).key(parent, "FullyQualifiedName") {
            Some(Key::Text(text)) => text.to_string(),
            _ => String::new(),
        };
        object.set("FullyQualifiedName", format!("{above}:{name}"));
        Ok(level)
    }

    /// Moves what a customer's jobs owe with it to another parent.
    fn move_jobs(&mut self, entity: &'static Entity, object: &Object, old: Option<&Object>) {
        let Some(old) = old else { return };
        let parent = |object: &Object| object.reference("ParentRef").and_then(|id| id.parse::<u64>().ok());
        let (before, after) = (parent(old), parent(object));
        let Some(id) = old.text("Id").and_then(|id| id.parse().ok()).filter(|_| before != after) else {
            return;
        };
        let amount = self.with_jobs(entity, id);
        self.owe_with_jobs(entity, before, -amount);
        self.owe_with_jobs(entity, after, amount);
    }
}

/// Given, or made of the parts of the name (Intuit docs).
fn display_name(object: &mut Object) -> Result<(), Fault> {
    if object.text("DisplayName").is_some_and(|name| !name.trim().is_empty()) {
        return Ok(());
    }
    let parts: Vec<&str> = PARTS.iter().filter_map(|part| object.text(part)).collect();
    let name = if parts.is_empty() {
        object.text("CompanyName").unwrap_or_default().to_owned()
    } else {
        parts.join(" ")
    };
    if name.trim().is_empty() {
        let detail = "At least one name element is required: Title, GivenName, MiddleName, FamilyName, DisplayName, Suffix.";
        return Err(Fault::new("6080", "Name is required", detail).on("DisplayName"));
    }
    object.set("DisplayName", name);
    Ok(())
}

/// A tax number is shown by its last digits (recorded: `XXXXXX2222`).
fn mask(object: &mut Object) {
    let Some(number) = object.text("TaxIdentifier") else { return };
    let digits: Vec<char> = number.chars().filter(char::is_ascii_alphanumeric).collect();
    let last: String = digits.iter().skip(digits.len().saturating_sub(4)).collect();
    let masked = format!("XXXXXX{last}");
    object.set("TaxIdentifier", masked);
}

fn complete_currency(object: &mut Object) -> Result<(), Fault> {
    let code = object.text("Code").unwrap_or_default().to_owned();
    let name = currency::name(&code).ok_or_else(|| Fault::invalid_enumeration("Code", &code))?;
    object.set("Name", name);
    Ok(())
}

fn fold(name: &str) -> String {
    name.trim().to_lowercase()
}

/// Which names must differ from each other.
fn space(entity: &Entity) -> &'static str {
    if entity.kind == Kind::Name { "Name" } else { entity.name }
}

/// The property that must be unique: below a parent, the whole path.
fn unique(entity: &Entity) -> &'static str {
    match entity.name {
        "Item" | "Account" | "Class" | "Department" => "FullyQualifiedName",
        _ => entity.label,
    }
}

fn kind(entity: &Entity) -> Option<&'static str> {
    match entity.name {
        "Customer" => Some("customer"),
        "Vendor" => Some("vendor"),
        "Employee" => Some("employee"),
        _ => None,
    }
}
