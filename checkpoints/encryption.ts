/**
 * Encryption at rest: AES-256-GCM under keys that the environment gives.
 *
 * Used by the saver, the ledger and `reseal`. What is sealed opens only at its place: a row's names are part of what
 * GCM authenticates, and each thread has a key of its own, derived from the given one. Hides what is stored and
 * notices what was altered; whoever can write the database can still delete rows, or put back older ones.
 *
 * @see docs/adr/0017-encryption-at-rest.md
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createSecretKey,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import { StartUpError } from "./start-up-error.ts";

interface Key {
  /** The first bytes of the key's SHA-256. Stands before what it sealed. */
  readonly id: Buffer;
  readonly secret: KeyObject;
}

/** The first one seals, all open. */
export type Keys = readonly [Key, ...Key[]];

/** Where a sealed value stands. The first name, of a thread or an effect, also chooses the derived key. */
export type SealedPlace = readonly [scope: string, ...names: string[]];

const brand = Symbol.for("faultline.cannot-open-error");

/**
 * What is sealed cannot be opened. Says why as the rest of a sentence, and how to mend it as a whole one; from the
 * ledger, in one message. The saver's is a CheckpointDamagedError.
 */
export class CannotOpenError extends Error {
  override readonly name = "CannotOpenError";
  readonly [brand] = true;
  /** Undefined when it was altered: keys do not help. */
  readonly mend: string | undefined;

  constructor(why: string, mend?: string) {
    super(why);
    this.mend = mend;
  }
}

/** True for a {@link CannotOpenError}, also one made by another copy of this module. */
export function isCannotOpenError(error: unknown): error is CannotOpenError {
  return typeof error === "object" && error !== null && brand in error;
}

const variable = "FAULTLINE_ENCRYPTION_KEY";
const algorithm = "aes-256-gcm";
const keyBytes = 32;
const idBytes = 4;
const nonceBytes = 12;
const tagBytes = 16;

/**
 * @param text - Keys of 32 bytes each in base64, with commas between; as FAULTLINE_ENCRYPTION_KEY has it.
 * @returns undefined for a text without any key: nothing is sealed.
 * @throws StartUpError, which does not repeat the text.
 */
export function parseKeys(text: string): Keys | undefined {
  if (text.trim() === "") return undefined;
  const [first, ...others] = text.split(",").map((part, i) => parseKey(part.trim(), i));
  return first === undefined ? undefined : [first, ...others];
}

function parseKey(text: string, index: number): Key {
  const bytes = Buffer.from(text, "base64");
  // Buffer skips what is no base64, so it is written back and compared.
  const clean = bytes.toString("base64").replace(/=+$/, "") === text.replace(/=+$/, "");
  if (!clean || bytes.length !== keyBytes) {
    throw new StartUpError(
      `Key ${index + 1} in ${variable} is not ${keyBytes} bytes in base64. ` +
        "Make one with: openssl rand -base64 32 (several stand with commas between, the one that seals first).",
    );
  }
  const id = createHash("sha256").update(bytes).digest().subarray(0, idBytes);
  return { id, secret: createSecretKey(bytes) };
}

/** @returns Key id, nonce, ciphertext and tag: 32 bytes more than `bytes`. */
export function seal([{ id, secret }]: Keys, place: SealedPlace, bytes: Uint8Array): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, derived(secret, place[0]), nonce, { authTagLength: tagBytes });
  cipher.setAAD(Buffer.from(JSON.stringify(place)));
  return Buffer.concat([id, nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
}

/** @throws CannotOpenError. */
export function open(keys: Keys | undefined, place: SealedPlace, sealed: Uint8Array): Buffer {
  if (sealed.length < idBytes + nonceBytes + tagBytes) throw new CannotOpenError("is cut short");
  const key = keyFor(keys, sealed.subarray(0, idBytes));
  const nonce = sealed.subarray(idBytes, idBytes + nonceBytes);
  const decipher = createDecipheriv(algorithm, derived(key.secret, place[0]), nonce, {
    authTagLength: tagBytes,
  });
  decipher.setAAD(Buffer.from(JSON.stringify(place)));
  decipher.setAuthTag(sealed.subarray(-tagBytes));
  const opened = decipher.update(sealed.subarray(idBytes + nonceBytes, -tagBytes));
  try {
    return Buffer.concat([opened, decipher.final()]);
  } catch {
    throw new CannotOpenError("was altered after it was sealed, or stood elsewhere then");
  }
}

/** Whether it is sealed with the key that seals now. */
export const isSealedWithFirst = ([{ id }]: Keys, sealed: Uint8Array): boolean =>
  id.equals(sealed.subarray(0, idBytes));

function keyFor(keys: Keys | undefined, id: Uint8Array): Key {
  const key = keys?.find((one) => one.id.equals(id));
  if (key !== undefined) return key;
  const name = Buffer.from(id).toString("hex");
  if (keys === undefined) {
    throw new CannotOpenError(
      `is sealed with key ${name}, and ${variable} is not set`,
      `Set ${variable} to that key.`,
    );
  }
  const known = keys.map((one) => one.id.toString("hex")).join(", ");
  throw new CannotOpenError(
    `is sealed with key ${name}, which is not among those of ${variable} (${known})`,
    "Add that key there, behind the first one and a comma.",
  );
}

/** Random nonces of 12 bytes are safe for some 2³² values under one key, which one thread does not reach. */
const derived = (secret: KeyObject, scope: string): KeyObject =>
  createSecretKey(createHmac("sha256", secret).update(scope).digest());
