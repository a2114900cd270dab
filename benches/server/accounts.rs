//! Accounts as Salesforce renders them: 25 fields and `attributes`, about a third of the values null.

use std::fmt::Write as _;

/// Records in one rendered piece. A query page is two pieces, a page of the plain list is one.
pub(crate) const CHUNK: usize = 1_000;

const NAMES: [&str; 12] = [
    "Äpfel & Söhne GmbH",
    "Société Générale d'Études",
    "株式会社東京システム",
    "Łódź Logistics Sp. z o.o.",
    "Acme Corporation",
    "Globex Industries",
    "Ñandú Exportaciones S.A.",
    "Ørsted Shipping A/S",
    "Initech Software",
    "Ελληνικά Πλοία Α.Ε.",
    "Umbrella Health Partners",
    "Straße 42 Einzelhandel KG",
];
const CITIES: [(&str, &str, &str); 8] = [
    ("München", "Bayern", "Germany"),
    ("São Paulo", "SP", "Brazil"),
    ("東京都", "関東", "Japan"),
    ("Austin", "TX", "United States"),
    ("Kraków", "Małopolska", "Poland"),
    ("Zürich", "ZH", "Switzerland"),
    ("Montréal", "QC", "Canada"),
    ("Leeds", "West Yorkshire", "United Kingdom"),
];
const INDUSTRIES: [&str; 8] = [
    "Agriculture",
    "Banking",
    "Construction",
    "Education",
    "Energy",
    "Manufacturing",
    "Technology",
    "Transportation",
];
const TYPES: [&str; 4] = ["Prospect", "Customer - Direct", "Customer - Channel", "Technology Partner"];
const DESCRIPTION: &str = r#"Renewal is due in the third quarter; the buyer asked for \"net 60\" terms.\nSecond contact: Zoë in Zürich, who prefers e-mail to calls."#;

/// The rendered records, in pieces of [`CHUNK`] joined by commas.
pub(crate) struct Accounts {
    chunks: Vec<Vec<u8>>,
    count: usize,
}

impl Accounts {
    pub(crate) fn render(count: usize) -> Self {
        let mut chance = Chance(0x5eed_0f0a_cc00_7e57);
        let chunk = |first: usize, chance: &mut Chance| {
            let mut text = String::with_capacity(CHUNK * 900);
            for number in first..(first + CHUNK).min(count) {
                if number > first {
                    text.push(',');
                }
                render(&mut text, number, chance);
            }
            text.into_bytes()
        };
        Self { chunks: (0..count).step_by(CHUNK).map(|first| chunk(first, &mut chance)).collect(), count }
    }

    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// Bytes of all records.
    pub(crate) fn bytes(&self) -> usize {
        self.chunks.iter().map(Vec::len).sum()
    }

    /// One piece, empty past the end.
    pub(crate) fn chunk(&self, index: usize) -> &[u8] {
        self.chunks.get(index).map_or(&[], Vec::as_slice)
    }
}

fn render(text: &mut String, number: usize, chance: &mut Chance) {
    let id = id("001xx", number);
    let name = chance.of(&NAMES);
    let (city, state, country) = chance.of(&CITIES);
    let mut object = Object { text, chance, fields: 0 };
    object.raw(
        "attributes",
        format_args!(r#"{{"type":"Account","url":"/services/data/v62.0/sobjects/Account/{id}"}}"#),
    );
    object.text("Id", format_args!("{id}"));
    object.raw("IsDeleted", format_args!("false"));
    object.text("Name", format_args!("{name} {number}"));
    object.maybe("Type", |chance| format!("\"{}\"", chance.of(&TYPES)));
    object.maybe("Industry", |chance| format!("\"{}\"", chance.of(&INDUSTRIES)));
    object.maybe("Phone", |chance| format!("\"+49 89 {:07}\"", chance.below(10_000_000)));
    object.maybe("Fax", |chance| format!("\"+49 89 {:07}\"", chance.below(10_000_000)));
    object.maybe("Website", |_| format!("\"https://www.example-{number}.com/über-uns\""));
    object.maybe("AccountNumber", |_| format!("\"ACC-{number:08}\""));
    object.maybe("BillingStreet", |chance| format!("\"{} Lindenstraße\\nGebäude 7\"", chance.below(400)));
    object.maybe("BillingCity", |_| format!("\"{city}\""));
    object.maybe("BillingState", |_| format!("\"{state}\""));
    object.maybe("BillingPostalCode", |chance| format!("\"{:05}\"", chance.below(100_000)));
    object.maybe("BillingCountry", |_| format!("\"{country}\""));
    object.maybe("ShippingCity", |_| format!("\"{city}\""));
    object.maybe("ShippingCountry", |_| format!("\"{country}\""));
    object.maybe("AnnualRevenue", |chance| format!("{}.{:02}", chance.below(90_000_000), chance.below(100)));
    object.maybe("NumberOfEmployees", |chance| chance.below(50_000).to_string());
    object.maybe("Description", |_| format!("\"{DESCRIPTION}\""));
    object.maybe("Rating", |chance| format!("\"{}\"", chance.of(&["Hot", "Warm", "Cold"])));
    object.text("OwnerId", format_args!("{}", self::id("005xx", number % 40)));
    object.text("External_Id__c", format_args!("erp-{number:07}"));
    let time = |object: &mut Object<'_>, name, hour| {
        let day = number % 28 + 1;
        object.text(
            name,
            format_args!("2025-0{}-{day:02}T{hour:02}:{:02}:00.000+0000", number % 9 + 1, number % 60),
        );
    };
    time(&mut object, "CreatedDate", 8);
    time(&mut object, "LastModifiedDate", 12);
    time(&mut object, "SystemModstamp", 12);
    text.push('}');
}

struct Object<'a> {
    text: &'a mut String,
    chance: &'a mut Chance,
    fields: usize,
}

impl Object<'_> {
    fn raw(&mut self, name: &str, value: std::fmt::Arguments<'_>) {
        let before = if self.fields == 0 { '{' } else { ',' };
        self.fields += 1;
        // Writing to a `String` does not fail.
        let _written = write!(self.text, r#"{before}"{name}":{value}"#);
    }

    fn text(&mut self, name: &str, value: std::fmt::Arguments<'_>) {
        self.raw(name, format_args!("\"{value}\""));
    }

    /// The value, or null about half of the time.
    fn maybe(&mut self, name: &str, value: impl FnOnce(&mut Chance) -> String) {
        if self.chance.below(100) < 52 {
            self.raw(name, format_args!("null"));
        } else {
            let value = value(self.chance);
            self.raw(name, format_args!("{value}"));
        }
    }
}

/// An 18-character id: a prefix, a base-62 number in ten places, and the checksum of upper-case letters.
pub(crate) fn id(prefix: &str, mut number: usize) -> String {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    const CHECK: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    let mut places = [b'0'; 10];
    for place in places.iter_mut().rev() {
        *place = DIGITS[number % 62];
        number /= 62;
    }
    let mut bytes = [prefix.as_bytes(), &places].concat();
    let check = |five: &[u8]| {
        five.iter().rev().fold(0, |bits, byte| bits * 2 + usize::from(byte.is_ascii_uppercase()))
    };
    let sums: Vec<u8> = bytes.chunks(5).map(|five| CHECK[check(five)]).collect();
    bytes.extend(sums);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A small generator (xorshift64*), so that every run serves the same bytes.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % end
    }

    fn of<T: Copy>(&mut self, values: &[T]) -> T {
        values[usize::try_from(self.below(values.len() as u64)).unwrap_or(0)]
    }
}
