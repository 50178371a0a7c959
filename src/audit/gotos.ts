/**
 * Where a function's text says that it goes: names that stand as literals in Commands, Sends and, for the router of a
 * conditional edge, in what it returns. A name that is computed is not seen.
 */
import type { ReachedFunction } from "./reach.ts";
import { callsOf, cut, expressionAt, type SourceText, without } from "./source-text.ts";

/** One Command, Send or answer of a router. */
export interface Goto {
  readonly names: readonly string[];
  /** True for a list, which is gone to as a whole; false for a choice. */
  readonly all: boolean;
  /** A node that is sent to runs once for each Send. */
  readonly sent: boolean;
}

/**
 * The Commands and Sends of the user's functions among these. Those to the parent graph are left out, and those of a
 * graph that one of these functions builds.
 */
export function gotosOf(functions: readonly ReachedFunction[]): Goto[] {
  const near = functions.filter((fn) => fn.users && fn.near);
  const builds = functions.some(({ users, text }) => users && buildsGraph(text));
  // Whose the helpers are is then not known.
  return (builds ? near.slice(0, 1) : near)
    .filter(({ text }) => !buildsGraph(text))
    .flatMap(({ text }) => {
      const calls = callsOf(text, /\bnew\s+(?:[\w$]+\.)*Command\b/);
      const toParent = calls.filter(({ args }) => /\bgraph\s*:/.test(cut(text, args).shape));
      const here = without(
        text,
        toParent.map(({ whole }) => whole),
      );
      return [...commands(here), ...sends(here)];
    });
}

const buildsGraph = ({ shape }: SourceText): boolean => /\bnew\s+(?:[\w$]+\.)*StateGraph\b/.test(shape);

function commands(text: SourceText): Goto[] {
  return callsOf(text, /\bnew\s+(?:[\w$]+\.)*Command\b/).flatMap(({ args }) => {
    const fields = cut(text, args);
    const at = /\bgoto\s*:/.exec(fields.shape);
    return at === null ? [] : named(expressionAt(fields, at.index + at[0].length));
  });
}

function sends(text: SourceText): Goto[] {
  return callsOf(text, /\bnew\s+(?:[\w$]+\.)*Send\b/).flatMap(({ args }) =>
    named(expressionAt(cut(text, args), 0), true),
  );
}

/** What a router returns by name. A router with functions inside is not read: what these return is not its answer. */
export function routerAnswers({ text }: ReachedFunction): Goto[] {
  if ((text.shape.match(/=>|\bfunction\b/g) ?? []).length > 1) return [];
  return [...text.shape.matchAll(/\breturn\b|=>(?!\s*\{)/g)].flatMap(({ index, 0: found }) =>
    named(expressionAt(text, index + found.length)),
  );
}

const literal = String.raw`(?:"\s*"|'\s*'|\x60\s*\x60)`;
const operand = String.raw`\s*(?:${literal}|[\w$.]+)\s*`;
const forms = [
  { all: false, pattern: new RegExp(`^[\\s(]*${literal}[\\s)]*$`) },
  {
    all: true,
    pattern: new RegExp(`^[\\s(]*\\[\\s*${literal}(?:\\s*,\\s*${literal})*\\s*,?\\s*\\][\\s)]*$`),
  },
  // From the question mark on: what is compared before it is no name.
  { all: false, pattern: new RegExp(`\\?(?![.?])${operand}:${operand}[\\s)]*$`) },
];

/** The names that an expression is: one, a list of them, or the last choice between two. */
function named({ code, shape }: SourceText, sent = false): Goto[] {
  for (const { all, pattern } of forms) {
    const found = pattern.exec(shape);
    if (found === null) continue;
    const said = code.slice(found.index, found.index + found[0].length);
    return [{ names: [...said.matchAll(/(["'`])(.*?)\1/g)].map(([, , name = ""]) => name), all, sent }];
  }
  return [];
}
