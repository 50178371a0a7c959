/** From `npm start` to the first ticket. */
import { root } from "../child.ts";
import type { Section } from "../section.ts";
import { startTimes } from "./start-time.ts";

export const start: Section<{ first: number; second: number }> = {
  name: "start",
  heading: "From `npm start` to the first ticket",
  measure: (say) => startTimes(root, say),
  render: ({ first, second }) => `| start | s |
| --- | --- |
| first, on an empty data folder | ${first.toFixed(1)} |
| second | ${second.toFixed(1)} |`,
};
