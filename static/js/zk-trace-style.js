import { sheet } from "./zk-dom.js";

export const traceSheet = sheet(`
:host { display: block; font-size: .875rem; line-height: 1.55; --leading: 1.55; container-type: inline-size; }
.sum { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 12px; }
.outcome { display: inline-flex; align-items: center; gap: 6px; font-weight: 600; color: var(--tone); }
.sum span:not(.outcome) { color: var(--text-2); font-variant-numeric: tabular-nums; }
[data-outcome="answer"] { --tone: var(--outcome-answer); }
[data-outcome="list"] { --tone: var(--outcome-list); }
[data-outcome="ask"] { --tone: var(--outcome-ask); }
[data-outcome="chat"] { --tone: var(--outcome-chat); }
[data-outcome="refuse"] { --tone: var(--outcome-refuse); }
[data-outcome="handoff"] { --tone: var(--outcome-handoff); }
.near { margin-block-start: 8px; padding: 8px 12px; border-inline-start: 3px solid var(--tone, var(--edge)); background: var(--sunken); }
.near b { margin-inline-end: 8px; font-weight: 600; }
.degraded { display: flex; gap: 8px; margin-block-start: 8px; padding: 8px 12px; border-radius: var(--radius); background: var(--warn-soft); color: var(--warn); }
.degraded .icon { margin-block-start: .2em; }

.stages { margin-block-start: 12px; }
.stage { position: relative; display: grid; grid-template-columns: 24px minmax(0, 1fr); gap: 0 10px; padding-block-end: 12px; }
.stage::before { content: ""; position: absolute; inset-block: 24px 0; inset-inline-start: 11px; width: 2px; background: var(--line); }
.stage:last-child { padding-block-end: 0; }
.stage:last-child::before { display: none; }
.dot { display: grid; place-items: center; width: 24px; height: 24px; border: 1px solid var(--line); border-radius: 50%; background: var(--surface); color: var(--text-3); }
.decides > .dot { border-color: var(--tone, var(--accent)); background: var(--tone, var(--accent)); color: var(--surface); }
.troubled > .dot { border-color: var(--warn); color: var(--warn); }
.line { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 8px; }
.line b { font-weight: 600; }
.verdict { color: var(--text-2); }
.decides .verdict { color: var(--tone, var(--accent)); font-weight: 600; }
.ms { margin-inline-start: auto; color: var(--text-3); font-size: .75rem; font-variant-numeric: tabular-nums; white-space: nowrap; }
.say { color: var(--text-2); font-size: .8125rem; }
dl { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 0 12px; font-size: .8125rem; }
dt { color: var(--text-3); }
dd { overflow-wrap: anywhere; }

details > summary { display: inline-flex; align-items: center; gap: 4px; min-height: 28px; color: var(--accent); font-size: .8125rem; cursor: pointer; list-style: none; }
summary::-webkit-details-marker { display: none; }
summary .icon { transition: transform var(--motion); }
details[open] > summary .icon { transform: rotate(90deg); }
@media (pointer: coarse) { details > summary { min-height: 44px; } }
.legend { display: flex; flex-wrap: wrap; gap: 2px 14px; margin-block: 2px 6px; color: var(--text-2); font-size: .75rem; }
.legend i { display: inline-block; width: 0; height: 12px; margin-inline-end: 6px; border-inline-start: 2px solid var(--edge); vertical-align: -2px; }
.legend i.answer { border-color: var(--outcome-answer); }
.legend i.list { border-inline-start-style: dashed; border-color: var(--outcome-list); }
.candidates { display: grid; gap: 10px; }
.candidate { display: grid; gap: 2px; min-width: 0; }
.candidate .line { flex-wrap: nowrap; }
.candidate .question { flex: 1; min-width: 0; overflow-wrap: anywhere; }
.candidate.won .question { font-weight: 600; }
.percent { font-variant-numeric: tabular-nums; font-weight: 600; }
.mark { padding: 0 8px; border-radius: 999px; background: var(--accent-soft); color: var(--accent); font-size: .75rem; white-space: nowrap; }
.bar { position: relative; height: 10px; border-radius: 3px; background: var(--sunken); }
.bar i { position: absolute; inset-block: 0; inset-inline-start: 0; width: var(--share); min-width: 2px; border-radius: 3px; background: var(--text-3); }
.won .bar i { background: var(--tone, var(--accent)); }
.bar b { position: absolute; inset-block: -3px; inset-inline-start: var(--share); width: 0; border-inline-start: 2px solid var(--outcome-answer); }
.bar b.list { border-inline-start: 2px dashed var(--outcome-list); }
.flags { display: flex; flex-wrap: wrap; gap: 4px; }
.flag { display: inline-flex; align-items: center; gap: 4px; padding: 0 8px; border-radius: 999px; background: var(--warn-soft); color: var(--warn); font-size: .75rem; }
.scores { display: grid; gap: 8px; margin-block-start: 4px; }
.scores span { color: var(--text-3); font-size: .75rem; font-variant-numeric: tabular-nums; }
.scores b { font-weight: 600; }
.small { color: var(--text-3); font-size: .75rem; }
.versions { margin-block-start: 12px; padding-block-start: 8px; border-block-start: 1px solid var(--line); color: var(--text-3); font-size: .75rem; }
.skeleton { height: 120px; border-radius: var(--radius); background: var(--sunken); }
@media (forced-colors: active) { .bar { border: 1px solid; } .bar i { background: Highlight; } .flag, .mark { border: 1px solid; } }
`);
