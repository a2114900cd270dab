//! Names of people, places and businesses.

pub(super) const GIVEN: [&str; 40] = [
    "Ada", "Amir", "Beatriz", "Boris", "Chiara", "Darnell", "Elif", "Emeka", "Farah", "Greta", "Hiro", "Ines", "Jonas", "Kavya", "Lars",
    "Leila", "Mateo", "Mina", "Noor", "Olga", "Omar", "Priya", "Quinn", "Rosa", "Ravi", "Sanna", "Siobhan", "Tariq", "Tomás", "Uma",
    "Viktor", "Wanda", "Ximena", "Yusuf", "Zoe", "Björn", "François", "Łukasz", "Mei", "D'Arcy",
];
pub(super) const FAMILY: [&str; 60] = [
    "Abbott", "Adeyemi", "Almeida", "Baker", "Bauer", "Benali", "Brooks", "Castillo", "Chen", "Cho", "Costa", "Dubois", "Eriksen",
    "Ferrari", "Fischer", "Fonseca", "Garcia", "Goldberg", "Haddad", "Hansen", "Hughes", "Ivanov", "Jensen", "Kapoor", "Keller", "Kim",
    "Kowalski", "Lambert", "Larsen", "Lopez", "Mbeki", "Meyer", "Moreau", "Müller", "Nakamura", "Nguyen", "Novak", "O'Brien", "Okafor",
    "Olsen", "Park", "Patel", "Pereira", "Quispe", "Reyes", "Rossi", "Sato", "Schmidt", "Silva", "Singh", "Smith", "Sørensen", "Suzuki",
    "Takahashi", "Thompson", "Torres", "Vargas", "Weber", "Yamamoto", "Zhang",
];
pub(super) const TRADE: [&str; 24] = [
    "Bakery", "Books", "Cafe", "Cycles", "Dental", "Design", "Electric", "Farms", "Fitness", "Florist", "Furniture", "Gallery", "Hotel",
    "Imports", "Jewelers", "Kitchens", "Legal", "Motors", "Nursery", "Optics", "Pharmacy", "Plumbing", "Roofing", "Studios",
];
pub(super) const SUPPLY: [&str; 12] = [
    "Building Supply", "Equipment Rental", "Hardware", "Insurance", "Irrigation", "Lumber", "Office Products", "Power & Light",
    "Printing", "Seed Company", "Stone & Gravel", "Telephone",
];
pub(super) const STREET: [&str; 12] = [
    "Ocean View Rd.", "Main St.", "Cypress Hill Ave.", "Easy St.", "Market St.", "Orchard Ln.", "Redwood Dr.", "Harbor Blvd.", "Mission St.",
    "Elm Ct.", "Sierra Way", "Park Pl.",
];
/// City, state, the first digits of its postal codes, and the tax code that applies there.
pub(super) const CITY: [(&str, &str, &str, &str); 8] = [
    ("Bayshore", "CA", "943", "2"),
    ("Half Moon Bay", "CA", "942", "2"),
    ("Middlefield", "CA", "944", "2"),
    ("Menlo Park", "CA", "940", "4"),
    ("Palo Alto", "CA", "943", "4"),
    ("San Jose", "CA", "951", "2"),
    ("Tucson", "AZ", "857", "3"),
    ("South Orange", "NJ", "070", ""),
];
pub(super) const NOTE: [&str; 6] = [
    "Gate code 4471; call before arrival.",
    "Paid by \"corporate card\" \u{2013} see e-mail of Tuesday.",
    "Customer asked for 5% off next time",
    "Ship to back door\nRing twice",
    "Quote: 12' \u{d7} 8' patio",
    "R\u{fc}ckfrage offen",
];
