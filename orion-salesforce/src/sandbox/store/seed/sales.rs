//! Products, their prices, and opportunities with their lines.

use super::super::Org;
use super::super::derive::STAGES;
use super::super::id::RowId;
use super::super::moment::day_at;
use super::super::schema::{FieldIndex, Object};
use super::super::table::Cell;
use super::fill::{Calendar, Filler, From, Stamps, description, text};
use super::random::Random;
use super::words::PRODUCTS;

const FIELDS: [(&str, u8, From); 6] = [
    ("Description", 45, From::With(description)),
    ("Type", 70, From::Picklist),
    ("LeadSource", 60, From::Picklist),
    ("NextStep", 40, From::With(|random, _| text(random.word(&STEPS)))),
    ("IsPrivate", 3, From::With(super::fill::yes)),
    ("External_Id__c", 75, From::With(|_, draw| text(format!("OPP-{:06}", draw.n + 1)))),
];

const STEPS: [&str; 6] = [
    "Send quote",
    "Call back, Tuesday",
    "Waiting for \"go\"",
    "Legal review",
    "Angebot nachfassen",
    "Demo with the CTO 🎯",
];

const PURPOSES: [&str; 8] =
    ["Rollout", "Renewal", "Pilot", "Upgrade", "Expansion", "Support contract", "Migration", "New site"];

/// The columns of opportunities and lines that are set per row, looked up once.
struct Columns {
    opportunity: &'static Object,
    line: &'static Object,
    deal: [Option<FieldIndex>; 8],
    item: [Option<FieldIndex>; 9],
}

impl Columns {
    fn find(org: &Org) -> Option<Self> {
        let (opportunity, line) =
            (org.schema.object("Opportunity")?, org.schema.object("OpportunityLineItem")?);
        let deal = [
            "AccountId",
            "Name",
            "StageName",
            "Probability",
            "CloseDate",
            "Pricebook2Id",
            "Amount",
            "TotalOpportunityQuantity",
        ];
        let item = [
            "OpportunityId",
            "PricebookEntryId",
            "Product2Id",
            "Name",
            "ProductCode",
            "Quantity",
            "UnitPrice",
            "TotalPrice",
            "ListPrice",
        ];
        Some(Self {
            opportunity,
            line,
            deal: deal.map(|name| opportunity.position(name)),
            item: item.map(|name| line.position(name)),
        })
    }
}

impl Org {
    pub(super) fn seed_products(&mut self, calendar: &Calendar) {
        let standard = [
            ("Name", text("Standard Price Book")),
            ("IsActive", Cell::Word(1)),
            ("IsStandard", Cell::Word(1)),
        ];
        let Some(book) = self.plant("Pricebook2", calendar, &standard) else { return };
        for (name, code, family, price) in PRODUCTS {
            let cells = [
                ("Name", text(name)),
                ("ProductCode", text(code)),
                ("Family", text(family)),
                ("IsActive", Cell::Word(1)),
                ("StockKeepingUnit", text(format!("SKU-{code}"))),
                (
                    "Description",
                    if price % 100 == 0 { Cell::Null } else { text(format!("{name}. Sold per unit.")) },
                ),
            ];
            let Some(product) = self.plant("Product2", calendar, &cells) else { return };
            let cells = [
                ("Name", text(name)),
                ("ProductCode", text(code)),
                ("Pricebook2Id", Cell::Word(book.pack())),
                ("Product2Id", Cell::Word(product.pack())),
                ("UnitPrice", Cell::Word(price)),
                ("IsActive", Cell::Word(1)),
            ];
            self.plant("PricebookEntry", calendar, &cells);
        }
    }

    pub(super) fn seed_opportunities(&mut self, seed: u64, count: usize, calendar: &Calendar) {
        let Some(columns) = Columns::find(self) else { return };
        let mut random = Random::new(seed, "Opportunity");
        let places = super::Places::new();
        let filler = Filler::new(columns.opportunity, &FIELDS);
        let mut last = None;
        for n in 0..count {
            let stamps = calendar.stamps(&mut random, n, count, last);
            last = Some(stamps);
            let Some(draw) = super::fill::Draw::new(&mut random, n, &places, stamps) else { continue };
            let id = self.sow(columns.opportunity, &filler, &mut random, &draw);
            self.fill_deal(&columns, &mut random, id, stamps);
            self.derive_opportunity(id);
        }
    }

    fn fill_deal(&mut self, columns: &Columns, random: &mut Random, id: RowId, stamps: Stamps) {
        let Some(&(stage, probability, closed, won, category, label)) = random.pick(&STAGES) else { return };
        let accounts = self.schema.object("Account").map_or(0, |object| object.index);
        // Twice as many accounts were made by then; an older one is taken.
        let account = RowId { object: accounts, row: random.below(id.row as usize * 2 + 1) as u32 };
        let company = self.text_of(account, "Name").to_owned();
        let name = format!("{company} - {}", random.word(&PURPOSES));
        let close = match closed {
            true => day_at(stamps.modified),
            false => day_at(stamps.modified) + random.between(5, 220),
        };
        let (total, quantity) = self.fill_lines(columns, random, id, &name, stamps);
        let book =
            self.schema.object("Pricebook2").map(|object| RowId { object: object.index, row: 0 }.pack());
        let cells = [
            Cell::Word(account.pack()),
            text(name),
            text(stage),
            Cell::Word(probability),
            Cell::Word(close),
            book.map_or(Cell::Null, Cell::Word),
            Cell::Word(total),
            Cell::Word(quantity),
        ];
        self.fill(id, &columns.deal, cells);
        for (field, cell) in [
            ("IsClosed", Cell::Word(closed.into())),
            ("IsWon", Cell::Word(won.into())),
            ("ForecastCategory", text(category)),
            ("ForecastCategoryName", text(label)),
            ("HasOpportunityLineItem", Cell::Word(1)),
        ] {
            self.put_in(id, field, cell);
        }
    }

    /// One to three lines; answers their total and the quantity in all.
    fn fill_lines(
        &mut self,
        columns: &Columns,
        random: &mut Random,
        opportunity: RowId,
        deal: &str,
        stamps: Stamps,
    ) -> (i64, i64) {
        let entries = self.schema.object("PricebookEntry").map_or(0, |object| object.index);
        let products = self.schema.object("Product2").map_or(0, |object| object.index);
        let (mut total, mut count) = (0, 0);
        for _ in 0..random.between(1, 3) {
            let at = random.below(PRODUCTS.len());
            let Some(&(product, code, _, list)) = PRODUCTS.get(at) else { continue };
            let quantity = random.between(1, 40);
            // Four in ten lines are discounted, to the cent.
            let price = if random.chance(40) { list * random.between(700, 990) / 1000 } else { list };
            let line = self.add_row(columns.line);
            let cells = [
                Cell::Word(opportunity.pack()),
                Cell::Word(RowId { object: entries, row: at as u32 }.pack()),
                Cell::Word(RowId { object: products, row: at as u32 }.pack()),
                text(format!("{deal} {product}")),
                text(code),
                Cell::Word(quantity * 100),
                Cell::Word(price),
                Cell::Word(price * quantity),
                Cell::Word(list),
            ];
            self.fill(line, &columns.item, cells);
            self.stamp(columns.line, line, stamps);
            total += price * quantity;
            count += quantity * 100;
        }
        (total, count)
    }

    fn fill<const N: usize>(&mut self, id: RowId, fields: &[Option<FieldIndex>; N], cells: [Cell; N]) {
        for (field, cell) in fields.iter().zip(cells) {
            if let Some(field) = field {
                self.put(id, *field, cell);
            }
        }
    }
}
