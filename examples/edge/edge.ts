/**
 * The server: routes to jobs, errors to statuses, and an orderly end.
 *
 * @module
 */
import { holdsTooMuch, readBody } from "./body.ts";
import { GpuHost } from "./gpu_host.ts";
import { Held } from "./held.ts";
import { clientGone, HttpError, jsonLine } from "./http_error.ts";
import { Metrics } from "./metrics.ts";
import { DEFAULTS, type EdgeOptions, type JobKind } from "./options.ts";

/** What a runtime may tell of a connection: Deno says when an answer has been sent. */
export interface ConnectionInfo {
  /** Settles when the answer has been sent, or cannot be. */
  readonly completed?: Promise<void>;
}

/** The content of a job's answer. */
const CONTENT: Readonly<Record<JobKind, string>> = {
  init: "application/octet-stream",
  diagnose: "application/json",
  train: "text/event-stream",
};

/** Initial weights, verdicts and small trainings over HTTP. */
export class Edge implements Disposable {
  readonly #options: EdgeOptions;
  readonly #metrics = new Metrics();
  readonly #held: Held;
  readonly #host: GpuHost;
  readonly #open = new Set<Promise<unknown>>();
  readonly #routes: Readonly<
    Record<string, { allow: string; answer: (request: Request) => Promise<Response> | Response }>
  >;
  #draining = false;

  /**
   * A server that has not started anything yet.
   *
   * @param options Whatever is to differ from {@linkcode DEFAULTS}.
   */
  constructor(options: Partial<EdgeOptions> = {}) {
    this.#options = { ...DEFAULTS, ...options };
    this.#held = new Held(this.#options.heldBytes);
    this.#host = new GpuHost(this.#options, this.#held, (kind, outcome, seconds) => {
      this.#metrics.add("jobs_total", { kind, outcome });
      this.#metrics.add("job_seconds_total", { kind }, seconds);
    });
    const get = (answer: () => Response) => ({ allow: "GET, HEAD", answer });
    const post = (kind: JobKind) => ({
      allow: "POST",
      answer: (request: Request) => this.#job(kind, request),
    });
    this.#routes = {
      "/init": post("init"),
      "/diagnose": post("diagnose"),
      "/train": post("train"),
      "/healthz": get(() => this.#health()),
      "/metrics": get(() => this.#metricsText()),
    };
  }

  /**
   * Answers a request; never throws.
   *
   * @param request Any.
   * @param info What the runtime tells of the connection.
   */
  readonly fetch = async (request: Request, info?: ConnectionInfo): Promise<Response> => {
    const began = performance.now(), { pathname } = new URL(request.url);
    const route = Object.hasOwn(this.#routes, pathname) ? pathname : "other";
    const answering = this.#answer(request, route);
    this.#watch(answering);
    if (info?.completed !== undefined) this.#watch(info.completed);
    const response = await answering;
    this.#metrics.add("requests_total", { route, status: response.status });
    this.#metrics.add("request_seconds_total", { route }, (performance.now() - began) / 1000);
    return response;
  };

  /**
   * Takes no more jobs, waits for those it has and for their answers to be fetched, and lets go of the GPU. Then the process may end at
   * once; if it is to live on, dispose of the server.
   */
  async drain(): Promise<void> {
    this.#draining = true;
    const limit = Promise.withResolvers<void>();
    const timer = setTimeout(limit.resolve, this.#options.drainMs);
    await Promise.race([this.#allAnswered(), limit.promise]);
    clearTimeout(timer);
    await this.#host.close();
  }

  /** Ends the worker, and with it whatever runs. */
  [Symbol.dispose](): void {
    this.#host[Symbol.dispose]();
  }

  async #allAnswered(): Promise<void> {
    do {
      await this.#host.idle();
      await Promise.allSettled(this.#open);
    } while (this.#open.size > 0);
  }

  async #answer(request: Request, route: string): Promise<Response> {
    try {
      if (route === "other") {
        throw new HttpError(404, "there is no such path", `use ${Object.keys(this.#routes).join(", ")}`);
      }
      const { allow, answer } = this.#routes[route];
      if (!allow.split(", ").includes(request.method)) {
        throw new HttpError(405, `${route} does not take that method`, `use ${allow}`, { allow });
      }
      const response = await answer(request);
      return request.method === "HEAD" ? new Response(null, response) : response;
    } catch (error) {
      if (error instanceof HttpError) return error.response;
      console.error(error);
      return new HttpError(500, "the server failed", "report it with the request").response;
    }
  }

  async #job(kind: JobKind, request: Request): Promise<Response> {
    const { bodyBytes, bodyMs, retryAfter } = this.#options;
    const again = { "retry-after": `${retryAfter}`, connection: "close" };
    if (this.#draining) throw new HttpError(503, "the server is ending", "ask another one", again);
    if (this.#held.full) throw holdsTooMuch(retryAfter);
    this.#host.checkRoom(); // before its body is read, which is most of the work of refusing it
    using share = this.#held.share();
    const limits = { bytes: bodyBytes[kind], ms: bodyMs, retryAfter };
    const body = await readBody(request, limits, this.#held, share);
    if (request.signal.aborted) throw clientGone();
    const { length, stream } = await this.#host.submit(kind, body, request.signal);
    const headers = new Headers({ "content-type": CONTENT[kind], "cache-control": "no-store" });
    if (length !== undefined) headers.set("content-length", `${length}`);
    return new Response(stream, { headers });
  }

  #health(): Response {
    const { queued, running } = this.#host;
    const status = this.#draining ? "draining" : "ok";
    return jsonLine({ status, queued, running }, this.#draining ? 503 : 200);
  }

  #metricsText(): Response {
    const { queued, running, memory, workers } = this.#host;
    const gauges = {
      queue_length: queued,
      jobs_running: running,
      gpu_buffers: memory.buffers,
      gpu_bytes: memory.bytes,
      held_bytes: this.#held.bytes,
      workers_started: workers,
    };
    const headers = {
      "content-type": "text/plain; version=0.0.4; charset=utf-8",
      "cache-control": "no-store",
    };
    return new Response(this.#metrics.text(gauges), { headers });
  }

  /** What must be over before the server may end. */
  #watch(promise: Promise<unknown>): void {
    const over = promise.catch(() => {}).finally(() => this.#open.delete(over));
    this.#open.add(over);
  }
}
