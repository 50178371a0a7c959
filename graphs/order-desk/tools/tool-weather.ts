/**
 * Trouble between the desk and its tools, for trials: the share of tool calls given by `--faults tool=…` meets a
 * dropped connection, an overloaded database or a slow answer. At rate 0 it does nothing.
 */
import { Fault } from "#src/faults/index.ts";
import { wait } from "#src/retry/index.ts";
import type { DeskRuntime } from "../context.ts";
import { threadOf } from "../context.ts";
import { faultPlan } from "../services/fault-plan.ts";

/** Strikes, or lets pass, one call of a tool by a node. A retry of the node is a further attempt of the same call. */
export type ToolWeather = (runtime: DeskRuntime, call: string) => Promise<void>;

/** @throws RangeError for a rate outside 0 to 1. */
export function toolWeather({ rate, seed }: { rate: number; seed: number }): ToolWeather {
  const plan = faultPlan({ service: "tool", rate, seed });
  return async (runtime, call) => {
    const fault = plan.next(threadOf(runtime), `${runtime.executionInfo?.taskId} ${call}`);
    if (fault === undefined) return;
    if (fault === "slow") return wait(100, runtime.signal);
    if (fault === "429") throw new Fault("transient", "pg_53300", `${call}: too many connections`);
    if (fault === "503") throw new Fault("transient", "pg_57p03", `${call}: the database is starting up`);
    throw new Fault("transient", "econnreset", `${call}: the connection was reset`);
  };
}
