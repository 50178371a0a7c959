/** Votes over answers that are alike and not equal. */
import { expect, test } from "vitest";
import { aheadBy, clusters, majorityOf, vote } from "#src/consensus/index.ts";
import { Fault } from "#src/faults/index.ts";
import { ballot, run, voteGraph } from "./vote-graph.ts";

test("texts that are alike are one candidate; each belongs to the first that it is like, also on a retry", async () => {
  const texts = ["10", "12", "14", "11", "12"];
  const given = ballot();
  const near = (one: string, other: string) => Math.abs(Number(one) - Number(other)) <= 2;
  let failures = 1;
  const graph = voteGraph((runtime) =>
    vote<string>(runtime, {
      ...given,
      canonical: clusters((text) => text, near),
      rule: aheadBy(3),
      draw: async (sample) => {
        if (sample === 4 && failures-- > 0) throw new Fault("transient", "http_503", "down");
        return texts[sample - 1] ?? "";
      },
    }),
  );
  // 14 is like 12, but 12 is counted with 10.
  expect((await run(graph, {})).values.seen).toMatchObject({ winner: "10", votes: { 10: 4, 14: 1 } });
});

test("answers are clustered by what was drawn with them, such as an embedding", async () => {
  const drawn = [
    { text: "two hats", at: 1 },
    { text: "a coat", at: 9 },
    { text: "hats, two", at: 1.2 },
  ];
  const graph = voteGraph((runtime) =>
    vote<{ text: string; at: number }>(runtime, {
      ...ballot(),
      canonical: clusters(
        ({ text }) => text,
        (one, other) => Math.abs(one.at - other.at) < 1,
      ),
      rule: majorityOf(3),
      draw: async (sample) => drawn[sample - 1] ?? { text: "", at: 0 },
    }),
  );
  expect((await run(graph, {})).values.seen).toMatchObject({ winner: "two hats", votes: { "a coat": 1 } });
});
