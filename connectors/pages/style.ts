/**
 * The whole style of the approval pages. Inline, because the policy allows exactly this text by its hash; no fonts, no
 * images. Contrasts are at least 4.5:1 in both schemes (WCAG 2.2 AA); nothing is told by colour alone.
 */
export const STYLE = `
:root{color-scheme:light dark;--bg:#f3f5f8;--card:#fff;--text:#16202c;--soft:#4b5a6b;--line:#d5dce4;--code:#eef2f6;--accent:#0b5cad;--ok:#12693a;--ok-text:#fff;--no:#b3261e;--no-text:#fff;--warn-bg:#fff5dc;--warn-line:#b98900;--info-bg:#e9f2fc}
@media (prefers-color-scheme:dark){:root{--bg:#0f151c;--card:#18212b;--text:#e6edf4;--soft:#a3b2c2;--line:#303d4b;--code:#0f171f;--accent:#7db8f5;--ok:#4cc38a;--ok-text:#06210f;--no:#ff8a80;--no-text:#2c0705;--warn-bg:#332a10;--warn-line:#d7a920;--info-bg:#14283d}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--text);font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;overflow-wrap:anywhere}
main{max-width:46rem;margin:0 auto;padding:1rem 1rem 3rem}
.brand{display:flex;flex-wrap:wrap;justify-content:space-between;gap:.25rem 1rem;max-width:46rem;margin:0 auto;padding:1rem 1rem 0;color:var(--soft);font-size:.875rem}
.brand strong{color:var(--text);letter-spacing:.02em}
h1{font-size:1.5rem;line-height:1.25;margin:.25rem 0 .5rem}
h2{font-size:1.0625rem;line-height:1.3;margin:0 0 .5rem}
h3{font-size:.9375rem;margin:1rem 0 .25rem}
p{margin:.5rem 0}
ul{margin:.5rem 0;padding-left:1.25rem}
li{margin:.35rem 0}
section{background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:1rem 1.125rem;margin:.875rem 0}
.lead{padding-bottom:1.125rem}
.soft{color:var(--soft);font-size:.875rem}
.chips{display:flex;flex-wrap:wrap;gap:.375rem;margin:.5rem 0 0;padding:0;list-style:none}
.chips li{margin:0;border:1px solid var(--line);border-radius:99rem;padding:.0625rem .625rem;font-size:.8125rem;background:var(--code)}
dl{display:grid;grid-template-columns:minmax(6rem,auto) 1fr;gap:.25rem 1rem;margin:.5rem 0}
dt{color:var(--soft);font-size:.875rem}
dd{margin:0;font-size:.9375rem}
pre{margin:.5rem 0;padding:.75rem;background:var(--code);border:1px solid var(--line);border-radius:.5rem;font:.8125rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;white-space:pre-wrap;overflow-wrap:anywhere}
code{font:.875em ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
.warn{background:var(--warn-bg);border-color:var(--warn-line)}
.info{background:var(--info-bg)}
.evidence{list-style:none;padding:0}
.evidence li{padding:.5rem 0;margin:0;border-top:1px solid var(--line)}
.evidence li:first-child{border-top:0}
.evidence .soft{display:block}
.tag{display:inline-block;border:1px solid var(--line);border-radius:.25rem;padding:0 .375rem;font-weight:600;font-size:.8125rem;background:var(--code)}
details{margin:0}
summary{cursor:pointer;font-weight:600;font-size:.875rem;padding:.5rem 0;color:var(--accent)}
a{color:var(--accent)}
label{display:block;font-weight:600;margin:.25rem 0}
textarea{width:100%;min-height:5rem;padding:.625rem;font:inherit;color:inherit;background:var(--bg);border:1px solid var(--soft);border-radius:.5rem;resize:vertical}
select{width:100%;min-height:3rem;padding:.5rem .625rem;font:inherit;color:inherit;background:var(--bg);border:1px solid var(--soft);border-radius:.5rem}
.buttons{display:flex;flex-wrap:wrap;gap:.75rem;margin-top:.875rem}
button{flex:1 1 10rem;min-height:3rem;padding:.625rem 1rem;font:inherit;font-weight:700;border-radius:.5rem;border:2px solid transparent;cursor:pointer}
.next{display:inline-block;min-height:3rem;padding:.625rem 1.25rem;border-radius:.5rem;font-weight:700;text-decoration:none;background:var(--accent);color:var(--card)}
.approve{background:var(--ok);color:var(--ok-text)}
.reject{background:transparent;color:var(--no);border-color:var(--no)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
@media (max-width:30rem){h1{font-size:1.3125rem}dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.5rem}button{flex-basis:100%}}
@media print{body{background:#fff}section{break-inside:avoid}form{display:none}}
`.trim();
