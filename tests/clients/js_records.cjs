'use strict';
// Single records, collections of 200, composite, what changed.

const assert = require('node:assert/strict');
const { step, rejects } = require('./steps.cjs');

const NAME = 'Zoë & Søns — 株式会社 𝄞';
const many = (of) => Array.from({ length: 200 }, (_, n) => of(n));

step('creates, reads, updates and deletes one record', async ({ conn }) => {
  const accounts = conn.sobject('Account');
  const made = await accounts.create({ Name: NAME, NumberOfEmployees: 42 });
  assert.deepEqual([made.success, made.errors, made.id.length], [true, [], 18]);
  const read = await accounts.retrieve(made.id);
  assert.deepEqual([read.Name, read.NumberOfEmployees, read.attributes.type], [NAME, 42, 'Account']);
  assert.equal((await accounts.update({ Id: made.id, Phone: '1', NumberOfEmployees: null })).success, true);
  const again = await accounts.record(made.id).retrieve();
  assert.deepEqual([again.Phone, again.NumberOfEmployees], ['1', null]);
  assert.equal((await accounts.destroy(made.id)).success, true);
  await rejects(accounts.destroy(made.id), 'ENTITY_IS_DELETED');
});

step('upserts one record: creates, then updates', async ({ conn }) => {
  const accounts = conn.sobject('Account');
  const record = { External_Id__c: 'js-one', Name: 'One' };
  assert.equal((await accounts.upsert(record, 'External_Id__c')).created, true);
  assert.equal((await accounts.upsert({ ...record, Name: 'Two' }, 'External_Id__c')).created, false);
  const [found] = await accounts.find({ External_Id__c: 'js-one' }, ['Id', 'Name']);
  assert.equal(found.Name, 'Two');
  await accounts.destroy(found.Id);
});

step('creates 200 records in one call, in order', async (world) => {
  const made = await world.conn.sobject('Account').create(many((n) => ({ Name: `Many ${n}`, External_Id__c: `js-${n}` })));
  assert.deepEqual([made.length, made.every((item) => item.success)], [200, true]);
  world.ids = made.map((item) => item.id);
  assert.equal(new Set(world.ids).size, 200);
});

step('retrieves 200 records in one call, null for one that is not there', async ({ conn, ids }) => {
  const asked = [...ids.slice(1), '001000000000000AAA'];
  const rows = await conn.sobject('Account').retrieve(asked, { fields: ['Id', 'Name'] });
  assert.equal(rows.length, 200);
  assert.deepEqual(rows.slice(0, 199).map((row) => row.Id), ids.slice(1));
  assert.equal(rows[0].Name, 'Many 1');
  assert.equal(rows[199], null);
});

step('updates 200 records in one call', async ({ conn, ids }) => {
  const changed = await conn.sobject('Account').update(ids.map((Id, n) => ({ Id, Phone: `+1 ${n}` })));
  assert.deepEqual(changed.map((item) => [item.id, item.success]), ids.map((id) => [id, true]));
  assert.equal(await conn.sobject('Account').count({ Name: { $like: 'Many %' }, Phone: { $like: '+1 %' } }), 200);
});

step('upserts 200 records in one call, half of them new', async ({ conn, ids }) => {
  const records = many((n) => ({ External_Id__c: `js-${n + 100}`, Name: `Many, again ${n}` }));
  const outcome = await conn.sobject('Account').upsert(records, 'External_Id__c');
  assert.deepEqual(outcome.map((item) => item.created), many((n) => n >= 100));
  assert.deepEqual(outcome.slice(0, 100).map((item) => item.id), ids.slice(100));
  ids.push(...outcome.slice(100).map((item) => item.id));
});

step('answers for each record of a collection, and undoes all where asked to', async ({ conn }) => {
  const records = [{ Name: 'Good' }, { Name: '' }, { Name: 'Good too' }];
  const each = await conn.sobject('Account').create(records);
  assert.deepEqual(each.map((item) => item.success), [true, false, true]);
  assert.equal(each[1].errors[0].statusCode, 'REQUIRED_FIELD_MISSING');
  await conn.sobject('Account').destroy([each[0].id, each[2].id]);
  const none = await conn.sobject('Account').create(records, { allOrNone: true });
  assert.deepEqual(none.map((item) => item.success), [false, false, false]);
  assert.equal(none[0].errors[0].statusCode, 'ALL_OR_NONE_OPERATION_ROLLED_BACK');
  assert.equal(await conn.sobject('Account').count({ Name: { $like: 'Good%' } }), 0);
});

step('refuses more than 200 records in one call, and splits them where asked to', async ({ conn }) => {
  const records = Array.from({ length: 201 }, (_, n) => ({ Name: `Split ${n}` }));
  await rejects(conn.sobject('Account').create(records));
  const made = await conn.sobject('Account').create(records, { allowRecursive: true });
  assert.equal(made.filter((item) => item.success).length, 201);
  const gone = await conn.sobject('Account').destroy(made.map((item) => item.id), { allowRecursive: true });
  assert.equal(gone.filter((item) => item.success).length, 201);
});

step('destroys 200 records in one call', async ({ conn, ids }) => {
  const gone = await conn.sobject('Account').destroy(ids.slice(0, 200));
  assert.deepEqual(gone.map((item) => [item.id, item.success]), ids.slice(0, 200).map((id) => [id, true]));
  const again = await conn.sobject('Account').destroy([ids[0], ids[200]]);
  assert.deepEqual(again.map((item) => item.success), [false, true]);
  assert.equal(again[0].errors[0].statusCode, 'ENTITY_IS_DELETED');
  await conn.sobject('Account').destroy(ids.slice(201));
});

step('runs a composite request with references', async ({ conn }) => {
  const base = `/services/data/v${conn.version}`;
  const contact = { LastName: 'Ng', AccountId: '@{account.id}' };
  const soql = "SELECT+Id,Account.Name+FROM+Contact+WHERE+Id='@{contact.id}'";
  const compositeRequest = [
    { method: 'POST', url: `${base}/sobjects/Account`, referenceId: 'account', body: { Name: 'Composite' } },
    { method: 'POST', url: `${base}/sobjects/Contact`, referenceId: 'contact', body: contact },
    { method: 'GET', url: `${base}/query?q=${soql}`, referenceId: 'query' },
  ];
  const { compositeResponse } = await conn.requestPost('/composite', { allOrNone: true, compositeRequest });
  assert.deepEqual(compositeResponse.map((answer) => answer.referenceId), ['account', 'contact', 'query']);
  assert.deepEqual(compositeResponse.map((answer) => answer.httpStatusCode), [201, 201, 200]);
  assert.equal(compositeResponse[2].body.records[0].Account.Name, 'Composite');
  await conn.sobject('Account').destroy(compositeResponse[0].body.id);
});

step('undoes a composite request of which a part fails', async ({ conn }) => {
  const base = `/services/data/v${conn.version}`;
  const body = {
    allOrNone: true,
    compositeRequest: [
      { method: 'POST', url: `${base}/sobjects/Account`, referenceId: 'kept', body: { Name: 'Undone' } },
      { method: 'POST', url: `${base}/sobjects/Contact`, referenceId: 'bad', body: { FirstName: 'No last name' } },
    ],
  };
  const headers = { 'content-type': 'application/json' };
  const request = { method: 'POST', url: `${base}/composite`, body: JSON.stringify(body), headers };
  const { compositeResponse } = await conn.request(request);
  assert.deepEqual(compositeResponse.map((answer) => answer.httpStatusCode), [400, 400]);
  assert.equal(compositeResponse[0].body[0].errorCode, 'PROCESSING_HALTED');
  assert.equal(compositeResponse[1].body[0].errorCode, 'REQUIRED_FIELD_MISSING');
  assert.equal(await conn.sobject('Account').count({ Name: 'Undone' }), 0);
});

step('lists what was updated and deleted', async ({ conn }) => {
  const kept = await conn.sobject('Account').create({ Name: 'Kept' });
  const gone = await conn.sobject('Account').create({ Name: 'Gone' });
  await conn.sobject('Account').destroy(gone.id);
  const { CreatedDate } = await conn.sobject('Account').retrieve(kept.id);
  const at = (minutes) => new Date(Date.parse(CreatedDate.replace('+0000', 'Z')) + minutes * 60_000).toISOString();
  const updated = await conn.sobject('Account').updated(at(-5), at(60));
  assert.ok(updated.ids.includes(kept.id) && !updated.ids.includes(gone.id));
  const deleted = await conn.sobject('Account').deleted(at(-5), at(60));
  assert.ok(deleted.deletedRecords.some((row) => row.id === gone.id && row.deletedDate));
  await conn.sobject('Account').destroy(kept.id);
});
