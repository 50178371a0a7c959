/**
 * A function's source as text that patterns can be looked for in: without comments, and with a twin of the same length
 * in which the contents of strings are blank, so that what is said is not taken for what is done.
 *
 * A scanner, no parser: it knows strings, templates, comments, regular expressions and brackets.
 */

export interface SourceText {
  /** Comments are blank. */
  readonly code: string;
  /** Contents of strings and regular expressions are blank too. */
  readonly shape: string;
}

/** A piece of a text, the end not included. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** @returns Undefined for a function that shows no source: a bound one, or one of the engine's own. */
export function sourceOf(fn: CallableFunction): SourceText | undefined {
  const known = texts.get(fn);
  if (known !== undefined) return known;
  const source = Function.prototype.toString.call(fn);
  if (/\{\s*\[native code\]\s*\}\s*$/.test(source)) return undefined;
  const text = readSource(source);
  texts.set(fn, text);
  return text;
}

const texts = new WeakMap<CallableFunction, SourceText>();

export function readSource(source: string): SourceText {
  // By UTF-16 units, as every index counts.
  const code = source.split("");
  const shape = source.split("");
  const blank = (chars: string[], from: number, to: number) => {
    for (let at = from; at < Math.min(to, chars.length); at++) if (chars[at] !== "\n") chars[at] = " ";
  };
  /** Reads code from `at` to a closing brace of an outer template, or to the end. */
  const scan = (start: number, inTemplate: boolean): number => {
    let depth = 0;
    for (let at = start; at < code.length; at++) {
      const char = code[at] ?? "";
      if (char === "/" && (code[at + 1] === "/" || code[at + 1] === "*")) {
        const to = endOf(code, at + 2, code[at + 1] === "/" ? "\n" : "*/");
        blank(code, at, to);
        blank(shape, at, to);
        at = to - 1;
      } else if (char === '"' || char === "'" || (char === "/" && beginsPattern(code, at))) {
        const to = char === "/" ? patternEnd(code, at) : stringEnd(code, at, char);
        blank(shape, at + 1, to);
        at = to;
      } else if (char === "`") at = template(at);
      else if (char === "{") depth++;
      else if (char === "}" && depth-- === 0 && inTemplate) return at;
    }
    return code.length;
  };
  const template = (start: number): number => {
    let said = start + 1;
    for (let at = said; at < code.length; at++) {
      if (code[at] === "\\") at++;
      else if (code[at] === "`") {
        blank(shape, said, at);
        return at;
      } else if (code[at] === "$" && code[at + 1] === "{") {
        blank(shape, said, at);
        at = scan(at + 2, true);
        said = at + 1;
      }
    }
    return code.length;
  };
  scan(0, false);
  return { code: code.join(""), shape: shape.join("") };
}

function endOf(chars: readonly string[], from: number, ending: string): number {
  for (let at = from; at < chars.length; at++) {
    if (chars.slice(at, at + ending.length).join("") === ending) return at + ending.length;
  }
  return chars.length;
}

function stringEnd(chars: readonly string[], from: number, quote: string): number {
  for (let at = from + 1; at < chars.length; at++) {
    if (chars[at] === "\\") at++;
    else if (chars[at] === quote) return at;
  }
  return chars.length;
}

/** A slash begins a regular expression where a value may begin: after `+`, but not after `i++`. */
function beginsPattern(chars: readonly string[], at: number): boolean {
  const before = chars
    .slice(Math.max(0, at - 12), at)
    .join("")
    .trimEnd();
  if (/\+\+$|--$/.test(before)) return false;
  return before === "" || /[(,=:[!&|?{};+\-*%~<>^]$|\b(return|typeof|case|in|of|void|await)$/.test(before);
}

function patternEnd(chars: readonly string[], from: number): number {
  let inClass = false;
  for (let at = from + 1; at < chars.length; at++) {
    if (chars[at] === "\\") at++;
    else if (chars[at] === "[") inClass = true;
    else if (chars[at] === "]") inClass = false;
    else if (chars[at] === "/" && !inClass) return at;
  }
  return chars.length;
}

const closing: Record<string, string> = { "(": ")", "{": "}", "[": "]" };

/** What stands between the bracket at `open` and the one that closes it. */
export function within({ shape }: SourceText, open: number): Span {
  const expected: string[] = [];
  for (let at = open; at < shape.length; at++) {
    const char = shape[at] ?? "";
    const close = closing[char];
    if (close !== undefined) expected.push(close);
    else if (char === expected.at(-1)) {
      expected.pop();
      if (expected.length === 0) return { from: open + 1, to: at };
    }
  }
  return { from: open + 1, to: shape.length };
}

/** The expression that begins at `from`: to a comma, a semicolon or a closing bracket of what it stands in. */
export function expressionAt(text: SourceText, from: number): SourceText {
  let at = from;
  while (at < text.shape.length && !/[,;)\]}]/.test(text.shape[at] ?? "")) {
    at = closing[text.shape[at] ?? ""] === undefined ? at + 1 : within(text, at).to + 1;
  }
  return cut(text, { from, to: at });
}

export interface Call {
  /** From the callee's name to its last argument. */
  readonly whole: Span;
  readonly args: Span;
}

/** Every call of what `callee` matches. */
export function callsOf(text: SourceText, callee: RegExp): Call[] {
  // `(0, module.name)(` is how some compilers write the call of an import.
  const calls = new RegExp(`(?:${callee.source})\\s*\\)?\\s*\\(`, "g");
  return [...text.shape.matchAll(calls)].map((call) => {
    const args = within(text, call.index + call[0].length - 1);
    return { whole: { from: call.index, to: args.to }, args };
  });
}

export function cut({ code, shape }: SourceText, { from, to }: Span): SourceText {
  return { code: code.slice(from, to), shape: shape.slice(from, to) };
}

/** The text without these pieces. */
export function without({ code, shape }: SourceText, spans: readonly Span[]): SourceText {
  const blank = (text: string, { from, to }: Span) =>
    text.slice(0, from) + " ".repeat(to - from) + text.slice(to);
  return { code: spans.reduce(blank, code), shape: spans.reduce(blank, shape) };
}

export function identifiers({ shape }: SourceText): ReadonlySet<string> {
  return new Set(shape.match(/[A-Za-z_$][\w$]*/g) ?? []);
}

/** The text with other names for these. What is said keeps its words. */
export function renamed({ code, shape }: SourceText, names: ReadonlyMap<string, string>): SourceText {
  let [newCode, newShape, from] = ["", "", 0];
  for (const { 0: name, index } of shape.matchAll(/(?<![\w$.])[A-Za-z_$][\w$]*/g)) {
    const other = names.get(name);
    if (other === undefined) continue;
    newCode += code.slice(from, index) + other;
    newShape += shape.slice(from, index) + other;
    from = index + name.length;
  }
  return { code: newCode + code.slice(from), shape: newShape + shape.slice(from) };
}
