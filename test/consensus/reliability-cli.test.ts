/** `npm run reliability`: what it prints, and what it says of a line that it cannot take. */
import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { help, readFlags } from "#src/consensus/cli/flags.ts";
import { report } from "#src/consensus/cli/report.ts";
import { startSource } from "../support/child-process.ts";

const asked = (line: string, { width = 80, colour = false } = {}) => {
  const question = readFlags(line === "" ? [] : line.split(" "));
  if (question === "help") throw new Error("help");
  return report(question, { width, colour });
};

const printed = async (args: string[], env: Record<string, string> = {}) => {
  const child = startSource("src/consensus/cli/main.ts", args, env);
  return { code: await child.ended, output: child.output() };
};

describe("the table", () => {
  test("has the series without a weapon and with each, by the formulas", () => {
    const lines = asked("--steps 100 --p 0.99");
    expect(lines).toMatch(/none +│ +10,000 │ +36\.6 % │ +1\.00/);
    expect(lines).toMatch(/retry, 3 attempts +│ +5,025 │ +60\.4 %/);
    expect(lines).toMatch(/majority of 3 +│ +298 │ +97\.1 %/);
    expect(lines).toMatch(/ahead by 2 \(k_min\) +│ +102 │ +99\.0 % │ +2\.04/);
    expect(lines).toContain("nothing is measured");
    expect(lines.match(/(?<=│ ahead by )\d+/g)).toEqual(["2", "3"]);
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

  test("a model that is nearly a coin, always wrong or never wrong does not flood or break it", () => {
    expect(asked("--p 0.5000000000000001").split("\n").length).toBeLessThan(60);
    expect(asked("--p 0.51")).toMatch(/ahead by 8 .*\n.*ahead by 190 \(k_min\).*\n.*ahead by 191/);
    expect(asked("--p 1e-17 --crash 1")).toMatch(/retry, 3 attempts +│ +1,000,000 │ +< 0\.1 % │ +3\.00/);
    expect(asked("--p 0.9 --crash 1 --attempts 100")).toMatch(
      /retry, 100 attempts +│ +1\.0e-94 │ +> 99\.999 %/,
    );
  });

  test("a chance is neither rounded to certainty nor to none", () => {
    const lines = asked("--steps 1048575 --p 0.9978 --target 0.9999999");
    expect(lines).toMatch(/none .* < 0\.1 %/);
    expect(lines).toMatch(/\(k_min\) .* > 99\.999 %/);
    expect(lines).not.toMatch(/ (0\.0|100\.0+) % │/);
  });
});

describe("the plot", () => {
  test.each([40, 60, 80])("is not broken by a terminal of %i columns, and names its lines", (width) => {
    for (const line of ["--steps 1000 --p 0.95", "--steps 1000000000 --p 0.3", "--steps 2"]) {
      const drawing = asked(line, { width })
        .split("\n")
        .filter((row) => /[│┤└]/.test(row) && !/[├┌┴]|│.*│/.test(row));
      expect(drawing).toHaveLength(15);
      expect(Math.max(...drawing.map((row) => row.length))).toBeLessThan(width);
    }
    expect(asked("--steps 1000 --p 0.95", { width })).toContain(
      "From the lowest line up:\n  none\n  retry, 3 attempts\n  majority of 3\n  ahead by 2\n  ahead by 4 (k_min)\n",
    );
  });

  test("does not squeeze the first hundred of a million steps into a column: it goes in powers of ten", () => {
    const ticks = asked("--steps 1000000 --p 0.9978", { width: 80 })
      .split("\n")
      .find((line) => line.includes("10K"));
    expect(ticks?.trim().split(/ +/)).toEqual(["1", "10", "100", "1K", "10K", "100K", "1M"]);
  });

  test("keeps its axis whole where a line lies at the bottom", () => {
    expect(asked("--p 1e-17 --crash 1")).toContain("\n100 %┤");
  });

  test("of a single step is left out, as it has no line", () => {
    expect(asked("--steps 1")).not.toContain("From the lowest line up");
  });

  test("colours change no word", () => {
    const coloured = asked("", { colour: true });
    expect(coloured).toContain("\u001b[31m━");
    expect(coloured).toContain("\u001b[31mnone\u001b[39m");
    expect(stripVTControlCharacters(coloured)).toBe(asked(""));
  });
});

test("words do not run over the edge of 80 columns", () => {
  const lines = `${asked("--steps 1000000000 --p 0.3 --attempts 100")}${help}`.split("\n");
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(81);
});

test("as a process: NO_COLOR is obeyed, a bad flag ends with 2 and one line", async () => {
  const [plain, wrong, asking] = await Promise.all([
    printed(["--steps", "100", "--p", "0.99"], { NO_COLOR: "1", FORCE_COLOR: "1" }),
    printed(["--p", "99%"], { FORCE_COLOR: "" }),
    printed(["--steps", "7", "--help"]),
  ]);
  expect(plain).toEqual({ code: 0, output: asked("") });
  expect(wrong).toEqual({ code: 2, output: "--p 99% must be above 0 and below 1, such as --p 0.99\n" });
  expect(asking).toEqual({ code: 0, output: help });
});

test.each([
  ["--p 1", "--p 1 must be above 0 and below 1, such as --p 0.99"],
  ["--p 99%", "--p 99% must be above 0 and below 1, such as --p 0.99"],
  ["--steps 0", "--steps 0 must be a whole number from 1 to 1000000000, such as --steps 100"],
  ["--steps 1.5", "--steps 1.5 must be a whole number"],
  ["--crash 2", "--crash 2 must be a share from 0 to 1"],
  ["--p", "--p needs a value, such as --p 0.99"],
  ["--p --steps 3", "--p needs a value"],
  ["--k 3", "There is no flag --k (--help lists them all)"],
  ["-p 0.9", "There is no flag -p (--help lists them all)"],
  ["--constructor 3", "There is no flag --constructor (--help lists them all)"],
  ["100", '"100" is one word too many'],
  ["--p 0.9 --p 0.8", "--p is given twice"],
])("%s is one line", (line, message) => {
  expect(() => readFlags(line.split(" "))).toThrow(message);
  expect(message).not.toContain("\n");
});
