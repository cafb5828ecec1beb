import { createCipheriv, createDecipheriv } from "node:crypto";
import { systemRandom } from "../ids.ts";

const CIPHER = "aes-256-gcm";
const NONCE = 12;
const TAG = 16;

/** Seals short texts with AES-256-GCM, as base64 of nonce, tag and text. */
export class Vault {
  readonly #key: Uint8Array;

  /** @param key 32 octets */
  constructor(key: Uint8Array) {
    this.#key = key;
  }

  /** @param label must be given again to open: a sealed text that is moved elsewhere does not open there. */
  seal(text: string, label: string): string {
    const nonce = systemRandom.bytes(NONCE);
    const cipher = createCipheriv(CIPHER, this.#key, nonce);
    cipher.setAAD(Buffer.from(label));
    const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString("base64");
  }

  /** Undefined for what this key has not sealed under this label. */
  open(sealed: string, label: string): string | undefined {
    const octets = Buffer.from(sealed, "base64");
    if (octets.length < NONCE + TAG) return undefined;
    const decipher = createDecipheriv(CIPHER, this.#key, octets.subarray(0, NONCE), { authTagLength: TAG });
    decipher.setAAD(Buffer.from(label));
    decipher.setAuthTag(octets.subarray(NONCE, NONCE + TAG));
    try {
      return decipher.update(octets.subarray(NONCE + TAG), undefined, "utf8") + decipher.final("utf8");
    } catch {
      return undefined;
    }
  }
}
