/**
 * LangGraph's checkpointer on Postgres, with the one mend that keeps forks from losing edits.
 *
 * Studio and the LangGraph servers never see it: they bring their own. It serves this project's runner, the
 * tests, and whoever hosts a graph without those servers.
 *
 * @see docs/adr/0007-channel-versions-are-unique.md
 */
import { randomInt } from "node:crypto";
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";

/** How many fractions there are between two whole versions. A power of two, so that sums stay exact. */
const fractions = 2 ** 32;

/**
 * A PostgresSaver whose channel versions never repeat within a thread.
 *
 * The stock saver counts 1, 2, 3 … and keeps a channel's values under (thread, channel, version), first
 * writer wins. A fork counts on from the same number as the history it left, so its edits are silently
 * dropped in favour of the old values. Here the whole part counts and the fraction is drawn at random. A
 * version stays a number, so threads that were begun with whole versions can be continued.
 */
export class ForkSafeSaver extends PostgresSaver {
  override getNextVersion(current: number | undefined): number {
    return Math.floor(current ?? 0) + 1 + randomInt(1, fractions) / fractions;
  }
}
