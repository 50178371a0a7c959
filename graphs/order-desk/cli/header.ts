/** What a run says before its first ticket: where it writes, who answers, what will fail. */
import type { Desk, DeskOptions } from "../desk.ts";
import { STAND_IN_MODEL } from "../model/index.ts";
import type { FaultRates } from "./flags.ts";
import type { Paint } from "./paint.ts";

export interface Heading {
  readonly desk: Pick<Desk, "engine" | "modelName">;
  readonly options: Pick<DeskOptions, "schema" | "faults" | "seed">;
  /** "13 tickets from …, one at a time". */
  readonly work: string;
  /** Tickets bring trouble of their own. */
  readonly scenes: boolean;
}

export function headerLines({ desk, options, work, scenes }: Heading, paint: Paint): string[] {
  const database =
    desk.engine === "pglite"
      ? "PGlite, Postgres in this process, in .data/pg"
      : "Postgres, from DATABASE_URL";
  const rows = [
    ["database", `${database}, schema ${options.schema ?? "faultline"}`],
    ["model", modelWords(desk.modelName, options.faults.model)],
    ["faults", `${faultWords({ mail: 0, ...options.faults }, scenes)}; seed ${options.seed}`],
    ["work", work],
  ];
  return [
    paint.bold("Faultline order desk"),
    ...rows.map(([name = "", value]) => `${paint.dim(`  ${name.padEnd(9)}`)} ${value}`),
  ];
}

function modelWords(name: string, rate: number): string {
  if (name === STAND_IN_MODEL) return "stand-in: rules, not a model; it estimates its tokens";
  return rate > 0 ? `${name} (a real model: --faults model=… does not reach it)` : name;
}

function faultWords(rates: FaultRates, scenes: boolean): string {
  const injected = Object.entries(rates).flatMap(([name, rate]) => (rate > 0 ? [`${name} ${rate}`] : []));
  const parts = [...(scenes ? ["each ticket's own scene"] : []), ...injected];
  return parts.length === 0 ? "none" : parts.join(", ");
}
