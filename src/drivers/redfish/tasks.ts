import { type Bmc, NotThere, TurnedAway } from "./bmc.ts";

/** `forgotten`: the BMC knows nothing of it any more, and what it was for has to be looked at itself. */
export type TaskEnd = "running" | "done" | "forgotten" | { failed: string };

/** One that is interrupted goes on by itself, the standard says. */
const FAILED = ["Exception", "Killed", "Cancelled"];
const OVER = ["Completed", ...FAILED];

/** How a task stands, by its monitor or by the task itself: BMCs give either as the location. */
export async function taskAt(bmc: Bmc, monitor: string): Promise<TaskEnd> {
  try {
    const { status, body: { TaskState, TaskStatus } = {} } = await bmc.answer(monitor);
    if (typeof TaskState !== "string") return status === 202 ? "running" : "done";
    if (FAILED.includes(TaskState)) return { failed: TaskState };
    if (TaskState === "Completed" && TaskStatus === "Critical") return { failed: "Critical" };
    return OVER.includes(TaskState) ? "done" : "running";
  } catch (error) {
    if (error instanceof NotThere) return "forgotten";
    // A monitor ends with what the request itself would have been answered.
    if (error instanceof TurnedAway) return { failed: "turned away" };
    throw error;
  }
}
