//! Reads the schema tables. A line is `Name | type(size) | flags | Label | extra`; the flags' first letter says how the
//! field is written (`r` required, `w` optional, `d` defaulted, `c`/`C` on create only, optional or required,
//! `-` and `!` read-only, nullable or not), the rest are: `n` name field, `x` external id, `q` unique, `l` idLookup,
//! `R` restricted picklist, `f` not filterable. `extra` is `Target,Target.Relationship<ChildRelationship!` of a
//! reference (`!`: deletes cascade; `^`: they are refused), or picklist values, `=default` and `@compound`.

use std::collections::HashMap;

use super::{Child, Field, Kind, Object, Reference, Schema, System};

const AUDIT: [&str; 5] = [
    "CreatedDate | datetime | ! | Created Date",
    "CreatedById | reference | ! | Created By ID | User.CreatedBy",
    "LastModifiedDate | datetime | ! | Last Modified Date",
    "LastModifiedById | reference | ! | Last Modified By ID | User.LastModifiedBy",
    "SystemModstamp | datetime | ! | System Modstamp",
];

const SEEN: [&str; 3] = [
    "LastActivityDate | date | - | Last Activity",
    "LastViewedDate | datetime | - | Last Viewed Date",
    "LastReferencedDate | datetime | - | Last Referenced Date",
];

const ADDRESS: [(&str, &str, &str); 9] = [
    ("Street", "textarea(255)", "Street"),
    ("City", "string(40)", "City"),
    ("State", "string(80)", "State/Province"),
    ("PostalCode", "string(20)", "Zip/Postal Code"),
    ("Country", "string(80)", "Country"),
    ("Latitude", "double(18,15)", "Latitude"),
    ("Longitude", "double(18,15)", "Longitude"),
    ("GeocodeAccuracy", "picklist(40)", "Geocode Accuracy"),
    ("Address", "address", "Address"),
];

const ACCURACY: &str =
    "Address;NearAddress;Block;Street;ExtendedZip;Zip;Neighborhood;City;County;State;Unknown";

impl Schema {
    pub(super) fn parse(tables: &[&str]) -> Self {
        let mut objects: Vec<Object> = Vec::new();
        for line in tables.iter().flat_map(|table| table.lines()).filter(|line| !line.is_empty()) {
            if let Some(header) = line.strip_prefix("object ") {
                objects.push(Object::parse(header, objects.len()));
            } else if let Some(object) = objects.last_mut() {
                expand(line).iter().for_each(|line| object.add(line));
            }
        }
        let by_name: HashMap<_, _> = objects.iter().map(|o| (lower(&o.name), o.index)).collect();
        link_children(&mut objects, &by_name);
        Self { objects, by_name }
    }
}

fn expand(line: &str) -> Vec<String> {
    let mut words = line.split_whitespace();
    match words.next() {
        Some("@audit") => AUDIT.iter().map(|&line| line.to_owned()).collect(),
        Some("@seen") => SEEN.iter().map(|&line| line.to_owned()).collect(),
        Some("@address") => address(words.next().unwrap_or_default()),
        _ => vec![line.to_owned()],
    }
}

fn address(prefix: &str) -> Vec<String> {
    let line = |&(name, kind, label): &(&str, &str, &str)| {
        let flags = match name {
            "GeocodeAccuracy" => "w R",
            "Address" => "-",
            _ => "w",
        };
        let values = if name == "GeocodeAccuracy" { ACCURACY } else { "" };
        let compound = if name == "Address" { String::new() } else { format!("@{prefix}Address") };
        format!(
            "{prefix}{name} | {kind} | {flags} | {} | {values} {compound}",
            format!("{prefix} {label}").trim()
        )
    };
    ADDRESS.iter().map(line).collect()
}

fn lower(name: &str) -> Box<str> {
    name.to_ascii_lowercase().into()
}

fn link_children(objects: &mut [Object], by_name: &HashMap<Box<str>, usize>) {
    let mut links = Vec::new();
    for object in objects.iter() {
        for field in &object.fields {
            let Some(reference) = &field.reference else { continue };
            for target in reference.to.iter().filter_map(|name| by_name.get(&lower(name))) {
                let name = reference.child_relationship.clone();
                let (cascade, restrict) = (reference.cascade, reference.restrict);
                links.push((
                    *target,
                    Child { name, object: object.index, field: field.index, cascade, restrict },
                ));
            }
        }
    }
    for (target, child) in links {
        if let Some(object) = objects.get_mut(target) {
            object.children.push(child);
        }
    }
}

impl Object {
    fn parse(header: &str, index: usize) -> Self {
        let mut cells = header.split('|').map(str::trim);
        let mut next = || cells.next().unwrap_or_default();
        let (name, prefix, label, plural, flags) = (next(), next(), next(), next(), next());
        Self {
            index,
            name: name.into(),
            prefix: prefix.into(),
            label: label.into(),
            plural: plural.into(),
            createable: flags.starts_with('c'),
            deletable: flags.contains('d'),
            searchable: flags.ends_with('s'),
            fields: Vec::new(),
            children: Vec::new(),
            system: System::default(),
            by_name: HashMap::new(),
            by_relationship: HashMap::new(),
        }
    }

    fn add(&mut self, line: &str) {
        let mut field = Field::parse(line, self.fields.len());
        if field.kind == Kind::Address {
            field.parts = self.parts(&field.name);
        }
        self.by_name.insert(lower(&field.name), field.index);
        if let Some(reference) = &field.reference {
            self.by_relationship.insert(lower(&reference.relationship), field.index);
        }
        self.system.note(&field);
        self.fields.push(field);
    }

    fn parts(&self, address: &str) -> Vec<(Box<str>, usize)> {
        let prefix = address.strip_suffix("Address").unwrap_or_default();
        let members = self.fields.iter().filter(|field| field.compound.as_deref() == Some(address));
        let mut parts: Vec<(Box<str>, usize)> = members
            .map(|field| {
                let name = field.name.strip_prefix(prefix).unwrap_or(&field.name);
                let (head, tail) = name.split_at_checked(1).unwrap_or((name, ""));
                (format!("{}{tail}", head.to_ascii_lowercase()).into(), field.index)
            })
            .collect();
        parts.sort();
        parts
    }
}

impl System {
    fn note(&mut self, field: &Field) {
        let slot = match &*field.name {
            "IsDeleted" => &mut self.is_deleted,
            "CreatedDate" => &mut self.created_date,
            "CreatedById" => &mut self.created_by,
            "LastModifiedDate" => &mut self.modified_date,
            "LastModifiedById" => &mut self.modified_by,
            "SystemModstamp" => &mut self.modstamp,
            "OwnerId" => &mut self.owner,
            _ => return,
        };
        *slot = Some(field.index);
    }
}

impl Field {
    fn parse(line: &str, index: usize) -> Self {
        let mut cells = line.split('|').map(str::trim);
        let mut next = || cells.next().unwrap_or_default();
        let (name, kind, flags, label, extra) = (next(), next(), next(), next(), next());
        let (kind, size) = kind.split_once('(').unwrap_or((kind, ""));
        let kind = Kind::named(kind).unwrap_or(Kind::String);
        let (length, precision, scale) = sizes(kind, size.trim_end_matches(')'));
        let (mode, rest) = flags.split_at_checked(1).unwrap_or((flags, ""));
        let has = |flag: char| rest.contains(flag);
        let (reference, words) = match kind {
            Kind::Reference => (Some(Reference::parse(extra)), ""),
            _ => (None, extra),
        };
        let (values, default, compound) = extras(words);
        Self {
            index,
            name: name.into(),
            label: label.into(),
            kind,
            length,
            precision,
            scale,
            nillable: matches!(mode, "w" | "c" | "-"),
            createable: matches!(mode, "r" | "w" | "d" | "c" | "C"),
            updateable: matches!(mode, "r" | "w" | "d"),
            defaulted: mode == "d" || (mode == "!" && kind == Kind::Boolean),
            external_id: has('x'),
            unique: has('q'),
            id_lookup: has('l') || has('x') || kind == Kind::Id,
            restricted: has('R'),
            name_field: has('n'),
            // Salesforce filters text areas of up to 255 characters only.
            filterable: !has('f') && kind != Kind::Address && !(kind == Kind::TextArea && length > 255),
            reference,
            values,
            default,
            compound,
            parts: Vec::new(),
        }
    }
}

fn sizes(kind: Kind, size: &str) -> (usize, u32, u32) {
    let mut numbers = size.split(',').map(|n| n.parse::<u32>().unwrap_or(0));
    let (first, second) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    match kind {
        Kind::Id | Kind::Reference => (18, 0, 0),
        _ if kind.is_number() => (0, first, second),
        _ => (first as usize, 0, 0),
    }
}

type Extras = (Vec<Box<str>>, Option<Box<str>>, Option<Box<str>>);

fn extras(text: &str) -> Extras {
    let (text, compound) = match text.split_once('@') {
        Some((text, compound)) => (text, Some(compound.trim().into())),
        None => (text, None),
    };
    let (text, default) = match text.split_once('=') {
        Some((text, default)) => (text, Some(default.trim().into())),
        None => (text, None),
    };
    let values = text.split(';').map(str::trim).filter(|value| !value.is_empty());
    (values.map(Box::from).collect(), default, compound)
}

impl Reference {
    fn parse(text: &str) -> Self {
        let (cascade, restrict) = (text.ends_with('!'), text.ends_with('^'));
        let text = text.trim_end_matches(['!', '^']);
        let (text, child) = match text.split_once('<') {
            Some((text, child)) => (text, Some(child.into())),
            None => (text, None),
        };
        let (to, relationship) = text.split_once('.').unwrap_or((text, ""));
        Self {
            to: to.split(',').map(Box::from).collect(),
            relationship: relationship.into(),
            child_relationship: child,
            cascade,
            restrict,
        }
    }
}
