import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { DeviceData, Evaluator, key, Mlp, sgd, torchLinear, Trainer } from "@fanin/fanin";
import { faninHere, temporaryFolder } from "../cli/run.ts";
import { testGpu } from "../gpu_fixture.ts";
import { delay, eventsOf, fileOf, hostile, metric, recipe, XOR } from "./edge_fixture.ts";
import { serve, type Served } from "./edge_served.ts";
import type { Probed } from "./health_probe.ts";

let shared: Promise<Served> | undefined;

/** The file's server, started when it is first asked for. */
function server(): Promise<Served> {
  return shared ??= serve();
}

Deno.test.afterAll(async () => await (await shared)?.[Symbol.asyncDispose]());

async function post(path: string, body: BodyInit, signal?: AbortSignal): Promise<Response> {
  return await fetch(`${(await server()).url}${path}`, { method: "POST", body, signal });
}

async function metrics(): Promise<string> {
  return await (await fetch(`${(await server()).url}/metrics`)).text();
}

Deno.test("edge_worker: POST /init gives the library's bytes, with their number", async () => {
  for (
    const [seed, init, layers] of [[0, "normal:2", [784, 512, 10]], [1, "orthogonal", [20, 16, 3]]] as const
  ) {
    const response = await post("/init", recipe(seed, init, [...layers])), bytes = await response.bytes();
    assertEquals([response.status, response.headers.get("content-length")], [200, `${bytes.length}`]);
    assertEquals(bytes, await fileOf(seed, init, [...layers]));
  }
});

Deno.test("edge_worker: POST /diagnose gives what fanin diagnose --json prints", async () => {
  await using folder = await temporaryFolder();
  for (const init of ["ones", "kaiming_normal"]) {
    const file = await fileOf(0, init), path = `${folder.path}/w.safetensors`;
    await Deno.writeFile(path, file);
    const { stdout } = await faninHere(["diagnose", path, "--data", "normal", "--json"]);
    const { source, ...expected } = JSON.parse(stdout), given = await (await post("/diagnose", file)).json();
    assertEquals(given, { ...expected, source: source.slice(path.length + 2) });
  }
});

Deno.test("edge_worker: POST /train streams an event an epoch, with the library's losses", async () => {
  const response = await post(
    "/train",
    JSON.stringify({ ...XOR, hidden: [8], lr: 0.5, batch: 3, epochs: 4, seed: "7" }),
  );
  assertEquals(response.headers.get("content-type"), "text/event-stream");
  const events = eventsOf(await response.text()), gpu = await testGpu();
  const features = Float32Array.from(XOR.features.flat()), labels = Uint32Array.from(XOR.labels);
  using data = new DeviceData(gpu, { name: "xor", features, labels, rows: 4, columns: 2, classes: 2 });
  using network = new Mlp(gpu, [2, 8, 2]);
  await network.initialize(torchLinear(), key(7));
  using evaluator = await Evaluator.make(gpu, network, data);
  const optimizer = sgd({ lr: 0.5, momentum: 0.9 });
  using trainer = await Trainer.make(gpu, network, data, { optimizer, batch: 3, shuffle: key(7) });
  const epochs = [];
  for (let epoch = 1; epoch <= 4; epoch++) {
    await trainer.epoch();
    epochs.push({ epoch, ...await evaluator.score() });
  }
  assertEquals(events.map(({ event }) => event), ["begin", "epoch", "epoch", "epoch", "epoch", "end"]);
  assertEquals(events.slice(1, 5).map(({ data }) => data), epochs);
  const { seconds, ...end } = events[5].data;
  assertEquals([typeof seconds, end], ["number", { adapter: gpu.adapter.name, parameters: 42, epochs }]);
  assertEquals(events[0].data, { adapter: gpu.adapter.name, parameters: 42, steps: 8 });
});

Deno.test("edge_worker: health, metrics, unknown paths and wrong methods", async () => {
  const { url } = await server();
  const health = await fetch(`${url}/healthz`);
  assertEquals([health.status, await health.json()], [200, { status: "ok", queued: 0, running: 0 }]);
  const text = await metrics();
  for (const line of text.trimEnd().split("\n")) {
    assert(/^(# TYPE \w+ (counter|gauge)|\w+(\{[^}]+\})? [\d.e-]+)$/.test(line), line);
  }
  assertStringIncludes(text, 'fanin_edge_requests_total{route="/init",status="200"} 2');
  const table = [
    ["GET", "/init", 405, "POST"],
    ["DELETE", "/healthz", 405, "GET, HEAD"],
    ["HEAD", "/healthz", 200, null],
    ["GET", "/__proto__", 404, null],
    ["POST", "/constructor", 404, null],
    ["GET", "/", 404, null],
  ] as const;
  for (const [method, path, status, allow] of table) {
    const response = await fetch(`${url}${path}`, { method });
    assertEquals([response.status, response.headers.get("allow")], [status, allow], `${method} ${path}`);
    const answer = await response.text();
    if (status !== 200) assertEquals(Object.keys(JSON.parse(answer)), ["error", "remedy"]);
  }
  assert(!(await metrics()).includes("constructor"), "a client adds no label");
});

/** One client among many: asks until it is let in, and says what was wrong with the answer. */
type Client = () => Promise<string | undefined>;

/** How often a client was told to come again. */
const told = { again: 0 };

async function patiently(path: string, body: BodyInit): Promise<Response> {
  for (;;) {
    const response = await post(path, body);
    if (response.status !== 429) return response;
    told.again++;
    await response.body?.cancel();
    await delay(1000 * Number(response.headers.get("retry-after")) * (0.5 + Math.random()));
  }
}

async function goodClients(): Promise<Client[]> {
  const seeds = [0, 1, 2, 3], inits = ["torch_linear", "normal:2", "trunc_normal", "orthogonal"];
  const recipes = await Promise.all(
    seeds.flatMap((seed) =>
      inits.map(async (init) => ({ text: recipe(seed, init), file: await fileOf(seed, init) }))
    ),
  );
  const verdict = await (await post("/diagnose", recipes[0].file)).text();
  const training = JSON.stringify({ ...XOR, epochs: 3 });
  const drawn = Array.from({ length: 80 }, (_, i): Client => async () => {
    const { text, file } = recipes[i % recipes.length],
      bytes = await (await patiently("/init", text)).bytes();
    return same(bytes, file) ? undefined : `init ${i}: ${bytes.length} other bytes`;
  });
  const judged = Array.from({ length: 10 }, (): Client => async () => {
    const text = await (await patiently("/diagnose", recipes[0].file)).text();
    return text === verdict ? undefined : `diagnose: ${text}`;
  });
  const trained = Array.from({ length: 10 }, (): Client => async () => {
    const events = eventsOf(await (await patiently("/train", training)).text());
    return events.length === 5 && events[4].event === "end" ? undefined : `train: ${events.length} events`;
  });
  return [...drawn, ...judged, ...trained];
}

async function hostileClients(): Promise<Client[]> {
  const { url, port } = await server(), requests = await hostile();
  const refused = Array.from({ length: 80 }, (_, i): Client => async () => {
    const [path, body, status, says] = requests[i % requests.length];
    const response = await patiently(path, body), text = await response.text();
    return response.status === status && text.includes(says.slice(0, 8))
      ? undefined
      : `${path}: ${response.status} ${text}`;
  });
  const leaving = Array.from({ length: 10 }, (_, i): Client => async () => {
    const signal = AbortSignal.timeout(10 + 30 * i);
    const body = JSON.stringify({ ...XOR, epochs: 1000, batch: 1 });
    await post("/train", body, signal).then((response) => response.text()).catch(() => {});
    return undefined;
  });
  const stalling = Array.from({ length: 5 }, (): Client => async () => {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port });
    await connection.write(
      new TextEncoder().encode("POST /init HTTP/1.1\r\nhost: x\r\ncontent-length: 99\r\n\r\n{"),
    );
    await delay(1000);
    return undefined;
  });
  const lost = Array.from({ length: 5 }, (): Client => async () => {
    const response = await fetch(`${url}/nowhere`, { method: "POST", body: new Uint8Array(1000) });
    return JSON.parse(await response.text()).remedy.includes("/init") ? undefined : "no remedy";
  });
  return [...refused, ...leaving, ...stalling, ...lost];
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** Health, asked for from a process of its own for as long as the scope lasts. */
async function probe() {
  const args = ["run", "--allow-net", "tests/examples/health_probe.ts", (await server()).url];
  const child = new Deno.Command(Deno.execPath(), {
    args,
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  await delay(500); // it compiles
  return async () => {
    await child.stdin.close();
    const { milliseconds, late }: Probed = await new Response(child.stdout).json();
    await child.status;
    return { took: milliseconds.toSorted((a, b) => a - b), late };
  };
}

Deno.test("edge_worker: 200 clients at once, half of them hostile: no wrong byte, no leak, health throughout", async () => {
  const clients = [...await goodClients(), ...await hostileClients()];
  assertEquals(clients.length, 200);
  const before = await metrics(), health = await probe(), began = performance.now();
  const wrong = (await Promise.all(clients.map((client) => client()))).filter((text) => text !== undefined);
  const seconds = (performance.now() - began) / 1000, { took, late } = await health();
  assertEquals(wrong, []);
  while (metric(await metrics(), "jobs_running") > 0) await delay(10);
  const after = await metrics();
  for (const name of ["gpu_buffers", "gpu_bytes", "held_bytes", "queue_length", "workers_started"]) {
    assertEquals([name, metric(after, name)], [name, metric(before, name)]);
  }
  const at = (part: number) => took[Math.floor(part * (took.length - 1))].toFixed(1);
  console.log(
    `200 clients in ${seconds.toFixed(1)} s, ${told.again} times 429; health ${took.length} times: median ${
      at(0.5)
    } ms, 99% ${at(0.99)} ms, slowest ${at(1)} ms; the probe itself late by ${late.toFixed(1)} ms at most`,
  );
  // The slowest falls into the burst in which 200 clients connect. The server is not to blame for what holds the probe up as well.
  assert(
    took.length > 50 && took.at(-1)! < 50 + late,
    `${took.length} answers, the slowest within ${at(1)} ms`,
  );
});

Deno.test("edge_worker: SIGTERM finishes what runs, refuses the rest, and ends with status 0", async () => {
  await using one = await serve();
  const send = (path: string, body: string) => fetch(`${one.url}${path}`, { method: "POST", body });
  const running = await send("/train", JSON.stringify({ ...XOR, epochs: 30 }));
  const waiting = send("/init", recipe(0, "normal", [784, 512, 10]));
  await delay(50);
  one.terminate();
  await delay(50);
  // `deno serve` closes its port by itself; on a connection that is still open the server says so.
  const refused = await send("/init", recipe()).then(({ status }) => status, () => "no connection");
  assert(refused === 503 || refused === "no connection", `${refused}`);
  assertEquals(eventsOf(await running.text()).at(-1)!.event, "end");
  assertEquals(await (await waiting).bytes(), await fileOf(0, "normal", [784, 512, 10]));
  const { code, said } = await one.ended();
  assertEquals(code, 0, said);
});
