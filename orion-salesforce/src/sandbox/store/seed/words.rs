//! Names of people, places and companies. People of each place are named as people there are; e-mail addresses use the
//! plain form. Domains are reserved ones (RFC 2606).

/// A name as written, and in plain ASCII for addresses.
pub(super) type Named = (&'static str, &'static str);

#[derive(Debug)]
pub(super) struct Place {
    pub(super) country: &'static str,
    pub(super) state: Option<&'static str>,
    pub(super) city: &'static str,
    /// `#` is a digit.
    pub(super) postal: &'static str,
    pub(super) phone: &'static str,
    /// Millionths of a degree.
    pub(super) latitude: i64,
    pub(super) longitude: i64,
    pub(super) culture: &'static Culture,
}

#[derive(Debug)]
pub(super) struct Culture {
    pub(super) first: &'static [Named],
    pub(super) last: &'static [Named],
    /// `{n}` is the house number, `{s}` the street.
    pub(super) address: &'static str,
    pub(super) streets: &'static [&'static str],
    pub(super) company_forms: &'static [&'static str],
}

const ENGLISH: Culture = Culture {
    first: &[
        ("Olivia", "olivia"), ("James", "james"), ("Amelia", "amelia"), ("Noah", "noah"), ("Grace", "grace"),
        ("Daniel", "daniel"), ("Priya", "priya"), ("Marcus", "marcus"), ("Chloe", "chloe"), ("Ethan", "ethan"),
        ("Zoë", "zoe"), ("Liam", "liam"), ("Renée", "renee"), ("Samuel", "samuel"), ("Aisha", "aisha"),
        ("Victor", "victor"), ("Hannah", "hannah"), ("Tyrone", "tyrone"), ("Megan", "megan"), ("Omar", "omar"),
    ],
    last: &[
        ("Carter", "carter"), ("O'Brien", "obrien"), ("Patel", "patel"), ("Nguyen", "nguyen"), ("Whitfield", "whitfield"),
        ("Harrison", "harrison"), ("McAllister", "mcallister"), ("Brontë", "bronte"), ("Smith-Jones", "smith-jones"),
        ("Okafor", "okafor"), ("Ramirez", "ramirez"), ("Sterling", "sterling"), ("D'Angelo", "dangelo"),
        ("Walsh", "walsh"), ("Kowalski", "kowalski"), ("Bennett", "bennett"), ("Huang", "huang"), ("Foster", "foster"),
    ],
    address: "{n} {s}",
    streets: &[
        "Market Street", "Lexington Avenue", "Kings Road", "Elm Court", "Harbour Way", "5th Avenue", "Old Mill Lane",
        "Industrial Parkway", "St. Mary's Close", "Sunset Boulevard",
    ],
    company_forms: &["Inc.", "LLC", "Ltd", "Group", "& Sons", "Holdings", "Corp."],
};

const GERMAN: Culture = Culture {
    first: &[
        ("Jürgen", "juergen"), ("Anneliese", "anneliese"), ("Björn", "bjoern"), ("Käthe", "kaethe"), ("Lukas", "lukas"),
        ("Sophie", "sophie"), ("Matthias", "matthias"), ("Jörg", "joerg"),
    ],
    last: &[
        ("Müller", "mueller"), ("Schröder", "schroeder"), ("Weiß", "weiss"), ("Böhm", "boehm"), ("Krüger", "krueger"),
        ("von Bülow", "vonbuelow"), ("Schneider", "schneider"), ("Fischer", "fischer"),
    ],
    address: "{s} {n}",
    streets: &["Hauptstraße", "Bahnhofstraße", "Schloßallee", "Am Mühlenweg", "Königsallee", "Goethestraße"],
    company_forms: &["GmbH", "AG", "& Söhne GmbH", "KG", "GmbH & Co. KG"],
};

const FRENCH: Culture = Culture {
    first: &[
        ("Élodie", "elodie"), ("François", "francois"), ("Chloé", "chloe"), ("Jérôme", "jerome"), ("Amélie", "amelie"),
        ("Benoît", "benoit"), ("Margaux", "margaux"), ("Loïc", "loic"),
    ],
    last: &[
        ("Lefèvre", "lefevre"), ("Dupont", "dupont"), ("Château", "chateau"), ("Bérenger", "berenger"),
        ("d'Aubigné", "daubigne"), ("Moreau", "moreau"), ("Gauthier", "gauthier"), ("Noël", "noel"),
    ],
    address: "{n}, {s}",
    streets: &["rue de l'Église", "avenue Victor-Hugo", "boulevard Saint-Michel", "place des Fêtes", "quai d'Orsay"],
    company_forms: &["SA", "SARL", "& Fils", "SAS"],
};

const SPANISH: Culture = Culture {
    first: &[
        ("José", "jose"), ("Lucía", "lucia"), ("Íñigo", "inigo"), ("Sofía", "sofia"), ("Andrés", "andres"),
        ("Núria", "nuria"), ("João", "joao"), ("Inês", "ines"),
    ],
    last: &[
        ("García", "garcia"), ("Muñoz", "munoz"), ("Peña", "pena"), ("Ibáñez", "ibanez"), ("Núñez", "nunez"),
        ("Gonçalves", "goncalves"), ("Araújo", "araujo"), ("Ortega", "ortega"),
    ],
    address: "{s}, {n}",
    streets: &["Calle de Alcalá", "Paseo de Gracia", "Rua Augusta", "Avenida de América", "Calle Núñez de Balboa"],
    company_forms: &["S.L.", "S.A.", "e Hijos, S.L.", "Ltda."],
};

const NORDIC: Culture = Culture {
    first: &[
        ("Åsa", "asa"), ("Søren", "soren"), ("Lærke", "laerke"), ("Mikael", "mikael"), ("Ingrid", "ingrid"),
        ("Łukasz", "lukasz"), ("Zofia", "zofia"), ("Jiří", "jiri"),
    ],
    last: &[
        ("Ångström", "angstrom"), ("Østergaard", "ostergaard"), ("Lindqvist", "lindqvist"), ("Håkansson", "hakansson"),
        ("Wiśniewski", "wisniewski"), ("Dvořák", "dvorak"), ("Sørensen", "sorensen"), ("Żak", "zak"),
    ],
    address: "{s} {n}",
    streets: &["Drottninggatan", "Strøget", "Östra Hamngatan", "Nowy Świat", "Václavské náměstí"],
    company_forms: &["AB", "A/S", "Sp. z o.o.", "s.r.o."],
};

const JAPANESE: Culture = Culture {
    first: &[
        ("陽葵", "himari"), ("翔太", "shota"), ("さくら", "sakura"), ("健一", "kenichi"), ("美咲", "misaki"), ("大輔", "daisuke"),
    ],
    last: &[
        ("佐藤", "sato"), ("鈴木", "suzuki"), ("髙橋", "takahashi"), ("渡邉", "watanabe"), ("山本", "yamamoto"), ("小林", "kobayashi"),
    ],
    address: "{s}{n}-{n}",
    streets: &["千代田区丸の内", "渋谷区神南", "北区梅田", "中央区銀座", "港区六本木"],
    company_forms: &["株式会社", "合同会社", "K.K."],
};

const fn place(
    (country, state): (&'static str, Option<&'static str>),
    city: &'static str,
    postal: &'static str,
    phone: &'static str,
    (latitude, longitude): (i64, i64),
    culture: &'static Culture,
) -> Place {
    Place { country, state, city, postal, phone, latitude, longitude, culture }
}

const USA: &str = "United States";

pub(super) const PLACES: [Place; 24] = [
    place((USA, Some("CA")), "San Francisco", "941##", "(415) 555-01##", (37_774_929, -122_419_416), &ENGLISH),
    place((USA, Some("NY")), "New York", "100##", "(212) 555-01##", (40_712_776, -74_005_974), &ENGLISH),
    place((USA, Some("TX")), "Austin", "787##", "(512) 555-01##", (30_267_153, -97_743_061), &ENGLISH),
    place((USA, Some("IL")), "Chicago", "606##", "(312) 555-01##", (41_878_114, -87_629_798), &ENGLISH),
    place((USA, Some("MO")), "St. Louis", "631##", "(314) 555-01##", (38_627_003, -90_199_402), &ENGLISH),
    place((USA, Some("HI")), "Kailua-Kona", "967##", "(808) 555-01##", (19_639_994, -155_996_926), &ENGLISH),
    place((USA, Some("NC")), "Burlington", "272##", "(336) 555-01##", (36_095_692, -79_437_799), &ENGLISH),
    place(("Canada", Some("QC")), "Montréal", "H2X 1##", "(514) 555-01##", (45_501_689, -73_567_256), &FRENCH),
    place(("Canada", Some("ON")), "Toronto", "M5V 2##", "(416) 555-01##", (43_653_226, -79_383_184), &ENGLISH),
    place(("United Kingdom", None), "London", "EC1A #BB", "+44 20 7946 0###", (51_507_351, -127_758), &ENGLISH),
    place(("United Kingdom", None), "Newcastle upon Tyne", "NE1 #AA", "+44 191 498 0###", (54_978_252, -1_617_780), &ENGLISH),
    place(("Ireland", None), "Dublin", "D0# XY##", "+353 20 910 ####", (53_349_805, -6_260_310), &ENGLISH),
    place(("Germany", Some("Bayern")), "München", "80###", "+49 89 5550####", (48_135_125, 11_581_981), &GERMAN),
    place(("Germany", Some("Nordrhein-Westfalen")), "Köln", "50###", "+49 221 5550####", (50_937_531, 6_960_279), &GERMAN),
    place(("Austria", None), "Wien", "10#0", "+43 1 5550###", (48_208_174, 16_373_819), &GERMAN),
    place(("Switzerland", Some("ZH")), "Zürich", "80##", "+41 44 555 ## ##", (47_376_887, 8_541_694), &GERMAN),
    place(("France", Some("Île-de-France")), "Paris", "750##", "+33 1 99 00 ## ##", (48_856_614, 2_352_222), &FRENCH),
    place(("France", None), "Besançon", "250##", "+33 3 99 00 ## ##", (47_237_829, 6_024_054), &FRENCH),
    place(("Spain", None), "A Coruña", "150##", "+34 981 55 ## ##", (43_362_344, -8_411_540), &SPANISH),
    place(("Brazil", Some("SP")), "São Paulo", "01###-###", "+55 11 5550-####", (-23_550_520, -46_633_308), &SPANISH),
    place(("Sweden", None), "Malmö", "2## ##", "+46 40 555 ## ##", (55_604_981, 13_003_822), &NORDIC),
    place(("Poland", None), "Łódź", "9#-###", "+48 42 555 ## ##", (51_759_249, 19_455_983), &NORDIC),
    place(("Japan", Some("東京都")), "東京", "1##-00##", "+81 3-5550-####", (35_689_487, 139_691_706), &JAPANESE),
    place(("Japan", Some("大阪府")), "大阪市", "5##-00##", "+81 6-5550-####", (34_693_738, 135_502_165), &JAPANESE),
];

pub(super) const COMPANY_HEADS: [&str; 28] = [
    "Blue Harbor", "Cobalt", "Northgate", "Evergreen", "Silverline", "Apex", "Meridian", "Ironwood", "Clearwater", "Vertex",
    "Granite Peak", "Redwood", "Pacific", "Juniper", "Summit", "Beacon", "Fieldstone", "Lighthouse", "Cedar & Pine", "Orchard",
    "Quantum", "Atlas", "Foundry 9", "Kestrel", "Larkspur", "Maple Leaf", "Nimbus", "Opal",
];

pub(super) const COMPANY_TAILS: [&str; 24] = [
    "Logistics", "Textiles", "Foods", "Software", "Energy", "Robotics", "Pharma", "Capital", "Hotels", "Media",
    "Construction", "Analytics", "Shipping", "Dairy", "Optics", "Aerospace", "Water", "Insurance", "Motors", "Paper",
    "Garden Supply", "Broadcasting", "Medical", "Steel",
];

pub(super) const TITLES: [&str; 22] = [
    "CEO", "CFO", "VP, Sales", "VP of Engineering", "Head of Procurement", "Buyer", "Regional Director", "Director of IT",
    "Operations Manager", "Controller", "SVP, Technology", "Senior \"Plant\" Engineer", "Leiter Einkauf", "Directrice générale",
    "部長", "Office Manager", "Data Analyst", "Founder & CTO", "Legal Counsel", "Marketing Lead", "Warehouse Supervisor", "COO",
];

pub(super) const DEPARTMENTS: [&str; 12] = [
    "Finance", "Procurement", "Engineering", "R&D", "Sales", "Operations", "Legal", "Information Technology",
    "Human Resources", "Marketing", "Logistics", "Qualitätssicherung",
];

pub(super) const SENTENCES: [&str; 16] = [
    "Met at the trade show; asked for a quote, then went quiet.",
    "Says \"call before noon, never after\".",
    "Prefers e-mail.\nDo not call on Fridays.",
    "Budget approved, contract with legal.",
    "Renewal at risk: 3 open cases, 2 escalated.",
    "Großkunde, seit 2009; Ansprechpartner wechselt jährlich.",
    "Intéressé par l'offre « Premium », à relancer début juin.",
    "担当者は英語可。見積もりは円建てで。",
    "Uses C:\\exports\\daily.csv, wants an API instead.",
    "Pays by invoice, 30 days net, often late.",
    "Great reference customer 🚀, happy to speak at events.",
    "Moved offices:\r\n\told: Dock 4\r\n\tnew: Dock 11, door \"B\"",
    "Competes with 'Northgate', but buys from both.",
    "Asked for 10% off; offered 7.5%; accepted.",
    "No longer with the company? Check, please.",
    "Niño de oro del canal; crecimiento > 40 % año a año.",
];

/// Product, code, family, list price in cents.
pub(super) const PRODUCTS: [(&str, &str, &str, i64); 40] = [
    ("Edge Router 100", "NET-1001", "Hardware", 49_900), ("Edge Router 500", "NET-1005", "Hardware", 129_900),
    ("Core Switch 24p", "NET-2024", "Hardware", 215_000), ("Core Switch 48p", "NET-2048", "Hardware", 389_950),
    ("Access Point Indoor", "NET-3001", "Hardware", 18_999), ("Access Point Outdoor", "NET-3002", "Hardware", 34_999),
    ("Rack Server R1", "SRV-0001", "Hardware", 420_000), ("Rack Server R2", "SRV-0002", "Hardware", 679_900),
    ("Storage Shelf 12 TB", "STO-0012", "Hardware", 310_050), ("Storage Shelf 48 TB", "STO-0048", "Hardware", 899_999),
    ("UPS 1500 VA", "PWR-1500", "Hardware", 41_250), ("UPS 3000 VA", "PWR-3000", "Hardware", 88_875),
    ("Cable Cat6 2 m", "CAB-0602", "Hardware", 499), ("Cable Cat6 10 m", "CAB-0610", "Hardware", 1_249),
    ("19\" Rack, 42 U", "RCK-0042", "Hardware", 99_900), ("Sensor Kit, outdoor", "IOT-0100", "Hardware", 7_995),
    ("Sensor Gateway", "IOT-0200", "Hardware", 24_900), ("Thermal Camera", "CAM-0300", "Hardware", 159_999),
    ("Monitoring Suite, Basic", "SW-MON-B", "Software", 120_000), ("Monitoring Suite, Pro", "SW-MON-P", "Software", 360_000),
    ("Backup Cloud 1 TB", "SW-BAK-1", "Software", 1_999), ("Backup Cloud 10 TB", "SW-BAK-10", "Software", 14_999),
    ("Firewall Subscription", "SW-FW-01", "Software", 89_900), ("Endpoint Security (per seat)", "SW-EPS", "Software", 3_333),
    ("Directory Sync", "SW-DIR", "Software", 49_995), ("Analytics Workspace", "SW-ANA", "Software", 250_000),
    ("API Gateway", "SW-API", "Software", 175_050), ("Developer Licence", "SW-DEV", "Software", 9_900),
    ("Installation, half day", "SVC-INS-4", "Services", 48_000), ("Installation, full day", "SVC-INS-8", "Services", 88_000),
    ("Site Survey", "SVC-SUR", "Services", 65_000), ("Migration Package S", "SVC-MIG-S", "Services", 250_000),
    ("Migration Package L", "SVC-MIG-L", "Services", 990_000), ("Training, 2 days", "SVC-TRN-2", "Services", 149_900),
    ("Consulting (hour)", "SVC-CON-H", "Services", 17_550), ("Support Bronze", "SUP-BRZ", "Support", 60_000),
    ("Support Silver", "SUP-SLV", "Support", 144_000), ("Support Gold", "SUP-GLD", "Support", 300_000),
    ("Support Platinum 24×7", "SUP-PLT", "Support", 720_000), ("Spare Parts Pool", "SUP-SPP", "Support", 33_333),
];
