/// <reference lib="dom" />
/**
 * The page: form, worker and views held together, and what is said where something is missing.
 *
 * @module
 */
import { html } from "../../src/report/html.ts";
import { counted } from "../../src/report/format.ts";
import { byId, Form } from "./form.ts";
import type { PackedData } from "./packed_data.ts";
import type { News, Order } from "./protocol.ts";
import { hear, newSession, progressOf, type Session } from "./session.ts";
import { checkFields, readLink, type Settings, writeLink } from "./settings.ts";
import { showEmpty, showFrame, showSession, showSwatches, showWeights } from "./views.ts";
import { sentence } from "./words.ts";

/** A worker that has not stopped by itself after so many milliseconds is ended. */
const PATIENCE_MS = 4000;

const NO_WEBGPU =
  "It is on in Chrome and Edge from version 113, in Safari from 26 and in Firefox from 141 on Windows; " +
  "elsewhere it may have to be turned on in the browser's settings. The command does without a browser: deno task compare.";

const form = new Form(onChange, start);
const workerUrl = URL.createObjectURL(new Blob([byId("worker").textContent!], { type: "text/javascript" }));
const data: Record<string, PackedData> = JSON.parse(byId("data-sets").textContent!);
let session: Session | undefined, worker: Worker | undefined;

showSwatches();
follow();
byId("stop").addEventListener("click", stop);
byId("link").addEventListener("click", () => void copyLink());
globalThis.addEventListener("hashchange", follow);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);

/** Takes the settings from the address. */
function follow(): void {
  const link = readLink(location.hash);
  form.fill(link.fields);
  onChange();
  if (!isWebGpuThere()) return;
  if (link.train) start();
}

function isWebGpuThere(): boolean {
  if ("gpu" in navigator) return true;
  byId<HTMLButtonElement>("train").disabled = true;
  problem(
    "This browser has no WebGPU",
    isSecureContext
      ? NO_WEBGPU
      : "It is kept from pages without encryption: open this one by https, or on localhost.",
  );
  return false;
}

/** Checks as one types; the address follows once everything is right. */
function onChange(): void {
  const fields = form.read(), checked = checkFields(fields);
  form.show("problems" in checked ? checked.problems : {});
  if ("problems" in checked) return;
  history.replaceState(null, "", `#${writeLink({ fields, train: false })}`);
  if (worker !== undefined) return;
  if (session === undefined) showEmpty(checked.settings.inits);
  else status(isSame(session.settings, checked.settings) ? "" : "Settings have changed: press Train to see.");
}

function isSame(a: Settings, b: Settings): boolean {
  const text = (settings: Settings) => JSON.stringify({ ...settings, seed: `${settings.seed}` });
  return text(a) === text(b);
}

function start(): void {
  const checked = checkFields(form.read());
  if ("problems" in checked) {
    form.show(checked.problems);
    return form.focusWrong();
  }
  worker?.terminate();
  const current = session = newSession(checked.settings),
    own = worker = new Worker(workerUrl, { type: "module" });
  own.onmessage = ({ data: news }: MessageEvent<News>) => worker === own && onNews(current, news);
  own.onerror = ({ message }) =>
    worker === own && onNews(current, { kind: "failed", name: "Error", message });
  byId("problem").hidden = true;
  showFrame(current);
  running(true);
  status("Opening the GPU …");
  send({ kind: "train", settings: current.settings, data: data[current.settings.data] });
}

function send(order: Order): void {
  worker?.postMessage(order);
}

function onNews(current: Session, news: News): void {
  hear(current, news);
  byId<HTMLProgressElement>("progress").value = progressOf(current);
  if (news.kind === "opened") {
    byId("adapter").textContent = `This one: ${news.adapter}.`;
    status("Drawing the first weights …");
  }
  if (news.kind === "failed" && news.side === undefined) return onFailure(news.name, news.message);
  showSession(current);
  if (news.kind === "epoch") {
    void showWeights(current, news.side);
    status(`Epoch ${news.epoch.epoch} of ${current.settings.epochs}`);
  }
  if (news.kind === "done") end(news.stopped ? "Stopped." : doneWords(current));
}

function doneWords({ settings, trainRows }: Session): string {
  return `Done: ${counted(settings.epochs, "epoch")} of ${counted(trainRows, "row")}.`;
}

function onFailure(name: string, message: string): void {
  end("");
  if (name === "NoAdapterError") problem("This browser finds no GPU for WebGPU", NO_WEBGPU);
  else problem("The training has failed", sentence(message));
}

function problem(title: string, text: string): void {
  const place = byId("problem");
  place.hidden = false;
  place.innerHTML = html`
    <h2>${title}</h2>
    <p>${text}</p>
  `.text;
}

function stop(): void {
  const own = worker;
  send({ kind: "stop" });
  status("Stopping …");
  setTimeout(() => {
    if (worker === own && own !== undefined) end("Stopped.");
  }, PATIENCE_MS);
}

/** Ends the worker: its GPU and all buffers go with it. */
function end(words: string): void {
  worker?.terminate();
  worker = undefined;
  running(false);
  status(words);
}

function running(isRunning: boolean): void {
  const hadFocus = document.activeElement === byId("stop");
  byId<HTMLButtonElement>("stop").disabled = !isRunning;
  byId("progress").hidden = !isRunning;
  byId<HTMLProgressElement>("progress").value = 0;
  byId("train").textContent = isRunning ? "Start again" : "Train";
  if (!isRunning && hadFocus) byId("train").focus(); // a disabled button would lose it
}

function status(words: string): void {
  byId("status").textContent = words;
}

/** A link with the settings of the form; where something was trained, it trains at once. */
async function copyLink(): Promise<void> {
  const hash = writeLink({ fields: form.read(), train: session !== undefined });
  const link = `${location.href.split("#")[0]}#${hash}`;
  try {
    await navigator.clipboard.writeText(link);
    status("The link is copied.");
  } catch {
    history.replaceState(null, "", `#${hash}`);
    status("The link is in the address bar.");
  }
}

function repaint(): void {
  if (session === undefined) return;
  void showWeights(session, 0);
  void showWeights(session, 1);
}
