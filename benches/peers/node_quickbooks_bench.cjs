'use strict';
// node-quickbooks: `findCustomers` with `fetchAll`, by its default page of a thousand.
//
//   NODE_PATH=…/node_modules node node_quickbooks_bench.cjs PORT [RECORDS]

const assert = require('node:assert/strict');
const { readFileSync, writeFileSync } = require('node:fs');
const QuickBooks = require('node-quickbooks');

const memory = (field) => 1024 * Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync('/proc/self/status', 'ascii'))[1]);

const [port, records = '100000'] = process.argv.slice(2);
QuickBooks.V3_ENDPOINT_BASE_URL = `http://127.0.0.1:${port}/v3/company/`;
const client = new QuickBooks('id', 'secret', 'bench', false, '1', false, false, 75, '2.0', 'refresh');
client.endpoint = `http://127.0.0.1:${port}/v3/company/`;

writeFileSync('/proc/self/clear_refs', '5');
const idle = memory('VmRSS');
const cpuBefore = process.cpuUsage();
const began = performance.now();
client.findCustomers({ fetchAll: true, limit: 1000 }, (error, answer) => {
  assert.equal(error, null);
  const found = answer.QueryResponse.Customer.filter((customer) => customer.Id).length;
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const cpu = (user + system) / 1e6;
  assert.equal(found, Number(records));
  const figures = {
    peer: 'node-quickbooks',
    case: 'query',
    records: Number(records),
    seconds: Number(seconds.toFixed(3)),
    cpu_seconds: Number(cpu.toFixed(3)),
    records_per_cpu_second: Math.round(Number(records) / cpu),
    idle_rss_bytes: idle,
    peak_rss_bytes: memory('VmHWM'),
  };
  console.log(JSON.stringify(figures));
});
