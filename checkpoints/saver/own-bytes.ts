/**
 * A serializer that neither keeps the bytes it is given nor gives out those it was given.
 *
 * Used by the saver, which sends a batch later than it is asked to, and reads into memory that node-postgres shares.
 */
import type { SerializerProtocol } from "@langchain/langgraph-checkpoint";

/** LangGraph's own serializer hands bytes through as they are, both ways. */
export function ownBytes(serde: SerializerProtocol): SerializerProtocol {
  return {
    // Before the first await: what counts is how the bytes are as they are given.
    dumpsTyped: (value) => serde.dumpsTyped(value instanceof Uint8Array ? new Uint8Array(value) : value),
    async loadsTyped(type, data) {
      const value = await serde.loadsTyped(type, data);
      return Buffer.isBuffer(value) ? new Uint8Array(value) : value;
    },
  };
}
