/** The scanner under the audit's patterns: what is said must not be taken for what is done, nor the other way round. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { callsOf, cut, expressionAt, readSource, sourceOf } from "#src/audit/source-text.ts";

const shape = (source: string) => readSource(source).shape;
const spaces = (text: string) => text.replaceAll(/\s+/g, " ");

describe("strings, comments and patterns hide their contents", () => {
  test.each([
    ["a line's comment", "a(); // throw\nb();", "a(); \nb();"],
    ["a block's comment", "a(/* throw */ b);", "a( b);"],
    ["a string", `a("throw \\" throw");`, `a(" ");`],
    ["a string with a comment's beginning", `a("//"); b();`, `a(" "); b();`],
    ["a template", `a(\`throw \${b(\`throw\`)} throw\`);`, `a(\` \${b(\` \`)} \`);`],
    ["a brace in a template's code", `a(\`\${{ b: '}' }.b} throw\`); c();`, `a(\`\${{ b: ' ' }.b} \`); c();`],
    ["a pattern", 'a(/throw [/]\\/ "/.test(b)); c();', "a(/ /.test(b)); c();"],
    ["a division, which is no pattern", "a = b / c; throw d / e;", "a = b / c; throw d / e;"],
  ])("%s", (_, source, expected) => {
    expect(spaces(shape(source))).toBe(spaces(expected));
  });
});

test("strings can be read where they are code, and not where they are a comment", () => {
  expect(spaces(readSource(`a("b"); // "c"\n/* "d" */`).code).trim()).toBe(`a("b");`);
});

test("no text changes its length, whatever stands in it: places found in one twin hold in the other", () => {
  const piece = fc.constantFrom(
    '"',
    "'",
    "`",
    "${",
    "}",
    "{",
    "(",
    ")",
    "//",
    "/*",
    "*/",
    "/",
    "\\",
    "\n",
    "a",
    " ",
    "é",
    "😀",
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const source = pieces.join("");
      const { code, shape } = readSource(source);
      expect(code.length).toBe(source.length);
      expect(shape.length).toBe(source.length);
      callsOf({ code, shape }, /a/);
      expressionAt({ code, shape }, 0);
    }),
  );
});

test("a call's arguments end at its own bracket, also where a compiler wraps the callee", () => {
  const args = (source: string, callee: RegExp) => {
    const text = readSource(source);
    return callsOf(text, callee).map(({ args }) => cut(text, args).code);
  };
  expect(args(`once(a, ")", () => b(c)); once (d)`, /\bonce/)).toEqual([`a, ")", () => b(c)`, "d"]);
  expect(args("(0, module.once)(a)", /\bonce/)).toEqual(["a"]);
  expect(args("onceMore(a); notonce(b)", /\bonce/)).toEqual([]);
});

test("an expression ends where its list, call or statement does", () => {
  const first = (source: string) => expressionAt(readSource(source), 0).code;
  expect(first(`f(a, b) ? "x" : "y", more`)).toBe(`f(a, b) ? "x" : "y"`);
  expect(first("[a, b] })")).toBe("[a, b] ");
  expect(first("a; b")).toBe("a");
});

test("functions of the engine's own and bound ones show no source", () => {
  expect(sourceOf(Math.max)).toBeUndefined();
  expect(sourceOf(((a: number) => a).bind(null))).toBeUndefined();
  expect(sourceOf(() => "[native code]")?.code).toContain("[native code]");
});
