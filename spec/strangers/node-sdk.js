// Cashfree's own SDKs for Node, unmodified: `cashfree-verification` completes a whole verification, and
// `PGVerifyWebhookSignature` of `cashfree-pg` accepts each of its webhooks and refuses each with an added byte.
//
//     node node-sdk.js PORT      the sandbox sends its webhooks to that port
const http = require('node:http');
const { Cashfree } = require('cashfree-verification');
const { CFEnvironment, Cashfree: PaymentGateway } = require('cashfree-pg');

const { CASHFREE_ENVIRONMENT: sandbox, STRANGERS_URL, CASHFREE_CLIENT_ID, CASHFREE_CLIENT_SECRET } = process.env;
Cashfree.basePath = STRANGERS_URL;
Cashfree.XClientId = CASHFREE_CLIENT_ID;
Cashfree.XClientSecret = CASHFREE_CLIENT_SECRET;
// The default would report errors to a server of Cashfree's. The version is not set: the SDK sends its own, 2023-12-18.
Cashfree.XEnableErrorAnalytics = false;

const LAST = 'VKYC_AUDITOR_REVIEW_COMPLETED';
const verifier = new PaymentGateway(CFEnvironment.SANDBOX, 'unused', CASHFREE_CLIENT_SECRET);
let calls = 0, webhooks = 0;

function is(found, expected, what) {
  if (found !== expected) throw new Error(`${what} is ${found}, but should be ${expected}`);
}

async function call(operation, ...values) {
  const { data } = await Cashfree[operation]('2023-12-18', ...values);
  calls += 1;
  return data;
}

async function control(path, body = {}) {
  const response = await fetch(`${sandbox}/_sandbox/${path}`, { method: 'POST', body: JSON.stringify(body) });
  return { status: response.status, body: await response.json() };
}

function accepts(headers, body) {
  try {
    verifier.PGVerifyWebhookSignature(headers['x-webhook-signature'], body, headers['x-webhook-timestamp']);
    return true;
  } catch {
    return false;
  }
}

async function flow() {
  const user_id = 'node_sdk', verification_id = 'node_sdk';
  await control('journey', { journey: 'completed' });
  const user = await call('VrsCreateUser', { user_id, phone: '9988776655' });
  is((await call('VrsGetUser', undefined, undefined, user_id)).user_reference_id, user.user_reference_id, 'the user');
  const updated = await call('VrsUpdateUser', { user_id, email: 'nobody@example.com' });
  is(updated.email, 'nobody@example.com', 'the e-mail address');
  const begun = await call('VrsInitiateVKYC', { verification_id, user_id, notification_types: ['sms'] });
  is(begun.verification_id, verification_id, 'the verification');
  is((await call('VrsVkycGetStatus', undefined, undefined, String(begun.reference_id))).status, 'RECEIVED', 'the status');
  const token = await call('VrsVkycGenerateAuthToken', {
    app_id: 'app', product: 'VKYC', metadata: { vkyc_request_id: String(begun.reference_id) },
    authenticated_user: { identifier_type: 'userId', identifier_value: user_id },
  });
  is(typeof token.access_token, 'string', 'the token');
  for (;;) {
    const { status, body } = await control(`verifications/${verification_id}/advance`);
    if (status === 409) break;
    const seen = await call('VrsVkycGetStatus', undefined, verification_id);
    is(`${seen.status} ${seen.sub_status}`, `${body.status} ${body.sub_status}`, 'the state');
  }
}

const receiver = http.createServer((request, response) => {
  const chunks = [];
  request.on('data', chunk => chunks.push(chunk)).on('end', () => {
    const body = Buffer.concat(chunks).toString('utf8');
    is(accepts(request.headers, body), true, 'whether a webhook is accepted');
    is(accepts(request.headers, `${body} `), false, 'whether a forged webhook is accepted');
    webhooks += 1;
    response.end();
    if (JSON.parse(body).event_type !== LAST) return;
    console.log(`${calls} calls, ${webhooks} webhooks accepted, ${webhooks} forged ones refused`);
    setTimeout(() => process.exit(0), 100);
  });
});
setTimeout(() => { throw new Error(`${LAST} did not arrive`); }, 60_000);
receiver.listen(Number(process.argv[2]), '127.0.0.1', flow);
