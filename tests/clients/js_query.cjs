'use strict';
// Queries: autoFetch over pages, queryMore by hand, the query builder, streams, metadata.

const assert = require('node:assert/strict');
const { step, rejects } = require('./steps.cjs');

const count = async (conn, from) => (await conn.query(`SELECT COUNT() FROM ${from}`)).totalSize;
const distinct = (records) => new Set(records.map((record) => record.Id)).size;

step('reads every page of a query by itself (autoFetch), each record once', async ({ conn }) => {
  const total = await count(conn, 'Account');
  assert.ok(total > 4000, `${total} accounts are too few for several pages`);
  const result = await conn.query('SELECT Id, Name FROM Account', { autoFetch: true, maxFetch: total + 1 });
  assert.deepEqual([result.records.length, distinct(result.records), result.done], [total, total, true]);
});

step('emits every record as an event', async ({ conn }) => {
  const total = await count(conn, 'Contact');
  const records = [];
  await new Promise((resolve, reject) => {
    conn
      .query('SELECT Id FROM Contact')
      .on('record', (record) => records.push(record))
      .on('end', resolve)
      .on('error', reject)
      .run({ autoFetch: true, maxFetch: total + 1 });
  });
  assert.deepEqual([records.length, distinct(records)], [total, total]);
});

step('stops at maxFetch', async ({ conn }) => {
  const result = await conn.query('SELECT Id FROM Account', { autoFetch: true, maxFetch: 2500 });
  assert.deepEqual([result.records.length, distinct(result.records)], [2500, 2500]);
});

step('reads page after page by hand (queryMore)', async ({ conn }) => {
  const ids = [];
  let pages = 1;
  let page = await conn.query('SELECT Id FROM Account ORDER BY Id');
  const total = page.totalSize;
  for (;;) {
    ids.push(...page.records.map((record) => record.Id));
    assert.equal(page.totalSize, total);
    if (page.done) break;
    page = await conn.queryMore(page.nextRecordsUrl);
    pages += 1;
  }
  assert.ok(pages >= 3, `${pages} pages`);
  assert.equal(ids.length, total);
  assert.deepEqual(ids, [...new Set(ids)].sort());
});

step('streams a query as CSV', async ({ conn }) => {
  const chunks = [];
  for await (const chunk of conn.query('SELECT Id, Name FROM Lead').stream()) chunks.push(chunk);
  const lines = Buffer.concat(chunks).toString('utf8').trimEnd().split('\n');
  assert.equal(lines[0], 'Id,Name');
  assert.ok(lines.length > 2000, `${lines.length} lines`);
});

step('finds by conditions, sorts, limits and skips', async ({ conn }) => {
  const accounts = conn.sobject('Account');
  const some = await accounts.find({ Industry: { $ne: null } }, 'Id, Name, Industry').sort({ Name: 1 }).limit(7);
  assert.equal(some.length, 7);
  assert.ok(some.every((record) => record.Industry));
  const skipped = await accounts.find({ Industry: { $ne: null } }, ['Id']).sort('Name').skip(2).limit(3);
  assert.deepEqual(skipped.map((record) => record.Id), some.slice(2, 5).map((record) => record.Id));
  const one = await accounts.findOne({ Id: some[3].Id }, ['Id', 'Name']);
  assert.equal(one.Name, some[3].Name);
  const either = await accounts.find({ $or: [{ Id: some[0].Id }, { Id: { $in: [some[1].Id, some[2].Id] } }] }, ['Id']);
  assert.deepEqual(new Set(either.map((record) => record.Id)), new Set(some.slice(0, 3).map((record) => record.Id)));
  const like = await accounts.find({ Name: { $like: `${some[0].Name.replace(/[^A-Za-z]/g, '_')}%` } }, ['Id']);
  assert.ok(like.some((record) => record.Id === some[0].Id));
  assert.equal(await accounts.findOne({ Name: 'no such "name\'' }, ['Id']), null);
  assert.equal(await accounts.count({}), await count(conn, 'Account'));
});

step('finds by dates and selects every field', async ({ conn }) => {
  const { SfDate } = require('jsforce');
  const late = SfDate.toDateTimeLiteral(new Date('2099-01-01'));
  assert.equal(await conn.sobject('Account').count({ CreatedDate: { $lt: late } }), await count(conn, 'Account'));
  const early = SfDate.toDateLiteral(new Date('1990-01-01'));
  assert.equal(await conn.sobject('Opportunity').count({ CloseDate: { $lt: early } }), 0);
  const [whole] = await conn.sobject('Account').select('*').limit(1);
  const described = await conn.describe('Account');
  assert.deepEqual(new Set(Object.keys(whole)), new Set(['attributes', ...described.fields.map((field) => field.name)]));
});

step('includes children', async ({ conn }) => {
  const rows = await conn.sobject('Account').select('Id, Name').include('Contacts').select('Id, AccountId').end().limit(50);
  const related = rows.filter((row) => row.Contacts);
  assert.ok(related.length > 0, 'no account with contacts');
  for (const row of related) assert.ok(row.Contacts.records.every((contact) => contact.AccountId === row.Id));
});

step('names what is wrong with a query', async ({ conn }) => {
  await rejects(conn.query('SELECT Nope__c FROM Account'), 'INVALID_FIELD');
  await rejects(conn.query('SELECT Id FROM Nope__c'), 'INVALID_TYPE');
  await rejects(conn.query('SELECT Id FROM'), 'MALFORMED_QUERY');
  await rejects(conn.queryMore('0r8xx00000000000AA-2000'), 'INVALID_QUERY_LOCATOR');
});

step('describes the org and an object', async ({ conn }) => {
  const names = (await conn.describeGlobal()).sobjects.map((object) => object.name);
  for (const name of ['Account', 'Contact', 'Lead', 'Opportunity', 'Product2', 'User']) assert.ok(names.includes(name), name);
  const described = await conn.sobject('Account').describe();
  assert.equal(described.keyPrefix, '001');
  const external = described.fields.find((field) => field.name === 'External_Id__c');
  assert.equal(external.externalId, true);
  assert.ok(described.childRelationships.some((child) => child.relationshipName === 'Contacts'));
  await rejects(conn.describe('Nope__c'), 'NOT_FOUND');
});

step('knows the user, the limits and the versions', async ({ conn, facts }) => {
  const who = await conn.identity();
  assert.equal(who.organization_id, facts.org_id);
  const used = conn.limitInfo.apiUsage.used;
  await conn.limits();
  assert.ok(conn.limitInfo.apiUsage.used > used, 'the call was not counted');
  assert.ok(conn.limitInfo.apiUsage.limit >= conn.limitInfo.apiUsage.used);
  const limits = await conn.limits();
  assert.ok(limits.DailyApiRequests.Max >= limits.DailyApiRequests.Remaining);
  const versions = await conn.request('/services/data');
  assert.ok(versions.some((item) => item.version === facts.api_version), JSON.stringify(versions));
});
