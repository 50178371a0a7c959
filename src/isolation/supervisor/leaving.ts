/**
 * Where a child's Commands may lead: out of its supervisor, into the graph around it, and nowhere else.
 *
 * Who runs next within the supervisor is its own to say: a sibling that is gone to runs unasked, and its failures would
 * not be its supervisor's.
 */
import { Command, isCommand, isParentCommand, Send } from "@langchain/langgraph";
import { Fault } from "../../faults/index.ts";
import type { FaultState } from "../../routing/index.ts";

/**
 * For what a child answers, a plain node or a subgraph.
 *
 * @param siblings - The names of all children, its own among them.
 * @throws Fault unexpected "goto_of_child" for a goto within the supervisor.
 */
export function withoutGoto(child: string, siblings: readonly string[], answer: unknown): unknown {
  for (const command of [answer].flat().filter(isCommand)) {
    const gotos = namesOf(command);
    if (command.graph !== Command.PARENT && gotos.length > 0)
      throw refused(child, "a goto: a node that goes on elsewhere must be a child as a subgraph");
    const sibling = gotos.find((name) => siblings.includes(name));
    if (sibling !== undefined)
      throw refused(
        child,
        `a goto to the child ${sibling}, whom only the supervisor starts: write to the state and let ${sibling}'s "when" read it. A node of the outer graph that has this name needs another`,
      );
  }
  return answer;
}

/**
 * A graph that a child runs sends its Command to "the parent" to the supervisor's graph, of which it knows nothing. A
 * goto means the graph around that one, so the child answers with what leads there; an update alone is its answer.
 *
 * @returns The child's answer.
 * @throws `thrown` when it is nothing of that kind.
 */
export function answerIn(thrown: unknown): unknown {
  if (!(thrown instanceof Error && isParentCommand(thrown))) throw thrown;
  const { goto = [], update = {} } = thrown.command;
  return namesOf({ goto }).length === 0
    ? new Command({ update })
    : new Command({ graph: Command.PARENT, goto, update });
}

/**
 * Of a run that is left LangGraph keeps what the Command writes, so that carries what the supervisor's state has of the
 * budgets.
 */
export function withSpent(answer: unknown, { spent = {} }: FaultState): unknown {
  const carry = (part: unknown) =>
    isCommand(part) && leaves(part)
      ? new Command({ ...part, update: [...part._updateAsTuples(), ["spent", spent]] })
      : part;
  return Array.isArray(answer) ? answer.map(carry) : carry(answer);
}

/** Whether a child's answer leads out of its supervisor, which ends with it. */
export const leaves = (answer: unknown): boolean =>
  [answer].flat().some((part) => isCommand(part) && part.graph === Command.PARENT);

const namesOf = ({ goto }: Pick<Command, "goto">): string[] =>
  [goto].flat().map((one) => (one instanceof Send ? one.node : String(one)));

const refused = (child: string, what: string) =>
  new Fault("unexpected", "goto_of_child", `${child} answered with ${what}`);
