'use strict';
// Drives the Salesforce sandbox with jsforce, as an application would.
//
//   NODE_PATH=…/node_modules node jsforce_conformance.cjs FACTS
//
// FACTS is a file with the JSON line that the `sandbox` example prints. Requiring a module below registers its steps, in this order.

const { readFileSync } = require('node:fs');
const { runSteps } = require('./steps.cjs');

require('./js_login.cjs');
require('./js_query.cjs');
require('./js_records.cjs');
require('./js_bulk.cjs');
require('./js_logout.cjs');

runSteps({ facts: JSON.parse(readFileSync(process.argv[2], 'utf8')) });
