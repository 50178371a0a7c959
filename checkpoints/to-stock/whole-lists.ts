/** Lists that are stored by their ends, put together at each of their versions. Used by the way back to the stock saver. */
import type { SerializerProtocol } from "@langchain/langgraph-checkpoint";
import type { BlobFound } from "../saver/found.ts";
import { appendType } from "../saver/rows.ts";

type PartRow = Pick<BlobFound, "version" | "base" | "type" | "blob">;

/** The lists that are stored as a part and what it follows, each once, with as few as possible in memory. */
export async function* wholeLists(
  rows: readonly PartRow[],
  serde: SerializerProtocol,
): AsyncGenerator<[version: string, list: unknown[]]> {
  const followers = new Map<string | null, PartRow[]>();
  for (const row of rows) followers.set(row.base, [...(followers.get(row.base) ?? []), row]);
  const open: { readonly row: PartRow; readonly before: readonly unknown[] }[] = [];
  const follow = (version: string, before: readonly unknown[]) => {
    for (const row of followers.get(version) ?? []) open.push({ row, before });
  };
  for (const first of followers.get(null) ?? []) {
    if (!followers.has(first.version)) continue;
    follow(first.version, (await load(first, serde)) as unknown[]);
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const list = [...next.before, ...((await load(next.row, serde)) as unknown[])];
      yield [next.row.version, list];
      follow(next.row.version, list);
    }
  }
}

/** Of a row that is not sealed, or was opened. */
export function load(
  { type, blob }: Pick<PartRow, "type" | "blob">,
  serde: SerializerProtocol,
): Promise<unknown> {
  return serde.loadsTyped(type === appendType ? "json" : type, blob ?? "");
}
