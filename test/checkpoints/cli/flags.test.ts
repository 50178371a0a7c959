import { describe, expect, test } from "vitest";
import { readCommand } from "#checkpoints/cli/flags.ts";
import { help } from "#checkpoints/cli/help.ts";
import { isStartUpError } from "#checkpoints/index.ts";

const read = (line: string) => readCommand(line === "" ? [] : line.split(" "));

describe("a command line that can be obeyed", () => {
  test.each([
    ["prune --keep 10", { kind: "prune", keepLast: 10, dryRun: false }],
    ["prune --older-than 90m --dry-run", { kind: "prune", olderThan: 5_400_000, dryRun: true }],
    [
      "prune --keep=1 --older-than 30d --thread t-1 --schema mine",
      { kind: "prune", keepLast: 1, olderThan: 2_592_000_000, thread: "t-1", schema: "mine", dryRun: false },
    ],
    ["reseal --schema mine", { kind: "reseal", schema: "mine" }],
    ["to-stock", { kind: "to-stock" }],
    ["--thread t-1 to-stock", { kind: "to-stock", thread: "t-1" }],
    ["--nonsense -h", { kind: "help" }],
  ])("%s", (line, command) => {
    expect(read(line)).toEqual(command);
  });
});

describe("a command line that cannot be obeyed is refused in one line", () => {
  test.each([
    ["", "A command is missing"],
    ["clean", 'There is no command "clean"'],
    ["toString", 'There is no command "toString"'],
    ["prune", "give --keep N"],
    ["prune --dry-run", "--older-than AGE"],
    ["prune --keep", "--keep needs a value"],
    ["prune --keep --dry-run", "--keep needs a value"],
    ["prune --keep 0", "--keep 0 must be a whole number"],
    ["prune --keep -1", "--keep -1 must be a whole number"],
    ["prune --keep 1e3", "--keep 1e3 must be a whole number"],
    ["prune --keep 99999999999", "from 1 to 2147483647"],
    ["prune --older-than 30", "--older-than 30 must be"],
    ["prune --older-than 0d", "--older-than 0d must be"],
    ["prune --older-than 9999999d", "--older-than 9999999d must be"],
    ["prune --keep 1 --keep 2", "--keep is given twice"],
    ["prune --keep 1 --dry-run=no", "--dry-run takes no value"],
    ["prune --keep 1 t-1", '"t-1" after prune is one word too many'],
    ["prune --keep 1 --force", "There is no flag --force"],
    ["to-stock --keep 1", "--keep belongs to prune"],
    ["reseal --thread t-1", "--thread belongs to prune and to-stock"],
  ])("%s", (line, words) => {
    const refuse = () => read(line);
    expect(refuse).toThrow(words);
    try {
      refuse();
    } catch (error) {
      expect(isStartUpError(error)).toBe(true);
      expect((error as Error).message).not.toContain("\n");
    }
  });
});

test("the help names every flag", () => {
  for (const flag of ["--keep", "--older-than", "--thread", "--schema", "--dry-run"])
    expect(help).toContain(flag);
});
