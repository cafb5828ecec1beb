import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { describe, it } from "node:test";
import { canonicalRequest, readings, sha256 } from "./canonical.ts";
import { sign, verifySignature } from "./signature.ts";
import { get, outcome, parsed, signed, vector, verify } from "./signature-testing.ts";
import { SIGNATURE_VECTORS, VECTOR_ACCESS_KEY, VECTOR_DATE, VECTOR_SECRET, VECTOR_TIME } from "./signature-vectors.ts";

/** Signs the literal lines of a canonical request, apart from the code under test. */
function signLines(names: string, lines: string[]): string {
  const hash = createHash("sha256").update(lines.join("\n")).digest("hex");
  const signature = createHmac("sha256", VECTOR_SECRET)
    .update(`SDK-HMAC-SHA256\n${VECTOR_DATE}\n${hash}`)
    .digest("hex");
  return `SDK-HMAC-SHA256 Access=${VECTOR_ACCESS_KEY}, SignedHeaders=${names}, Signature=${signature}`;
}

describe("the signatures of official clients", () => {
  for (const { name, request, authorization, canonicalHash } of SIGNATURE_VECTORS) {
    it(`verifies ${name}`, () => {
      assert.deepEqual(verify(request, authorization), { ok: true });
    });

    it(`signs ${name}, as the client does`, () => {
      const scope = parsed(authorization).info ? { region: "xx-local-1", service: "clouddc" } : undefined;
      assert.equal(sign(request, VECTOR_ACCESS_KEY, VECTOR_SECRET, VECTOR_DATE, scope), authorization);
    });

    it(`refuses ${name}, under another secret`, () => {
      const verdict = verifySignature(request, parsed(authorization), `${VECTOR_SECRET}0`, VECTOR_TIME);
      assert.equal(verdict.ok, false);
    });

    if (canonicalHash) {
      it(`hashes the same canonical request for ${name}`, () => {
        const canonical = canonicalRequest(request, parsed(authorization).signedHeaders, readings(request)[0]);
        assert.equal(sha256(canonical), canonicalHash);
      });
    }
  }
});

describe("signing", () => {
  it("takes header names in any case, and neither signs Authorization nor keeps another date", () => {
    const { request, authorization } = vector("V1");
    const { "content-type": type, ...rest } = request.headers;
    const headers = { ...rest, "Content-Type": type, Authorization: "Basic x", "X-Sdk-Date": "20250101T000000Z" };
    assert.equal(signed({ ...request, headers }), authorization);
  });

  it("leaves out a header that has no value", () => {
    const { request, authorization } = vector("V1");
    assert.equal(signed({ ...request, headers: { ...request.headers, "x-domain-id": undefined } }), authorization);
  });
});

describe("the query of a signed request", () => {
  const { request, authorization } = vector("V2");
  const [path = "", query = ""] = request.target.split("?");
  const pairs = query.split("&");
  const withPairs = (changed: string[]) => ({ ...request, target: `${path}?${changed.join("&")}` });

  it("takes query parameters in any order", () => {
    for (let turn = 0; turn < pairs.length; turn++) {
      const turned = [...pairs.slice(turn), ...pairs.slice(0, turn)];
      assert.equal(outcome(withPairs(turned), authorization), "ok");
      assert.equal(outcome(withPairs(turned.toReversed()), authorization), "ok");
    }
  });

  it("takes the same query in other encodings", () => {
    for (const [from, to] of [
      ["*()", "%2A%28%29"],
      ["*()", "%2a%28)"],
      ["empty=", "empty"],
      ["a%20b", "a+b"],
      ["%C3%A9~", "%c3%a9%7e"],
    ] as const) {
      assert.ok(query.includes(from));
      assert.equal(outcome(withPairs(query.replace(from, to).split("&")), authorization), "ok", `${from} as ${to}`);
    }
  });

  it("does not take another query", () => {
    const others: [string, string][] = [
      ["a%20b%2Bc", "a%20b+c"],
      ["tag=M", "tag=m"],
      ["tag=a&", ""],
      ["empty=&", ""],
      ["empty=", "empty=null"],
      ["Zone", "zone"],
      ["limit=10", "limit=10&limit=10"],
    ];
    for (const [from, to] of others) {
      assert.ok(query.includes(from));
      const changed = withPairs(query.replace(from, to).split("&"));
      assert.equal(outcome(changed, authorization), "mismatch", `${from} as ${to}`);
    }
  });
});

describe("what else may vary on the wire", () => {
  it("takes a path in any encoding of the same octets", () => {
    for (const [targets, uri, query] of [
      [["/files/a%20b:c", "/files/a b%3ac", "/files/a%20b%3Ac/"], "/files/a%20b%3Ac/", ""],
      [["/%7e%2D%0a%ff", "/~-\n\xff"], "/~-%0A%FF/", ""],
      [["/%zz%", "/%25zz%25"], "/%25zz%25/", ""],
      [["/中"], "/%E4%B8%AD/", ""],
      [["?b+c=&a=1", "/?a=1&b%20c"], "/", "a=1&b%20c="],
      [["/?a==&=", "/?=&a=%3D"], "/", "=&a=%3D"],
      [["/??/", "/?%3F/"], "/", "%3F%2F="],
    ] as const) {
      const lines = [`x-sdk-date:${VECTOR_DATE}`, "", "x-sdk-date", sha256("")];
      const authorization = signLines("x-sdk-date", ["GET", uri, query, ...lines]);
      for (const target of targets) assert.equal(outcome(get(target), authorization), "ok", target);
    }
  });

  it("takes a path that its client encoded once more for the signature", () => {
    const authorization = signLines("x-sdk-date", [
      "GET",
      "/files/a%2520b/",
      "",
      `x-sdk-date:${VECTOR_DATE}`,
      "",
      "x-sdk-date",
      sha256(""),
    ]);
    assert.equal(outcome(get("/files/a%20b"), authorization), "ok");
    assert.equal(outcome(get("/files/a b"), authorization), "mismatch");
  });

  it("takes the hash of an empty body beside UNSIGNED-PAYLOAD, and of an empty body only", () => {
    const names = "x-sdk-content-sha256;x-sdk-date";
    const headers = { "x-sdk-content-sha256": "UNSIGNED-PAYLOAD" };
    const lines = ["x-sdk-content-sha256:UNSIGNED-PAYLOAD", `x-sdk-date:${VECTOR_DATE}`, "", names, sha256("")];
    const authorization = signLines(names, ["GET", "/v1/files/", "", ...lines]);
    assert.equal(outcome(get("/v1/files", headers), authorization), "ok");
    assert.equal(outcome(get("/v1/files", headers, "x"), authorization), "mismatch");
  });

  it("trims the blanks around a header, and nothing else", () => {
    const authorization = signLines("x-a;x-sdk-date", [
      "GET",
      "/",
      "",
      "x-a:b  c",
      `x-sdk-date:${VECTOR_DATE}`,
      "",
      "x-a;x-sdk-date",
      sha256(""),
    ]);
    assert.equal(outcome(get("/", { "x-a": " \tb  c\t" }), authorization), "ok");
    assert.equal(outcome(get("", { "x-a": "b  c" }), authorization), "ok");
    for (const other of ["b c", "b  c\u00a0", "B  c"]) {
      assert.equal(outcome(get("/", { "x-a": other }), authorization), "mismatch", JSON.stringify(other));
    }
  });

  it("hashes the octets of a header as they came", () => {
    const request = get("/", { "user-agent": Buffer.from("é中").toString("latin1") });
    const lines = ["user-agent:é中", `x-sdk-date:${VECTOR_DATE}`, "", "user-agent;x-sdk-date", sha256("")];
    assert.equal(outcome(request, signLines("user-agent;x-sdk-date", ["GET", "/", "", ...lines])), "ok");
  });

  it("joins a header that came several times", () => {
    const authorization = signed(get("/", { "x-a": "1, 2" }));
    assert.equal(outcome(get("/", { "x-a": ["1", "2"] }), authorization), "ok");
    assert.equal(outcome(get("/", { "x-a": ["2", "1"] }), authorization), "mismatch");
  });
});
