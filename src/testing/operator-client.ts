/** An answer of Ebb's own API that is an error. */
export class OperatorError extends Error {
  override readonly name = "OperatorError";
  readonly status: number;
  /** `not-found`, `invalid`, `refused`, ... */
  readonly code: string;
  readonly hint: string | undefined;
  /** The whole error, with what else it says for programs: `blockers`, `refusals`. */
  readonly error: Readonly<Record<string, unknown>>;

  constructor(status: number, error: Record<string, unknown>) {
    super(typeof error.message === "string" ? error.message : `Ebb answered ${status}`);
    this.status = status;
    this.code = typeof error.code === "string" ? error.code : "unknown";
    this.hint = typeof error.hint === "string" ? error.hint : undefined;
    this.error = error;
  }
}

/** Speaks to `/ebb/v1` of one Ebb. */
export class OperatorClient {
  readonly url: string;
  readonly #token: string;

  constructor(url: string, token: string) {
    this.url = url;
    this.#token = token;
  }

  /** The response as it comes, whatever its status. Fails as `fetch` does when nothing answers. */
  open(method: string, path: string, body?: object): Promise<Response> {
    return fetch(`${this.url}/ebb/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, "content-type": "application/json" },
      ...(body ? { body: JSON.stringify(body) } : {}),
      redirect: "manual",
    });
  }

  /** The answer's JSON, taken as a `T`; undefined for an empty one. @throws OperatorError */
  async ask<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await this.open(method, path, body);
    const json = parse(await response.text());
    if (response.ok) return json as T;
    throw new OperatorError(response.status, errorIn(json));
  }
}

function parse(text: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function errorIn(json: unknown): Record<string, unknown> {
  const { error } = (json ?? {}) as { error?: unknown };
  return typeof error === "object" && error !== null ? { ...error } : {};
}
