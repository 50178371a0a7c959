/** Reads a whole ticket: clauses where it is written in clauses, sentences elsewhere. */
import { readClause } from "./clauses.ts";
import { readSentences } from "./sentences.ts";
import type { Reading } from "./wish.ts";

export function readTicket(text: string): Reading {
  const reading: Reading = { wishes: [], unread: [] };
  let prose = "";
  const readProse = () => {
    const { wishes, unread } = readSentences(prose);
    reading.wishes.push(...wishes);
    reading.unread.push(...unread);
    prose = "";
  };
  for (let position = 0; position < text.length; ) {
    const clause = readClause(text, position);
    if (clause) {
      readProse();
      reading.wishes.push(clause.wish);
      position = clause.end;
    } else {
      prose += text[position];
      position++;
    }
  }
  readProse();
  return reading;
}
