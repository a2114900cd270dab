//! Members: owners, staff, guests, bots and those who left.

use super::super::Store;
use super::super::random::Random;
use super::super::user::{Rank, User, Zone};
use super::words;

const ZONES: [Zone; 5] = [
    Zone { name: "America/Los_Angeles", label: "Pacific Standard Time", offset: -28_800 },
    Zone { name: "America/New_York", label: "Eastern Standard Time", offset: -18_000 },
    Zone { name: "Europe/London", label: "Greenwich Mean Time", offset: 0 },
    Zone { name: "Europe/Berlin", label: "Central European Time", offset: 3_600 },
    Zone { name: "Asia/Tokyo", label: "Japan Standard Time", offset: 32_400 },
];

/// People who are in every workspace, the installer of the app first.
const KNOWN: [(&str, &str, Rank, &str); 4] = [
    ("ada", "Ada Lovelace", Rank::PrimaryOwner, "Head of Operations"),
    ("grace", "Grace Hopper", Rank::Owner, "Engineering Manager"),
    ("alan", "Alan Turing", Rank::Member, "Software Engineer"),
    ("mary", "Mary Jackson", Rank::Member, "Finance Lead"),
];

/// Adds the app's bot, the vendor's, the known people, and others until there are `records` members.
pub(super) fn add(store: &mut Store, records: usize, random: &mut Random) {
    let updated = store.seconds();
    store.add_user(User {
        id: User::SLACKBOT.to_owned(),
        name: "slackbot".to_owned(),
        real_name: "Slackbot".to_owned(),
        avatar: "sv41d8cd98f0".to_owned(),
        updated: 0,
        ..User::default()
    });
    for (name, real_name, rank, title) in KNOWN {
        let mut user = person(store, name, real_name, random);
        (user.rank, user.title) = (rank, title.to_owned());
        store.add_user(user);
    }
    let bot = bot(store, "orion", "Orion");
    let installer = store.users().get(1).map(|user| user.id.clone()).unwrap_or_default();
    super::app(store, bot.bot_id.clone().unwrap_or_default(), bot.id.clone(), installer);
    store.add_user(bot);
    for number in store.users().len()..records {
        let user =
            if random.chance(3) { other_bot(store, number, random) } else { one(store, number, random) };
        store.add_user(User { updated, ..user });
    }
}

fn person(store: &mut Store, name: &str, real_name: &str, random: &mut Random) -> User {
    User {
        id: store.ids.id("U"),
        name: name.to_owned(),
        real_name: real_name.to_owned(),
        email: format!("{name}@meridian-works.example"),
        phone: format!("+1 555 {}", random.text("0123456789", 4)),
        zone: ZONES.get(random.below(ZONES.len())).copied().unwrap_or_default(),
        avatar: format!("g{}", random.text("0123456789abcdef", 11)),
        updated: store.seconds(),
        ..User::default()
    }
}

/// A member like most, or a guest, or one who left.
fn one(store: &mut Store, number: usize, random: &mut Random) -> User {
    let (first, last) = (random.word(&words::FIRST), random.word(&words::LAST));
    let plain: String =
        format!("{first}.{last}").chars().filter(|c| c.is_ascii_alphabetic() || *c == '.').collect();
    let mut user =
        person(store, &format!("{}{number}", plain.to_lowercase()), &format!("{first} {last}"), random);
    random.word(&words::TITLES).clone_into(&mut user.title);
    user.rank = match random.below(100) {
        0..3 => Rank::Guest,
        3 => Rank::SingleChannelGuest,
        4 => Rank::Admin,
        _ => Rank::Member,
    };
    user.deleted = random.chance(6);
    user.away = random.chance(40);
    if random.chance(10) {
        (user.status_text, user.status_emoji) = ("In a meeting".to_owned(), ":calendar:".to_owned());
    }
    user
}

fn bot(store: &mut Store, name: &str, real_name: &str) -> User {
    User {
        id: store.ids.id("U"),
        name: name.to_owned(),
        real_name: real_name.to_owned(),
        bot_id: Some(store.ids.id("B")),
        avatar: store.ids.hex(12),
        updated: store.seconds(),
        ..User::default()
    }
}

fn other_bot(store: &mut Store, number: usize, random: &mut Random) -> User {
    let name = random.word(&words::BOTS);
    let mut user = bot(store, &format!("{name}{number}"), name);
    user.deleted = random.chance(10);
    user
}
