/** What the audit prints, as text. */
import { expect, test } from "vitest";
import { reportLines } from "#src/audit/cli/lines.ts";
import { traps } from "#src/audit/index.ts";

const finding = (graph: string, node: string) => ({
  graph,
  node,
  trap: "no-route" as const,
  ...traps["no-route"],
});

test("findings stand under their graph and node, each named once, with their number last", () => {
  const lines = reportLines([finding("a", "x"), finding("a/b", "x"), finding("a", "x")], 1);
  expect(lines.filter((line) => /^\S/.test(line))).toEqual(["a", "a/b", "3 findings in 1 graph."]);
  expect(lines.filter((line) => /^ {2}\S/.test(line))).toEqual(["  x", "  x"]);
});

test("a graph's names cannot move the terminal's cursor", () => {
  const lines = reportLines([finding("a\u001b[2Jb", "x\ry\nz")], 1);
  expect(lines.slice(0, 2)).toEqual(["ab", "  x y z"]);
});

test("nothing found is said in one line", () => {
  expect(reportLines([], 3)).toEqual(["No findings in 3 graphs."]);
});
