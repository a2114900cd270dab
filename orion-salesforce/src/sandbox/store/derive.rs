//! Fields Salesforce computes: names of people, stages, prices and totals.

use super::Org;
use super::draft::Draft;
use super::error::ApiError;
use super::id::RowId;
use super::moment;
use super::schema::Object;
use super::table::{Cell, State};

/// Stage, probability, closed, won, forecast category and its label: the defaults of a new org.
pub(super) const STAGES: [(&str, i64, bool, bool, &str, &str); 10] = [
    ("Prospecting", 10, false, false, "Pipeline", "Pipeline"),
    ("Qualification", 10, false, false, "Pipeline", "Pipeline"),
    ("Needs Analysis", 20, false, false, "Pipeline", "Pipeline"),
    ("Value Proposition", 50, false, false, "Pipeline", "Pipeline"),
    ("Id. Decision Makers", 60, false, false, "Pipeline", "Pipeline"),
    ("Perception Analysis", 70, false, false, "Pipeline", "Pipeline"),
    ("Proposal/Price Quote", 75, false, false, "Pipeline", "Pipeline"),
    ("Negotiation/Review", 90, false, false, "Pipeline", "Pipeline"),
    ("Closed Won", 100, true, true, "Closed", "Closed"),
    ("Closed Lost", 0, true, false, "Omitted", "Omitted"),
];

/// Hundredths, as quantities and prices are kept.
const CENT: i128 = 100;

impl Org {
    /// Fills in what a new row takes from its relations, before required fields are checked.
    pub(super) fn complete(&self, object: &Object, draft: &mut Draft) -> Result<(), ApiError> {
        match &*object.name {
            "OpportunityLineItem" => self.complete_line(object, draft),
            "Opportunity" => {
                self.apply_stage(object, draft);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The same for a change to an existing row.
    pub(super) fn revise(&self, object: &Object, id: RowId, draft: &mut Draft) -> Result<(), ApiError> {
        match &*object.name {
            "OpportunityLineItem" => self.revise_line(object, id, draft),
            "Opportunity" => {
                // Object reference, Opportunity.Amount: ignored, not refused, while there are line items.
                if self.word_of(id, "HasOpportunityLineItem") == Some(1) {
                    draft.remove(object, "Amount");
                }
                let stage = draft.named(object, "StageName");
                if stage.is_some_and(|cell| *cell != Cell::Text(self.text_of(id, "StageName").into())) {
                    self.apply_stage(object, draft);
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Recomputes what depends on the row's cells.
    pub(super) fn derive(&mut self, object: &Object, id: RowId, created: bool) {
        match &*object.name {
            "Contact" | "Lead" | "User" => self.name_person(id),
            "Opportunity" => self.derive_opportunity(id),
            "OpportunityLineItem" => {
                if let Some(opportunity) = self.parent_of(id, "OpportunityId") {
                    self.total(opportunity);
                }
            }
            "PricebookEntry" => self.name_from_product(id),
            "Task" => self.derive_task(id),
            "Case" => self.derive_case(id, created),
            _ if created && object.custom() && self.text_of(id, "Name").is_empty() => {
                self.put_in(id, "Name", Cell::Text(id.text(self.schema).into()));
            }
            _ => {}
        }
    }

    fn name_person(&mut self, id: RowId) {
        let (first, last) = (self.text_of(id, "FirstName"), self.text_of(id, "LastName"));
        let name = if first.is_empty() { last.to_owned() } else { format!("{first} {last}") };
        self.put_in(id, "Name", Cell::Text(name.into()));
    }

    fn apply_stage(&self, object: &Object, draft: &mut Draft) {
        let Some(Cell::Text(stage)) = draft.named(object, "StageName").cloned() else { return };
        let known = STAGES.iter().find(|known| known.0 == &*stage);
        let &(_, probability, closed, won, category, label) =
            known.unwrap_or(&("", 0, false, false, "Pipeline", "Pipeline"));
        if !draft.gives(object, "Probability") {
            draft.set_named(object, "Probability", Cell::Word(probability));
        }
        draft.set_named(object, "IsClosed", Cell::Word(closed.into()));
        draft.set_named(object, "IsWon", Cell::Word(won.into()));
        draft.set_named(object, "ForecastCategory", Cell::Text(category.into()));
        draft.set_named(object, "ForecastCategoryName", Cell::Text(label.into()));
        draft.set_named(object, "LastStageChangeDate", Cell::Word(self.now.timestamp()));
    }

    pub(super) fn derive_opportunity(&mut self, id: RowId) {
        let amount = self.word_of(id, "Amount");
        let probability = self.word_of(id, "Probability").unwrap_or(0);
        let expected = amount.map(|amount| halved_away(i128::from(amount) * i128::from(probability), CENT));
        self.put_in(id, "ExpectedRevenue", expected.map_or(Cell::Null, Cell::Word));
        let Some(day) = self.word_of(id, "CloseDate") else { return };
        let date = moment::date_of(day);
        let (year, month) = (chrono::Datelike::year(&date), chrono::Datelike::month0(&date));
        let quarter = month / 3 + 1;
        self.put_in(id, "FiscalYear", Cell::Word(year.into()));
        self.put_in(id, "FiscalQuarter", Cell::Word(quarter.into()));
        self.put_in(id, "Fiscal", Cell::Text(format!("{year} {quarter}").into()));
    }

    fn complete_line(&self, object: &Object, draft: &mut Draft) -> Result<(), ApiError> {
        let entry = draft.word(object, "PricebookEntryId").map(RowId::unpack);
        let entry = entry.or_else(|| self.standard_entry(RowId::unpack(draft.word(object, "Product2Id")?)));
        let Some(entry) = entry else {
            // Code verified in the object reference; the wording is not.
            let message =
                "field integrity exception: unknown (must specify either the product or the pricebook entry)";
            return Err(ApiError::new(400, "FIELD_INTEGRITY_EXCEPTION", message).on("PricebookEntryId"));
        };
        draft.set_named(object, "PricebookEntryId", Cell::Word(entry.pack()));
        if let Some(product) = self.word_of(entry, "Product2Id") {
            draft.set_named(object, "Product2Id", Cell::Word(product));
        }
        let text = |text: &str| if text.is_empty() { Cell::Null } else { Cell::Text(text.into()) };
        draft.set_named(object, "ProductCode", text(self.text_of(entry, "ProductCode")));
        draft.set_named(object, "ListPrice", self.word_of(entry, "UnitPrice").map_or(Cell::Null, Cell::Word));
        let opportunity = draft.word(object, "OpportunityId").map(RowId::unpack);
        let opportunity = opportunity.map_or("", |id| self.text_of(id, "Name"));
        draft.set_named(
            object,
            "Name",
            text(format!("{opportunity} {}", self.text_of(entry, "Name")).trim()),
        );
        if !draft.gives(object, "UnitPrice") && !draft.gives(object, "TotalPrice") {
            let price = object.field("UnitPrice");
            return Err(ApiError::missing(price.as_slice()));
        }
        price_line(object, draft, None, None);
        Ok(())
    }

    fn revise_line(&self, object: &Object, id: RowId, draft: &mut Draft) -> Result<(), ApiError> {
        if draft.gives(object, "UnitPrice") && draft.gives(object, "TotalPrice") {
            // Object reference, OpportunityLineItem.TotalPrice: one or the other, not both. Wording unverified.
            let message = "field integrity exception: TotalPrice, UnitPrice (only one of them may be changed at a time)";
            return Err(ApiError::new(400, "FIELD_INTEGRITY_EXCEPTION", message).on("TotalPrice"));
        }
        price_line(object, draft, self.word_of(id, "Quantity"), self.word_of(id, "UnitPrice"));
        Ok(())
    }

    fn standard_entry(&self, product: RowId) -> Option<RowId> {
        let object = self.schema.object("PricebookEntry")?;
        let table = self.table(object.index)?;
        let mut rows = table.pointing_at(object.position("Product2Id")?, product.pack());
        rows.find(|&row| table.state(row) == State::Live).map(|row| RowId { object: object.index, row })
    }

    /// An opportunity's amount and quantity are its lines' sums, as long as it has lines.
    pub(super) fn total(&mut self, opportunity: RowId) {
        let Some(lines) = self.lines_of(opportunity) else { return };
        let sum = |field: &str| {
            lines.iter().filter_map(|&line| self.word_of(line, field)).fold(0, i64::saturating_add)
        };
        let (amount, quantity) = (sum("TotalPrice"), sum("Quantity"));
        self.put_in(opportunity, "HasOpportunityLineItem", Cell::Word((!lines.is_empty()).into()));
        if !lines.is_empty() {
            self.put_in(opportunity, "Amount", Cell::Word(amount));
            self.put_in(opportunity, "TotalOpportunityQuantity", Cell::Word(quantity));
        }
        self.touch(opportunity);
        self.derive_opportunity(opportunity);
    }

    /// The live lines of a live opportunity.
    fn lines_of(&self, opportunity: RowId) -> Option<Vec<RowId>> {
        let object = self.schema.object("OpportunityLineItem")?;
        let table = self.table(object.index)?;
        let field = object.position("OpportunityId")?;
        let rows =
            table.pointing_at(field, opportunity.pack()).filter(|&row| table.state(row) == State::Live);
        let lines = rows.map(|row| RowId { object: object.index, row }).collect();
        (self.state(opportunity) == State::Live).then_some(lines)
    }

    fn name_from_product(&mut self, id: RowId) {
        let Some(product) = self.parent_of(id, "Product2Id") else { return };
        for (from, to) in [("Name", "Name"), ("ProductCode", "ProductCode")] {
            let text = self.text_of(product, from);
            let cell = if text.is_empty() { Cell::Null } else { Cell::Text(text.into()) };
            self.put_in(id, to, cell);
        }
    }

    fn derive_task(&mut self, id: RowId) {
        let closed = self.text_of(id, "Status") == "Completed";
        let high = self.text_of(id, "Priority") == "High";
        self.put_in(id, "IsClosed", Cell::Word(closed.into()));
        self.put_in(id, "IsHighPriority", Cell::Word(high.into()));
        let done = if closed { Cell::Word(self.now.timestamp()) } else { Cell::Null };
        self.put_in(id, "CompletedDateTime", done);
        let account =
            |org: &Self, id: RowId| match org.schema.objects.get(id.object).map(|object| &*object.name) {
                Some("Account") => Some(id.pack()),
                _ => org.word_of(id, "AccountId"),
            };
        let parents = [self.parent_of(id, "WhatId"), self.parent_of(id, "WhoId")];
        let account = parents.into_iter().flatten().find_map(|parent| account(self, parent));
        self.put_in(id, "AccountId", account.map_or(Cell::Null, Cell::Word));
    }

    fn derive_case(&mut self, id: RowId, created: bool) {
        let closed = self.text_of(id, "Status") == "Closed";
        self.put_in(id, "IsClosed", Cell::Word(closed.into()));
        self.put_in(id, "ClosedDate", if closed { Cell::Word(self.now.timestamp()) } else { Cell::Null });
        if created {
            self.put_in(id, "CaseNumber", Cell::Text(format!("{:08}", id.row + 1001).into()));
        }
    }
}

/// Total is quantity times price: whichever of price and total is given decides the other.
fn price_line(object: &Object, draft: &mut Draft, quantity: Option<i64>, price: Option<i64>) {
    let quantity = draft.word(object, "Quantity").or(quantity);
    let Some(quantity) = quantity.filter(|&quantity| quantity != 0).map(i128::from) else { return };
    let total = draft.word(object, "TotalPrice").map(i128::from);
    match (draft.word(object, "UnitPrice"), total) {
        (None, Some(total)) => {
            draft.set_named(object, "UnitPrice", Cell::Word(halved_away(total * CENT, quantity)));
        }
        (given, _) => {
            let Some(price) = given.or(price) else { return };
            draft.set_named(
                object,
                "TotalPrice",
                Cell::Word(halved_away(i128::from(price) * quantity, CENT)),
            );
        }
    }
}

/// Division rounded half away from zero.
fn halved_away(value: i128, by: i128) -> i64 {
    let (quotient, rest) = (value / by, value % by);
    let up = if rest.abs() * 2 >= by.abs() { value.signum() * by.signum() } else { 0 };
    i64::try_from(quotient + up).unwrap_or(i64::MAX)
}
