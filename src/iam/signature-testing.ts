import assert from "node:assert/strict";
import { type ParsedSignature, parseAuthorization } from "./authorization.ts";
import type { SignedRequest } from "./canonical.ts";
import { type SignatureVerdict, sign, verifySignature } from "./signature.ts";
import {
  SIGNATURE_VECTORS,
  type SignatureVector,
  VECTOR_ACCESS_KEY,
  VECTOR_DATE,
  VECTOR_SECRET,
  VECTOR_TIME,
} from "./signature-vectors.ts";

/** The vector of this number, such as `V1`. */
export function vector(number: string): SignatureVector {
  return SIGNATURE_VECTORS.find(({ name }) => name.startsWith(`${number},`)) ?? assert.fail(number);
}

export function parsed(authorization: string): ParsedSignature {
  return parseAuthorization(authorization) ?? assert.fail(authorization);
}

export function verify(request: SignedRequest, authorization: string, nowMs = VECTOR_TIME): SignatureVerdict {
  return verifySignature(request, parsed(authorization), VECTOR_SECRET, nowMs);
}

/** `ok`, or the reason of the refusal. */
export function outcome(request: SignedRequest, authorization: string, nowMs = VECTOR_TIME): string {
  const verdict = verify(request, authorization, nowMs);
  return verdict.ok ? "ok" : verdict.reason;
}

/** A dated GET. */
export function get(target: string, headers: SignedRequest["headers"] = {}, body = ""): SignedRequest {
  return { method: "GET", target, headers: { "x-sdk-date": VECTOR_DATE, ...headers }, body: Buffer.from(body) };
}

export function signed(request: SignedRequest): string {
  return sign(request, VECTOR_ACCESS_KEY, VECTOR_SECRET, VECTOR_DATE);
}
