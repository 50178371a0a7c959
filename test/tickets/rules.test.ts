/** All 500 public retail tickets with the stand-in's rules, without faults and with them. Minutes: `npm run test:tickets`. */
import { expect, test } from "vitest";
import { asExpected, calm, describeRetail, judged, seeds, stormy } from "./judge.ts";
import type { TicketEnd } from "./run-tickets.ts";

const states = (ends: readonly TicketEnd[]) => new Map(ends.map(({ id, report }) => [id, report.changed]));

describeRetail("the stand-in's rules", (place) => {
  let calmly: TicketEnd[] = [];

  test("at least 450 end as expected, none wrong, and the rest asked or unchanged", async () => {
    calmly = await judged({ ...(await place()), scripted: false, faults: calm, seed: 1 });
    expect(calmly).toHaveLength(500);
    expect(asExpected(calmly)).toBeGreaterThanOrEqual(450);
    const rest = calmly.filter(({ records }) => records !== "expected");
    expect(rest.filter(({ report }) => report.outcome === "failed").map(({ id }) => id)).toEqual([]);
  });

  test.each(seeds)("faults change no end state, seed %i", async (seed) => {
    const ends = await judged({ ...(await place()), scripted: false, faults: stormy, seed });
    expect(states(ends)).toEqual(states(calmly));
    expect(ends.reduce((sum, { report }) => sum + report.faultList.length, 0)).toBeGreaterThan(1000);
  });
});
