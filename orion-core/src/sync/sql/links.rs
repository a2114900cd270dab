//! The ids that records have at a destination with ids of its own.

use std::collections::HashMap;

use async_trait::async_trait;

use super::{SqlDestination, apply::Target};
use crate::{
    RecordId, Result, StreamKey,
    sql::{Arg, Statement, Type},
    sync::{Link, Links},
};

const LINK: [(&str, Type); 3] = [("id", Type::Text), ("target", Type::Text), ("written", Type::Int)];

#[async_trait]
impl Links for SqlDestination {
    async fn link(&self, stream: &StreamKey, links: &[(RecordId, Link)]) -> Result<()> {
        if links.is_empty() {
            return Ok(());
        }
        let mut transaction = self.0.database.begin().await?;
        let id = self.stream_id(&mut transaction, stream).await?;
        let to = self.target(id, &stream.kind, chrono::DateTime::UNIX_EPOCH);
        let row = |(id, link): &(RecordId, Link)| {
            let written = Arg::Int(link.written.map(u64::cast_signed));
            [id.as_str().into(), link.target.as_str().into(), written]
        };
        let mut rows: Vec<[Arg; 3]> = links.iter().map(row).collect();
        let id = |row: &[Arg; 3]| match &row[0] {
            Arg::Text(Some(id)) => id.clone(),
            _ => String::new(),
        };
        // One row per id: Postgres refuses a second in one statement. The sort is stable and the later pair counts.
        rows.reverse();
        rows.sort_by_cached_key(id);
        rows.dedup_by_key(|row| id(row));
        to.each(&mut transaction, LINK, rows, |rows| insert(&to, rows)).await?;
        transaction.commit().await?;
        self.remember(stream, to.stream);
        Ok(())
    }

    async fn linked(&self, stream: &StreamKey, ids: &[RecordId]) -> Result<Vec<Option<Link>>> {
        let mut found = HashMap::new();
        for chunk in ids.chunks(500) {
            let rows: Vec<[Arg; 1]> = chunk.iter().map(|id| [id.as_str().into()]).collect();
            let text = format!(
                "SELECT l.id, l.target, l.written FROM {} AS l JOIN v ON v.id = l.id JOIN {} AS s ON s.id = l.stream WHERE s.adapter = ",
                self.0.names.links, self.0.names.streams
            );
            let mut select = self.0.database.statement("").rows([("id", Type::Text)], rows).push(&text);
            select = select.bind(Type::Text, &*stream.adapter);
            for (column, value) in
                [("account", &stream.account), ("kind", &stream.kind), ("object", &stream.object)]
            {
                select = select.push(&format!(" AND s.{column} = ")).bind(Type::Text, &**value);
            }
            select.keep = false;
            for mut row in self.0.database.fetch(select, &LINK.map(|(_, kind)| kind)).await? {
                let written = row[2].int().map(i64::cast_unsigned);
                let link = row[1].text().map(|target| Link { target: target.as_str().into(), written });
                found.extend(row[0].text().zip(link));
            }
        }
        Ok(ids.iter().map(|id| found.get(id.as_str()).cloned()).collect())
    }
}

fn insert(to: &Target<'_>, rows: Statement) -> Statement {
    rows.push(&format!("INSERT INTO {} (stream, id, target, written) SELECT ", to.names.links))
        .bind(Type::Int, to.stream)
        .push(
            ", v.id, v.target, v.written FROM v WHERE TRUE ON CONFLICT (stream, id) DO UPDATE SET target = excluded.target, \
             written = excluded.written",
        )
}
