/** The same 500 tickets with a planner that plays the right calls: everything but the model is under test. */
import { expect, test } from "vitest";
import { asExpected, calm, describeRetail, judged, seeds, stormy } from "./judge.ts";

/** Tickets whose right calls the shop itself refuses in part; they may end either way. */
const REFUSED = 19;

describeRetail("a scripted planner", (place) => {
  test("each ticket ends as expected or as it began", async () => {
    const ends = await judged({ ...(await place()), scripted: true, faults: calm, seed: 1 });
    expect(asExpected(ends)).toBeGreaterThanOrEqual(500 - REFUSED);
  });

  test.each(seeds)("faults change nothing of that, seed %i", async (seed) => {
    const ends = await judged({ ...(await place()), scripted: true, faults: stormy, seed });
    expect(asExpected(ends)).toBeGreaterThanOrEqual(500 - REFUSED);
  });
});
