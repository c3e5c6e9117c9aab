/**
 * What the server answers when it does not do what is asked: a status, and one line of JSON.
 *
 * @module
 */

/** An answer that is no success. */
export class HttpError extends Error {
  /** The status. */
  readonly status: number;
  /** What to do about it. */
  readonly remedy: string;
  /** Further headers: Allow, Retry-After. */
  readonly headers: Readonly<Record<string, string>>;

  /** An answer with a status, what is wrong, and what to do about it. */
  constructor(status: number, message: string, remedy: string, headers: Record<string, string> = {}) {
    super(message);
    this.status = status;
    this.remedy = remedy;
    this.headers = headers;
  }

  /** `{"error":…,"remedy":…}` */
  get body(): { error: string; remedy: string } {
    return { error: this.message, remedy: this.remedy };
  }

  /** As an HTTP response. */
  get response(): Response {
    return jsonLine(this.body, this.status, this.headers);
  }
}

/** One line of JSON. */
export function jsonLine(data: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(`${JSON.stringify(data)}\n`, {
    status,
    headers: { "content-type": "application/json", "cache-control": "no-store", ...headers },
  });
}

/** The client has gone: nobody reads this. 499 is nginx's name for it, and what the metrics count. */
export function clientGone(): HttpError {
  return new HttpError(499, "the client has gone", "send the request again");
}
