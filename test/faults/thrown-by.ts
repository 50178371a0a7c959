import { classify, type Fault } from "#src/faults/index.ts";

/** What `work` throws. Fails when it throws nothing. */
export async function thrownBy(work: () => unknown): Promise<unknown> {
  try {
    await work();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

/** `category code`, as the tables of the tests write it. */
export const verdictOf = (thrown: unknown): string => short(classify(thrown));

export const short = ({ category, code }: Pick<Fault, "category" | "code">): string => `${category} ${code}`;
