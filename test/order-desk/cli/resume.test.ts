import { expect, test } from "vitest";
import { type ResumeFlags, readCommandLine } from "#graphs/order-desk/cli/flags.ts";
import { resume } from "#graphs/order-desk/cli/resume.ts";
import type { DeskRun } from "#graphs/order-desk/desk.ts";
import { finished, paused, stubDesk } from "./stub-desk.ts";

const flags = (...words: string[]) => readCommandLine(["resume", "t1", ...words]) as ResumeFlags;
const asked = paused("Which one?");
const stopped: DeskRun = { ...finished, status: "stopped" };

test("an answer goes to the open question, without running anything else", async () => {
  const desk = stubDesk({ known: { t1: asked } });
  expect(await resume(flags("--answer", "The rear one."), desk.session)).toBe(0);
  expect(desk.calls).toEqual(["answer t1 The rear one.", "close"]);
});

test("one answer is not given to the next question too", async () => {
  const desk = stubDesk({ known: { t1: asked }, run: () => paused("And which colour?") });
  await resume(flags("--answer", "The rear one."), desk.session);
  expect(desk.calls).toEqual(["answer t1 The rear one.", "close"]);
  expect(desk.printed()).toContain("? And which colour?");
});

test("without an answer the question stays open, and the lines say how to answer it", async () => {
  const desk = stubDesk({ known: { t1: asked } });
  expect(await resume(flags(), desk.session)).toBe(0);
  expect(desk.calls).toEqual(["close"]);
  expect(desk.printed()).toContain('npm start -- resume t1 --answer "…"');
});

test("a ticket that was stopped or met a bug goes on", async () => {
  const desk = stubDesk({ known: { t1: stopped } });
  await resume(flags(), desk.session);
  expect(desk.calls).toEqual(["continue t1", "close"]);
});

test("a ticket that has ended stays as it is", async () => {
  const desk = stubDesk({ known: { t1: finished } });
  expect(await resume(flags(), desk.session)).toBe(0);
  expect(desk.calls).toEqual(["close"]);
  expect(desk.printed()).toContain("has ended already");
});

test.each([
  ["an unknown thread", {}, [], "There is no thread t1 in this database"],
  ["an answer where nothing is asked", { t1: stopped }, ["--answer", "yes"], "Thread t1 asks nothing"],
])("%s is refused, and nothing runs", async (_name, known, words, problem) => {
  const desk = stubDesk({ known });
  await expect(resume(flags(...words), desk.session)).rejects.toThrow(problem);
  expect(desk.calls).toEqual(["close"]);
});
