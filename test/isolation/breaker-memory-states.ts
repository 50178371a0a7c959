/** The shared state of breakers as a model: what the table in Postgres must do, on the process's own clock. */
import type { BreakerStates, SharedState } from "#src/isolation/index.ts";

interface Row {
  state: SharedState["state"];
  failures: number;
  until: number;
  turn: number;
}

export interface MemoryStates extends BreakerStates {
  /** Statements so far. */
  readonly asked: number;
  /** Thrown by each statement from now on, or undefined for an end of that. "never" answers nothing while it lasts. */
  trouble: Error | "never" | undefined;
  /** The same of those that write: a standby, a full disk, a lock. */
  writeTrouble: Error | "never" | undefined;
  /** How long each statement takes from now on, once it has been carried out. */
  answersAfterMs: number;
  /** The time of a probe, or of an opening, is over. */
  expire(name: string): void;
  row(name: string): Row | undefined;
  forget(name: string): void;
}

export function memoryStates(): MemoryStates {
  const rows = new Map<string, Row>();
  let turns = 0;
  let asked = 0;
  let trouble: MemoryStates["trouble"];
  let writeTrouble: MemoryStates["trouble"];
  let hanging: (() => void)[] = [];
  let answersAfterMs = 0;

  const shown = (row: Row | undefined): SharedState =>
    row === undefined
      ? { state: "closed", failures: 0, leftMs: 0, turn: "0" }
      : {
          state: row.state,
          failures: row.failures,
          leftMs: Math.max(0, row.until - Date.now()),
          turn: String(row.turn),
        };
  const write = <T>(run: () => T): Promise<T> => statement(run, () => trouble ?? writeTrouble);
  async function statement<T>(run: () => T, met = () => trouble): Promise<T> {
    asked += 1;
    await null;
    const ill = met();
    if (ill === "never")
      return new Promise((_, reject) => hanging.push(() => reject(new Error("connection lost"))));
    if (ill) throw ill;
    const answer = run();
    if (answersAfterMs > 0) await new Promise((resolve) => setTimeout(resolve, answersAfterMs));
    return answer;
  }
  const letGo = (): void => {
    for (const lose of hanging) lose();
    hanging = [];
  };
  const put = (name: string, state: Row["state"], failures: number, forMs: number): SharedState => {
    const row = { state, failures, until: Date.now() + forMs, turn: ++turns };
    rows.set(name, row);
    return shown(row);
  };

  return {
    get asked() {
      return asked;
    },
    get trouble() {
      return trouble;
    },
    set trouble(next) {
      trouble = next;
      letGo();
    },
    get writeTrouble() {
      return writeTrouble;
    },
    set writeTrouble(next) {
      writeTrouble = next;
      letGo();
    },
    get answersAfterMs() {
      return answersAfterMs;
    },
    set answersAfterMs(ms) {
      answersAfterMs = ms;
    },
    expire(name) {
      const row = rows.get(name);
      if (row) row.until = Date.now();
    },
    row: (name) => rows.get(name),
    forget: (name) => rows.delete(name),
    load: (name) => statement(() => shown(rows.get(name))),
    failed: (name) =>
      write(() => {
        const row = rows.get(name);
        if (row === undefined) return put(name, "closed", 1, 0);
        if (row.state === "closed") row.failures += 1;
        return shown(row);
      }),
    succeeded: (name) =>
      write(() => {
        const row = rows.get(name);
        if (row?.state === "closed") row.failures = 0;
      }),
    move: (name, turn, to, forMs) =>
      write(() => {
        const row = rows.get(name);
        if (to === "half_open") {
          if (row === undefined || row.state === "closed" || row.until > Date.now()) return undefined;
        }
        if (row !== undefined && String(row.turn) !== turn) return undefined;
        return put(name, to, 0, forMs);
      }),
  };
}
