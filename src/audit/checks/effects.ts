/**
 * Effects that go past the ledger, by what a node's text calls. A heuristic: it knows the usual calls by name, and takes
 * for single what is handed to `once` and its like, or carries an idempotency key.
 */
import type { Found } from "../finding.ts";
import type { GraphView } from "../graph-view.ts";
import { type Reach, withoutLedgered } from "../reach.ts";
import { callsOf, cut, type SourceText } from "../source-text.ts";

export function effects(view: GraphView): Found[] {
  return [...view.nodes.values()].flatMap(({ name: node, reach }): Found[] => {
    // A key that the node hands on is for the requests of its helpers.
    const keyed = reach.functions.some(({ users, own, text }) => users && own && isIdempotent(text));
    const seen = reach.functions
      .filter(({ users, bare, text }) => users && bare && !isIdempotent(text))
      .flatMap(({ name, own, text }) =>
        effectsIn(withoutLedgered(text), reach)
          .filter((effect) => own || !keyed || !effect.startsWith("an HTTP"))
          .map((effect) => (own ? effect : `${effect} in ${name || "a helper"}`)),
      );
    return seen.length === 0 ? [] : [{ node, trap: "bare-effect", seen: [...new Set(seen)].join(", ") }];
  });
}

const isIdempotent = ({ code }: SourceText) => /idempoten|\bon\s+(?:conflict|duplicate\s+key)\b/i.test(code);

/** Calls that are effects by themselves. */
const calls: readonly (readonly [string, RegExp])[] = [
  [
    "a file written",
    /\b(?:writeFile|appendFile|unlink|writeFileSync|appendFileSync|unlinkSync|createWriteStream)\b/,
  ],
  ["a process started", /\b(?:spawn|execFile|execSync|spawnSync|execFileSync)\b/],
  ["a mail sent", /\.sendMail\b/],
  // What else has such methods may patch or post anything. Compilers rename imports: a default to `default`, a file
  // http.ts to `import_http`.
  [
    "an HTTP POST or PATCH",
    /\b(?:\w*axios|got|ky|superagent|undici|(?!import_)\w*(?:[hH]ttp|HTTP|[aA]pi|API|[cC]lient)|default)\.(?:post|patch)\b/,
  ],
  ["an HTTP PUT or DELETE", /\b(?:axios|got|ky|superagent|undici)\.(?:put|delete)\b/],
];

/** Functions of Node's whose names others have too, patterns for one: they count where Node's own is within reach. */
const nodes: readonly (readonly [string, readonly string[]])[] = [
  ["a file removed or renamed", ["rm", "rename", "rmSync", "renameSync"]],
  ["a process started", ["exec"]],
];

/** Calls whose arguments tell. */
const requests = /\bfetch|\bhttps?\.request|\baxios(?:\.request)?|\bgot|\bky/;
const statements = /\.(?:query|execute|exec|run|none|unsafe|prepare)/;
const changing = /\b(?:insert\s+into|delete\s+from|update\s+[\w".${}\s]+?\s+set\s+[\w".${}(),\s]+?=)/i;

/** In plain words, each kind once. */
export function effectsIn(text: SourceText, { builtins }: Pick<Reach, "builtins">): string[] {
  const found = calls.filter(([, callee]) => callsOf(text, callee).length > 0).map(([what]) => what);
  for (const [what, names] of nodes) {
    if (
      names.some(
        (name) => builtins.has(name) && callsOf(text, new RegExp(`(?<![/)\\]]\\.)\\b${name}`)).length > 0,
      )
    )
      found.push(what);
  }
  if (callsOf(text, requests).some(({ args }) => changesSomething(cut(text, args), text)))
    found.push("an HTTP request that changes something");
  const said = [...callsOf(text, statements).map(({ args }) => cut(text, args).code), ...tagged(text)];
  if (said.some((statement) => changing.test(statement)))
    found.push("a SQL statement that changes something");
  return [...new Set(found)];
}

/** A request with a method other than GET, or with a body. */
function changesSomething({ code, shape }: SourceText, whole: SourceText): boolean {
  // Options in a variable. Elsewhere, a body or a method may be the answer's.
  if (!/\b(?:method|body)\b/.test(shape))
    return /\bmethod\s*:\s*["'`](?:post|put|patch|delete)["'`]/i.test(whole.code);
  const methods = [...code.matchAll(/\bmethod\s*:\s*["'`](\w+)["'`]/g)].map(([, method = ""]) => method);
  if (methods.length > 0) return methods.some((method) => !/^(?:get|head|options)$/i.test(method));
  return /\b(?:method|body)\s*[:,}]/.test(shape);
}

/** Templates with a tag that speaks SQL, such as postgres.js's and Prisma's. */
function tagged({ code, shape }: SourceText): string[] {
  return [...shape.matchAll(/(?:\b\w*[sS][qQ][lL]|\$(?:execute|query)Raw)\s*`/g)].map(({ index, 0: tag }) => {
    const from = index + tag.length;
    return code.slice(from, shape.indexOf("`", from));
  });
}
