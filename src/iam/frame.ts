import { Absent, type Dialect, Fault, type Operation } from "../wire/index.ts";

type Headers = Readonly<Record<string, string>>;

/** None of IAM's answers may be kept by anybody on the way. */
const NEVER_KEPT: Headers = {
  "cache-control": "no-cache, no-store, must-revalidate",
  pragma: "no-cache",
  expires: "Thu, 01 Jan 1970 00:00:00 GMT",
  "x-content-type-options": "nosniff",
  "x-download-options": "noopen",
  "x-frame-options": "SAMEORIGIN",
};

function framed<T extends { headers?: Headers | undefined }>(answer: T, region: string, requestId: string): T {
  return {
    ...answer,
    headers: { ...NEVER_KEPT, "x-iam-trace-id": `token_${region}_null_${requestId}`, ...answer.headers },
  };
}

/** The dialect with IAM's headers on its errors. */
export function framedDialect(dialect: Dialect, region: string): Dialect {
  return (trouble, about) => {
    const error = dialect(trouble, about);
    return error && framed(error, region, about.requestId);
  };
}

/** The operation with IAM's headers on its answers. */
export function framedOperation(op: Operation, region: string): Operation {
  return {
    ...op,
    handle: async (call, house) => {
      try {
        return framed(await op.handle(call, house), region, call.requestId);
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        const Same = error instanceof Absent ? Absent : Fault;
        throw new Same(error.message, (about) => framed(error.say(about), region, about.requestId));
      }
    },
  };
}
