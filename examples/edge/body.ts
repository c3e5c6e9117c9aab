/**
 * Reading a request's body: not more than is allowed, and not longer.
 *
 * @module
 */
import type { Held, Share } from "./held.ts";
import { clientGone, HttpError } from "./http_error.ts";

/** What a body may be. */
export interface BodyLimits {
  /** Most bytes. */
  readonly bytes: number;
  /** Milliseconds in which it must arrive. */
  readonly ms: number;
  /** Seconds after which to come again when the server holds too much. */
  readonly retryAfter: number;
}

/** Bytes of a body that is read in one piece. */
const SHORT = 2 ** 14;

/**
 * Reads a body.
 *
 * @param request Whose.
 * @param limits What it may be.
 * @param held The server's count of bytes.
 * @param share This request's part of it, to which the body is added.
 * @throws {HttpError} 413 when it is, or says that it is, too large; 408 when it takes too long; 429 when the server holds too much.
 */
export async function readBody(
  request: Request,
  { bytes, ms, retryAfter }: BodyLimits,
  held: Held,
  share: Share,
): Promise<Uint8Array<ArrayBuffer>> {
  const announced = Number(request.headers.get("content-length") ?? NaN);
  if (announced > bytes) throw tooLarge(bytes);
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(tooSlow(ms)), ms);
  try {
    // A short body is counted before it is there, and read at once: by parts it takes several times as long.
    if (announced <= SHORT) {
      share.add(announced);
      const whole = request.bytes().catch(() => Promise.reject(clientGone()));
      const body = await Promise.race([whole, late.promise]);
      if (body.byteLength > bytes) throw tooLarge(bytes); // HTTP keeps to what is announced; a caller of `fetch` need not
      return body;
    }
    return await byParts(request, late.promise, (size, added) => {
      share.add(added);
      if (size > bytes) throw tooLarge(bytes);
      if (held.full) throw holdsTooMuch(retryAfter);
    });
  } finally {
    clearTimeout(timer);
  }
}

/** Reads a body part by part, up to what `check` refuses. */
async function byParts(
  request: Request,
  late: Promise<never>,
  check: (size: number, added: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const reader = request.body?.getReader(), parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  try {
    while (reader !== undefined) {
      const { done, value } = await Promise.race([
        reader.read().catch(() => Promise.reject(clientGone())),
        late,
      ]);
      if (done) break;
      size += value.byteLength;
      check(size, value.byteLength);
      parts.push(value);
    }
  } catch (error) {
    reader?.cancel().catch(() => {/* it is given up in any case */});
    throw error;
  }
  return joined(parts, size);
}

function joined(parts: readonly Uint8Array<ArrayBuffer>[], size: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}

function tooLarge(bytes: number): HttpError {
  return new HttpError(413, `a body of more than ${bytes} bytes`, "send less at once");
}

function tooSlow(ms: number): HttpError {
  const close = { connection: "close" };
  return new HttpError(408, `the body did not arrive within ${ms / 1000} s`, "send it faster", close);
}

/** @returns 429. */
export function holdsTooMuch(retryAfter: number): HttpError {
  return new HttpError(429, "the server holds all the bytes that it may", "come again later", {
    "retry-after": `${retryAfter}`,
  });
}
