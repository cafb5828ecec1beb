import { type ClientEnvironment, clientEnvironment } from "../settings/client-environment.ts";
import { isRecord } from "../settings/file.ts";
import { type EndpointFlags, findEbb } from "./endpoint.ts";
import { CommandError } from "./errors.ts";
import { findOperator } from "./operator.ts";

const ANSWER_WITHIN_MS = 10_000;

/** `ebb token`: prints a project token of the first configured user, asked of the running Ebb, or the operator's own. */
export async function token(flags: EndpointFlags & { operator?: boolean }): Promise<void> {
  if (flags.operator === true) {
    process.stdout.write(`${(await findOperator(flags)).token}\n`);
    return;
  }
  const found = findEbb(flags, process.env, process.cwd());
  const values = clientEnvironment(found.settings.accounts, found);
  const answer = await post(`${values.endpoint}/v3/auth/tokens?nocatalog=true`, passwordLogin(values));
  const subjectToken = answer.headers.get("x-subject-token");
  if (answer.status !== 201 || subjectToken === null) {
    throw new CommandError(
      `${values.endpoint} gave no token: ${answer.status} ${messageIn(await answer.text())}`.trimEnd(),
    );
  }
  process.stdout.write(`${subjectToken}\n`);
}

function passwordLogin(values: ClientEnvironment): object {
  const user = { name: values.user_name, password: values.password, domain: { name: values.domain_name } };
  const scope = { project: { id: values.project_id } };
  return { auth: { identity: { methods: ["password"], password: { user } }, scope } };
}

async function post(url: string, body: object): Promise<Response> {
  try {
    return await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      redirect: "manual",
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
  } catch (error) {
    const { origin } = new URL(url);
    if (error instanceof Error && error.name === "TimeoutError") {
      throw new CommandError(`${origin} did not answer within ${ANSWER_WITHIN_MS / 1_000} seconds`);
    }
    throw new CommandError(
      `nothing answers at ${origin}: start Ebb with "npm start", or name it with --port or --endpoint`,
    );
  }
}

/** The message of an IAM error body; empty for anything else. */
function messageIn(text: string): string {
  try {
    const body: unknown = JSON.parse(text);
    const error = isRecord(body) ? body.error : undefined;
    return isRecord(error) && typeof error.message === "string" ? error.message : "";
  } catch {
    return "";
  }
}
