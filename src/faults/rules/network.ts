/** Errors by the `code` that Node, its undici and its streams give them. */
import { readText } from "../read.ts";
import { type Rule, snakeCase } from "../verdict.ts";

const transientCodes: ReadonlySet<string> = new Set([
  // no connection could be made
  "EADDRNOTAVAIL",
  "ECONNREFUSED",
  "EHOSTDOWN",
  "EHOSTUNREACH",
  "ENETDOWN",
  "ENETUNREACH",
  "ERR_SOCKET_CONNECTION_TIMEOUT",
  "UND_ERR_CONNECT_TIMEOUT",
  // the name could not be looked up; while no name server answers, it can be ENOTFOUND too
  "EAI_AGAIN",
  "ENOTFOUND",
  // the connection broke
  "ECONNABORTED",
  "ECONNRESET",
  "ENETRESET",
  "ENOTCONN",
  "EPIPE",
  "ERR_SOCKET_CLOSED",
  "ERR_STREAM_PREMATURE_CLOSE",
  "UND_ERR_RES_CONTENT_LENGTH_MISMATCH",
  "UND_ERR_SOCKET",
  // it took too long
  "ESOCKETTIMEDOUT",
  "ETIMEDOUT",
  "UND_ERR_BODY_TIMEOUT",
  "UND_ERR_HEADERS_TIMEOUT",
]);

/** Listed, so that no wrapper makes a lost connection of them ("fetch failed", APIConnectionError): no retry mends them. */
const settingsCodes: ReadonlySet<string> = new Set([
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERR_INVALID_URL",
  "ERR_SSL_WRONG_VERSION_NUMBER",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UND_ERR_INVALID_ARG",
  "UND_ERR_NOT_SUPPORTED",
]);

export const abortCodes: ReadonlySet<string> = new Set(["ABORT_ERR", "UND_ERR_ABORTED"]);

/** Transient: the connection or the time. An abort that nobody asked this run for is transient too: see `abortNames`. */
export const networkRule: Rule = (thrown) => {
  const code = readText(thrown, "code");
  if (code === undefined) return undefined;
  if (abortCodes.has(code)) return { category: "transient", code: "aborted" };
  if (transientCodes.has(code)) return { category: "transient", code: snakeCase(code) };
  if (settingsCodes.has(code)) return { category: "unexpected", code: snakeCase(code) };
  return undefined;
};
