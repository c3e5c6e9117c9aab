/**
 * The edge server as a person starts it: the command in the head of `examples/edge_worker.ts`, with a port of its own.
 *
 * @module
 */
import { assert } from "@std/assert";

/** A server that is running. */
export interface Served extends AsyncDisposable {
  /** "http://127.0.0.1:1234" */
  readonly url: string;
  readonly port: number;
  /** Asks it to end. */
  terminate(): void;
  /** Its exit status and what it said. */
  ended(): Promise<{ code: number; said: string }>;
}

/** Starts the server. */
export async function serve(): Promise<Served> {
  const text = Deno.readTextFileSync("examples/edge_worker.ts");
  const line = /deno (serve .*--port) 8000 (.*)/.exec(text);
  assert(line !== null, "the example says how it is started");
  assert(!/ -A|--allow-all/.test(line[1]), "with no more permissions than it needs");
  const args = [...line[1].split(" "), "0", "--host=127.0.0.1", "--no-prompt", line[2]];
  const child = new Deno.Command(Deno.execPath(), { args, stdin: "null", stdout: "piped", stderr: "piped" })
    .spawn();
  const output = collect(child.stdout), errors = collect(child.stderr);
  const port = Number(await errors.find(/Listening on http:\/\/[^:]+:(\d+)/));
  const ended = async () => {
    const { code } = await child.status;
    return { code, said: await output.all + await errors.all };
  };
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    terminate: () => child.kill("SIGTERM"),
    ended,
    [Symbol.asyncDispose]: async () => {
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended.
      }
      await ended();
    },
  };
}

/** Text as it arrives, and all of it. */
function collect(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
  let text = "", wake = () => {};
  const all = (async () => {
    for await (const part of stream.pipeThrough(new TextDecoderStream())) {
      text += part;
      wake();
    }
    wake();
    return text;
  })();
  let over = false;
  all.then(() => over = true);
  const find = async (pattern: RegExp): Promise<string> => {
    for (;;) {
      const found = pattern.exec(text);
      if (found !== null) return found[1];
      assert(!over, text);
      await new Promise<void>((resolve) => wake = resolve);
    }
  };
  return { all, find };
}
