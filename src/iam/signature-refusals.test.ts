import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { sha256 } from "./canonical.ts";
import { formatSdkDate, sign, verifySignature } from "./signature.ts";
import { get, outcome, parsed, signed, vector, verify } from "./signature-testing.ts";
import { SIGNATURE_VECTORS, VECTOR_ACCESS_KEY, VECTOR_DATE, VECTOR_SECRET, VECTOR_TIME } from "./signature-vectors.ts";

const MINUTE = 60_000;

describe("tampering", () => {
  const { request, authorization } = vector("V3");

  it("is found in any octet of the body", () => {
    for (let at = 0; at < request.body.length; at++) {
      const body = Uint8Array.from(request.body);
      body[at] = (body[at] ?? 0) ^ 1;
      assert.equal(outcome({ ...request, body }, authorization), "mismatch", `octet ${at}`);
    }
    assert.equal(
      outcome({ ...request, body: Buffer.concat([request.body, Buffer.from("\n")]) }, authorization),
      "mismatch",
    );
    assert.equal(outcome({ ...request, body: new Uint8Array() }, authorization), "mismatch");
  });

  it("is found in any character of the path", () => {
    for (let at = 0; at < request.target.length; at++) {
      const target = `${request.target.slice(0, at)}~${request.target.slice(at + 1)}`;
      assert.equal(outcome({ ...request, target }, authorization), "mismatch", target);
    }
    for (const target of [`/${request.target}`, `${request.target}//`, `${request.target}?a`, `${request.target}/..`]) {
      assert.equal(outcome({ ...request, target }, authorization), "mismatch", target);
    }
  });

  it("is found in any character of a signed header", () => {
    for (const name of parsed(authorization).signedHeaders.filter((header) => header !== "x-sdk-date")) {
      const value = String(request.headers[name]);
      for (let at = 0; at < value.length; at++) {
        const headers = { ...request.headers, [name]: `${value.slice(0, at)}~${value.slice(at + 1)}` };
        assert.equal(outcome({ ...request, headers }, authorization), "mismatch", `${name}, character ${at}`);
      }
    }
  });

  it("is found in the date, the method and the list of signed headers", () => {
    const headers = { ...request.headers, "x-sdk-date": "20260115T083001Z" };
    assert.equal(outcome({ ...request, headers }, authorization), "mismatch");
    assert.equal(outcome({ ...request, method: "PUT" }, authorization), "mismatch");
    assert.equal(outcome(request, authorization.replace("content-type;", "")), "mismatch");
    assert.equal(outcome(request, authorization.replace("content-type;host", "host;content-type")), "mismatch");
  });

  it("is found when a signed header is missing, even one that every object inherits", () => {
    const { "content-type": _, ...headers } = request.headers;
    const verdict = verify({ ...request, headers }, authorization);
    assert.deepEqual(verdict, {
      ok: false,
      reason: "mismatch",
      detail: "the signed header content-type is missing",
    });
    assert.equal(outcome(request, authorization.replace("content-type", "constructor")), "mismatch");
  });

  it("is found in the region and the service of a derived key", () => {
    const derived = vector("V7");
    for (const [from, to] of [
      ["xx-local-1", "xx-local-2"],
      ["clouddc,", "fabric,"],
    ] as const) {
      assert.equal(outcome(derived.request, derived.authorization.replace(from, to)), "mismatch");
    }
    assert.equal(outcome(derived.request, derived.authorization.replace("20260115", "20260114")), "bad-date");
  });

  it("may change what is not signed", () => {
    const headers = { ...request.headers, "user-agent": "other", "x-domain-id": "d", authorization: "x" };
    assert.equal(outcome({ ...request, headers }, authorization), "ok");
  });

  it("finds nothing to verify without a secret", () => {
    const empty = sign(request, VECTOR_ACCESS_KEY, "", VECTOR_DATE);
    assert.equal(verifySignature(request, parsed(empty), "", VECTOR_TIME).ok, false);
  });

  it("is refused whatever the length of the signature", () => {
    for (const signature of ["", "cb61", "0".repeat(66), "zz".repeat(32)]) {
      const verdict = verifySignature(request, { ...parsed(authorization), signature }, VECTOR_SECRET, VECTOR_TIME);
      assert.equal(verdict.ok, false, signature);
    }
  });
});

describe("the body of a signed request", () => {
  const { request, authorization } = vector("V3");

  it("does not take the word of a digest that was sent along, signed or not", () => {
    const digest = { "x-sdk-content-sha256": sha256(request.body) };
    const headers = { ...request.headers, ...digest };
    const body = Buffer.from("another body");
    assert.equal(outcome({ ...request, headers }, authorization), "ok");
    assert.equal(outcome({ ...request, headers, body }, authorization), "mismatch");
    const withDigest = signed({ ...request, headers });
    assert.equal(outcome({ ...request, headers }, withDigest), "ok");
    assert.equal(outcome({ ...request, headers, body }, withDigest), "mismatch");
  });

  it("may not be declared unsigned where it was signed, nor the other way round", () => {
    const headers = { ...request.headers, "x-sdk-content-sha256": "UNSIGNED-PAYLOAD" };
    assert.equal(outcome({ ...request, headers }, authorization), "mismatch");
    assert.equal(outcome({ ...request, headers, body: new Uint8Array() }, authorization), "mismatch");
    const unsigned = vector("V6");
    const { "x-sdk-content-sha256": _, ...bare } = unsigned.request.headers;
    assert.equal(outcome({ ...unsigned.request, headers: bare }, unsigned.authorization), "mismatch");
  });

  it("may be any where it is declared unsigned", () => {
    const unsigned = vector("V6");
    assert.equal(outcome({ ...unsigned.request, body: Buffer.from("other") }, unsigned.authorization), "ok");
  });
});

describe("the date of a signature", () => {
  const { request, authorization } = vector("V1");

  it("may be up to 15 minutes off, either way", () => {
    for (const off of [-15 * MINUTE, -1, 0, 1, 15 * MINUTE]) {
      assert.equal(outcome(request, authorization, VECTOR_TIME + off), "ok", `${off} ms`);
    }
    for (const off of [-15 * MINUTE - 1, 15 * MINUTE + 1, 24 * 60 * MINUTE]) {
      assert.equal(outcome(request, authorization, VECTOR_TIME + off), "skew", `${off} ms`);
    }
  });

  it("is shown beside the time of the server when it is too far off", () => {
    assert.deepEqual(verify(request, authorization, VECTOR_TIME + 95 * MINUTE + 999), {
      ok: false,
      reason: "skew",
      detail: "signature time:20260115T083000Z,server time:20260115T100500Z",
    });
  });

  it("must be sent and signed", () => {
    const { "x-sdk-date": _, ...headers } = request.headers;
    assert.equal(outcome({ ...request, headers }, authorization), "no-date");
    assert.equal(outcome(request, authorization.replace(";x-sdk-date", "")), "no-date");
  });

  it("must be a real date and time of the one form", () => {
    for (const date of [
      "",
      "20260115T083000",
      "20260115T083000z",
      "2026-01-15T08:30:00Z",
      "20260115T083000Z, 20260115T083000Z",
      "20260231T083000Z",
      "20261315T083000Z",
      "20260114T240000Z",
      "20260115T086000Z",
      "Thu, 15 Jan 2026 08:30:00 GMT",
      "20260115T083000Z".repeat(2000),
    ]) {
      const changed = { ...request, headers: { ...request.headers, "x-sdk-date": date } };
      assert.equal(outcome(changed, authorization), "bad-date", date.slice(0, 40));
    }
  });

  it("is written as it is read", () => {
    assert.equal(formatSdkDate(VECTOR_TIME + 999), VECTOR_DATE);
    assert.throws(() => sign(request, "A", "s", "yesterday"), RangeError);
  });
});

describe("the detail of a mismatch", () => {
  it("is the canonical request of the server, its secrets masked", () => {
    const { request, authorization } = vector("V4");
    const verdict = verify({ ...request, method: "GET" }, authorization);
    assert.ok(!verdict.ok && verdict.detail);
    assert.equal(
      verdict.detail,
      `canonicalRequest:GET|${request.target}/||content-type:application/json|host:127.0.0.1:8080|` +
        `x-project-id:0a1b2c3d4e5f60718293a4b5c6d7e8f9|x-sdk-date:20260115T083000Z|x-security-token:***||` +
        `content-type;host;x-project-id;x-sdk-date;x-security-token|${sha256("")}`,
    );
  });

  it("never holds the secret or the signature that was expected", () => {
    for (const { request, authorization } of SIGNATURE_VECTORS) {
      const verdict = verify({ ...request, method: "PATCH" }, authorization);
      const expected = parsed(sign({ ...request, method: "PATCH" }, VECTOR_ACCESS_KEY, VECTOR_SECRET, VECTOR_DATE));
      assert.ok(!verdict.ok && verdict.detail);
      assert.ok(!verdict.detail.includes(VECTOR_SECRET) && !verdict.detail.includes(expected.signature));
    }
  });
});

describe("very long requests", () => {
  it("have a URI of at most 32 KB", () => {
    const longest = get(`/?${"&".repeat(32 * 1024 - 2)}`);
    assert.equal(outcome(longest, signed(longest)), "ok");
    const longer = get(`/?${"&".repeat(32 * 1024 - 1)}`);
    assert.equal(outcome(longer, signed(longer)), "mismatch");
  });

  it("have signed headers of at most 128 KB", () => {
    const long = get("/", { "x-a": "a".repeat(127 * 1024) });
    assert.equal(outcome(long, signed(long)), "ok");
    const longer = get("/", { "x-a": "a".repeat(128 * 1024) });
    assert.equal(outcome(longer, signed(longer)), "mismatch");
  });

  it("are answered with a short detail", () => {
    const long = get(`/${"%".repeat(30_000)}?${"%=&".repeat(600)}`, { "x-a": `a${" ".repeat(100_000)}b` });
    const verdict = verify({ ...long, method: "POST" }, signed(long));
    assert.ok(!verdict.ok && verdict.detail);
    assert.equal(verdict.detail.length, 2048);
  });
});
