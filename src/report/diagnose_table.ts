/**
 * A diagnosis as a table for the terminal, with its findings under it.
 *
 * @module
 */
import type { Verdict } from "../diagnose/comparison.ts";
import type { DiagnosedLayer, Diagnosis } from "../diagnose/report_data.ts";
import { figure, NOTHING, percent, plain, shorten, wrap } from "./format.ts";

/** How the table is drawn. */
export interface DiagnoseTableOptions {
  /** Colours the verdicts with ANSI codes. Off unless asked for. */
  readonly color?: boolean;
  /** The widest line of the findings, in columns; 100 unless given. */
  readonly columns?: number;
}

/** A verdict in words. */
const WORDS: Record<Verdict, string> = {
  ok: "nothing found that keeps it from learning",
  warn: "it may not learn well",
  fail: "it cannot learn as it is",
};

/** The table's head. */
export const DIAGNOSIS_HEAD: readonly string[] = [
  "Layer",
  "Shape",
  "Distinct",
  "RMS z",
  "Predicted",
  "RMS gradient",
  "Predicted",
  "Cosine",
  "Rank",
  "Dead",
  "Saturated",
  "Update/weight",
];

/** Columns of text; the others are numbers, aligned on the right. */
const TEXT_COLUMNS = 2;

/** Longest name in the table. */
const LONGEST_NAME = 24;

/** Columns between two of the table. */
const GAP = "  ";

/** Columns that the findings' text is set in by. */
const INDENT = 6;

const ANSI = { ok: "32", warn: "33", fail: "31" } as const;

/**
 * The layers in a table, then the findings with their remedies, then the verdict.
 *
 * @param diagnosis What was found.
 * @param options Colours and width.
 */
export function diagnoseTable(diagnosis: Diagnosis, options: DiagnoseTableOptions = {}): string {
  const { findings, verdict } = diagnosis, { columns = 100 } = options;
  const paint = (severity: keyof typeof ANSI, text: string) =>
    options.color ? `\x1b[${ANSI[severity]}m${text}\x1b[39m` : text;
  const told = findings.flatMap(({ severity, message, remedy }) => {
    const lines = [
      ...wrap(plain(message), columns - INDENT, " "),
      ...wrap(`→ ${plain(remedy)}`, columns - INDENT, " "),
    ];
    return lines.map((line, i) =>
      i === 0 ? paint(severity, severity.padEnd(INDENT)) + line : " ".repeat(INDENT) + line
    );
  });
  return [
    ...table(diagnosis.layers),
    "",
    ...told,
    ...told.length > 0 ? [""] : [],
    `verdict ${paint(verdict, verdict)}: ${WORDS[verdict]}`,
  ].join("\n");
}

/** The table's lines; a column in which no layer has anything is left out. */
function table(layers: readonly DiagnosedLayer[]): string[] {
  const rows = layers.map((layer, i) => diagnosisCells(layer, i === layers.length - 1));
  const shown = DIAGNOSIS_HEAD.map((_, i) => i).filter((i) => rows.some((row) => row[i] !== NOTHING));
  const widths = shown.map((i) =>
    Math.max(DIAGNOSIS_HEAD[i].length, ...rows.map((row) => [...row[i]].length))
  );
  const line = (row: readonly string[]) =>
    shown.map((i, at) => i < TEXT_COLUMNS ? row[i].padEnd(widths[at]) : row[i].padStart(widths[at])).join(GAP)
      .trimEnd();
  return [line(DIAGNOSIS_HEAD), widths.map((width) => "─".repeat(width)).join(GAP), ...rows.map(line)];
}

/**
 * What a layer's row holds, in the order of the table's head.
 *
 * @param layer The layer.
 * @param isLast Whether it is the last one: its outputs have a label each, and are never clones.
 */
export function diagnosisCells(layer: DiagnosedLayer, isLast: boolean): string[] {
  const { name, shape, effectiveWidth, secondMoment, gradientMoment, predicted, cosine } = layer;
  return [
    shorten(plain(name), LONGEST_NAME),
    shape.join(" × "),
    isLast ? NOTHING : `${effectiveWidth}/${shape[0]}`,
    figure(root(secondMoment)),
    known(root(predicted?.secondMoment)),
    known(root(gradientMoment)),
    known(root(predicted?.gradientMoment)),
    known(cosine),
    known(layer.effectiveRank),
    layer.dead === null ? NOTHING : percent(layer.dead.length / shape[0]),
    layer.saturated === null ? NOTHING : percent(layer.saturated),
    known(layer.updateRatio),
  ];
}

function root(moment: number | null | undefined): number | null {
  return moment === null || moment === undefined ? null : Math.sqrt(moment);
}

function known(value: number | null): string {
  return value === null ? NOTHING : figure(value);
}
