/**
 * Effects that go past the ledger, by what a node's text calls. A heuristic: it knows the usual calls by name, and takes
 * for single what is handed to `once` and its like, or carries an idempotency key.
 */
import type { Found } from "../finding.ts";
import type { GraphView } from "../graph-view.ts";
import { withoutLedgered } from "../reach.ts";
import { callsOf, cut, type SourceText } from "../source-text.ts";

export function effects(view: GraphView): Found[] {
  return [...view.nodes.values()].flatMap(({ name: node, reach }): Found[] => {
    const seen = reach.functions
      .filter(({ users, bare, text }) => users && bare && !isIdempotent(text))
      .flatMap(({ name, own, text }) =>
        effectsIn(withoutLedgered(text)).map((effect) =>
          own ? effect : `${effect} in ${name || "a helper"}`,
        ),
      );
    return seen.length === 0 ? [] : [{ node, trap: "bare-effect", seen: [...new Set(seen)].join(", ") }];
  });
}

const isIdempotent = ({ code }: SourceText) => /idempoten|\bon\s+conflict\b/i.test(code);

/** Calls that are effects by themselves. */
const calls: readonly (readonly [string, RegExp])[] = [
  [
    "a file written",
    /\b(?:writeFile|appendFile|unlink|writeFileSync|appendFileSync|unlinkSync|createWriteStream)\b/,
  ],
  ["a file removed or renamed", /\bfs\w*\.(?:promises\.)?(?:rm|rename|rmSync|renameSync)\b/],
  ["a process started", /(?<!\.)\b(?:spawn|execFile|execSync|spawnSync|execFileSync)\b/],
  ["a mail sent", /\.sendMail\b/],
  ["an HTTP POST or PATCH", /\.(?:post|patch)\b/],
  ["an HTTP PUT or DELETE", /\b(?:axios|got|ky|superagent|undici)\.(?:put|delete)\b/],
];

/** Calls whose arguments tell. */
const requests = /\bfetch|\bhttps?\.request|\baxios(?:\.request)?|\bgot|\bky/;
const statements = /\.(?:query|execute|exec|run|none|unsafe)/;
const changing = /\b(?:insert\s+into|delete\s+from|update\s+[\w".$\s]+?\s+set)\b/i;

/** In plain words, each kind once. */
export function effectsIn(text: SourceText): string[] {
  const found = calls.filter(([, callee]) => callsOf(text, callee).length > 0).map(([what]) => what);
  if (callsOf(text, requests).some(({ args }) => changesSomething(cut(text, args), text)))
    found.push("an HTTP request that changes something");
  if (callsOf(text, statements).some(({ args }) => changing.test(cut(text, args).code)))
    found.push("a SQL statement that changes something");
  return found;
}

/** A request with a method other than GET, or with a body. Its options may stand in a variable before it. */
function changesSomething(args: SourceText, whole: SourceText): boolean {
  const { code, shape } = /\b(?:method|body)\b/.test(args.shape) ? args : whole;
  const methods = [...code.matchAll(/\bmethod\s*:\s*["'`](\w+)["'`]/g)].map(([, method = ""]) => method);
  if (methods.length > 0) return methods.some((method) => !/^(?:get|head|options)$/i.test(method));
  return /\b(?:method|body)\s*[:,}]/.test(shape);
}
