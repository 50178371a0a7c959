import { describe, expect, test } from "vitest";
import { readCommandLine } from "#graphs/order-desk/cli/flags.ts";
import { help } from "#graphs/order-desk/cli/help.ts";
import { isUsageError } from "#graphs/order-desk/cli/usage-error.ts";

const read = (line: string) => readCommandLine(line === "" ? [] : line.split(" "));
const noFaults = { model: 0, tool: 0, payment: 0, mail: 0 };

describe("a command line that can be obeyed", () => {
  test("no flags at all run the project's own tickets, one after another", () => {
    expect(read("")).toEqual({ kind: "run", model: "auto", faults: noFaults, seed: 1, concurrency: 1 });
  });

  test("every flag of a run arrives", () => {
    const line =
      "--shop shop --tickets tasks.json --model scripted:tasks.json --answers yes --schema mine " +
      "--faults model=0.1,tool=.2,payment=1 --seed=-5 --concurrency 8 --report out.json --thread monday.1";
    expect(read(line)).toEqual({
      kind: "run",
      shop: "shop",
      tickets: "tasks.json",
      model: { scriptFile: "tasks.json" },
      answers: "yes",
      schema: "mine",
      faults: { ...noFaults, model: 0.1, tool: 0.2, payment: 1 },
      seed: -5,
      concurrency: 8,
      report: "out.json",
      thread: "monday.1",
    });
  });

  test("an answer may be a sentence, and may begin with a dash", () => {
    const { answer } = readCommandLine(["resume", "t1", "--answer", "-- no, the rear one"]) as {
      answer: string;
    };
    expect(answer).toBe("-- no, the rear one");
  });

  test("resume and history take the flags that find a thread again", () => {
    expect(read("resume t1 --shop shop --model rules")).toMatchObject({
      kind: "resume",
      thread: "t1",
      shop: "shop",
    });
    expect(read("history t1 --schema mine")).toMatchObject({ kind: "history", thread: "t1", schema: "mine" });
  });

  test("help wins over whatever else is wrong", () => {
    expect(read("--nonsense --help")).toEqual({ kind: "help" });
    expect(read("-h")).toEqual({ kind: "help" });
  });
});

describe("a command line that cannot be obeyed is refused in one line", () => {
  test.each([
    ["--verbose", "There is no flag --verbose"],
    ["-v", "There is no flag -v"],
    ["work", 'There is no command "work"'],
    ["--seed", "--seed needs a value"],
    ["--report --seed 4", "--report needs a value"],
    ["--seed 1 --seed 2", "--seed is given twice"],
    ["--seed 1.5", "--seed 1.5 must be a whole number"],
    ["--seed 99999999999999999999", "must be a whole number"],
    ["--concurrency 0", "--concurrency 0 must be a whole number of at least 1"],
    ["--concurrency many", "--concurrency many must be"],
    ["--faults model=1.5", "--faults model=1.5 must be a share of calls from 0 to 1"],
    ["--faults model=-1", "--faults model=-1 must be"],
    ["--faults model", "--faults model must be"],
    ["--faults model=", "--faults model= must be"],
    ["--faults moon=0.1", "--faults moon=0.1 names nothing that can fail"],
    ["--faults toString=0.1", "names nothing that can fail"],
    ["--faults model=0.1,model=0.2", "--faults names model twice"],
    ["--model gpt", "--model gpt is not known: use rules, live or scripted:FILE"],
    ["--model scripted:", "is not known"],
    ["--shop shop", "name its tickets too, with --tickets FILE"],
    ["--thread main", "--thread main is the shop itself"],
    ["--thread a|b", "--thread a|b cannot be used"],
    ["--answer yes", "--answer belongs to the command resume"],
    ["resume", "resume needs a thread"],
    ["resume t1 the rear one", "put quotes around a text"],
    ["resume t1 --concurrency 2", "--concurrency belongs to a run of tickets"],
    ["history t1 --answer yes", "--answer belongs to the command resume"],
  ])("%s", (line, problem) => {
    let thrown: unknown;
    try {
      read(line);
    } catch (error) {
      thrown = error;
    }
    expect(isUsageError(thrown)).toBe(true);
    const { message } = thrown as Error;
    expect(message).toContain(problem);
    expect(message).not.toContain("\n");
  });
});

test("--help names every flag", () => {
  const flags = "shop tickets model answers faults seed concurrency report thread schema answer help".split(
    " ",
  );
  for (const flag of flags) expect(help).toContain(`--${flag}`);
});
