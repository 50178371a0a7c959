/** A command line that cannot be obeyed is one line and exit code 2, before anything is opened. */
import { expect, test } from "vitest";
import { readCommand } from "#graphs/hanoi/cli/flags.ts";
import { startChild } from "../support/child-process.ts";

test("what is not given has its default", () => {
  expect(readCommand([])).toEqual({
    kind: "run",
    disks: 10,
    thread: "hanoi-10",
    live: false,
    settings: { k: 3, p: 0.0022, correlated: 0, malformed: 0, seed: 1 },
    keep: 50,
    every: 10,
  });
  expect(readCommand(["--disks=20", "--p", ".01", "--live"].slice(0, 3))).toMatchObject({
    disks: 20,
    thread: "hanoi-20",
    settings: { p: 0.01 },
  });
});

test.each([
  [["--disks", "31"], "--disks 31 must be a whole number from 1 to 30, such as --disks 10"],
  [["--disks", "2.5"], "--disks 2.5 must be a whole number from 1 to 30, such as --disks 10"],
  [["--disks"], "--disks needs a value (--help shows which)"],
  [["--p", "1.5"], "--p 1.5 must be a share from 0 to 1, such as --p 0.1"],
  [["--p", "--k", "3"], "--p needs a value (--help shows which)"],
  [["--k", "0"], "--k 0 must be a whole number from 1 to 100, such as --k 3"],
  [["--k", "3", "--k", "4"], "--k is given twice: leave one out"],
  [["--disk", "3"], "There is no flag --disk (--help lists them all)"],
  [["twenty"], '"twenty" is one word too many: every setting is a flag (--help)'],
  [["--live=yes"], "--live takes no value: write --live alone"],
  [["--live", "--p", "0.1"], "--p sets the simulated mover: leave it out, or leave --live out"],
  [["--thread", "a b"], "--thread a b cannot be used"],
])("%j is refused", (argv, message) => {
  expect(() => readCommand(argv)).toThrow(message);
});

test.each([
  ["a wrong flag", ["--disks", "0"], "--disks 0 must be a whole number from 1 to 30, such as --disks 10\n"],
  ["--live without a key", ["--live"], "--live needs a key: set OPENAI_API_KEY"],
])("the program says %s in one line", async (_, argv, line) => {
  const child = startChild("graphs/hanoi/cli/main.ts", argv, {
    OPENAI_API_KEY: "",
    DATABASE_URL: "postgres://nobody@127.0.0.1:1/none",
  });
  expect(await child.ended).toBe(2);
  expect(child.output()).toContain(line);
  expect(child.output().trim().split("\n")).toHaveLength(1);
});
