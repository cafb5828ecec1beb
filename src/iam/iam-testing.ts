import assert from "node:assert/strict";
import { type IncomingHttpHeaders, request } from "node:http";
import type { TestContext } from "node:test";
import { ACCOUNTS } from "../../test/harness.ts";
import { freshStore, START } from "../../test/store.ts";
import { MovableClock } from "../clock.ts";
import { createIds } from "../ids.ts";
import { silentLog } from "../log.ts";
import type { AccountSetting, Settings, UserSetting } from "../settings.ts";
import { openStore, type Store } from "../store/index.ts";
import type { Known } from "./authenticate.ts";
import { type Iam, type IamOptions, openIam } from "./index.ts";
import { formatSdkDate, sign } from "./signature.ts";

export const MINUTE = 60_000;

const [first, second] = ACCOUNTS;
assert.ok(first && second);
export const ACCOUNT_ONE: AccountSetting = first;
export const ACCOUNT_TWO: AccountSetting = second;
export const USER_ONE: UserSetting = first.users[0] ?? assert.fail();
export const USER_TWO: UserSetting = second.users[0] ?? assert.fail();
export const PROJECT_ONE = first.projects[0] ?? assert.fail();
export const PROJECT_TWO = second.projects[0] ?? assert.fail();

export interface Received {
  status: number;
  headers: IncomingHttpHeaders;
  body: any; // oxlint-disable-line typescript/no-explicit-any -- a test looks into whatever came back
  text: string;
}

export interface Sending {
  headers?: Record<string, string>;
  body?: string;
}

/** Sends exactly this over a socket: fetch would refuse a GET with a body. */
export async function send(url: string, method: string, path: string, sending: Sending = {}): Promise<Received> {
  const { headers = {}, body = "" } = sending;
  const length = body === "" ? {} : { "content-length": String(Buffer.byteLength(body)) };
  return new Promise((resolve, reject) => {
    const sent = request(url + path, { method, headers: { ...headers, ...length }, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        const { statusCode: status = 0, headers: received } = response;
        const isJson = received["content-type"]?.includes("json") && text !== "";
        resolve({ status, headers: received, text, body: isJson ? (JSON.parse(text) as unknown) : undefined });
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

export interface Signing extends Sending {
  accessKey?: string;
  secret?: string;
  /** When it is signed, in ms since the epoch. */
  at?: number;
}

/** The headers of a request that is signed with the first user's key, unless another is given. */
export function signedHeaders(method: string, target: string, signing: Signing = {}): Record<string, string> {
  const {
    headers = {},
    body = "",
    accessKey = USER_ONE.access_key,
    secret = USER_ONE.secret_key,
    at = START,
  } = signing;
  const date = formatSdkDate(at);
  const authorization = sign({ method, target, headers, body: Buffer.from(body) }, accessKey, secret, date);
  return { ...headers, "x-sdk-date": date, authorization };
}

export function sendSigned(url: string, method: string, path: string, signing: Signing = {}): Promise<Received> {
  return send(url, method, path, { ...signing, headers: signedHeaders(method, path, signing) });
}

export function passwordLogin(user: string, password: string, domain: string, scope?: object): string {
  const named = { name: user, password, domain: { name: domain } };
  return JSON.stringify({ auth: { identity: { methods: ["password"], password: { user: named } }, scope } });
}

export function keyLogin(access: string, secret: string, scope?: object): string {
  const pair = { access: { key: access }, secret: { key: secret } };
  return JSON.stringify({ auth: { identity: { methods: ["hw_ak_sk"], hw_ak_sk: pair }, scope } });
}

export const loginOne = (scope?: object): string =>
  passwordLogin(USER_ONE.name, USER_ONE.password, ACCOUNT_ONE.name, scope);
export const loginTwo = (scope?: object): string =>
  passwordLogin(USER_TWO.name, USER_TWO.password, ACCOUNT_TWO.name, scope);

export function postTokens(url: string, body: string, query = "?nocatalog=true"): Promise<Received> {
  return send(url, "POST", `/v3/auth/tokens${query}`, { headers: { "content-type": "application/json" }, body });
}

export async function tokenFrom(url: string, body: string): Promise<string> {
  const answer = await postTokens(url, body);
  assert.equal(answer.status, 201, answer.text);
  return String(answer.headers["x-subject-token"]);
}

/** A store and a data folder of the test's own, on which IAM can be opened again and again. */
export interface Ground {
  store: Store;
  dataDir: string;
  clock: MovableClock;
  address: Settings["store"];
  open(options?: Partial<IamOptions>): Promise<Iam>;
}

export async function ground(t: TestContext): Promise<Ground> {
  const { dataDir, store: address, remove } = await freshStore();
  const store = await openStore(address);
  t.after(async () => {
    await store.close();
    await remove();
  });
  const clock = new MovableClock({ frozenAt: START });
  const house = { store, clock, ids: createIds(), dataDir, region: "eu-local-1", log: silentLog, services: () => [] };
  return { store, dataDir, clock, address, open: (options) => openIam({ ...house, accounts: ACCOUNTS, ...options }) };
}

/** Why a signed GET is refused, or whose it is. */
export async function outcomeOf(
  iam: Iam,
  signing: Signing & { target?: string; projectId?: string } = {},
): Promise<string> {
  const { target = "/v3/projects", projectId } = signing;
  const headers = signedHeaders("GET", target, signing);
  return said(await iam.authenticate({ method: "GET", target, headers, body: new Uint8Array(), projectId }));
}

export async function outcomeOfToken(iam: Iam, token: string): Promise<string> {
  const headers = { "x-auth-token": token };
  return said(
    await iam.authenticate({ method: "GET", target: "/", headers, body: new Uint8Array(), projectId: undefined }),
  );
}

const said = (known: Known): string => ("stranger" in known ? known.stranger.why : known.principal.userName);
