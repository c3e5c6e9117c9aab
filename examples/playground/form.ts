/// <reference lib="dom" />
/**
 * The form: texts in, texts out, and what is wrong beside the field it is wrong in.
 *
 * @module
 */
import { ACTIVATION_NAMES } from "@fanin/fanin/nn";
import type { FieldName, Fields, Problems } from "./settings.ts";

/** Initialisers to choose from; any other one can be typed. */
const CHOICES: Readonly<Record<string, readonly string[]>> = {
  "Made for learning": [
    "torch_linear",
    "kaiming_normal",
    "kaiming_uniform",
    "xavier_uniform",
    "xavier_normal",
    "lecun_normal",
    "orthogonal",
    "zero_hadamard",
    "looks_linear",
  ],
  "Worth a doubt": ["normal:1", "normal:0.01", "uniform:0,1", "trunc_normal:0.02", "sparse:0.9", "eye"],
  "Clones": ["zeros", "ones", "constant:0.05"],
};

/** The value of the choice to type a name. */
const OWN = "…";

/** The two fields that are a choice with a text beside it. */
const INITS: readonly FieldName[] = ["a", "b"];

/** The element of an id; the page has it. */
export function byId<T extends HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

/** The form of the page. */
export class Form {
  readonly #form = byId<HTMLFormElement>("form");
  readonly #inputs = [...this.#form.querySelectorAll<HTMLInputElement | HTMLSelectElement>("[data-field]")];

  /**
   * Fills the lists.
   *
   * @param onChange Is called when a person changes a field.
   * @param onSubmit Is called when training is asked for.
   */
  constructor(onChange: () => void, onSubmit: () => void) {
    byId("activation").append(...ACTIVATION_NAMES.map((name) => new Option(name, name)));
    for (const name of INITS) byId(name).append(...choices());
    this.#form.addEventListener("input", ({ target }) => {
      this.#showOwn(target === byId("a") || target === byId("b") ? target as HTMLElement : undefined);
      onChange();
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      onSubmit();
    });
  }

  /** What the fields hold. */
  read(): Fields {
    const texts = this.#inputs.map((input) => [input.dataset.field, input.value]);
    const fields = Object.fromEntries(texts) as Fields;
    for (const name of INITS) if (fields[name] === OWN) fields[name] = ownInput(name).value;
    return fields;
  }

  /** Puts texts into the fields. */
  fill(fields: Fields): void {
    for (const input of this.#inputs) {
      const name = input.dataset.field as FieldName;
      input.value = fields[name];
      // A select without the value shows nothing: its text stays to be seen, and to be found wrong.
      if (input instanceof HTMLSelectElement && input.value !== fields[name]) {
        if (INITS.includes(name)) [input.value, ownInput(name).value] = [OWN, fields[name]];
        else input.add(new Option(fields[name], fields[name], true, true));
      }
    }
    this.#showOwn();
  }

  /** Says what is wrong beside the fields, and nothing beside the others. */
  show(problems: Problems): void {
    for (const input of this.#inputs) {
      const name = input.dataset.field as FieldName, place = byId(`${name}-wrong`);
      const target = INITS.includes(name) && input.value === OWN ? ownInput(name) : input;
      place.textContent = problems[name] ?? "";
      input.removeAttribute("aria-invalid");
      if (problems[name] === undefined) {
        target.removeAttribute("aria-invalid");
        continue;
      }
      target.setAttribute("aria-invalid", "true");
      target.setAttribute("aria-errormessage", place.id);
    }
  }

  /** Moves the focus to the first field that is wrong. */
  focusWrong(): void {
    this.#form.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }

  /** A text field beside the choice to type a name, which gets the focus where the choice has just been made. */
  #showOwn(chosen?: HTMLElement): void {
    for (const name of INITS) {
      const select = byId<HTMLSelectElement>(name), own = ownInput(name), isOwn = select.value === OWN;
      own.closest<HTMLElement>(".own")!.hidden = !isOwn;
      if (isOwn && chosen === select) own.focus();
    }
  }
}

function ownInput(name: FieldName): HTMLInputElement {
  return byId<HTMLInputElement>(`${name}-own`);
}

function choices(): HTMLElement[] {
  const groups = Object.entries(CHOICES).map(([label, names]) => {
    const group = document.createElement("optgroup");
    group.label = label;
    group.append(...names.map((name) => new Option(name, name)));
    return group;
  });
  return [...groups, new Option("another one …", OWN)];
}
