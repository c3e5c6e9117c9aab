/**
 * A page of its own: one HTML file with its style and its pictures inside, that needs no network.
 *
 * @module
 */

import { type Content, escape, Html, html } from "./html.ts";
import { lookCss } from "./series.ts";

/** One of the pictures in a figure. */
export interface PanelContent {
  /** Says which of the figure's pictures this is. */
  heading?: string;
  /** The text of an `<svg>`. */
  svg: string;
}

/**
 * A figure: a heading, one picture or several, and a caption.
 *
 * @param title What the figure shows.
 * @param caption How to read it.
 * @param panels The pictures.
 */
export function figureHtml(title: string, caption: string, panels: readonly PanelContent[]): Html {
  const pictures = panels.map((panel) =>
    html`<div class="panel">${panel.heading ? html`<h3>${panel.heading}</h3>` : ""}${new Html(
      panel.svg,
    )}</div>`
  );
  return html`
    <figure aria-label="${title}" ${new Html(panels.length > 1 ? ' class="row"' : "")}>
      <figcaption>
        <h2>${title}</h2>
        <p>${caption}</p>
      </figcaption>
      <div class="panels">${pictures}</div>
    </figure>
  `;
}

/** A table's column. */
export interface Column {
  /** What it holds. */
  head: string;
  /** Numbers stand to the right, words to the left. */
  number?: boolean;
}

/**
 * A table whose first column names the rows. It scrolls by itself where it is too wide.
 *
 * @param caption What the table holds.
 * @param columns Its columns.
 * @param rows Its rows, one content a column.
 */
export function tableHtml(
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly Content[])[],
): Html {
  const side = (i: number): Html => new Html(columns[i].number ? ' class="number"' : "");
  const head = columns.map((column, i) =>
    html`
      <th scope="col" ${side(i)}>${column.head}</th>
    `
  );
  const body = rows.map((row) => {
    const cells = row.map((cell, i) =>
      i === 0 ? html`<th scope="row">${cell}</th>` : html`<td${side(i)}>${cell}</td>`
    );
    return html`<tr>${cells}</tr>`;
  });
  return html`
    <div class="scroll" role="region" aria-label="${caption}" tabindex="0">
      <table>
        <caption>${caption}</caption>
        <thead>
          <tr>${head}</tr>
        </thead>
        <tbody>
    ${body}
        </tbody>
      </table>
    </div>
  `;
}

/**
 * The whole document.
 *
 * @param title The document's title.
 * @param body What it shows.
 */
export function page(title: string, body: Html): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="color-scheme" content="light dark">
<title>${escape(title)}</title>
<style>${CSS}</style>
</head>
<body>
${body.text}
</body>
</html>
`;
}

const LIGHT = "--paper:#fff;--ink:#1b1c1e;--quiet:#5d6168;--rule:#e6e7ea;--axis:#b3b7bd;--shade:#f6f7f8;" +
  "--accent:#0b5cad;--ok:#00735a;--warn:#8a5a00;--fail:#b3261e;";
const DARK = "--paper:#141518;--ink:#ececee;--quiet:#a2a7af;--rule:#2b2d32;--axis:#5a5e66;--shade:#1b1d21;" +
  "--accent:#7db8f5;--ok:#3ecfa0;--warn:#e8b04a;--fail:#ff8a80;";

/** The colours as CSS custom properties, for light and for dark paper. */
export const SCHEMES_CSS = `:root{color-scheme:light dark;${LIGHT}${lookCss("light")}}
@media (prefers-color-scheme:dark){:root{${DARK}${lookCss("dark")}}}`;

const CSS = `
${SCHEMES_CSS}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",
  Roboto,"Noto Sans","Helvetica Neue",Arial,sans-serif;-webkit-text-size-adjust:100%}
main{max-width:1168px;margin:0 auto;padding:56px 32px 72px}
h1,h2,h3,p,figure,dl,dd{margin:0}
h1{font-size:34px;line-height:1.2;font-weight:650;letter-spacing:-.015em;text-wrap:balance}
h2{font-size:19px;line-height:1.3;font-weight:600}
h3{font-size:14px;font-weight:600;margin-bottom:10px}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.92em;
  overflow-wrap:anywhere}
.eyebrow{color:var(--accent);font-size:14px;font-weight:600;margin-bottom:8px}
.lead{font-size:19px;line-height:1.5;margin-top:16px;max-width:46em}
.setting{color:var(--quiet);font-size:14px;margin-top:16px;max-width:72em}
.setting span{display:inline-block}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(184px,1fr));gap:16px;margin:40px 0 0;
  padding:0;list-style:none}
.card{border:1px solid var(--rule);border-radius:8px;padding:18px;display:flex;flex-direction:column;gap:14px;
  max-width:420px;min-width:0}
.card h2{font-size:15px;margin:4px 0 8px}
.large{font-size:34px;line-height:1.1;font-weight:600;letter-spacing:-.02em;font-variant-numeric:tabular-nums}
.what,.card dl{font-size:13px}
.what,.card dt{color:var(--quiet)}
.card dd{font-variant-numeric:tabular-nums}
.sentence{font-size:14px;line-height:1.5;text-wrap:pretty;padding-top:14px;border-top:1px solid var(--rule);
  overflow-wrap:anywhere}
.option{white-space:nowrap}
.verdict{display:inline-flex;align-items:baseline;gap:6px;font-size:14px;font-weight:600;white-space:nowrap}
.verdict svg{flex:none;width:16px;height:16px;transform:translateY(3px)}
.verdict .mark{fill:none;stroke:var(--paper);stroke-width:1.8;stroke-linecap:round;stroke-linejoin:round}
.ok{color:var(--ok)}.warn{color:var(--warn)}.fail{color:var(--fail)}
.figures{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:56px 48px;margin-top:64px}
figure{display:grid;grid-template-rows:subgrid;grid-row:span 2;row-gap:20px;min-width:0;padding-top:20px;
  border-top:1px solid var(--rule)}
figure.row{grid-column:1/-1}
figcaption p,.note{color:var(--quiet);font-size:14px;margin-top:4px;max-width:62em;text-wrap:pretty}
figure.row .panels{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:32px 48px}
svg.plot{display:block;width:100%;height:auto;overflow:visible}
svg.plot text{white-space:pre}
.swatch svg.plot{width:40px;height:14px}
.seeds,.first{margin-top:64px;border-top:1px solid var(--rule);padding-top:20px}
.seeds .figures{margin-top:40px}.first+.figures{margin-top:32px}
.seeds>h2,.first h2{font-size:24px}
.seeds .lead{margin-top:8px}.seeds .scroll{margin-top:40px}
.pairs{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:24px 48px;margin-top:40px}
.pairs ul{list-style:none;margin:0;padding:0;font-size:14px}
.pairs li{padding:6px 0 6px 18px;position:relative;text-wrap:pretty;color:var(--quiet);overflow-wrap:anywhere}
.pairs li::before{content:"";position:absolute;left:1px;top:14px;width:7px;height:7px;border-radius:50%;
  border:1.5px solid var(--quiet)}
.pairs .lower,.pairs .higher{color:var(--ink)}
.pairs .lower::before,.pairs .higher::before{background:var(--accent);border-color:var(--accent)}
.tables{margin-top:64px;border-top:1px solid var(--rule);padding-top:20px}
.scroll{overflow-x:auto;margin-top:16px}.scroll+h2{margin-top:40px}
.scroll:focus-visible,summary:focus-visible{outline:2px solid var(--accent);outline-offset:3px}
table{border-collapse:collapse;width:100%;font-size:13px;font-variant-numeric:tabular-nums}
caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
th,td{text-align:left;vertical-align:baseline;padding:9px 14px 9px 0;border-bottom:1px solid var(--rule);
  white-space:nowrap}
th:last-child,td:last-child{padding-right:0}
thead th{color:var(--quiet);font-weight:500;vertical-align:bottom;border-bottom-color:var(--axis);
  white-space:normal;line-height:1.35}
tbody th{font-weight:500;white-space:normal}
table .verdict{font-size:13px}
tbody th code{overflow-wrap:break-word}
.number{text-align:right}
details{margin-top:24px}
summary{cursor:pointer;color:var(--accent);font-size:15px}
footer{margin-top:64px;border-top:1px solid var(--rule);padding-top:20px;font-size:14px;color:var(--quiet)}
footer h2{color:var(--ink);margin-bottom:4px}
pre{background:var(--shade);color:var(--ink);border-radius:6px;padding:14px 16px;margin:14px 0;
  white-space:pre-wrap}
@media (max-width:860px){.figures,.pairs,figure.row .panels{grid-template-columns:minmax(0,1fr)}}
@media (max-width:560px){main{padding:32px 16px 48px}h1{font-size:27px}.lead{font-size:17px}
  .cards{margin-top:28px;grid-template-columns:minmax(0,1fr)}
  .card{display:grid;grid-template-columns:minmax(0,1fr) auto;max-width:none}.score{text-align:right}
  .card dl,.sentence{grid-column:1/-1}.card dl{display:flex;gap:.6em}
  .figures{gap:40px}.figures,.tables,footer{margin-top:44px}}
@media print{main{max-width:none;padding:0}figure,.card{break-inside:avoid}}
`;
