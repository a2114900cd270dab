'use strict';
// Logging in: authorization code with and without PKCE, refresh, client credentials, user and password.

const assert = require('node:assert/strict');
const { Connection, OAuth2 } = require('jsforce');
const { step, rejects } = require('./steps.cjs');

const version = (facts) => facts.api_version;

function oauth2(facts, changes = {}) {
  return new OAuth2({
    loginUrl: facts.base_url,
    clientId: facts.client_id,
    clientSecret: facts.client_secret,
    redirectUri: facts.redirect_uri,
    ...changes,
  });
}

/** Follows the authorization page to the redirect that carries the code, and checks what comes with it. */
async function authorizationCode(auth, parameters) {
  const answer = await fetch(auth.getAuthorizationUrl(parameters), { redirect: 'manual' });
  assert.equal(answer.status, 302);
  const target = new URL(answer.headers.get('location'));
  assert.ok(target.href.startsWith(auth.redirectUri), `redirected to ${target.href}`);
  assert.equal(target.searchParams.get('state'), parameters.state);
  const code = target.searchParams.get('code');
  assert.ok(code, `no code in ${target.href}`);
  return code;
}

/** The connection reads, and belongs to the org and the user that the facts name. */
async function works(conn, facts) {
  assert.equal((await conn.query('SELECT Id FROM Account LIMIT 3')).records.length, 3);
  const who = await conn.identity();
  assert.equal(who.organization_id, facts.org_id);
  assert.equal(who.username, facts.username);
  return who;
}

step('logs in with an authorization code', async (world) => {
  const { facts } = world;
  const auth = oauth2(facts);
  const conn = new Connection({ oauth2: auth, version: version(facts) });
  const code = await authorizationCode(auth, { scope: 'api id refresh_token', state: 'st&te=1 ü' });
  const user = await conn.authorize(code);
  assert.equal(user.organizationId, facts.org_id);
  assert.ok(conn.refreshToken, 'no refresh token');
  assert.equal(conn.instanceUrl, facts.base_url);
  const who = await works(conn, facts);
  assert.equal(who.user_id, user.id);
  await rejects(new Connection({ oauth2: auth }).authorize(code), 'invalid_grant');
  world.conn = conn;
});

step('logs in with an authorization code and PKCE', async ({ facts }) => {
  const auth = oauth2(facts, { useVerifier: true });
  const conn = new Connection({ oauth2: auth, version: version(facts) });
  await conn.authorize(await authorizationCode(auth, { scope: 'api id refresh_token', state: 'pkce' }));
  await works(conn, facts);
  const stranger = oauth2(facts, { useVerifier: true });
  const code = await authorizationCode(auth, { state: 'pkce' });
  await rejects(new Connection({ oauth2: stranger }).authorize(code), 'invalid_request');
  const without = oauth2(facts);
  await rejects(new Connection({ oauth2: without }).authorize(await authorizationCode(auth, { state: 'bare' })), 'invalid_grant');
});

step('is refused where the user denies, the client is unknown or the code is wrong', async ({ facts }) => {
  const auth = oauth2(facts);
  const denied = await fetch(auth.getAuthorizationUrl({ state: 'x', deny: '1' }), { redirect: 'manual' });
  assert.equal(new URL(denied.headers.get('location')).searchParams.get('error'), 'access_denied');
  await rejects(new Connection({ oauth2: auth }).authorize('no-such-code'), 'invalid_grant');
  await rejects(oauth2(facts, { clientId: 'unknown' }).requestToken({ grant_type: 'client_credentials' }), 'invalid_client_id');
  await rejects(oauth2(facts, { clientSecret: 'wrong' }).requestToken({ grant_type: 'client_credentials' }), 'invalid_client');
  await rejects(auth.requestToken({ grant_type: 'no_such_grant' }), 'unsupported_grant_type');
});

step('refreshes an access token that no longer works, once', async ({ facts, conn }) => {
  const refreshed = [];
  const stale = new Connection({
    oauth2: oauth2(facts),
    instanceUrl: facts.base_url,
    accessToken: '00Dxx0000000000!invalid',
    refreshToken: conn.refreshToken,
    version: version(facts),
  });
  stale.on('refresh', (token) => refreshed.push(token));
  const answers = await Promise.all([1, 2, 3].map(() => stale.query('SELECT Id FROM Account LIMIT 1')));
  assert.deepEqual(answers.map((answer) => answer.records.length), [1, 1, 1]);
  assert.equal(refreshed.length, 1);
  assert.equal(stale.accessToken, refreshed[0]);
  const token = await oauth2(facts).refreshToken(conn.refreshToken);
  assert.equal(token.instance_url, facts.base_url);
  assert.equal(token.token_type, 'Bearer');
  await rejects(oauth2(facts).refreshToken('no-such-token'), 'invalid_grant');
});

step('logs in with client credentials', async ({ facts }) => {
  const conn = new Connection({ oauth2: oauth2(facts), version: version(facts) });
  await conn.authorize({ grant_type: 'client_credentials' });
  assert.equal(conn.refreshToken, undefined);
  await works(conn, facts);
});

step('logs in with user and password over OAuth', async ({ facts }) => {
  const conn = new Connection({ oauth2: oauth2(facts), version: version(facts) });
  const user = await conn.login(facts.username, facts.password + facts.security_token);
  assert.equal(user.organizationId, facts.org_id);
  await works(conn, facts);
  const wrong = new Connection({ oauth2: oauth2(facts) });
  await rejects(wrong.login(facts.username, 'wrong'), 'invalid_grant');
});

step('logs in with user and password (SOAP), and out', async ({ facts }) => {
  const conn = new Connection({ loginUrl: facts.base_url, version: version(facts), logLevel: 'FATAL' });
  const user = await conn.login(facts.username, facts.password + facts.security_token);
  assert.equal(user.organizationId, facts.org_id);
  assert.equal(conn.instanceUrl, facts.base_url);
  await works(conn, facts);
  const session = conn.accessToken;
  await conn.logout();
  const after = new Connection({ instanceUrl: facts.base_url, accessToken: session, version: version(facts) });
  await rejects(after.query('SELECT Id FROM Account LIMIT 1'), 'INVALID_SESSION_ID');
  const wrong = new Connection({ loginUrl: facts.base_url, version: version(facts), logLevel: 'FATAL' });
  assert.match((await rejects(wrong.login(facts.username, 'wrong'))).message, /INVALID_LOGIN/);
});

module.exports = { oauth2, version };
