import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServer } from "../server.ts";
import { clientEnvironment, clientVariables } from "../settings/client-environment.ts";
import { loadSettings } from "../settings.ts";
import { OperatorClient } from "./operator-client.ts";

/** An Ebb of its own: a free port, an empty store that goes with it. */
export interface FreshEbb {
  url: string;
  projectId: string;
  region: string;
  /** What the vendor's SDKs, the Terraform provider and Ebb's own commands read from the environment. */
  variables: Record<string, string>;
  operator: OperatorClient;
  close(): Promise<void>;
}

/** @param flags settings as the command line names them: `pace`, `config`, ... */
export async function freshEbb(flags: Record<string, unknown>, cwd: string): Promise<FreshEbb> {
  const dataDir = mkdtempSync(join(tmpdir(), "ebb-fresh-"));
  const remove = () => rmSync(dataDir, { recursive: true, force: true });
  try {
    const asked = { pace: "instant", logLevel: "error", ...flags };
    const own = { port: "0", host: "127.0.0.1", store: "sqlite", dataDir };
    const settings = loadSettings({ ...asked, ...own }, {}, cwd);
    const server = await startServer(settings);
    const { url, operatorToken } = server;
    const values = clientEnvironment(settings.accounts, { url, region: settings.region });
    return {
      url,
      projectId: values.project_id,
      region: values.region,
      variables: { ...clientVariables(values), EBB_OPERATOR_TOKEN: operatorToken },
      operator: new OperatorClient(url, operatorToken),
      async close() {
        await server.close();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}
