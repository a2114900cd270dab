'use strict';
// jsforce: a queryMore loop, and a Bulk API 2.0 insert (upload, close, poll).
//
//   NODE_PATH=…/node_modules node jsforce_bench.cjs PORT query|bulk [RECORDS]

const assert = require('node:assert/strict');
const { readFileSync, writeFileSync } = require('node:fs');
const { Connection } = require('jsforce');

const SOQL =
  'SELECT Id, IsDeleted, Name, Type, Industry, Phone, Fax, Website, AccountNumber, BillingStreet, BillingCity, BillingState, ' +
  'BillingPostalCode, BillingCountry, ShippingCity, ShippingCountry, AnnualRevenue, NumberOfEmployees, Description, Rating, ' +
  'OwnerId, External_Id__c, CreatedDate, LastModifiedDate, SystemModstamp FROM Account';

const memory = (field) => 1024 * Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync('/proc/self/status', 'ascii'))[1]);

/** Runs `operation`, which returns how many records it handled, and prints what it cost (see measure.py). */
async function measure(name, records, operation) {
  writeFileSync('/proc/self/clear_refs', '5');
  const idle = memory('VmRSS');
  const cpuBefore = process.cpuUsage();
  const began = performance.now();
  const found = await operation();
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const cpu = (user + system) / 1e6;
  assert.equal(found, records);
  const figures = {
    peer: 'jsforce',
    case: name,
    records,
    seconds: Number(seconds.toFixed(3)),
    cpu_seconds: Number(cpu.toFixed(3)),
    records_per_cpu_second: Math.round(records / cpu),
    idle_rss_bytes: idle,
    peak_rss_bytes: memory('VmHWM'),
  };
  console.log(JSON.stringify(figures));
}

// The same rows as rows.py.
const account = (number) => ({
  Name: `Łódź Logistics Sp. z o.o. ${number}`,
  External_Id__c: `erp-${String(number).padStart(7, '0')}`,
  Phone: `+49 89 ${String(number).padStart(7, '0')}`,
  Website: `https://www.example-${number}.com/über-uns`,
  Industry: 'Transportation',
  BillingStreet: `${number % 400} Lindenstraße`,
  BillingCity: 'München',
  BillingCountry: 'Germany',
  NumberOfEmployees: String(number % 50000),
  Description: 'Asked for "net 60" terms; renewal is due in Q3.',
});

const cases = {
  query: (conn, records) =>
    measure('query', records, async () => {
      let count = 0;
      let page = await conn.query(SOQL);
      for (;;) {
        for (const record of page.records) if (record.Id) count += 1;
        if (page.done) return count;
        page = await conn.queryMore(page.nextRecordsUrl);
      }
    }),
  bulk: async (conn, records) => {
    const rows = Array.from({ length: records }, (_, number) => account(number));
    await measure('bulk', records, async () => {
      const job = conn.bulk2.createJob({ object: 'Account', operation: 'insert' });
      await job.open();
      await job.uploadData(rows);
      await job.close();
      await job.poll(20, 600_000);
      return (await job.check()).numberRecordsProcessed;
    });
  },
};

const [port, name, records = '100000'] = process.argv.slice(2);
const conn = new Connection({ instanceUrl: `http://127.0.0.1:${port}`, accessToken: '00Dxx!bench', version: '62.0' });
cases[name](conn, Number(records));
