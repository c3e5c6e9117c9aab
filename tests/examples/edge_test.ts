import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { Edge } from "../../examples/edge/edge.ts";
import { DEFAULTS, type EdgeOptions } from "../../examples/edge/options.ts";
import { parseTrainRequest } from "../../examples/edge/train_request.ts";
import { InputError } from "../../src/gpu/errors.ts";
import { delay, eventsOf, fileOf, hostile, metric, recipe, withShape, XOR } from "./edge_fixture.ts";

/** The server as a plain handler in this process, ended with its scope; of its own, with a worker that has planted faults. */
function open(options: Partial<EdgeOptions> = {}, faults = false) {
  const worker = () => new Worker(new URL("./edge_faults.ts", import.meta.url), { type: "module" });
  const edge = new Edge({ drainMs: 3000, ...faults && { worker, graceMs: 100 }, ...options });
  const post = (path: string, body: BodyInit, signal?: AbortSignal) =>
    edge.fetch(new Request(`http://edge${path}`, { method: "POST", body, signal }));
  const get = (path: string) => edge.fetch(new Request(`http://edge${path}`));
  return {
    edge,
    post,
    get,
    metric: async (name: string) => metric(await (await get("/metrics")).text(), name),
    /** Waits until a figure of the metrics is this one. */
    until: async (name: string, value: number) => {
      while (metric(await (await get("/metrics")).text(), name) !== value) await delay(5);
    },
    [Symbol.asyncDispose]: async () => {
      await edge.drain();
      edge[Symbol.dispose]();
    },
  };
}

async function refusal(response: Response): Promise<{ error: string; remedy: string }> {
  const text = await response.text();
  assertEquals(text.split("\n").length, 2, "one line");
  const { error, remedy, ...rest } = JSON.parse(text);
  assertEquals([typeof error, typeof remedy, rest], ["string", "string", {}]);
  return { error, remedy };
}

const LONG = JSON.stringify({ ...XOR, epochs: 1000, batch: 1 });

Deno.test("edge: what cannot be answered is refused in one line with its remedy, and nothing stays behind", async () => {
  await using server = open();
  for (const [path, body, status, says] of await hostile()) {
    const response = await server.post(path, body);
    const { error, remedy } = await refusal(response);
    assertEquals([response.status, error.length < 500], [status, true], `${path} ${error}`);
    assertStringIncludes(`${error}; ${remedy}`, says);
  }
  assertEquals(await server.metric("gpu_buffers"), 0);
  assertEquals(await server.metric("held_bytes"), 0);
  assertEquals(await server.metric("workers_started"), 1, "no input costs a worker");
});

Deno.test("edge: a shard of a tensor too large for any machine is drawn, where its elements are drawn one by one", async () => {
  await using server = open();
  const shard = withShape("[2147483648,1048575]").replace(
    '"tensors"',
    '"range":[2000000000000000,2000000000000003],"tensors"',
  );
  const response = await server.post("/init", shard);
  assertEquals([response.status, (await response.bytes()).length % 8], [200, 4]);
  for (const change of [['"philox"', '"mt19937"'], ['"normal"', '"orthogonal"']]) {
    assertEquals(
      (await refusal(await server.post("/init", shard.replace(change[0], change[1])))).error.length > 0,
      true,
    );
  }
});

Deno.test("edge: bodies have a size and a time, also where they do not say how long they are", async () => {
  await using server = open({ bodyMs: 100, bodyBytes: { ...DEFAULTS.bodyBytes, init: 100 } });
  const stream = (chunks: number, end: boolean) =>
    new ReadableStream({
      start(controller) {
        for (let i = 0; i < chunks; i++) controller.enqueue(new Uint8Array(60));
        if (end) controller.close();
      },
    });
  const announced = new Request("http://edge/init", {
    method: "POST",
    body: "x",
    headers: { "content-length": "101" },
  });
  for (const request of [server.edge.fetch(announced), server.post("/init", stream(2, true))]) {
    assertEquals((await request).status, 413);
  }
  assertEquals((await server.post("/init", stream(1, false))).status, 408);
  assertEquals(await server.metric("held_bytes"), 0);
});

Deno.test("edge: a server that holds too many bytes takes no more until they are fetched or given up", async () => {
  await using server = open({ heldBytes: 50_000, fetchMs: 300 });
  const unread = await server.post("/init", recipe(0, "torch_linear", [200, 100, 10]));
  assertEquals(unread.status, 200);
  await server.until('jobs_total{kind="init",outcome="done"}', 1);
  const refused = await server.post("/init", recipe());
  assertEquals([refused.status, refused.headers.get("retry-after")], [429, "1"]);
  await refusal(refused);
  await delay(350);
  await assertRejects(() => unread.bytes(), Error, "not fetched");
  assertEquals((await (await server.post("/init", recipe())).bytes()).length, (await fileOf()).length);
});

Deno.test("edge: a job that runs too long is 504, its worker is replaced, health is answered meanwhile", async () => {
  await using server = open({ jobMs: 300 }, true);
  const spinning = server.post("/init", "spin");
  const began = performance.now();
  assertEquals((await server.get("/healthz")).status, 200);
  assert(performance.now() - began < 50);
  const late = await spinning;
  assertEquals([late.status, (await refusal(late)).error], [504, "the job took longer than 0.3 s"]);
});

Deno.test("edge: a training too long is stopped between its steps, with an event that says so", async () => {
  await using server = open({ jobMs: 3000 });
  // A first training compiles the kernels, which is no step.
  await (await server.post("/train", JSON.stringify({ ...XOR, epochs: 1, batch: 1 }))).text();
  const events = eventsOf(await (await server.post("/train", LONG)).text());
  const last = events[events.length - 1];
  assertEquals([events[0].event, events[1].event, last.event], ["begin", "epoch", "error"]);
  assertEquals(last.data.error, "the job took longer than 3 s");
  assertEquals(await (await server.post("/init", recipe())).bytes(), await fileOf());
  assertEquals([await server.metric("gpu_buffers"), await server.metric("workers_started")], [0, 1]);
});

for (const [fault, says] of [["die", "the GPU worker has died"], ["lose", "the GPU has failed"]]) {
  Deno.test(`edge: a worker that is told to ${fault} costs its job a 503, and the next one works`, async () => {
    await using server = open({}, true);
    assertEquals(await (await server.post("/init", recipe())).bytes(), await fileOf());
    const failed = await server.post("/init", fault);
    assertEquals([failed.status, failed.headers.get("retry-after")], [503, "1"]);
    assertStringIncludes((await refusal(failed)).error, says);
    assertEquals(await (await server.post("/init", recipe())).bytes(), await fileOf());
    assertEquals(await server.metric("workers_started"), 2);
  });
}

Deno.test("edge: a full queue answers 429 with Retry-After; who waits goes on when the client before goes away", async () => {
  await using server = open({ queue: 1 }, true);
  const away = new AbortController(), spinning = server.post("/init", "spin", away.signal);
  await server.until("jobs_running", 1);
  const waiting = server.post("/init", recipe());
  await server.until("queue_length", 1);
  const refused = await server.post("/init", recipe());
  assertEquals([refused.status, refused.headers.get("retry-after")], [429, "1"]);
  assertEquals((await refusal(refused)).error, "1 jobs wait already");
  away.abort();
  assertEquals((await spinning).status, 499);
  assertEquals(await (await waiting).bytes(), await fileOf());
});

Deno.test("edge: a client that goes away while it waits leaves the queue", async () => {
  await using server = open({}, true);
  const first = new AbortController(), second = new AbortController();
  const spinning = server.post("/init", "spin", first.signal);
  await server.until("jobs_running", 1);
  const waiting = server.post("/init", recipe(), second.signal);
  await server.until("queue_length", 1);
  second.abort();
  assertEquals([(await waiting).status, await server.metric("queue_length")], [499, 0]);
  first.abort();
  await spinning;
});

Deno.test("edge: a client that stops reading events stops its training, and the worker lives on", async () => {
  await using server = open();
  const reader = (await server.post("/train", LONG)).body!.getReader();
  await reader.read();
  await reader.read();
  await reader.cancel();
  assertEquals(await (await server.post("/init", recipe())).bytes(), await fileOf());
  assertEquals(await server.metric('jobs_total{kind="train",outcome="stopped"}'), 1);
  assertEquals([await server.metric("gpu_buffers"), await server.metric("workers_started")], [0, 1]);
});

Deno.test("edge: draining finishes what was accepted and refuses the rest", async () => {
  await using server = open();
  const running = await server.post("/train", JSON.stringify({ ...XOR, epochs: 20 }));
  const waiting = server.post("/init", recipe());
  await server.until("queue_length", 1);
  const drained = server.edge.drain();
  const [refused, health] = [await server.post("/init", recipe()), await server.get("/healthz")];
  assertEquals([refused.status, health.status, (await health.json()).status], [503, 503, "draining"]);
  assertStringIncludes((await refusal(refused)).error, "ending");
  assertEquals(eventsOf(await running.text()).at(-1)!.event, "end");
  assertEquals(await (await waiting).bytes(), await fileOf());
  await drained;
});

Deno.test("edge: draining has an end, whatever runs", async () => {
  await using server = open({ drainMs: 200 }, true);
  const spinning = server.post("/init", "spin");
  await server.until("jobs_running", 1);
  await server.edge.drain();
  assertEquals((await spinning).status, 503);
});

Deno.test("edge: any JSON is a training job or an InputError", () => {
  const parse = (text: string) => {
    try {
      return parseTrainRequest(new TextEncoder().encode(text), DEFAULTS.limits);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
    }
  };
  fc.assert(fc.property(fc.json(), (text) => void parse(text)), { numRuns: 200 });
  const change = fc.tuple(
    fc.constantFrom(
      "features",
      "labels",
      "classes",
      "hidden",
      "seed",
      "lr",
      "init",
      "optimizer",
      "batch",
      "epochs",
    ),
    fc.jsonValue(),
  );
  fc.assert(
    fc.property(change, ([name, value]) => void parse(JSON.stringify({ ...XOR, [name]: value }))),
    { numRuns: 500 },
  );
});
