/** A process dies between two samples: what was recorded is not drawn again, and the outcome is the same. */
import { expect, test } from "vitest";
import { aheadBy, vote } from "#src/consensus/index.ts";
import { effects } from "#src/recovery/index.ts";
import { startChild } from "../support/child-process.ts";
import { describePostgres, freshSchema, onPglite, runSql } from "../support/database.ts";
import { answering, ballot, run, voteGraph } from "./vote-graph.ts";

describePostgres("after kill -9", (url) => {
  /** Until it ends, or dies at the crash point. */
  async function votesUntilDeath(schema: string, point = "") {
    const child = startChild("test/consensus/processes/vote.ts", [schema], {
      DATABASE_URL: url,
      FAULTLINE_CRASH_POINT: point,
      NODE_ENV: "test",
    });
    const code = await child.ended;
    const lines = child.output().trim().split("\n");
    const samples = (word: string) =>
      lines.flatMap((line) => (line.startsWith(word) ? [Number(line.split(" ")[1])] : [])).sort();
    return { code, had: samples("has"), drew: samples("draw"), last: lines.at(-1) };
  }

  test("only samples that no ledger has are drawn by the next process, and the next", async () => {
    const schema = freshSchema();
    // Three are under way at once, and it dies when two of them are recorded.
    const first = await votesUntilDeath(schema, "after-record-before-checkpoint@2");
    const second = await votesUntilDeath(schema, "after-record-before-checkpoint@2");
    const third = await votesUntilDeath(schema);
    await runSql(url, `DROP SCHEMA "${schema}" CASCADE`);

    expect([first.code, second.code, third.code]).toEqual([null, null, 0]);
    expect(first.had).toEqual([]);
    expect(second.had.length).toBeGreaterThanOrEqual(2);
    expect(third.had.length).toBeGreaterThanOrEqual(4);
    expect(second.drew.filter((sample) => second.had.includes(sample))).toEqual([]);
    expect([...third.had, ...third.drew].sort()).toEqual([1, 2, 3, 4, 5]);
    expect(JSON.parse(third.last ?? "")).toMatchObject({ winner: "A", votes: { A: 4, B: 1 }, drawn: 5 });
  });
});

onPglite("in another process", (open) => {
  test("a vote that was left in the middle goes on with what the ledger has", async () => {
    const { saver, ledger } = await open();
    const { draw, drawn } = answering("ABAAA");
    let dead = true;
    const begin = () =>
      voteGraph(
        (runtime) =>
          vote(runtime, {
            ...ballot(),
            recorded: effects(ledger).recorded,
            rule: aheadBy(3),
            draw: async (sample) => {
              if (sample === 5 && dead) throw new Error("the process died");
              return draw(sample);
            },
          }),
        { checkpointer: saver },
      );
    expect((await run(begin(), {})).error).toMatchObject({ message: "the process died" });
    dead = false;
    expect((await run(begin(), null)).values.seen).toMatchObject({ winner: "A", drawn: 5 });
    expect(drawn).toEqual([1, 2, 3, 4, 5]);
  });
});
