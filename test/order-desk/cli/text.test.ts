import { expect, test } from "vitest";
import { oneLine, seconds, shellWord, wrapped } from "#graphs/order-desk/cli/text.ts";
import { runNameAt, threadsFor } from "#graphs/order-desk/cli/threads.ts";

test("a text of many lines and control codes becomes one plain line", () => {
  expect(oneLine("a\r\n\tb\u001b[31m  c\u0007")).toBe("a b [31m c");
  expect(oneLine("99 \u202epots\u202c Dr\u200bop")).toBe("99 pots Drop");
  expect(oneLine("abcdef", 4)).toBe("abc…");
});

test("wrapped lines break between words and keep paragraphs", () => {
  expect(wrapped("one two three\n\nfour", 8)).toEqual(["one two", "three", "four"]);
  expect(wrapped("incomprehensibilities", 8)).toEqual(["incomprehensibilities"]);
});

test("a word for the shell is quoted where the shell would read more into it", () => {
  expect(shellWord("t1-which.one")).toBe("t1-which.one");
  expect(shellWord("my shop")).toBe("'my shop'");
  expect(shellWord("it's")).toBe("'it'\\''s'");
});

test("durations read well from a blink to minutes", () => {
  expect([0, 1234, 59_940, 125_000].map(seconds)).toEqual(["0.0 s", "1.2 s", "59.9 s", "2 min 5 s"]);
});

test("threads of ids that differ differ, and fit into a header", () => {
  const threads = threadsFor([{ id: "a b" }, { id: "a-b" }, { id: "ä" }, { id: 7 }], undefined, "run");
  expect(new Set(threads).size).toBe(4);
  for (const thread of threads) expect(thread).toMatch(/^[\x21-\x7e]+$/);
});

test("a chosen thread is a single ticket's own, and what several begin with", () => {
  expect(threadsFor([{ id: 7 }], "monday", "run")).toEqual(["monday"]);
  expect(threadsFor([{ id: 7 }, { id: 8 }], "monday", "run")).toEqual(["monday-7", "monday-8"]);
});

test("two runs a second apart have names of their own", () => {
  expect(runNameAt(1_800_000_000_000)).not.toBe(runNameAt(1_800_000_001_000));
});
