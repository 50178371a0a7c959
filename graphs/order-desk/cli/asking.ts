/** Where the answers to a ticket's questions come from: given beforehand, or a person at the terminal, or nobody. */
import pLimit from "p-limit";
import type { OpenQuestion } from "../desk.ts";
import type { Answers, Asker } from "./answers.ts";
import { askAtPrompt, isCancelled } from "./questions.ts";
import type { AnswerQuestions } from "./run-ticket.ts";
import type { Session } from "./session.ts";

/** Finds the answers for one ticket's questions. `suggestions` are hints for the person, in the order of questions. */
export type AnswererFor = (asker: Asker, suggestions?: readonly string[]) => AnswerQuestions;

/** Answers given beforehand, and no one else is asked. */
export function answering(answers: Answers): AnswererFor {
  return (asker) => (questions) => gathered(questions, async ({ question }) => answers(asker, question));
}

/** A person is asked, one question at a time, however many tickets run. Ctrl-C at the prompt stops the run. */
export function asking({ screen, stop }: Pick<Session, "screen" | "stop">): AnswererFor {
  const oneAtATime = pLimit(1);
  return (_asker, suggestions = []) => {
    const hints = [...suggestions];
    return (questions) =>
      gathered(questions, ({ question }) =>
        oneAtATime(async () => {
          if (stop.requested) return undefined;
          const reply = await screen.alone(() => askAtPrompt(question, hints.shift()));
          if (!isCancelled(reply)) return reply;
          stop.request();
          return undefined;
        }),
      );
  };
}

async function gathered(
  questions: readonly OpenQuestion[],
  answerTo: (question: OpenQuestion) => Promise<string | undefined>,
): Promise<Record<string, string>> {
  const answers: Record<string, string> = {};
  for (const question of questions) {
    const answer = await answerTo(question);
    if (answer !== undefined) answers[question.id] = answer;
  }
  return answers;
}

/** Nobody is there: every question stays open. */
export const nobody: AnswererFor = () => async () => ({});
