const SHOWN_CHARACTERS = 120;
/** Settings whose value is a secret, and everything of a user that is not a name or an id (a misspelt password too). */
const SECRET = /pass|secret|token|key|users\[\d+\]\.(?!name$|id$)/i;

/** A setting that stops the start. The message is one line: name, source, value (secrets masked), what is allowed. */
export class SettingError extends Error {
  override readonly name = "SettingError";
  /** The setting's own name: `port`, `accounts[0].users[1].password`. */
  readonly setting: string;
  /** Where the value came from: `flag --port`, `variable EBB_PORT`, `/srv/ebb.yaml`, `default`. */
  readonly from: string;

  constructor(setting: string, from: string, value: unknown, allowed: string) {
    super(`setting ${setting} (${from}) is ${shown(setting, value)}; allowed: ${allowed}`);
    this.setting = setting;
    this.from = from;
  }
}

/** A value as it may be printed: on one line, cut to a bounded length, and without its secrets. */
function shown(setting: string, value: unknown): string {
  if (value === undefined) return "missing";
  if (SECRET.test(setting)) return "***";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "a mapping";
  const text = maskUrl(JSON.stringify(value) ?? typeof value);
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}...` : text;
}

/** `postgres://user:secret@host/db?password=secret` with both secrets masked, however badly the rest is formed. */
export function maskUrl(text: string): string {
  const user = /^("?(?:[a-z+]+:\/\/)?[^:@/]*):[^]*@/i;
  const masked = user.test(text) ? text.replace(user, "$1:***@") : text.replace(/:[^]*@/, ":***@");
  return masked.replace(/([?&][a-z_]*(?:pass|secret|token)[a-z_]*=)[^&"]*/gi, "$1***");
}
