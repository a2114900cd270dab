'use strict';
// Revoking and logging out.

const { Connection } = require('jsforce');
const { oauth2, version } = require('./js_login.cjs');
const { step, rejects } = require('./steps.cjs');

step('revokes an access token', async ({ facts }) => {
  const conn = new Connection({ oauth2: oauth2(facts), version: version(facts) });
  await conn.authorize({ grant_type: 'client_credentials' });
  const plain = new Connection({ instanceUrl: facts.base_url, accessToken: conn.accessToken, version: version(facts) });
  await plain.query('SELECT Id FROM Account LIMIT 1');
  await conn.oauth2.revokeToken(conn.accessToken);
  await rejects(plain.query('SELECT Id FROM Account LIMIT 1'), 'INVALID_SESSION_ID');
});

step('logs out, and revokes the refresh token with it', async ({ facts, conn }) => {
  const { refreshToken, accessToken } = conn;
  await conn.logout(true);
  await rejects(oauth2(facts).refreshToken(refreshToken), 'invalid_grant');
  const after = new Connection({ instanceUrl: facts.base_url, accessToken, version: version(facts) });
  await rejects(after.query('SELECT Id FROM Account LIMIT 1'), 'INVALID_SESSION_ID');
});
