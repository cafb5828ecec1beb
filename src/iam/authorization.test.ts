import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatAuthorization, parseAuthorization } from "./authorization.ts";
import { verifySignature } from "./signature.ts";
import { SIGNATURE_VECTORS, VECTOR_SECRET, VECTOR_TIME } from "./signature-vectors.ts";

const HEX = "0123456789abcdef".repeat(4);
const GOOD = `SDK-HMAC-SHA256 Access=AK01, SignedHeaders=host;x-sdk-date, Signature=${HEX}`;
const DERIVED = `V11-HMAC-SHA256 Credential=AK01/20260115/xx-local-1/fabric, SignedHeaders=x-sdk-date, Signature=${HEX}`;

const PIECES = [
  ...Array.from(" ,;=/.-_%\"'\0\t\n\r\u0080é中😀Aa09"),
  "\ud800",
  "SDK-HMAC-SHA256 ",
  "V11-HMAC-SHA256 ",
  "Access=",
  "Credential=",
  "SignedHeaders=",
  "Signature=",
  "x-sdk-date",
  "__proto__",
  "AK/20260115/r/s",
  HEX,
];

/** Repeatable numbers from 0 up to below 1. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe("the Authorization header of a signed request", () => {
  it("is read into its parts", () => {
    assert.deepEqual(parseAuthorization(GOOD), {
      algorithm: "SDK-HMAC-SHA256",
      accessKey: "AK01",
      signedHeaders: ["host", "x-sdk-date"],
      signature: HEX,
    });
    assert.deepEqual(parseAuthorization(DERIVED), {
      algorithm: "V11-HMAC-SHA256",
      accessKey: "AK01",
      info: "20260115/xx-local-1/fabric",
      signedHeaders: ["x-sdk-date"],
      signature: HEX,
    });
  });

  it("is written as it is read", () => {
    for (const text of [GOOD, DERIVED]) {
      const parsed = parseAuthorization(text);
      assert.ok(parsed);
      assert.equal(formatAuthorization(parsed), text);
    }
  });

  it("may space and order its fields differently", () => {
    const expected = parseAuthorization(GOOD);
    assert.ok(expected);
    const fields = ["Access=AK01", "SignedHeaders=host;x-sdk-date", `Signature=${HEX}`];
    assert.deepEqual(parseAuthorization(`SDK-HMAC-SHA256 ${fields.join(",")}`), expected);
    assert.deepEqual(parseAuthorization(`SDK-HMAC-SHA256  ${fields.toReversed().join(" , ")} `), expected);
  });

  it("is nothing else", () => {
    for (const other of [
      "",
      " ",
      "SDK-HMAC-SHA256",
      "SDK-HMAC-SHA256 ",
      "Bearer abc",
      "Basic YTpi",
      GOOD.replace("SHA256", "SM3"),
      GOOD.replace("SDK-", "sdk-"),
      GOOD.replace("SDK-", "APP-"),
      DERIVED.replace("V11-", "AWS4-"),
      GOOD.replace("SDK-HMAC-SHA256 ", "SDK-HMAC-SHA256,"),
      GOOD.replace("SDK-", "V11-").replace("SDK", "V11"),
      DERIVED.replace("V11-", "SDK-"),
      GOOD.replace("AK01", ""),
      GOOD.replace("AK01", "A K"),
      GOOD.replace("AK01", "AK\n01"),
      GOOD.replace("AK01", "A".repeat(129)),
      GOOD.replace("Access", "access"),
      GOOD.replace("host;x-sdk-date", ""),
      GOOD.replace("host;x-sdk-date", "host;;x-sdk-date"),
      GOOD.replace("host;x-sdk-date", "Host;X-Sdk-Date"),
      GOOD.replace("host;x-sdk-date", "host:x-sdk-date"),
      GOOD.replace(HEX, ""),
      GOOD.replace(HEX, HEX.slice(1)),
      GOOD.replace(HEX, `${HEX}0`),
      GOOD.replace(HEX, HEX.toUpperCase()),
      GOOD.replace(HEX, HEX.replace("0", "g")),
      `${GOOD}, Access=AK02`,
      `${GOOD},`,
      `${GOOD}, Extra=1`,
      GOOD.replace("SignedHeaders", "Access"),
      DERIVED.replace("/20260115", ""),
      DERIVED.replace("/fabric", "/fabric/more"),
      DERIVED.replace("20260115", "2026011"),
      DERIVED.replace("fabric", "f".repeat(2000)),
      DERIVED.replace("AK01/", "/"),
    ]) {
      assert.equal(parseAuthorization(other), undefined, JSON.stringify(other));
    }
  });
});

describe("the Authorization header, misused", () => {
  it("names no header twice, so that one long header cannot be hashed many times over", () => {
    assert.equal(parseAuthorization(GOOD.replace("host;", "host;host;")), undefined);
    assert.equal(parseAuthorization(GOOD.replace("host;", "a;".repeat(3000))), undefined);
  });

  it("is at most 8 KB long", () => {
    const longest = GOOD.replace("host", "a".repeat(8192 - GOOD.length + "host".length));
    assert.equal(longest.length, 8192);
    assert.ok(parseAuthorization(longest));
    assert.equal(parseAuthorization(longest.replace("AK01", "AK012")), undefined);
    assert.equal(parseAuthorization(`SDK-HMAC-SHA256 ${",".repeat(5_000_000)}`), undefined);
  });

  it("never throws, and never verifies, when made of random pieces", () => {
    const random = generator(20260115);
    const request = SIGNATURE_VECTORS[0]?.request;
    assert.ok(request);
    for (let round = 0; round < 1000; round++) {
      const length = Math.floor(random() * 30);
      const start = random() < 0.5 ? "SDK-HMAC-SHA256 " : "";
      const text = start + Array.from({ length }, () => PIECES[Math.floor(random() * PIECES.length)]).join("");
      const parsed = parseAuthorization(text);
      if (parsed) assert.equal(verifySignature(request, parsed, VECTOR_SECRET, VECTOR_TIME).ok, false, text);
    }
  });

  it("never throws, and verifies only with the meaning it had, when a good one is damaged", () => {
    const random = generator(83000);
    let readable = 0;
    for (let round = 0; round < 900; round++) {
      const { request, authorization } = SIGNATURE_VECTORS[round % SIGNATURE_VECTORS.length] ?? assert.fail();
      const at = Math.floor(random() * (authorization.length + 1));
      const piece = PIECES[Math.floor(random() * PIECES.length)] ?? "";
      const text = authorization.slice(0, at) + piece + authorization.slice(at + Math.floor(random() * 3));
      const parsed = parseAuthorization(text);
      if (!parsed) continue;
      readable++;
      const { accessKey: _, ...meant } = parseAuthorization(authorization) ?? assert.fail();
      const { accessKey, ...read } = parsed;
      const same = JSON.stringify(read) === JSON.stringify(meant);
      const { ok } = verifySignature(request, parsed, VECTOR_SECRET, VECTOR_TIME);
      // The plain algorithm does not sign the access key: it only picks the secret.
      if (parsed.info === undefined) assert.equal(ok, same, text);
      else assert.equal(ok, formatAuthorization(parsed) === authorization, `${accessKey} ${text}`);
    }
    assert.ok(readable > 20, `${readable} damaged headers could still be read`);
  });
});
