/** `npm run reliability`: what it prints, and what it says of a line that it cannot take. */
import { describe, expect, test } from "vitest";
import { readFlags } from "#src/consensus/cli/flags.ts";
import { report } from "#src/consensus/cli/report.ts";

const asked = (line: string) => {
  const question = readFlags(line === "" ? [] : line.split(" "));
  if (question === "help") throw new Error("help");
  return report(question, { width: 80, colour: false });
};

describe("the table", () => {
  test("has the series without a weapon and with each, by the formulas", () => {
    const lines = asked("--steps 100 --p 0.99");
    expect(lines).toMatch(/none +│ +10,000 │ +36\.6 % │ +1\.00/);
    expect(lines).toMatch(/retry, 3 attempts +│ +5,025 │ +60\.4 %/);
    expect(lines).toMatch(/majority of 3 +│ +298 │ +97\.1 %/);
    expect(lines).toMatch(/ahead by 2 \(k_min\) +│ +102 │ +99\.0 % │ +2\.04/);
    expect(lines).toContain("nothing is measured");
  });

  test("shows no vote where a sample is wrong as often as right", () => {
    const lines = asked("--p 0.5");
    expect(lines).not.toMatch(/majority of|ahead by/);
    expect(lines).toContain("votes would make it worse");
  });

  test("a retry sees the errors that crash and no other", () => {
    expect(asked("--p 0.9 --crash 0 --attempts 9")).toMatch(/retry, 9 attempts +│ +100,000 │/);
    expect(asked("--p 0.9 --crash 1 --attempts 2")).toMatch(/retry, 2 attempts +│ +10,000 │/);
  });
});

test("the plot fits a narrow terminal, and names its lines", () => {
  const lines = asked("--steps 1000 --p 0.95").split("\n");
  expect(Math.max(...lines.filter((line) => line.includes("┤")).map((line) => line.length))).toBeLessThan(80);
  expect(lines.join("\n")).toContain(
    "from the lowest line up: none, retry, 3 attempts, ahead by 2, ahead by 4",
  );
});

test.each([
  ["--p 1", "--p 1 must be above 0 and below 1, such as --p 0.99"],
  ["--p 99%", "--p 99% must be above 0 and below 1, such as --p 0.99"],
  ["--steps 0", "--steps 0 must be a whole number from 1 to 1,000,000,000, such as --steps 100"],
  ["--steps 1.5", "--steps 1.5 must be a whole number"],
  ["--crash 2", "--crash 2 must be a share from 0 to 1"],
  ["--p", "--p needs a value, such as --p 0.99"],
  ["--p --steps 3", "--p needs a value"],
  ["--k 3", "There is no flag --k (--help lists them all)"],
  ["100", '"100" is one word too many'],
  ["--p 0.9 --p 0.8", "--p is given twice"],
])("%s is one line", (line, message) => {
  expect(() => readFlags(line.split(" "))).toThrow(message);
  expect(message).not.toContain("\n");
});
