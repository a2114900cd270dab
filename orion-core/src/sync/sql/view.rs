//! A view per kind: its live records, with the model's fields as typed columns.

use serde_json::Value;

use super::schema::Names;
use crate::{
    Error, ErrorKind, Model, Result,
    sql::{Database, Dialect, Transaction, Type, quoted},
};

/// A column taken out of the model's JSON.
#[derive(Debug, PartialEq, Eq)]
struct Column {
    name: String,
    path: Vec<String>,
    shape: Shape,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Boolean,
    Integer,
    Number,
    Text,
    Date,
    Time,
}

/// Columns every view has, of the record rather than the model.
const OWN: [&str; 10] = [
    "adapter",
    "account",
    "object",
    "id",
    "created_at",
    "modified_at",
    "version",
    "url",
    "extra",
    "synced_at",
];

/// The plural of a kind, as the view is named.
pub(super) fn plural(kind: &str) -> String {
    let consonant = |before: Option<char>| before.is_some_and(|char| !"aeiou".contains(char));
    if let Some(stem) = kind.strip_suffix('y').filter(|stem| consonant(stem.chars().last())) {
        return format!("{stem}ies");
    }
    let hisses = ["s", "x", "z", "ch", "sh"].iter().any(|end| kind.ends_with(end));
    format!("{kind}{}", if hisses { "es" } else { "s" })
}

/// Makes the view of a kind, or renews it if the model changed.
pub(super) async fn renew<M: Model>(
    database: &Database,
    transaction: &mut Transaction,
    names: &Names,
    view: &str,
) -> Result<()> {
    let dialect = database.dialect();
    let definition =
        definition(names, M::KIND.as_str(), &columns(schemars::schema_for!(M).as_value()), dialect);
    let find = format!("SELECT definition FROM {} WHERE name = ", names.views);
    let mut ours = transaction.fetch(database.statement(&find).bind(Type::Text, view), &[Type::Text]).await?;
    let ours = ours.first_mut().and_then(|row| row[0].text());
    let exists = exists(database, transaction, view).await?;
    if exists && ours.as_ref() == Some(&definition) {
        return Ok(());
    }
    if exists && ours.is_none() {
        let message =
            format!("the database has a `{view}` that is not Orion's: set another view prefix, or none");
        return Err(Error::new(ErrorKind::Config, message));
    }
    let name = quoted(view);
    transaction.execute(database.statement(&format!("DROP VIEW IF EXISTS {name}"))).await?;
    transaction.execute(database.statement(&format!("CREATE VIEW {name} AS {definition}"))).await?;
    let keep = database
        .statement(&format!("INSERT INTO {} (name, definition) VALUES (", names.views))
        .bind(Type::Text, view)
        .push(", ")
        .bind(Type::Text, definition)
        .push(") ON CONFLICT (name) DO UPDATE SET definition = excluded.definition");
    transaction.execute(keep).await.map(drop)
}

async fn exists(database: &Database, transaction: &mut Transaction, name: &str) -> Result<bool> {
    let statement = match database.dialect() {
        #[cfg(feature = "sqlite")]
        Dialect::Sqlite => database
            .statement("SELECT count(*) FROM sqlite_master WHERE lower(name) = lower(")
            .bind(Type::Text, name),
        #[cfg(feature = "postgres")]
        Dialect::Postgres => {
            database.statement("SELECT count(to_regclass(").bind(Type::Text, quoted(name)).push(")")
        }
    };
    let rows = transaction.fetch(statement.push(")"), &[Type::Int]).await?;
    Ok(rows.first().and_then(|row| row[0].int()).is_some_and(|count| count > 0))
}

fn definition(names: &Names, kind: &str, columns: &[Column], dialect: Dialect) -> String {
    let mut text = String::from("SELECT s.adapter, s.account, s.object, r.id");
    for time in ["created_at", "modified_at"] {
        text += &format!(", {} AS {time}", shown_time(dialect, time));
    }
    text.push_str(", r.version, r.url");
    for column in columns {
        text += &format!(", {} AS {}", extracted(dialect, column), quoted(&column.name));
    }
    text += &format!(
        ", r.extra, {} AS synced_at FROM {} AS r JOIN {} AS s ON s.id = r.stream WHERE r.deleted_at IS NULL",
        shown_time(dialect, "synced_at"),
        names.table(kind),
        names.streams
    );
    text
}

fn shown_time(dialect: Dialect, column: &str) -> String {
    match dialect {
        #[cfg(feature = "sqlite")]
        Dialect::Sqlite => format!("strftime('%Y-%m-%dT%H:%M:%fZ', r.{column} / 1000000.0, 'unixepoch')"),
        #[cfg(feature = "postgres")]
        Dialect::Postgres => format!("r.{column}"),
    }
}

fn extracted(dialect: Dialect, column: &Column) -> String {
    let literal = |text: &str| text.replace('\'', "''");
    match dialect {
        #[cfg(feature = "sqlite")]
        Dialect::Sqlite => {
            let path: String = column.path.iter().map(|name| format!(".\"{}\"", literal(name))).collect();
            format!("r.model ->> '${path}'")
        }
        #[cfg(feature = "postgres")]
        Dialect::Postgres => {
            let mut value = String::from("r.model");
            for (at, name) in column.path.iter().enumerate() {
                let arrow = if at + 1 == column.path.len() { "->>" } else { "->" };
                value += &format!(" {arrow} '{}'", literal(name));
            }
            match column.shape {
                Shape::Text => value,
                Shape::Boolean => format!("({value})::boolean"),
                Shape::Integer | Shape::Number => format!("({value})::numeric"),
                Shape::Date => format!("({value})::date"),
                Shape::Time => format!("({value})::timestamptz"),
            }
        }
    }
}

/// The scalars of a model, and those one level down: `balance` with an amount and a currency gives `balance_amount` and
/// `balance_currency`. Lists stay in the JSON. A name taken by the record's own columns gets `model_` in front.
fn columns(schema: &Value) -> Vec<Column> {
    let mut columns = Vec::new();
    for (name, property) in properties(schema, schema) {
        let property = resolved(schema, property);
        if let Some(shape) = shape(property) {
            columns.push(Column { name: free(&columns, name.clone()), path: vec![name.clone()], shape });
            continue;
        }
        for (part, inner) in properties(schema, property) {
            if let Some(shape) = shape(resolved(schema, inner)) {
                let column = free(&columns, format!("{name}_{part}"));
                columns.push(Column { name: column, path: vec![name.clone(), part.clone()], shape });
            }
        }
    }
    columns
}

fn free(columns: &[Column], mut name: String) -> String {
    let taken = |name: &str| {
        OWN.iter().any(|own| own.eq_ignore_ascii_case(name))
            || columns.iter().any(|column| column.name.eq_ignore_ascii_case(name))
    };
    while taken(&name) {
        name.insert_str(0, "model_");
    }
    name
}

fn properties<'a>(_root: &'a Value, schema: &'a Value) -> impl Iterator<Item = (&'a String, &'a Value)> {
    schema.get("properties").and_then(Value::as_object).into_iter().flatten()
}

/// Follows references and looks through `null`: what an `Option` of something is.
fn resolved<'a>(root: &'a Value, mut schema: &'a Value) -> &'a Value {
    // A schema can refer to itself; what is deeper than this is no scalar.
    for _ in 0..8 {
        let inner = if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            reference.strip_prefix('#').and_then(|pointer| root.pointer(pointer))
        } else if let Some(options) = ["anyOf", "oneOf"].iter().find_map(|key| schema.get(key)?.as_array()) {
            let mut real = options.iter().filter(|option| option.get("type") != Some(&Value::from("null")));
            real.next().filter(|_| real.next().is_none())
        } else {
            None
        };
        match inner {
            Some(inner) => schema = inner,
            None => break,
        }
    }
    schema
}

fn shape(schema: &Value) -> Option<Shape> {
    let name = match schema.get("type")? {
        Value::String(name) => name.as_str(),
        // An amount, say, is a text or a number: shown as text, it stays exact.
        Value::Array(names) => {
            let mut real = names.iter().filter_map(Value::as_str).filter(|name| *name != "null");
            let first = real.next()?;
            let nested = |name: &str| matches!(name, "array" | "object");
            let others: Vec<&str> = real.collect();
            match &*others {
                [] => first,
                others if nested(first) || others.iter().any(|name| nested(name)) => return None,
                _ => return Some(Shape::Text),
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => return None,
    };
    match (name, schema.get("format").and_then(Value::as_str)) {
        ("boolean", _) => Some(Shape::Boolean),
        ("integer", _) => Some(Shape::Integer),
        ("number", _) => Some(Shape::Number),
        ("string", Some("date")) => Some(Shape::Date),
        ("string", Some("date-time")) => Some(Shape::Time),
        ("string", _) => Some(Shape::Text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{UnifiedCustomer, UnifiedInvoice};

    fn names(columns: &[Column]) -> Vec<&str> {
        columns.iter().map(|column| &*column.name).collect()
    }

    #[test]
    fn scalars_and_the_scalars_one_level_down_become_columns() {
        let customer = columns(schemars::schema_for!(UnifiedCustomer).as_value());
        let names = names(&customer);
        for expected in [
            "display_name",
            "kind",
            "employees",
            "birth_date",
            "owner_id",
            "balance_amount",
            "balance_currency",
        ] {
            assert!(names.contains(&expected), "{expected} is not in {names:?}");
        }
        assert!(!names.contains(&"emails"), "a list is no column");
        let shape =
            |name: &str| customer.iter().find(|column| column.name == name).map(|column| column.shape);
        assert_eq!(shape("employees"), Some(Shape::Integer));
        assert_eq!(shape("birth_date"), Some(Shape::Date));
        assert_eq!(shape("last_activity_at"), Some(Shape::Time));
        assert_eq!(shape("taxable"), Some(Shape::Boolean));
        assert_eq!(shape("balance_amount"), Some(Shape::Text), "an amount stays exact");
    }

    #[test]
    fn a_field_named_like_a_column_of_the_record_gets_another_name() {
        let schema = serde_json::json!({"properties": {
            "id": {"type": "string"}, "URL": {"type": "string"}, "it's": {"type": ["integer", "null"]},
        }});
        let columns = columns(&schema);
        assert_eq!(names(&columns), ["model_URL", "model_id", "it's"]);
    }

    #[test]
    fn no_two_columns_of_a_view_have_one_name() {
        let columns = columns(schemars::schema_for!(UnifiedInvoice).as_value());
        let mut all: Vec<String> = names(&columns).iter().map(|name| name.to_lowercase()).collect();
        all.extend(OWN.map(str::to_owned));
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn kinds_have_plurals() {
        let table = [
            ("customer", "customers"),
            ("address", "addresses"),
            ("company", "companies"),
            ("day", "days"),
            ("box", "boxes"),
        ];
        for (kind, expected) in table {
            assert_eq!(plural(kind), expected);
        }
    }
}
