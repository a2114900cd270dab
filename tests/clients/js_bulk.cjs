'use strict';
// Bulk API 2.0: each operation, and every row accounted for.

const assert = require('node:assert/strict');
const { Readable } = require('node:stream');
const { step, rejects } = require('./steps.cjs');

const COUNT = 2500;
const DESCRIPTION = 'commas, "quotes", semi;colons\nand a second line\twith 𝄞 and ünïcode';
const FROM = "FROM Account WHERE External_Id__c LIKE 'jsbulk-%'";
const key = (n) => `jsbulk-${String(n).padStart(5, '0')}`;
const polling = { pollInterval: 50, pollTimeout: 60_000 };
const record = (n) => ({ Name: `Bulk ${n}`, External_Id__c: key(n), Description: DESCRIPTION });
const records = (first, count) => Array.from({ length: count }, (_, n) => record(first + n));

function load(conn, operation, input, more = {}) {
  return conn.bulk2.loadAndWaitForResults({ object: 'Account', operation, input, ...polling, ...more });
}

step('bulk inserts, and accounts for each row', async (world) => {
  const { conn } = world;
  const results = await load(conn, 'insert', records(0, COUNT));
  assert.deepEqual([results.failedResults, results.unprocessedRecords], [[], []]);
  assert.equal(results.successfulResults.length, COUNT);
  for (const row of results.successfulResults) assert.deepEqual([row.sf__Created, row.Description], ['true', DESCRIPTION]);
  world.bulk = new Map(results.successfulResults.map((row) => [row.External_Id__c, row.sf__Id]));
  const read = await conn.query(`SELECT Id, External_Id__c ${FROM}`, { autoFetch: true, maxFetch: COUNT + 1 });
  assert.deepEqual(new Map(read.records.map((row) => [row.External_Id__c, row.Id])).size, COUNT);
  for (const row of read.records) assert.equal(world.bulk.get(row.External_Id__c), row.Id);
});

step('bulk updates from a CSV stream, step by step', async ({ conn, bulk }) => {
  const job = conn.bulk2.createJob({ object: 'Account', operation: 'update' });
  const states = [];
  job.on('inProgress', (info) => states.push(info.state));
  await job.open();
  assert.equal((await job.check()).state, 'Open');
  const lines = ['Id,Phone,Description\n', ...[...bulk.values()].map((id, n) => `${id},+1 ${n},#N/A\n`)];
  await job.uploadData(Readable.from(lines.map((line) => Buffer.from(line))));
  await job.close();
  await job.poll(20, 60_000);
  const info = await job.check();
  assert.deepEqual([info.state, info.numberRecordsProcessed, info.numberRecordsFailed], ['JobComplete', COUNT, 0]);
  assert.equal((await job.getSuccessfulResults()).length, COUNT);
  const read = await conn.query(`SELECT Phone, Description ${FROM}`, { autoFetch: true, maxFetch: COUNT + 1 });
  assert.equal(new Set(read.records.map((row) => row.Phone)).size, COUNT);
  assert.ok(read.records.every((row) => row.Description === null));
  await job.delete();
  await rejects(job.check());
});

step('bulk upserts: half updated, half created', async ({ conn, bulk }) => {
  const results = await load(conn, 'upsert', records(COUNT - 300, 600), { externalIdFieldName: 'External_Id__c' });
  const created = results.successfulResults.filter((row) => row.sf__Created === 'true');
  assert.deepEqual([results.successfulResults.length, created.length], [600, 300]);
  for (const row of results.successfulResults) {
    if (row.sf__Created === 'false') assert.equal(row.sf__Id, bulk.get(row.External_Id__c));
    bulk.set(row.External_Id__c, row.sf__Id);
  }
});

step('bulk insert reports the rows that fail, and inserts the others', async ({ conn }) => {
  const given = [{ Name: 'Good' }, { Name: 'x'.repeat(256) }, { Name: 'Good too' }];
  const results = await load(conn, 'insert', given);
  assert.deepEqual(results.successfulResults.map((row) => row.Name).sort(), ['Good', 'Good too']);
  assert.equal(results.failedResults.length, 1);
  assert.match(results.failedResults[0].sf__Error, /^STRING_TOO_LONG:/);
  await load(conn, 'delete', results.successfulResults.map((row) => ({ Id: row.sf__Id })));
});

step('an aborted job leaves its rows unprocessed', async ({ conn }) => {
  const job = conn.bulk2.createJob({ object: 'Account', operation: 'insert' });
  await job.open();
  await job.uploadData('Name\nNever A\nNever B\n');
  await job.abort();
  assert.equal((await job.check()).state, 'Aborted');
  assert.deepEqual((await job.getUnprocessedRecords()).map((row) => row.Name), ['Never A', 'Never B']);
  assert.equal(await conn.sobject('Account').count({ Name: { $like: 'Never %' } }), 0);
});

step('a job with a column that is no field fails as a whole', async ({ conn }) => {
  const job = conn.bulk2.createJob({ object: 'Account', operation: 'insert' });
  await job.open();
  await job.uploadData('Name,Nope__c\nx,1\n');
  await job.close();
  assert.match((await rejects(job.poll(20, 60_000))).message, /InvalidBatch.*Nope__c/);
  await rejects(conn.bulk2.createJob({ object: 'Nope__c', operation: 'insert' }).open());
});

step('bulk queries every row', async ({ conn, bulk }) => {
  const stream = await conn.bulk2.query(`SELECT Id, External_Id__c, Description ${FROM}`, polling);
  const rows = await stream.toArray();
  assert.equal(rows.length, bulk.size);
  for (const row of rows) assert.equal(bulk.get(row.External_Id__c), row.Id);
  assert.equal(rows.filter((row) => row.Description === DESCRIPTION).length, 600);
});

step('bulk deletes, and finds the rows only where asked for deleted ones', async ({ conn, bulk }) => {
  const results = await load(conn, 'delete', [...bulk.values()].map((Id) => ({ Id })));
  assert.deepEqual([results.successfulResults.length, results.failedResults.length], [bulk.size, 0]);
  assert.equal(await conn.sobject('Account').count({ External_Id__c: { $like: 'jsbulk-%' } }), 0);
  const rows = await (await conn.bulk2.query(`SELECT Id, IsDeleted ${FROM}`, { scanAll: true, ...polling })).toArray();
  assert.deepEqual([rows.length, rows.every((row) => row.IsDeleted === 'true')], [bulk.size, true]);
});
