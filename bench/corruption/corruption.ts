/** A planner whose messages are corrupted, and what each check of the desk finds of it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pLimit from "p-limit";
import type { DeskContext } from "#graphs/order-desk/context.ts";
import { retailIsThere } from "../../test/tickets/run-tickets.ts";
import { inChild } from "../child.ts";
import type { Section } from "../section.ts";
import { messageShare } from "./corrupter.ts";
import type { CorruptionRequest, CorruptionRun } from "./one-run.ts";
import { rendered } from "./table.ts";

export interface CorruptionRow extends CorruptionRun {
  readonly layer: string;
  /** Share of sentences within a message that is hit; 0: no message is hit. */
  readonly sentences: number;
}

const off = { redFlags: false, inspector: false, challenger: false, votes: "off" } as const;

/** By name, in the order of the table. Approvals are answered yes in all of them: a person would catch some too. */
const layers: Readonly<Record<string, DeskContext>> = {
  none: off,
  "red flags": { ...off, redFlags: true },
  inspector: { ...off, inspector: true },
  challenger: { ...off, challenger: true },
  "inspector and challenger": { ...off, inspector: true, challenger: true },
  "voting on every plan": { ...off, votes: "all" },
  whole: { redFlags: true, inspector: true, challenger: true, votes: "all" },
};

const sentenceShares = [0.2, 0.4, 0.6] as const;
const seed = 1;
/** Runs at a time: one has a core for Node and little else. */
const atOnce = 2;

export const corruption: Section<readonly CorruptionRow[]> = {
  name: "corruption",
  heading: "A planner whose messages are corrupted",
  render: rendered,

  async measure(say) {
    if (!retailIsThere) {
      say("tau-bench-retail is not beside the project, and TAU_BENCH_DIR is not set");
      return undefined;
    }
    const limit = pLimit(atOnce);
    const wanted = [
      { layer: "none", sentences: 0 },
      { layer: "whole", sentences: 0 },
      ...sentenceShares.flatMap((sentences) => Object.keys(layers).map((layer) => ({ layer, sentences }))),
    ];
    return Promise.all(
      wanted.map(({ layer, sentences }) =>
        limit(async () => {
          const dataDir = await mkdtemp(join(tmpdir(), "faultline-bench-"));
          const request: CorruptionRequest = {
            databaseUrl: "",
            dataDir,
            schema: "corruption",
            corruption: { messages: sentences === 0 ? 0 : messageShare, sentences, seed },
            context: layers[layer] ?? off,
          };
          const run = await inChild<CorruptionRun>("bench/corruption/one-run.ts", request).finally(() =>
            rm(dataDir, { recursive: true, force: true }),
          );
          say(
            `Pe ${sentences}, ${layer}: ${run.hit} messages hit; ${run.expected} right, ${run.wrong} wrong, ${run.unchanged} as they began; ${run.seconds.toFixed(0)} s`,
          );
          return { layer, sentences, ...run };
        }),
      ),
    );
  },
};
