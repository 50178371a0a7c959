import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { answersFrom, readAnswers, yesToApprovals } from "#graphs/order-desk/cli/answers.ts";
import { isUsageError } from "#graphs/order-desk/cli/usage-error.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const asker = (ticket: string) => ({ ticket, thread: `run-${ticket}` });
const open = { node: "ask_customer", question: "Which one?" };
const approval = { node: "approval", question: "Shall this be done?", options: ["yes", "no"] };
const staff = { node: "ask_staff", question: "Again or leave?", options: ["again", "leave"] };

test("yes approves, and guesses at nothing else", () => {
  expect(yesToApprovals(asker("a"), approval)).toBe("yes");
  expect(yesToApprovals(asker("a"), open)).toBeUndefined();
  expect(yesToApprovals(asker("a"), staff)).toBeUndefined();
});

test("a list answers question after question, and then no more", () => {
  const answers = answersFrom({ a: ["first", "second"], b: "only" });
  expect([1, 2, 3].map(() => answers(asker("a"), open))).toEqual(["first", "second", undefined]);
  expect([1, 2].map(() => answers(asker("b"), open))).toEqual(["only", undefined]);
});

test("a thread's own answer goes before its ticket's", () => {
  const answers = answersFrom({ a: "of the ticket", "run-a": "of the thread" });
  expect(answers(asker("a"), open)).toBe("of the thread");
});

test("the default answers the rest, but never the same question twice", () => {
  const answers = answersFrom({ a: "mine", default: "yes" });
  expect([1, 2].map(() => answers(asker("a"), approval))).toEqual(["mine", "yes"]);
  expect(answers(asker("b"), { ...open, problem: "please answer yes or no" })).toBeUndefined();
});

test("a ticket that is called default, or like a part of Object, has no answer by accident", () => {
  const answers = answersFrom({ default: "yes" });
  expect(answers({ ticket: "toString", thread: "constructor" }, open)).toBe("yes");
});

test("a file of tickets answers with what its tickets bring", async () => {
  const file = join(await temporaryFolder(), "tickets.json");
  await writeFile(
    file,
    JSON.stringify([
      { id: 7, instruction: "…", answers: ["seven"] },
      { id: "b", instruction: "…" },
    ]),
  );
  const answers = await readAnswers(file);
  expect(answers(asker("7"), open)).toBe("seven");
  expect(answers(asker("b"), open)).toBeUndefined();
});

test.each([
  ["not there", undefined, "there is no such file"],
  ["no JSON", "{ a:", "it is not JSON"],
  ["a number for an answer", '{ "a": 1 }', '"a"'],
  ["an empty answer", '{ "a": " " }', "an answer needs words"],
  ["a text", '"yes"', "expected record"],
])("an answers file that is %s is refused in one line", async (_name, text, problem) => {
  const file = join(await temporaryFolder(), "answers.json");
  if (text !== undefined) await writeFile(file, text);
  const error: unknown = await readAnswers(file).catch((thrown: unknown) => thrown);
  expect(isUsageError(error)).toBe(true);
  expect((error as Error).message).toContain(problem);
  expect((error as Error).message).toContain(file);
  expect((error as Error).message).not.toContain("\n");
});
