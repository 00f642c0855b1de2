import { sheet } from "./zk-dom.js";

export const flowSheet = sheet(`
:host { display: block; font-size: .875rem; }
.bar { display: flex; flex-wrap: wrap; align-items: center; gap: 8px; margin-block-end: 8px; }
.name { font-weight: 600; }
select { min-height: var(--target); max-width: 100%; padding: 0 8px; border: 1px solid var(--edge); border-radius: var(--radius); background: var(--surface); color: var(--text); font: inherit; font-weight: 600; }
.tools { display: inline-flex; margin-inline-start: auto; border: 1px solid var(--edge); border-radius: var(--radius); }
.tool { min-width: var(--target); min-height: calc(var(--target) - 2px); padding: 0 8px; border: 0; border-radius: var(--radius); background: none; }
.tool:hover { background: var(--sunken); }
.about, .none { color: var(--text-2); margin-block-end: 8px; }
.none { padding: 32px 0; text-align: center; }
.stale { display: flex; align-items: center; gap: 8px; margin-block-end: 8px; color: var(--warn); }
.scroller { overflow: auto; max-height: min(70vh, 760px); border: 1px solid var(--line); border-radius: var(--radius); background: var(--bg); }
svg:not(.icon) { display: block; margin-inline: auto; }
.edge polyline { fill: none; stroke: var(--edge); stroke-width: 1.5; }
.edge.back polyline { stroke: var(--warn); stroke-dasharray: 5 4; }
marker path { fill: var(--edge); }
text { fill: var(--text-2); font-size: 13px; paint-order: stroke; stroke: var(--bg); stroke-width: 4px; stroke-linejoin: round; }
.box { --tone: var(--edge); --ink: var(--text-2); cursor: pointer; }
.box:focus { outline: none; }
.box:focus rect { stroke: var(--accent); stroke-width: 3; }
.box rect { fill: var(--surface); stroke: var(--tone); stroke-width: 1.5; }
.box:hover rect { fill: var(--sunken); }
.box.here rect { stroke: var(--accent); stroke-width: 3; fill: var(--accent-soft); }
.collect { --tone: var(--violet); --ink: var(--violet); }
.read { --tone: var(--info); --ink: var(--info); }
.write { --tone: var(--warn); --ink: var(--warn); }
.write rect { fill: var(--warn-soft); stroke-width: 2.5; }
.confirm { --tone: var(--ok); --ink: var(--ok); }
.handoff { --tone: var(--danger); --ink: var(--danger); }
.branch rect { stroke-dasharray: 6 3; }
.words { display: grid; align-content: center; height: 100%; padding: 0 12px; line-height: 1.35; }
.start .words, .end .words, .handoff .words { padding-inline: 20px; }
.kind { display: inline-flex; align-items: center; gap: 4px; color: var(--ink, var(--text-2)); font-size: 13px; font-weight: 600; }
.title { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-size: 14px; color: var(--text); }
.list { margin-block-start: 8px; }
summary { min-height: 28px; color: var(--accent); cursor: pointer; }
.list ol { display: grid; gap: 4px; padding-inline-start: 2em; list-style: decimal; }
.row { padding: 2px 0; border: 0; background: none; color: var(--text); text-align: start; text-decoration: underline; text-decoration-color: var(--edge); text-underline-offset: .2em; min-height: 24px; overflow-wrap: anywhere; }
.then { color: var(--text-3); }
@media (pointer: coarse) { .row { min-height: 44px; } summary { min-height: 44px; } }
@media (forced-colors: active) { .box rect { stroke: CanvasText; } }
`);
