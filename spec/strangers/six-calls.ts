// The six calls, with the client of each TypeScript generator. The compiler checks the types of bodies and results.
//
//     node six-calls.js CLIENT
import createClient from 'openapi-fetch';
import { Configuration, DefaultApi } from './typescript-axios';
import { client } from './hey-api/client.gen';
import * as heyApi from './hey-api/sdk.gen';
import type { paths } from './openapi-typescript';

const { STRANGERS_URL: url = '', CASHFREE_CLIENT_ID = '', CASHFREE_CLIENT_SECRET = '' } = process.env;
const keys = { 'x-client-id': CASHFREE_CLIENT_ID, 'x-client-secret': CASHFREE_CLIENT_SECRET };
const version = '2024-12-01';
const headers = { 'x-api-version': version };
const name = process.argv[2] ?? '';
const [user_id, verification_id] = [name, name];
const user = { user_id, phone: '9988776655' };
const changes = { user_id, email: 'nobody@example.com' };
const initiate = { verification_id, user_id, notification_types: ['sms'] };
const token = (vkyc_request_id: number) => ({
  app_id: 'app', product: 'VKYC' as const, metadata: { vkyc_request_id },
  authenticated_user: { identifier_type: 'userId', identifier_value: user_id },
});

// The fields that the checks read from a success. A 202 may be an error.
interface Result {
  user_id?: string, phone?: string, email?: string, reference_id?: number, status?: string, access_token?: string, code?: string
}
interface Client {
  createUser(): Promise<Result>;
  getUser(): Promise<Result>;
  updateUser(): Promise<Result>;
  initiate(): Promise<Result>;
  status(): Promise<Result>;
  token(reference: number): Promise<Result>;
}

async function data<T>(answer: Promise<{ data?: T }>): Promise<T> {
  const { data } = await answer;
  if (data === undefined) throw new Error('the call failed');
  return data;
}

function axios(): Client {
  const api = new DefaultApi(new Configuration({ basePath: url, apiKey: name => keys[name as keyof typeof keys] }));
  return {
    createUser: () => data(api.vkycCreateUser(version, user)),
    getUser: () => data(api.vkycGetUser(version, undefined, user_id)),
    updateUser: () => data(api.vkycUpdateUser(version, changes)),
    initiate: () => data(api.vkycInitiate(version, initiate)),
    status: () => data(api.vkycGetStatus(version, undefined, verification_id)),
    token: reference => data(api.vkycCreateToken(version, token(reference))),
  };
}

function hey(): Client {
  client.setConfig({ baseUrl: url, auth: scheme => keys[scheme.name as keyof typeof keys] });
  return {
    createUser: () => data(heyApi.vkycCreateUser({ headers, body: user })),
    getUser: () => data(heyApi.vkycGetUser({ headers, query: { user_id } })),
    updateUser: () => data(heyApi.vkycUpdateUser({ headers, body: changes })),
    initiate: () => data(heyApi.vkycInitiate({ headers, body: initiate })),
    status: () => data(heyApi.vkycGetStatus({ headers, query: { verification_id } })),
    token: reference => data(heyApi.vkycCreateToken({ headers, body: token(reference) })),
  };
}

function typed(): Client {
  const api = createClient<paths>({ baseUrl: url, headers: keys });
  const header = headers;
  return {
    createUser: () => data(api.POST('/user', { params: { header }, body: user })),
    getUser: () => data(api.GET('/user', { params: { header, query: { user_id } } })),
    updateUser: () => data(api.PATCH('/user', { params: { header }, body: changes })),
    initiate: () => data(api.POST('/vkyc', { params: { header }, body: initiate })),
    status: () => data(api.GET('/vkyc', { params: { header, query: { verification_id } } })),
    token: reference => data(api.POST('/oauth/token', { params: { header }, body: token(reference) })),
  };
}

async function main(): Promise<void> {
  const clients: Record<string, () => Client> = { 'typescript-axios': axios, 'hey-api': hey, 'openapi-typescript': typed };
  const api = clients[name]!();
  let passed = 0;
  const is = (found: unknown, expected: unknown) => {
    if (found !== expected) throw new Error(`${found} should be ${expected}`);
    passed += 1;
  };
  is((await api.createUser()).user_id, user_id);
  is((await api.getUser()).phone, user.phone);
  is((await api.updateUser()).email, changes.email);
  const begun = await api.initiate();
  is(begun.status, 'RECEIVED');
  is((await api.status()).reference_id, begun.reference_id);
  is(typeof (await api.token(begun.reference_id ?? 0)).access_token, 'string');
  console.log(`${passed} of 6 calls`);
}

main().catch(error => { console.error(error); process.exit(1); });
