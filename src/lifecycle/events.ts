import type { Session } from "../store/index.ts";

/** What happened, to which thing, on whose request. Append-only. */
export interface Happening {
  at: number;
  type: "created" | "accepted" | "aborted" | "state" | "step-done" | "failed" | "ended" | "repaired" | "changed";
  tenant: string;
  resourceId: string;
  operationId: string | null;
  requestId: string;
  data: Record<string, unknown>;
}

export async function record(tx: Session, one: Happening): Promise<void> {
  await tx.run(
    "INSERT INTO events (at, type, tenant, resource_id, operation_id, request_id, data) VALUES (?, ?, ?, ?, ?, ?, ?)",
    [one.at, one.type, one.tenant, one.resourceId, one.operationId, one.requestId, JSON.stringify(one.data)],
  );
}
