/** What stands in the place of a secret. */
export const HIDDEN = "***";

/** Names that say a secret, wherever these words stand in them; letters and digits only, in lower case. */
const SECRET =
  /passw|passphrase|passcode|secret|token|credential|cookie|authorization|signature|privatekey|accesskey|apikey|sessionkey|adminpass/;
const SECRET_WHOLE = new Set(["pwd", "pass", "ak", "sk", "access", "pin", "otp", "xauthkey"]);
/** Fields beside a secret, in an object that bears a secret's name, that are none. */
const HARMLESS = /^(name|type|status|state|description|methods?|region|interface|.+_(at|time|id|seconds|name))$/;

const KEPT_MOST = 2_000;
const known = new Map<string, boolean>();

/** Whether a field, header or parameter of this name holds a secret. */
export function isSecret(name: string): boolean {
  let secret = known.get(name);
  if (secret === undefined) {
    const word = name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
    secret = SECRET.test(word) || SECRET_WHOLE.has(word);
    if (known.size >= KEPT_MOST) known.clear();
    known.set(name, secret);
  }
  return secret;
}

/** Whether a text may show a secret together with its name. */
export const mayShowSecret = (text: string): boolean =>
  SECRET.test(text.toLowerCase().replaceAll(/[^a-z0-9]/g, "")) || /\b(pwd|pass|ak|sk|pin|otp)\b/i.test(text);

/** A field of an object that bears a secret's name: hidden, unless its name says that it is only about the secret. */
export const isHarmlessBeside = (name: string): boolean => HARMLESS.test(name) && !isSecret(name);
