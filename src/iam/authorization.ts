export type SignatureAlgorithm = "SDK-HMAC-SHA256" | "V11-HMAC-SHA256";

/** What an Authorization header of a signed request says. Nothing in it has been checked but its form. */
export interface ParsedSignature {
  algorithm: SignatureAlgorithm;
  accessKey: string;
  /** Lower-case, no name twice, in the order sent. */
  signedHeaders: string[];
  /** 64 lower-case hex digits. */
  signature: string;
  /** V11 only: `<YYYYMMDD>/<region>/<service>`. */
  info?: string;
}

const LONGEST_AUTHORIZATION = 8192;

const ACCESS_KEY = /^[A-Za-z0-9_.-]{1,128}$/;
const INFO = /^[0-9]{8}\/[A-Za-z0-9_-]{1,64}\/[A-Za-z0-9_-]{1,64}$/;
const HEADER_NAME = /^[a-z0-9!#$%&'*+.^_`|~-]+$/;
const SIGNATURE = /^[0-9a-f]{64}$/;

/** Reads the Authorization header of a signed request. Undefined for anything else, however malformed; never throws. */
export function parseAuthorization(value: string): ParsedSignature | undefined {
  if (value.length > LONGEST_AUTHORIZATION) return undefined;
  const cut = value.indexOf(" ");
  const algorithm = value.slice(0, Math.max(0, cut));
  if (algorithm !== "SDK-HMAC-SHA256" && algorithm !== "V11-HMAC-SHA256") return undefined;
  const fields = parseFields(value.slice(cut + 1));
  const key = parseKey(algorithm, fields);
  const signedHeaders = parseSignedHeaders(fields?.get("SignedHeaders"));
  const signature = fields?.get("Signature");
  if (!key || !signedHeaders || signature === undefined || !SIGNATURE.test(signature)) return undefined;
  return { algorithm, ...key, signedHeaders, signature };
}

/** The Authorization header that `parseAuthorization` reads. */
export function formatAuthorization(parsed: ParsedSignature): string {
  const { algorithm, accessKey, info, signedHeaders, signature } = parsed;
  const key = algorithm === "V11-HMAC-SHA256" ? `Credential=${accessKey}/${info}` : `Access=${accessKey}`;
  return `${algorithm} ${key}, SignedHeaders=${signedHeaders.join(";")}, Signature=${signature}`;
}

/** Three `name=value` fields in any order. All three are needed, so none can be there twice. */
function parseFields(text: string): Map<string, string> | undefined {
  const parts = text.split(",", 4);
  if (parts.length !== 3) return undefined;
  const fields = new Map<string, string>();
  for (const part of parts) {
    const field = part.trim();
    const cut = field.indexOf("=");
    if (cut > 0) fields.set(field.slice(0, cut), field.slice(cut + 1));
  }
  return fields;
}

function parseKey(algorithm: SignatureAlgorithm, fields: Map<string, string> | undefined) {
  if (algorithm === "SDK-HMAC-SHA256") {
    const accessKey = fields?.get("Access") ?? "";
    return ACCESS_KEY.test(accessKey) ? { accessKey } : undefined;
  }
  const credential = fields?.get("Credential") ?? "";
  const cut = credential.indexOf("/");
  const accessKey = credential.slice(0, Math.max(0, cut));
  const info = credential.slice(cut + 1);
  return ACCESS_KEY.test(accessKey) && INFO.test(info) ? { accessKey, info } : undefined;
}

/** A name given twice is refused: a short list could otherwise repeat one long header into a very long text to hash. */
function parseSignedHeaders(list: string | undefined): string[] | undefined {
  const names = list?.split(";") ?? [];
  if (names.length === 0 || !names.every((name) => HEADER_NAME.test(name))) return undefined;
  return new Set(names).size === names.length ? names : undefined;
}
