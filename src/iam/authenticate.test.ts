import assert from "node:assert/strict";
import { test } from "node:test";
import { startEbb } from "../../test/harness.ts";
import { START } from "../../test/store.ts";
import { MovableClock } from "../clock.ts";
import {
  ACCOUNT_ONE,
  ACCOUNT_TWO,
  ground,
  loginOne,
  MINUTE,
  outcomeOf,
  PROJECT_ONE,
  PROJECT_TWO,
  type Signing,
  send,
  sendSigned,
  signedHeaders,
  tokenFrom,
  USER_ONE,
} from "./iam-testing.ts";
import { formatSdkDate, sign } from "./signature.ts";

const PROJECTS = "/v3/auth/projects";
const KEYS = "/v3.0/OS-CREDENTIAL/credentials";
const ONE_KEY = `${KEYS}/${USER_ONE.access_key}`;
const INCORRECT = "Incorrect IAM authentication information: ";

test("a signed request is let in, with a JSON body on a GET too", async (t) => {
  const { url } = await startEbb(t);
  const headers = { "content-type": "application/json", host: new URL(url).host };
  for (const body of ["", "{}"]) {
    const answer = await sendSigned(url, "GET", `${PROJECTS}?a=b%20c&a=A`, { headers, body });
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.body.projects[0].id, PROJECT_ONE.id);
  }
});

/** Asks with a signature, changed on the way by `tamper`, and answers the gateway's words. */
async function refusal(url: string, signing: Signing, tamper: (headers: Record<string, string>) => void = () => {}) {
  const headers = signedHeaders("GET", PROJECTS, signing);
  tamper(headers);
  const answer = await send(url, "GET", PROJECTS, { headers, body: signing.body ?? "" });
  assert.equal(answer.status, 401);
  assert.equal(answer.body.error_code, "APIGW.0301");
  assert.equal(answer.body.request_id, answer.headers["x-request-id"]);
  return String(answer.body.error_msg);
}

test("a request signed more than 15 minutes from the server's time is refused, replayed or early", async (t) => {
  const { url } = await startEbb(t);
  const [late, early] = [START - 15 * MINUTE - 1000, START + 15 * MINUTE + 1000];
  const skew = `${INCORRECT}calc ak sk signature fail:signature expired`;
  assert.equal(
    await refusal(url, { at: late }),
    `${skew}, signature time:20260105T074459Z,server time:20260105T080000Z`,
  );
  assert.equal(
    await refusal(url, { at: early }),
    `${skew}, signature time:20260105T081501Z,server time:20260105T080000Z`,
  );
  for (const at of [START - 15 * MINUTE, START + 15 * MINUTE]) {
    assert.equal((await sendSigned(url, "GET", PROJECTS, { at })).status, 200);
  }
});

const redated = (headers: Record<string, string>): void => {
  headers["x-sdk-date"] = "20260105T080001Z";
};
const moved = (headers: Record<string, string>): void => {
  headers["x-project-id"] = PROJECT_TWO.id;
};

test("whoever changes a signed request is refused: its date, header, method, path, query or body", async (t) => {
  const { url } = await startEbb(t);
  const mismatch = new RegExp(`^${INCORRECT}verify aksk signature fail`);
  assert.match(await refusal(url, {}, redated), mismatch);
  assert.match(await refusal(url, { headers: { "x-project-id": PROJECT_ONE.id } }, moved), mismatch);
  const signed = { headers: signedHeaders("GET", `${PROJECTS}?name=a`, { body: '{"a":1}' }), body: '{"a":1}' };
  assert.equal((await send(url, "GET", `${PROJECTS}?name=a`, signed)).status, 200);
  for (const [method, target, body] of [
    ["GET", `${PROJECTS}?name=a`, '{"a":2}'],
    ["GET", `${PROJECTS}?name=a`, ""],
    ["GET", `${PROJECTS}?name=b`, '{"a":1}'],
    ["GET", "/v3/regions?name=a", '{"a":1}'],
    ["DELETE", "/v3/auth/tokens?name=a", '{"a":1}'],
  ] as const) {
    const answer = await send(url, method, target, { headers: signed.headers, body });
    assert.equal(answer.status, 401, `${method} ${target} ${body}`);
    assert.match(answer.body.error_msg, mismatch);
  }
});

test("an unknown key, a wrong secret and a header of no known form have their own words", async (t) => {
  const { url } = await startEbb(t);
  const unknown = "UNKNOWNACCESSKEY0001";
  assert.equal(await refusal(url, { accessKey: unknown }), `${INCORRECT}ak ${unknown} not exist`);
  assert.match(await refusal(url, { secret: "another" }), /verify aksk signature fail/);
  const withToken = { "x-auth-token": await tokenFrom(url, loginOne()) };
  for (const authorization of ["SDK-HMAC-SHA256 Access=x", "SDK-HMAC-SM3 Access=x", "V11-HMAC-SHA256 x"]) {
    const said = await refusal(url, { headers: withToken }, (headers) => {
      headers.authorization = authorization;
    });
    assert.match(said, /the Authorization header is not of the form SDK-HMAC-SHA256/, authorization);
  }
});

test("a key that is turned off is refused at once, and told so only to who has its secret", async (t) => {
  const { url, one } = await startEbb(t);
  const turn = (status: string) => one.ask("PUT", ONE_KEY, { credential: { status } });
  assert.equal((await turn("inactive")).status, 200);
  assert.equal(await refusal(url, {}), `${INCORRECT}ak ${USER_ONE.access_key} is inactive`);
  assert.match(await refusal(url, { secret: "another" }), /verify aksk signature fail/);
  assert.equal((await turn("active")).status, 200);
  assert.equal((await sendSigned(url, "GET", PROJECTS)).status, 200);
});

const unauthorized = (message: string) => ({ error: { message, code: 401, title: "Unauthorized" } });

test("no credentials, a garbage token and an expired one are answered in the shape of the API asked", async (t) => {
  const ebb = await startEbb(t);
  const asked = async (path: string, headers: Record<string, string>) => {
    const { status, body, headers: received } = await send(ebb.url, "GET", path, { headers });
    assert.equal(status, 401);
    assert.match(String(received["x-iam-trace-id"]), /^token_/);
    return body;
  };
  const needed = "The request you have made requires authentication.";
  assert.deepEqual(await asked(PROJECTS, {}), unauthorized(needed));
  assert.deepEqual(await asked(PROJECTS, { "x-auth-token": "" }), unauthorized(needed));
  assert.deepEqual(await asked(KEYS, {}), { error_msg: needed, error_code: "IAM.0001" });
  for (const token of ["garbage", "MII", `MII${"A".repeat(64)}`, "x".repeat(60 * 1024), `${ebb.one.token}x`]) {
    const headers = { "x-auth-token": token };
    assert.deepEqual(await asked(PROJECTS, headers), unauthorized("The X-Auth-Token is invalid!"));
    assert.deepEqual(await asked(KEYS, headers), { error_msg: "Invalid token.", error_code: "IAM.0067" });
  }
  const headers = { "x-auth-token": ebb.one.token };
  ebb.clock.advance(24 * 60 * MINUTE);
  assert.deepEqual(await asked(PROJECTS, headers), unauthorized("The X-Auth-Token is invalid!"));
  assert.deepEqual(await asked(KEYS, headers), { error_msg: "The token has expired.", error_code: "IAM.0066" });
});

test("a token may come as a bearer's, and a signature goes before a token", async (t) => {
  const { url, one } = await startEbb(t);
  const asked = async (headers: Record<string, string>) => (await send(url, "GET", PROJECTS, { headers })).status;
  assert.equal(await asked({ authorization: `Bearer ${one.token}` }), 200);
  assert.equal(await asked({ authorization: "Bearer garbage" }), 401);
  assert.equal(await asked({ authorization: "Basic eDp5", "x-auth-token": one.token }), 200);
  assert.equal(await asked({ ...signedHeaders("GET", PROJECTS), "x-auth-token": "garbage" }), 200);
  assert.equal(
    await asked({ ...signedHeaders("GET", PROJECTS, { secret: "another" }), "x-auth-token": one.token }),
    401,
  );
});

test("moving Ebb's clock does not turn signed requests away: they are dated by the machine's", async (t) => {
  const { open, clock } = await ground(t);
  const iam = await open({ waits: new MovableClock({ frozenAt: START }) });
  clock.advance(24 * 60 * MINUTE);
  assert.equal(await outcomeOf(iam), "one");
  assert.equal(await outcomeOf(iam, { at: clock.now() }), "clock-skew");
});

test("a signature by a derived key is refused, be it right: nobody checks what it was derived for", async (t) => {
  const { open } = await ground(t);
  const iam = await open();
  const date = formatSdkDate(START);
  const presented = { method: "GET", target: "/", headers: { "x-sdk-date": date }, body: new Uint8Array() };
  const scope = { region: "eu-local-1", service: "iam" };
  const authorization = sign(presented, USER_ONE.access_key, USER_ONE.secret_key, date, scope);
  const headers = { ...presented.headers, authorization };
  const known = await iam.authenticate({ ...presented, headers, projectId: undefined });
  assert.equal("stranger" in known && known.stranger.why, "signature-malformed");
});

test("a signed request is for the project of its header, else of its path, else the region's, else the only one", async (t) => {
  const { open } = await ground(t);
  const [other, sub] = ["d1".repeat(16), "e1".repeat(16)];
  const projectOf = async (projects: { name: string; id: string }[], header = "", projectId?: string) => {
    const iam = await open({ accounts: [{ ...ACCOUNT_ONE, projects }, ACCOUNT_TWO] });
    const headers = signedHeaders("GET", "/", { headers: header === "" ? {} : { "x-project-id": header } });
    const known = await iam.authenticate({ method: "GET", target: "/", headers, body: new Uint8Array(), projectId });
    return "principal" in known ? (known.principal.project?.id ?? null) : assert.fail(known.stranger.why);
  };
  const both = [{ name: "a-first", id: sub }, PROJECT_ONE];
  assert.equal(await projectOf(both, sub, PROJECT_ONE.id), sub);
  assert.equal(await projectOf(both, "", sub), sub);
  assert.equal(await projectOf(both), PROJECT_ONE.id);
  assert.equal(await projectOf(both, PROJECT_TWO.id), null);
  assert.equal(await projectOf(both, "", PROJECT_TWO.id), null);
  const { open: openOther } = await ground(t);
  const elsewhere = async (projects: { name: string; id: string }[]) => {
    const iam = await openOther({ accounts: [{ ...ACCOUNT_ONE, projects }] });
    const presented = { method: "GET", target: "/", headers: signedHeaders("GET", "/"), body: new Uint8Array() };
    const known = await iam.authenticate({ ...presented, projectId: undefined });
    return "principal" in known ? (known.principal.project?.id ?? null) : assert.fail(known.stranger.why);
  };
  assert.equal(await elsewhere([{ name: "elsewhere", id: other }]), other);
  assert.equal(
    await elsewhere([
      { name: "elsewhere", id: other },
      { name: "third", id: sub },
    ]),
    null,
  );
});
