//! Lines: ids, numbers, amounts, and the subtotal the server adds.

use rust_decimal::Decimal;

use super::super::json::{Json, Object, reference};
use super::super::{Company, Fault, entity, money};

/// Sums of a sale's lines.
#[derive(Debug, Default)]
pub(super) struct Totals {
    pub(super) subtotal: Decimal,
    pub(super) discount: Decimal,
    /// The part of the subtotal that is taxed.
    pub(super) taxable: Decimal,
}

impl Company {
    /// Brings a sale's lines into the server's form: items and descriptions numbered, then the subtotal, then
    /// discounts (Intuit docs, sample Estimate).
    pub(super) fn complete_lines(&self, object: &mut Object, old: Option<&Object>) -> Result<Totals, Fault> {
        let places = money::places_of(object);
        let (mut lines, mut discounts, mut totals) = (Vec::new(), Vec::new(), Totals::default());
        let given = match object.remove("Line") {
            Some(Json::List(given)) => given,
            _ => Vec::new(),
        };
        for line in given.into_iter().filter_map(Json::into_object) {
            match line.text("DetailType") {
                Some("SubTotalLineDetail") => {}
                Some("DiscountLineDetail") => discounts.push(line),
                Some("SalesItemLineDetail") => lines.push(self.item_line(line, places, &mut totals)?),
                Some("GroupLineDetail") => lines.push(self.group_line(line, places, &mut totals)?),
                Some("DescriptionOnly") => lines.push(description_line(line)),
                Some(other) => return Err(Fault::invalid_enumeration("DetailType", other)),
                None => return Err(Fault::required("DetailType")),
            }
        }
        if lines.is_empty() {
            return Err(Fault::required("Line"));
        }
        identify(&mut lines, old);
        let subtotal = Object::new().with("Amount", money::amount(totals.subtotal, places));
        lines.push(
            subtotal.with("DetailType", "SubTotalLineDetail").with("SubTotalLineDetail", Object::new()),
        );
        for line in discounts {
            let line = self.discount_line(line, places, &totals)?;
            totals.discount += line.number("Amount");
            lines.push(line);
        }
        object.set("Line", lines.into_iter().map(Json::from).collect::<Vec<_>>());
        Ok(totals)
    }

    fn item_line(&self, mut line: Object, places: u32, totals: &mut Totals) -> Result<Object, Fault> {
        let mut detail = match line.remove("SalesItemLineDetail") {
            Some(Json::Object(detail)) => detail,
            _ => Object::new(),
        };
        let amount = line_amount(&line, &detail, places)?;
        if detail.reference("TaxCodeRef").is_some_and(|code| !["TAX", "NON"].contains(&code)) {
            let detail = "Invalid tax code: a line of a company in the United States takes TAX or NON.";
            return Err(Fault::new("6100", "Invalid Tax Code", detail).on("TaxCodeRef"));
        }
        if !detail.has("ItemRef") {
            detail.set("ItemRef", self.default_item());
        }
        detail.set_default("TaxCodeRef", reference("NON", ""));
        totals.subtotal += amount;
        if detail.reference("TaxCodeRef") == Some("TAX") {
            totals.taxable += amount;
        }
        line.set("Amount", money::amount(amount, places));
        line.set("SalesItemLineDetail", detail);
        Ok(in_order(line))
    }

    /// A bundle: its lines as given, or those of the item.
    fn group_line(&self, mut line: Object, places: u32, totals: &mut Totals) -> Result<Object, Fault> {
        let Some(Json::Object(mut detail)) = line.remove("GroupLineDetail") else {
            return Err(Fault::required("GroupLineDetail"));
        };
        let item =
            self.referred("Item", &detail, "GroupItemRef").ok_or_else(|| Fault::required("GroupItemRef"))?;
        detail.set_default("Quantity", Decimal::ONE);
        let quantity = detail.number("Quantity");
        let inner = match detail.remove("Line") {
            Some(Json::List(lines)) => lines,
            _ => self.components(&item, quantity),
        };
        let before = totals.subtotal;
        let mut lines = Vec::with_capacity(inner.len());
        for inner in inner.into_iter().filter_map(Json::into_object) {
            lines.push(match inner.text("DetailType") {
                Some("SalesItemLineDetail") => self.item_line(inner, places, totals)?,
                Some("DescriptionOnly") => description_line(inner),
                other => return Err(Fault::invalid_enumeration("DetailType", other.unwrap_or_default())),
            });
        }
        for (index, line) in (1_i64..).zip(lines.iter_mut()) {
            line.set_default("Id", index.to_string());
            line.set("LineNum", index);
            *line = in_order(std::mem::take(line));
        }
        detail.set("Line", lines.into_iter().map(Json::from).collect::<Vec<_>>());
        line.set("Amount", money::amount(totals.subtotal - before, places));
        line.set("GroupLineDetail", detail);
        Ok(in_order(line))
    }

    /// Lines for what a bundle is made of.
    fn components(&self, item: &Object, quantity: Decimal) -> Vec<Json> {
        let parts =
            item.object("ItemGroupDetail").map(|detail| detail.list("ItemGroupLine")).unwrap_or_default();
        let line = |part: &Object| {
            let component = self.referred("Item", part, "ItemRef")?;
            let count = part.get("Qty").and_then(Json::as_number).unwrap_or(Decimal::ONE) * quantity;
            let detail = Object::new().with("ItemRef", part.get("ItemRef")?.clone());
            let detail = detail.with("UnitPrice", component.number("UnitPrice")).with("Qty", count);
            let line =
                Object::new().with("DetailType", "SalesItemLineDetail").with("SalesItemLineDetail", detail);
            Some(match component.text("Description") {
                Some(text) => line.with("Description", text).into(),
                None => line.into(),
            })
        };
        parts.iter().filter_map(Json::as_object).filter_map(line).collect()
    }

    fn discount_line(&self, mut line: Object, places: u32, totals: &Totals) -> Result<Object, Fault> {
        let mut detail = match line.remove("DiscountLineDetail") {
            Some(Json::Object(detail)) => detail,
            _ => Object::new(),
        };
        let percent = detail.get("DiscountPercent").and_then(Json::as_number);
        let amount = match percent.filter(|_| detail.flag("PercentBased")) {
            Some(percent) => money::round(totals.subtotal * percent / Decimal::ONE_HUNDRED, places),
            None => match line.get("Amount").and_then(Json::as_number) {
                Some(amount) => amount,
                None => {
                    let detail = "A discount line needs an amount or a percentage.";
                    return Err(
                        Fault::new("6090", "Discount line lacks amount or percent", detail).on("Amount")
                    );
                }
            },
        };
        detail.set_default("PercentBased", false);
        if !detail.has("DiscountAccountRef") {
            detail.set("DiscountAccountRef", self.account("Discounts given"));
        }
        // Recorded samples show discount lines without an id.
        line.remove("Id");
        line.remove("LineNum");
        line.set("Amount", money::amount(amount, places));
        line.set("DiscountLineDetail", detail);
        Ok(in_order(line))
    }

    fn default_item(&self) -> Json {
        let label = entity("Item").and_then(|item| self.label(item, 1));
        reference("1", label.unwrap_or_default())
    }
}

/// The amount given, which a price and a quantity must bear out, or what they make.
fn line_amount(line: &Object, detail: &Object, places: u32) -> Result<Decimal, Fault> {
    let price = detail.get("UnitPrice").and_then(Json::as_number);
    let quantity = detail.get("Qty").and_then(Json::as_number);
    // python-quickbooks sends a price and a quantity of 0 with every line that has neither, and the vendor takes it.
    let made = price
        .zip(quantity)
        .and_then(|(price, quantity)| price.checked_mul(quantity))
        .filter(|made| !made.is_zero());
    match (line.get("Amount").and_then(Json::as_number), made) {
        (Some(amount), Some(made)) if money::round(made, places) != money::round(amount, places) => {
            let detail = format!("Amount is not equal to UnitPrice * Qty. Supplied value:{amount}");
            Err(Fault::new("6070", "Amount calculation incorrect in the request", detail).on("Line.Amount"))
        }
        (Some(amount), _) => Ok(amount),
        (None, Some(made)) => Ok(money::round(made, places)),
        (None, None) => Err(Fault::required("Line.Amount")),
    }
}

fn description_line(mut line: Object) -> Object {
    line.remove("Amount");
    line.set_default("DescriptionLineDetail", Object::new());
    in_order(line)
}

/// A line's properties as the vendor orders them.
fn in_order(mut line: Object) -> Object {
    if let Some(class) = super::super::schema::schema().get("Line") {
        line.sort_by_key(|name| class.rank(name));
    }
    line
}

/// Numbers the lines, and gives an id to each that brings none the row already had (recorded: a line without its id
/// gets a fresh one, above every earlier one).
fn identify(lines: &mut [Object], old: Option<&Object>) {
    let id = |line: &Json| line.at("Id").and_then(Json::as_text).and_then(|id| id.parse::<i64>().ok());
    let known: Vec<i64> = old.map(|old| old.list("Line").iter().filter_map(id).collect()).unwrap_or_default();
    let mut last = known.iter().copied().max().unwrap_or_default();
    for (number, line) in (1_i64..).zip(lines.iter_mut()) {
        let kept = line.text("Id").and_then(|id| id.parse().ok()).filter(|id| known.contains(id));
        let id = kept.unwrap_or_else(|| {
            last += 1;
            last
        });
        line.set("Id", id.to_string());
        line.set("LineNum", number);
        *line = in_order(std::mem::take(line));
    }
}

/// Lines that carry an amount and are numbered, whatever their detail. Returns the lines and their sum.
fn numbered(object: &mut Object, old: Option<&Object>) -> Result<(Vec<Object>, Decimal), Fault> {
    let places = money::places_of(object);
    let given = match object.remove("Line") {
        Some(Json::List(given)) => given,
        _ => Vec::new(),
    };
    let (mut lines, mut sum) = (Vec::with_capacity(given.len()), Decimal::ZERO);
    for mut line in given.into_iter().filter_map(Json::into_object) {
        let kind = line.text("DetailType").ok_or_else(|| Fault::required("DetailType"))?.to_owned();
        if kind != "DescriptionOnly" {
            let detail = line.object(&kind).cloned().unwrap_or_default();
            let amount = line_amount(&line, &detail, places)?;
            line.set("Amount", money::amount(amount, places));
            sum += amount;
        }
        lines.push(line);
    }
    if lines.is_empty() {
        return Err(Fault::required("Line"));
    }
    identify(&mut lines, old);
    Ok((lines, sum))
}

fn put(object: &mut Object, lines: Vec<Object>) {
    object.set("Line", lines.into_iter().map(Json::from).collect::<Vec<_>>());
}

/// Lines of a bill, purchase, purchase order or vendor credit. Returns their sum.
pub(super) fn expenses(object: &mut Object, old: Option<&Object>) -> Result<Decimal, Fault> {
    let (mut lines, sum) = numbered(object, old)?;
    for line in &mut lines {
        for kind in ["AccountBasedExpenseLineDetail", "ItemBasedExpenseLineDetail"] {
            if let Some(Json::Object(detail)) = line.get_mut(kind) {
                detail.set_default("BillableStatus", "NotBillable");
                detail.set_default("TaxCodeRef", reference("NON", ""));
            }
        }
    }
    put(object, lines);
    Ok(sum)
}

/// Debits and credits balance (Intuit docs, JournalEntry).
pub(super) fn journal_entry(object: &mut Object, old: Option<&Object>) -> Result<(), Fault> {
    let (lines, _) = numbered(object, old)?;
    let side = |side: &str| -> Decimal {
        let posting = |line: &&Object| {
            line.at("JournalEntryLineDetail.PostingType").and_then(Json::as_text) == Some(side)
        };
        lines.iter().filter(posting).map(|line| line.number("Amount")).sum()
    };
    let (debit, credit) = (side("Debit"), side("Credit"));
    if debit != credit {
        return Err(Fault::business("The debits and credits of a journal entry must be equal."));
    }
    put(object, lines);
    object.set("TotalAmt", money::amount(debit, money::places_of(object)));
    object.set_default("Adjustment", false);
    Ok(())
}

pub(super) fn deposit(object: &mut Object, old: Option<&Object>) -> Result<(), Fault> {
    let (lines, sum) = numbered(object, old)?;
    put(object, lines);
    let back = object.at("CashBack.Amount").and_then(Json::as_number).unwrap_or_default();
    object.set("TotalAmt", money::amount(sum - back, money::places_of(object)));
    Ok(())
}
