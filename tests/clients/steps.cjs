'use strict';
// What the Node drivers share: named steps that run in order, each either ok or failed.

const assert = require('node:assert/strict');

const steps = [];

/** Registers a step. Steps run in the order in which they are registered. */
function step(name, run) {
  steps.push({ name, run });
}

/** Runs every step, one line each, and sets the process's exit code. */
async function runSteps(world) {
  // A step that never ends lets the process run out of work and exit: that is a failure too.
  process.exitCode = 1;
  let passed = 0;
  let failed = 0;
  for (const { name, run } of steps) {
    const began = performance.now();
    try {
      await run(world);
      passed += 1;
      console.log(`ok      ${name} (${((performance.now() - began) / 1000).toFixed(2)} s)`);
    } catch (error) {
      failed += 1;
      console.log(error?.stack ?? error);
      console.log(`FAILED  ${name}`);
    }
  }
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

/** Awaits `promise`, which has to reject; with `code`, as that error code or name. Returns the error. */
async function rejects(promise, code) {
  let value;
  try {
    value = await promise;
  } catch (error) {
    if (code !== undefined) assert.equal(error.errorCode ?? error.name, code, `error code of: ${error.message}`);
    return error;
  }
  return assert.fail(`expected an error, got ${JSON.stringify(value)}`);
}

module.exports = { step, runSteps, rejects };
