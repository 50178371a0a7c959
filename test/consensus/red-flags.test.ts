/** Red flags: what is odd is told in full, what is right is let pass, and no answer can hang the check. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type RedFlag,
  raised,
  redFlag,
  repeated,
  tooLong,
  unflagged,
  unfounded,
  wrongFormat,
} from "#src/consensus/index.ts";
import { streamed } from "../isolation/calls.ts";

const text = (answer: string): string => answer;
const codes = (checks: readonly RedFlag<string>[], answer: string): string[] =>
  raised(checks, answer).map(({ code }) => code);

describe("a flagged answer", () => {
  const checks = [
    tooLong<string>(5, ({ length }) => length),
    wrongFormat<string>(JSON.parse),
    redFlag<string>("shouts", (answer) => (answer.includes("!") ? "It shouts." : undefined)),
  ];

  test("is thrown away with every flag told, so that its author mends them all at once", () => {
    const { runtime, events } = streamed();
    expect(() => unflagged(runtime, checks, "hello!")).toThrow(
      expect.objectContaining({
        category: "llm-recoverable",
        code: "red_flag",
        message: expect.stringMatching(/too long: 6, where 5 are.*wrong format: .*It shouts\./),
        details: {
          flags: [
            { code: "too_long", message: "The answer is too long: 6, where 5 are allowed." },
            { code: "wrong_format", message: expect.stringContaining("JSON") },
            { code: "shouts", message: "It shouts." },
          ],
        },
      }),
    );
    expect(events.map((event) => ({ ...event, message: "" }))).toEqual(
      ["too_long", "wrong_format", "shouts"].map((code) => ({
        type: "red_flag",
        node: "work",
        code,
        message: "",
      })),
    );
  });

  test("may have no length at all, and a limit that is none is refused where it is written", () => {
    expect(codes([tooLong(5, () => Number.NaN)], "")).toEqual(["too_long"]);
    expect(codes([tooLong(0, ({ length }) => length)], "")).toEqual([]);
    expect(() => tooLong(Number.NaN, () => 1)).toThrow("tooLong: limit must be a number from 0, got NaN");
  });

  test("is never repaired: one without a flag is the answer itself, and no event", () => {
    const { runtime, events } = streamed();
    const answer = { text: "  {} " };
    expect(
      unflagged(
        runtime,
        checks.map((flag) => redFlag(flag.code, ({ text }: { text: string }) => flag.check(text))),
        answer,
      ),
    ).toBe(answer);
    expect(events).toEqual([]);
  });

  test("is found by a check that is an object with a state of its own", () => {
    class Banned implements RedFlag<string> {
      readonly code = "banned";
      readonly words = ["guarantee"];
      check(answer: string) {
        return this.words.find((word) => answer.includes(word));
      }
    }
    expect(codes([new Banned()], "a guarantee")).toEqual(["banned"]);
  });
});

test("an answer as long as the limit is not too long", () => {
  expect(codes([tooLong(5, ({ length }: string) => length)], "12345")).toEqual([]);
});

test("a parser that throws no error is told of all the same", () => {
  const check = wrongFormat(() => {
    throw "no comma";
  });
  expect(check.check("")).toBe("The answer has the wrong format: no comma");
});

test("a step that was taken before is a flag, an answer without a step is none", () => {
  const step = repeated<{ step?: string }>(["look up #1"], ({ step }) => step);
  expect(step.check({ step: "look up #1" })).toBe("This step was taken before: look up #1.");
  expect([step.check({ step: "look up #2" }), step.check({})]).toEqual([undefined, undefined]);
});

describe("a claim without a source", () => {
  const given = {
    lines: ["first", "second", "third"],
    order: "#W1234567",
    user: "mia_li_4516",
    total: 1234.5,
    note: "Called twice.\n38.03 back\tby card 9012,\nitems 11, 12",
  };

  test.each([
    ["an id that nobody gave", "order #W7654321", "#W7654321"],
    ["an id that is one digit off", "mia_li_4517", "mia_li_4517"],
    ["a number that nobody gave", "99 items", "99"],
    ["an amount that is a cent off", "$38.04", "38.04"],
    ["each of them once", "12345678 and 99, 99", "12345678, 99"],
    ["a digit more", "112", "112"],
    ["a number that only counts the facts", "00 or 02", "00, 02"],
    ["a given number, a thousand times", "1234.5k, 1234.5m or USD1234.5bn", "1234.5k, 1234.5m, USD1234.5bn"],
    ["a given number, multiplied in words", "12 million, or 11 Thousand", "12 million, 11 Thousand"],
    ["a digit, multiplied in words", "5 million", "5 million"],
    ["digits of another width", "９９", "99"],
    ["digits of another script", "٩٩", "٩٩"],
    ["an id whose digits stand apart", "#W1A2B", "#W1A2B"],
  ])("is flagged: %s", (_, answer, named) => {
    expect(unfounded(given, text).check(answer)).toContain(`names ${named}, which`);
  });

  test.each([
    ["the facts", "mia_li_4516, order #W1234567."],
    ["an id without its mark", "W1234567"],
    ["an amount in another form, to the cent", "$1,234.50, 1234.5 and 1234.4999999"],
    ["what stands after a line's end in a fact", "38.03, 9012"],
    ["items of a list", "11,\n12"],
    ["small counts", "2 parcels in 3 days, 1st and 2nd"],
  ])("is not seen in %s", (_, answer) => {
    expect(unfounded(given, text).check(answer)).toBeUndefined();
  });

  test("is not seen in JSON whose facts come after a line's end, nor in JSON within JSON", () => {
    const result = JSON.stringify({ said: "It is\nW1234567\r\n\u000154.00" });
    const check = unfounded([{ content: result }], text);
    expect(check.check("W1234567, 54")).toBeUndefined();
    expect(check.check(JSON.stringify({ reply: "Done:\n54.00" }))).toBeUndefined();
  });

  test("is told from another of so many digits that no number holds both", () => {
    const check = unfounded({ card: "9007199254740993" }, text);
    expect(check.check("card 9007199254740993")).toBeUndefined();
    expect(check.check("card 9007199254740992")).toContain("9007199254740992");
  });

  test("is everything where nothing was given", () => {
    expect(unfounded(undefined, text).check("within 24 days")).toContain("24");
  });

  test.each([
    [{ price: 5 }, "It costs 5.00, or USD5.00."],
    [{ sums: [54, 60] }, "First 54, then 60."],
    [{ sum: 1234.5 }, "It is 1,234.50 in all."],
    [{ size: "500ml" }, "A bottle of 500 ml."],
    [{ size: 500 }, "A bottle of 500ml, on the 500th day."],
    [{ order: "#w1234567" }, "Your order #W1234567."],
    [{ counts: "12 and 13" }, "12,13"],
    [{ cents: [54, 55, 56] }, "EUR54, gbp55 or CHF56.00."],
    [{ orders: { "#W1234567": "sent" } }, "Order #W1234567 is sent."],
    [{ sum: "2 million" }, "It is 2 million."],
  ])("is none in %j told another way", (given, answer) => {
    expect(unfounded(given, text).check(answer)).toBeUndefined();
  });

  test.each([
    [{ sums: [54, 60] }, "5460"],
    [{ price: 5 }, "It costs 50."],
    [{ order: "#W1234567" }, "Your order #W1234568."],
    [{ order: "#W1234567" }, "It costs 1234567."],
  ])("is one beside %j", (given, answer) => {
    expect(unfounded(given, text).check(answer)).toMatch(/^The answer names/);
  });

  test("is never what was given word for word", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.string(), (one, other) => {
        expect(unfounded(one, text).check(one)).toBeUndefined();
        expect(unfounded({ a: [one, other] }, text).check(JSON.stringify({ b: other }))).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });
});
