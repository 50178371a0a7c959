/**
 * What a rule comes to: a value; or first a fact to read, a question to ask, or a reason why the wish can't be
 * had. The planner's rules chain these; the first that is no value ends the chain.
 */
export type Blocked =
  | { read: { name: string; args: Record<string, string> } }
  | { ask: string }
  | { decline: string };

export type Step<T> = { value: T } | Blocked;

/** Asks `question`, unless it was answered: then the answer, read by `interpret`, is the value. */
export type Ask = <T>(question: string, interpret: (answer: string) => T | undefined) => Step<T>;

const leaveIt =
  /^\W*(?:no\b|leave (?:it|that)|never ?mind|forget (?:it|that)|don'?t\b|keep (?:it|that)|skip)/i;

/**
 * Each question is asked once. An answer that no rule can read declines the wish: to act on half an answer
 * would be a guess, and to ask the same again would have no end.
 */
export function asker(answers: readonly { question: string; answer: string }[]): Ask {
  return (question, interpret) => {
    const given = answers.findLast((entry) => entry.question === question);
    if (!given) return { ask: question };
    const value = interpret(given.answer);
    if (value !== undefined) return { value };
    if (leaveIt.test(given.answer)) return { decline: "The customer would rather leave it as it is." };
    return { decline: `The answer "${given.answer}" does not settle the question: ${question}` };
  };
}
