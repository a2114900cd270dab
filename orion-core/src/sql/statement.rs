//! SQL for both databases from one text, with its arguments.

/// Which database speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    #[cfg(feature = "sqlite")]
    Sqlite,
    #[cfg(feature = "postgres")]
    Postgres,
}

/// An argument of a statement.
#[derive(Clone, Debug)]
pub(crate) enum Arg {
    Int(Option<i64>),
    Text(Option<String>),
    /// A column of integers, in Postgres only.
    #[cfg(feature = "postgres")]
    Ints(Vec<Option<i64>>),
    /// A column of texts, in Postgres only.
    #[cfg(feature = "postgres")]
    Texts(Vec<Option<String>>),
}

impl From<i64> for Arg {
    fn from(value: i64) -> Self {
        Self::Int(Some(value))
    }
}

impl From<&str> for Arg {
    fn from(value: &str) -> Self {
        Self::Text(Some(value.to_owned()))
    }
}

impl From<String> for Arg {
    fn from(value: String) -> Self {
        Self::Text(Some(value))
    }
}

/// What a value is in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    Int,
    Text,
    /// Microseconds since 1970: an integer in SQLite, `timestamptz` in Postgres.
    Time,
    /// JSON: its text in SQLite, `jsonb` in Postgres.
    Json,
}

/// A statement being written: each value goes through [`bind`](Self::bind), never into the text.
#[derive(Debug)]
pub(crate) struct Statement {
    pub(crate) dialect: Dialect,
    pub(crate) text: String,
    pub(crate) args: Vec<Arg>,
    /// Whether it comes again in the same words, so that the prepared form is worth keeping.
    pub(crate) keep: bool,
}

impl Statement {
    pub(crate) fn new(dialect: Dialect, text: &str) -> Self {
        Self { dialect, text: text.to_owned(), args: Vec::new(), keep: true }
    }

    /// Writes more text.
    pub(crate) fn push(mut self, text: &str) -> Self {
        self.text.push_str(text);
        self
    }

    /// Writes a value of a type.
    pub(crate) fn bind(mut self, kind: Type, value: impl Into<Arg>) -> Self {
        let value = value.into();
        match self.dialect {
            #[cfg(feature = "sqlite")]
            Dialect::Sqlite => {
                // Numbered parameters cost SQLite a search each; the plain mark does not.
                self.text.push('?');
                self.args.push(value);
            }
            #[cfg(feature = "postgres")]
            Dialect::Postgres => {
                self.args.push(super::text::storable(kind, value));
                let at = self.args.len();
                self.text.push_str(&postgres_value(kind, &format!("${at}")));
            }
        }
        let _ = kind;
        self
    }

    /// Writes `WITH v(…) AS (…)`: the rows, as a table to select from.
    pub(crate) fn rows<const N: usize>(mut self, columns: [(&str, Type); N], rows: Vec<[Arg; N]>) -> Self {
        let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
        self = self.push("WITH v(").push(&names.join(", ")).push(") AS (");
        self = match self.dialect {
            #[cfg(feature = "sqlite")]
            Dialect::Sqlite => self.values(rows),
            #[cfg(feature = "postgres")]
            Dialect::Postgres => self.unnest(columns.map(|(_, kind)| kind), rows),
        };
        self.push(") ")
    }

    #[cfg(feature = "sqlite")]
    fn values<const N: usize>(mut self, rows: Vec<[Arg; N]>) -> Self {
        let row = format!("(?{})", ",?".repeat(N - 1));
        self.args.reserve(rows.len() * N + 4);
        for (at, values) in rows.into_iter().enumerate() {
            self.text.push_str(if at == 0 { "VALUES " } else { "," });
            self.text.push_str(&row);
            self.args.extend(values);
        }
        self
    }

    #[cfg(feature = "postgres")]
    fn unnest<const N: usize>(mut self, kinds: [Type; N], rows: Vec<[Arg; N]>) -> Self {
        let mut columns = kinds.map(|kind| match kind {
            Type::Int | Type::Time => Arg::Ints(Vec::with_capacity(rows.len())),
            Type::Text | Type::Json => Arg::Texts(Vec::with_capacity(rows.len())),
        });
        for row in rows {
            for ((column, value), kind) in columns.iter_mut().zip(row).zip(kinds) {
                match (column, super::text::storable(kind, value)) {
                    (Arg::Ints(column), Arg::Int(value)) => column.push(value),
                    (Arg::Texts(column), Arg::Text(value)) => column.push(value),
                    (Arg::Ints(column), _) => column.push(None),
                    (Arg::Texts(column), _) => column.push(None),
                    (Arg::Int(_) | Arg::Text(_), _) => {}
                }
            }
        }
        let from = self.args.len() + 1;
        let pick = |at: usize| match kinds[at] {
            Type::Int | Type::Text => format!("c{at}"),
            kind @ (Type::Time | Type::Json) => postgres_value(kind, &format!("c{at}")),
        };
        let array = |at: usize| match kinds[at] {
            Type::Int | Type::Time => format!("${}::bigint[]", at + from),
            Type::Text | Type::Json => format!("${}::text[]", at + from),
        };
        let list = |item: &dyn Fn(usize) -> String| (0..N).map(item).collect::<Vec<_>>().join(", ");
        let names = list(&|at| format!("c{at}"));
        self = self.push(&format!("SELECT {} FROM unnest({}) AS u({names})", list(&pick), list(&array)));
        self.args.extend(columns);
        self
    }
}

#[cfg(feature = "postgres")]
fn postgres_value(kind: Type, value: &str) -> String {
    match kind {
        Type::Int => format!("{value}::bigint"),
        Type::Text => format!("{value}::text"),
        Type::Time => format!("('epoch'::timestamptz + {value}::bigint * interval '1 microsecond')"),
        Type::Json => format!("{value}::text::jsonb"),
    }
}

impl Dialect {
    /// Reads a column back in the form it is bound in.
    pub(crate) fn column(self, kind: Type, column: &str) -> String {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres if kind == Type::Time => {
                format!("(extract(epoch FROM {column}) * 1000000)::bigint")
            }
            #[cfg(feature = "postgres")]
            Self::Postgres if kind == Type::Json => format!("{column}::text"),
            _ => {
                let _ = kind;
                column.to_owned()
            }
        }
    }

    /// The type of a column in a table definition.
    pub(crate) fn type_name(self, kind: Type) -> &'static str {
        match (self, kind) {
            #[cfg(feature = "sqlite")]
            (Self::Sqlite, Type::Int | Type::Time) => "INTEGER",
            #[cfg(feature = "sqlite")]
            (Self::Sqlite, Type::Text | Type::Json) => "TEXT",
            #[cfg(feature = "postgres")]
            (Self::Postgres, Type::Int) => "BIGINT",
            #[cfg(feature = "postgres")]
            (Self::Postgres, Type::Text) => "TEXT",
            #[cfg(feature = "postgres")]
            (Self::Postgres, Type::Time) => "TIMESTAMPTZ",
            #[cfg(feature = "postgres")]
            (Self::Postgres, Type::Json) => "JSONB",
        }
    }

    /// The type of a key that counts up by itself.
    pub(crate) fn serial(self) -> &'static str {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite => "INTEGER PRIMARY KEY",
            #[cfg(feature = "postgres")]
            Self::Postgres => "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
        }
    }
}

/// Quotes a name.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
