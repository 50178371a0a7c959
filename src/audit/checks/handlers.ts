/** Error handlers that end their branch, their thread or their run instead of going somewhere. */
import type { Found } from "../finding.ts";
import type { GraphView, HandlerView } from "../graph-view.ts";
import { isCommand } from "../kinds.ts";
import type { SourceText } from "../source-text.ts";
import { isToParent } from "./hand-offs.ts";

export function handlers(view: GraphView): Found[] {
  const nodes = [...view.nodes.values()];
  const own = nodes.flatMap(({ name, handler }) =>
    handler === undefined ? [] : problems(handler, name, goesOn(view, name)),
  );
  const byDefault = nodes.filter(({ handler }) => handler === undefined).map(({ name }) => name);
  if (view.defaults.handler === undefined || byDefault.length === 0) return own;
  const someGoOn = byDefault.some((name) => goesOn(view, name));
  return [...own, ...problems(view.defaults.handler, "setNodeDefaults", someGoOn)];
}

/** True when something follows on the node, that a handler's plain update would leave out. */
function goesOn({ edges, branches, nodes }: GraphView, name: string): boolean {
  return (
    edges.some(([from, to]) => from === name && nodes.has(to)) ||
    branches.some(
      ({ from, ends }) => from === name && (ends === undefined || ends.some((end) => nodes.has(end))),
    ) ||
    (nodes.get(name)?.ends ?? []).some((end) => nodes.has(end))
  );
}

function problems({ reach }: HandlerView, node: string, goesOn: boolean): Found[] {
  const [handler, ...helpers] = reach.functions.filter(({ users }) => users);
  if (handler === undefined) return [];
  if ([handler, ...helpers].some(({ text }) => isToParent(text)))
    return [{ node, trap: "handler-to-parent" }];
  if (/\bthrow\b/.test(handler.text.shape)) return [{ node, trap: "handler-throws" }];
  const canGo =
    !reach.complete ||
    reach.classes.has("Command") ||
    [...reach.objects].some(isCommand) ||
    reach.functions.some(
      ({ users, near, text }) =>
        /\b(?:Command|goto)\b/.test(text.shape) || (users && near && callsTheUnknown(text)),
    );
  return canGo || !goesOn ? [] : [{ node, trap: "handler-without-goto" }];
}

/** True where a text calls what it does not name: something of `this`, of a table, of a module that it imports then. */
function callsTheUnknown({ shape }: SourceText): boolean {
  // `(0, module.name)(` is how some compilers write the call of an import.
  const named = shape.replaceAll(/\(0,\s*[\w$.]+\s*\)/g, "named");
  return /\bthis\b|\b(?:\w*import\w*|require)\s*\(|[\])]\s*(?:\?\.\s*)?\(/.test(named);
}
