/**
 * Bytes of a request as text.
 *
 * @module
 */
import { FormatError } from "@fanin/fanin";

/** @throws {FormatError} when they are no UTF-8: that is the request's fault. */
export function textOf(body: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch (error) {
    throw new FormatError("the body is no UTF-8", "send JSON", { cause: error });
  }
}
