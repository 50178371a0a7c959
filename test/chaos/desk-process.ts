/** One process of the desk as the driver sees it: booted in advance, given its order, killed as its plan says. */
import { type ChildProcess, spawn } from "node:child_process";
import type { Order, Report } from "./desk-child.ts";
import { armed, type KillPlan } from "./kill-plan.ts";

export interface End {
  /** "killed": by the plan, at `at`. "died": of something else. */
  readonly how: "finished" | "killed" | "died";
  /** "missed": it was killed because it did not come to its crash point. */
  readonly at: KillPlan["at"] | "missed" | undefined;
  /** Its last words, for one that died. */
  readonly said: string;
}

export interface DeskProcess {
  /** @param onReport - Hears of tickets that ended or failed. */
  run(order: Order, onReport: (report: Report) => void): Promise<End>;
  /** Ends one that is not needed. */
  discard(): Promise<void>;
}

/** No round takes as long, so a process that is not to be killed and still works by then hangs. */
const longestLifeMs = 15 * 60_000;

/** @param plan - Undefined: it is to live. */
export function startDeskProcess(file: string, shopDir: string, plan: KillPlan | undefined): DeskProcess {
  const child = spawn(process.execPath, [file, shopDir], {
    env: { ...process.env, ...armed(plan) },
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-4000);
  });
  const ended = new Promise<NodeJS.Signals | number>((resolve) =>
    child.once("close", (code, signal) => resolve(signal ?? code ?? 1)),
  );
  const listeners = new Set<(report: Report) => void>();
  child.on("message", (report) => {
    for (const listener of listeners) listener(report as Report);
  });
  const heard = (kind: Report["kind"]) =>
    new Promise<void>((resolve) => {
      listeners.add((report) => report.kind === kind && resolve());
    });
  const ready = heard("ready");
  const working = heard("working");

  return {
    async run(order, onReport) {
      listeners.add(onReport);
      await Promise.race([ready, ended]);
      if (child.connected) child.send(order, () => {}); // A process that is gone already is seen by its end.
      const kill = killer(child);
      if (plan?.at === "opening") kill.after(plan.ms, "opening");
      void working.then(() => {
        if (plan === undefined) kill.after(longestLifeMs, undefined);
        else if (plan.at === "work") kill.after(plan.ms, "work");
        else if (plan.at !== "opening") kill.after(plan.missedMs, "missed");
      });
      const end = await ended;
      kill.stop();
      if (end === 0) return { how: "finished", at: undefined, said };
      const byPlan = kill.done() ?? (end === "SIGKILL" && plan !== undefined ? plan.at : undefined);
      return { how: byPlan === undefined ? "died" : "killed", at: byPlan, said };
    },
    async discard() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

function killer(child: ChildProcess) {
  let timer: NodeJS.Timeout | undefined;
  let done: End["at"];
  return {
    after(ms: number, at: End["at"]) {
      timer = setTimeout(() => {
        done = at;
        child.kill("SIGKILL");
      }, ms);
    },
    done: () => done,
    stop: () => clearTimeout(timer),
  };
}
