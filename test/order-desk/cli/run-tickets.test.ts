import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type RunFlags, readCommandLine } from "#graphs/order-desk/cli/flags.ts";
import { runTickets } from "#graphs/order-desk/cli/run-tickets.ts";
import type { DeskRun } from "#graphs/order-desk/desk.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { finished, holds, paused, stubDesk } from "./stub-desk.ts";

async function files(
  tickets: unknown = [
    { id: 1, instruction: "Cancel it." },
    { id: 2, instruction: "Return it." },
  ],
) {
  const folder = await temporaryFolder();
  const file = join(folder, "tickets.json");
  await writeFile(file, JSON.stringify(tickets));
  return { folder, file };
}

const flags = (...words: string[]) => readCommandLine(["--model", "rules", ...words]) as RunFlags;
const names = { one: "run-1", two: "run-2" };

describe("a run", () => {
  test("works through its tickets, each on a thread of its own, closes the desk and ends with 0", async () => {
    const { file } = await files();
    const desk = stubDesk();
    expect(await runTickets(flags("--tickets", file, "--thread", "run"), desk.session)).toBe(0);
    expect(desk.calls).toEqual([`start ${names.one}`, `start ${names.two}`, "close"]);
    expect(desk.printed()).toContain("2 resolved");
    expect(desk.printed()).toContain("✓ Proof, from the database: 2 effects, each made once");
  });

  test("works on no more tickets at a time than it may", async () => {
    const { file } = await files([1, 2, 3, 4, 5].map((id) => ({ id, instruction: "Cancel it." })));
    let running = 0;
    let most = 0;
    const run = async () => {
      most = Math.max(most, ++running);
      await new Promise(setImmediate);
      running--;
      return finished;
    };
    const desk = stubDesk({ run });
    await runTickets(flags("--tickets", file, "--concurrency", "2"), desk.session);
    expect(most).toBe(2);
  });

  test("whose proof fails ends with 1 and says which effects it was", async () => {
    const { file } = await files();
    const desk = stubDesk({ proof: { ...holds, doubled: ["t|charge"], moneyBalanced: false } });
    expect(await runTickets(flags("--tickets", file), desk.session)).toBe(1);
    expect(desk.printed()).toMatch(/✗ Proof.*1 of 2 effects made more than once.*MONEY DOES NOT BALANCE/);
    expect(desk.printed()).toContain("  t|charge\n");
  });

  test("goes on after a ticket that failed, shows the bug and where it arose, and ends with 0", async () => {
    const { file } = await files();
    const bug = new Error("gates broke", { cause: new TypeError("x is undefined") });
    const failed: DeskRun = { ...finished, status: "failed", error: bug };
    const desk = stubDesk({ run: (thread) => (thread === names.one ? failed : finished) });
    expect(await runTickets(flags("--tickets", file, "--thread", "run"), desk.session)).toBe(0);
    expect(desk.printed()).toMatch(
      /gates broke\n.*caused by TypeError: x is undefined \(.*run-tickets\.test\.ts/,
    );
    expect(desk.printed()).toContain("npm start -- resume run-1 --model rules\n");
    expect(desk.printed()).toContain("1 failed, 1 resolved");
  });

  test("closes the desk also when the desk itself breaks, and begins no further ticket", async () => {
    const { file } = await files();
    const desk = stubDesk({ run: () => Promise.reject(new Error("connection lost")) });
    await expect(runTickets(flags("--tickets", file, "--thread", "run"), desk.session)).rejects.toThrow(
      "connection lost",
    );
    expect(desk.calls).toEqual([`start ${names.one}`, "close"]);
  });

  test("that is stopped ends its ticket, leaves the rest alone, and ends with 130", async () => {
    const { file } = await files();
    const desk = stubDesk({
      run: (_thread, _answers, { control }) => {
        desk.session.stop.request();
        return control?.drainRequested === true ? { ...finished, status: "stopped" } : finished;
      },
    });
    expect(await runTickets(flags("--tickets", file, "--thread", "run"), desk.session)).toBe(130);
    expect(desk.calls).toEqual([`start ${names.one}`, "close"]);
    expect(desk.printed()).toContain("1 stopped, 1 not begun");
  });
});

describe("a question", () => {
  const asks = (thread: string, answers: readonly string[]) =>
    thread === names.one && answers.length === 0 ? paused("Shall this be done?", ["yes", "no"]) : finished;

  test("without a terminal leaves its ticket asked and says how to answer it, wherever it is", async () => {
    const { file } = await files();
    const desk = stubDesk({ run: asks });
    const line = flags("--tickets", file, "--thread", "run", "--schema", "mine");
    expect(await runTickets(line, desk.session)).toBe(0);
    expect(desk.printed()).toContain("? Shall this be done?");
    expect(desk.printed()).toContain(
      'npm start -- resume run-1 --schema mine --model rules --answer "yes|no"',
    );
  });

  test("is answered with yes by --answers yes", async () => {
    const { file } = await files();
    const desk = stubDesk({ run: asks });
    await runTickets(flags("--tickets", file, "--thread", "run", "--answers", "yes"), desk.session);
    expect(desk.calls).toEqual(["start run-1", "answer run-1 yes", "start run-2", "close"]);
  });

  test("that is asked again and again is not answered for ever", async () => {
    const { file, folder } = await files();
    const answers = join(folder, "answers.json");
    await writeFile(answers, JSON.stringify({ default: "maybe" }));
    const again = paused("Shall this be done?", ["yes", "no"]);
    const refused = {
      ...again,
      questions: again.questions.map(({ id, question }) => ({
        id,
        question: { ...question, problem: "yes or no" },
      })),
    };
    const desk = stubDesk({ run: (_thread, given) => (given.length === 0 ? again : refused) });
    await runTickets(flags("--tickets", file, "--thread", "run", "--answers", answers), desk.session);
    expect(desk.calls.filter((call) => call.startsWith("answer"))).toEqual([
      "answer run-1 maybe",
      "answer run-2 maybe",
    ]);
    expect(desk.printed()).toContain("the last answer was not taken: yes or no");
  });
});

describe("before the first ticket", () => {
  const refused = async (...words: string[]) => {
    const desk = stubDesk({ known: { "run-2": finished } });
    const thrown: unknown = await runTickets(flags(...words), desk.session).catch((error: unknown) => error);
    return { thrown: (thrown as Error).message, calls: desk.calls };
  };

  test("a thread that exists is refused, and no ticket has been touched", async () => {
    const { file } = await files();
    const { thrown, calls } = await refused("--tickets", file, "--thread", "run");
    expect(thrown).toBe("There is a thread run-2 already: resume it, or choose another name with --thread");
    expect(calls).toEqual(["close"]);
  });

  test.each([
    ["a report into nowhere", ["--report", "/nowhere/report.json"], "there is no folder /nowhere"],
    ["a report over a folder", ["--report", "test"], "it is a folder"],
    ["answers that are not there", ["--answers", "nowhere.json"], "there is no such file"],
    [
      "a script that is not there",
      ["--model", "scripted:nowhere.json"],
      "nowhere.json: there is no such file",
    ],
  ])("%s is refused, and nothing is opened", async (_name, words, problem) => {
    const { file } = await files();
    const desk = stubDesk();
    const line = readCommandLine(["--tickets", file, ...words]) as RunFlags;
    await expect(runTickets(line, desk.session)).rejects.toThrow(problem);
    expect(desk.calls).toEqual([]);
  });
});

test("the report is written whole, with the tickets' own ids and nothing beside it", async () => {
  const { file, folder } = await files();
  const report = join(folder, "report.json");
  const desk = stubDesk();
  await runTickets(flags("--tickets", file, "--thread", "run", "--report", report), desk.session);
  const ticket = {
    outcome: "resolved",
    changed: {},
    faults: {},
    faultList: [],
    effects: [],
    tokens: {},
    ms: 0,
  };
  expect(JSON.parse(await readFile(report, "utf8"))).toEqual([
    { id: 1, thread: "run-1", ...ticket },
    { id: 2, thread: "run-2", ...ticket },
  ]);
  expect(await readdir(folder)).toEqual(["report.json", "tickets.json"]);
});
