import { type Bmc, NotThere } from "./bmc.ts";

/** `forgotten`: the BMC knows nothing of it any more, and what it was for has to be looked at itself. */
export type TaskEnd = "running" | "done" | "forgotten" | { failed: string };

const FAILED = ["Exception", "Killed", "Cancelled", "Interrupted"];
const OVER = ["Completed", ...FAILED];

/** How a task stands, by its monitor or by the task itself: BMCs give either as the location. */
export async function taskAt(bmc: Bmc, monitor: string): Promise<TaskEnd> {
  try {
    const { TaskState, TaskStatus } = await bmc.get(monitor);
    if (typeof TaskState !== "string") return "done";
    if (FAILED.includes(TaskState)) return { failed: TaskState };
    if (TaskState === "Completed" && TaskStatus === "Critical") return { failed: "Critical" };
    return OVER.includes(TaskState) ? "done" : "running";
  } catch (error) {
    if (error instanceof NotThere) return "forgotten";
    throw error;
  }
}
