//! What names and messages are made of.

pub(super) const FIRST: [&str; 40] = [
    "Amara", "Bjorn", "Chiara", "Dmitri", "Elena", "Farid", "Greta", "Hiro", "Ines", "Jonas", "Keiko",
    "Lars", "Mina", "Noor", "Oscar", "Priya", "Quentin", "Rosa", "Sven", "Tariq", "Uma", "Viktor", "Wanda",
    "Xavier", "Yara", "Zoltan", "Anaïs", "Björk", "Chloé", "Édouard", "Fatima", "George", "Hana", "Ivan",
    "Jia", "Kwame", "Leila", "Marcus", "Nadia", "Olga",
];

pub(super) const LAST: [&str; 40] = [
    "Abbott",
    "Bianchi",
    "Castillo",
    "Dubois",
    "Eriksen",
    "Fischer",
    "García",
    "Hansen",
    "Ivanova",
    "Jensen",
    "Kowalski",
    "Lindqvist",
    "Moreau",
    "Nakamura",
    "Okafor",
    "Petrov",
    "Quinn",
    "Rossi",
    "Sato",
    "Tanaka",
    "Ueda",
    "Vargas",
    "Weber",
    "Xu",
    "Yilmaz",
    "Zhang",
    "O'Brien",
    "Müller",
    "Nguyen",
    "Silva",
    "Ahmed",
    "Brown",
    "Chen",
    "Diaz",
    "Evans",
    "Ferrari",
    "Goldberg",
    "Haddad",
    "Ito",
    "Johansson",
];

pub(super) const TITLES: [&str; 12] = [
    "Account Executive",
    "Accountant",
    "Data Analyst",
    "Designer",
    "Engineering Manager",
    "Finance Lead",
    "Office Manager",
    "Product Manager",
    "Recruiter",
    "Site Reliability Engineer",
    "Software Engineer",
    "Support Specialist",
];

pub(super) const BOTS: [&str; 8] =
    ["github", "jira", "pagerduty", "statuspage", "calendar", "polly", "donut", "deploybot"];

pub(super) const PROJECTS: [&str; 10] =
    ["atlas", "beacon", "cascade", "delta", "ember", "fjord", "granite", "harbor", "indigo", "juniper"];

pub(super) const LINES: [&str; 20] = [
    "Good morning, all.",
    "The nightly sync finished; 3 records went to the dead-letter table.",
    "Can someone look at invoice 1042? The customer says it was paid.",
    "Lunch at noon in the small kitchen.",
    "Deploy of the billing service starts in ten minutes.",
    "Deploy done, error rate unchanged.",
    "Who owns the Salesforce connection?",
    "I will be out on Friday.",
    "Has anyone seen the new price list?",
    "Numbers for the quarter: <https://example.com/q3|dashboard>",
    "R&amp;D needs two more weeks.",
    "Please review the mapping for contacts before Thursday.",
    "The status page is green again.",
    "Thanks!",
    "Tickets are down 12% since last week.",
    "Reminder: expense reports are due today.",
    "Is the sandbox reachable for you?",
    "Merged. Release notes are in the wiki.",
    "Moving the stand-up to 10:15.",
    "Customer call went well, notes to follow.",
];

pub(super) const EMOJI: [&str; 8] =
    ["thumbsup", "eyes", "tada", "white_check_mark", "heart", "rocket", "+1", "shipit"];
