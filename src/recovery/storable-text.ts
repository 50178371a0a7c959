/** Guards names and keys: every ledger refuses what one of them could not keep. */
import { Fault } from "../faults/index.ts";

/**
 * @param texts - By what they are called in the message.
 * @throws Fault unexpected "text_not_storable": Postgres holds no NUL in a text, and half a surrogate pair would be
 *   changed on the way, so that two keys could become one.
 */
export function assertStorable(texts: Readonly<Record<string, string>>): void {
  for (const [what, text] of Object.entries(texts)) {
    if (!text.includes("\u0000") && !/\p{Surrogate}/u.test(text)) continue;
    throw new Fault(
      "unexpected",
      "text_not_storable",
      `the ${what} ${JSON.stringify(text)} holds a NUL or half a character, which no ledger can keep: choose another`,
    );
  }
}
