import { sheet } from "./zk-dom.js";

export const conversationSheet = sheet(`
:host { position: relative; display: flex; flex: 1; min-height: 0; }
.scroller { flex: 1; min-width: 0; overflow-y: auto; overscroll-behavior: contain; padding: 16px; }
.list, .intro, .tail { display: grid; gap: 4px; }
.message { position: relative; display: grid; justify-items: start; gap: 4px; padding: 4px; scroll-margin: 16px; border-radius: var(--radius); min-width: 0; }
.visitor { justify-items: end; }
.system { justify-items: center; }
.visitor + .bot, .visitor + .agent, .bot + .visitor, .agent + .visitor { margin-block-start: 8px; }
.bubble { max-width: min(88%, 40em); padding: 8px 14px; border: 1px solid var(--line); border-radius: 4px 14px 14px 14px;
  background: var(--surface); overflow-wrap: anywhere; line-break: strict; min-width: 0; }
.visitor .bubble { border-color: var(--accent); border-radius: 14px 14px 4px 14px; background: var(--accent); color: var(--on-accent); white-space: pre-wrap; }
.agent .bubble { border-color: var(--accent); }
.bubble > * + * { margin-block-start: 8px; }
.bubble ul:not([class]) { padding-inline-start: 1.2em; list-style: disc; }
.bubble ol { padding-inline-start: 1.6em; list-style: decimal; }
.bubble code { padding: 0 4px; border-radius: 4px; background: var(--sunken); font-family: var(--font-mono); font-size: .9em; }
.who { display: inline-flex; align-items: center; gap: 4px; color: var(--text-2); font-size: .8125rem; }
.note { max-width: 90%; padding: 2px 12px; border-radius: 999px; background: var(--sunken); color: var(--text-2); font-size: .8125rem; text-align: center; }
.state, .time { display: inline-flex; flex-wrap: wrap; align-items: center; gap: 4px; color: var(--text-3); font-size: .75rem; }
.past { gap: 2px 12px; padding-inline-start: 4px; }
.past span { display: inline-flex; align-items: center; gap: 2px; }
.failed { justify-content: flex-end; color: var(--danger); font-size: .8125rem; }
.failed .link { color: var(--danger); }

.choices { display: grid; gap: 6px; margin-block: 8px 4px; }
.bubble:has(.choices) { width: min(88%, 40em); }
.choice { display: flex; align-items: center; justify-content: space-between; gap: 8px; width: 100%; min-height: 40px; padding: 6px 12px;
  border: 1px solid var(--edge); border-radius: var(--radius); background: var(--surface); text-align: start; transition: background-color var(--motion); }
.choice:hover, .quick:hover { border-color: var(--accent); background: var(--accent-soft); }
.choice[data-chosen] { border-color: var(--accent); background: var(--accent-soft); }
.choice[aria-disabled] { cursor: default; color: var(--text-3); background: none; border-color: var(--line); }
.choice .icon { color: var(--accent); }
.quicks { display: flex; flex-wrap: wrap; gap: 8px; padding-block: 4px; }
.quick { min-height: 36px; padding: 5px 14px; border: 1px solid var(--accent); border-radius: 18px; background: var(--surface); color: var(--accent);
  text-align: start; transition: background-color var(--motion); }
.small { min-height: 30px; padding: 2px 12px; font-size: .8125rem; }
@media (pointer: coarse) { .choice, .quick { min-height: 44px; border-radius: 22px; } .choice { border-radius: var(--radius); } }

.chips { display: flex; gap: 4px; }
.chip { min-width: 28px; height: 24px; border: 1px solid var(--edge); border-radius: 12px; background: var(--sunken); color: var(--text-2); font-size: .75rem; }
.chip[aria-expanded="true"] { border-color: var(--accent); background: var(--accent-soft); color: var(--accent); }
.snippet { display: grid; gap: 4px; margin-block-start: 8px; padding: 8px 12px; border-inline-start: 3px solid var(--accent); background: var(--sunken); font-size: .8125rem; }

.under { display: grid; gap: 4px; width: 100%; min-width: 0; }
.tools { display: flex; flex-wrap: wrap; align-items: center; gap: 4px; }
.thumb { display: inline-grid; place-items: center; width: 32px; height: 28px; padding: 0; border: 0; border-radius: var(--radius); background: none; color: var(--text-3); }
.thumb:hover { background: var(--sunken); color: var(--text); }
.thumb[aria-pressed="true"] { background: var(--accent-soft); color: var(--accent); }
@media (pointer: coarse) { .thumb { width: 44px; height: 44px; } }
.tools .time { padding-inline: 4px; }
@media (hover: hover) {
  .time { opacity: 0; transition: opacity var(--motion); }
  .message > .time { position: absolute; inset-block-start: 100%; inset-inline-start: 8px; line-height: 1; }
  .visitor > .time { inset-inline: auto 8px; }
  .message:hover .time, .message:focus-within .time, .message:focus .time { opacity: 1; }
}
.why { color: var(--accent); }
.trace { padding: 12px; border: 1px solid var(--line); border-radius: var(--radius-card); background: var(--surface); min-width: 0; }
.skeleton { height: 120px; border-radius: var(--radius); background: var(--sunken); }
.reasons { display: flex; flex-wrap: wrap; align-items: center; gap: 6px; }
.reasons legend { padding: 0 0 4px; color: var(--text-2); font-size: .8125rem; }

.typing { display: inline-flex; align-items: center; gap: 8px; padding: 8px 4px; color: var(--text-2); font-size: .875rem; }
.typing.bubble { padding: 8px 14px; color: var(--text); font-size: 1rem; white-space: pre-wrap; }
.dots { display: inline-flex; gap: 4px; }
.dots i { width: 6px; height: 6px; border-radius: 50%; background: var(--text-3); animation: pulse 1.2s infinite; }
.dots i:nth-child(2) { animation-delay: .2s; }
.dots i:nth-child(3) { animation-delay: .4s; }
@keyframes pulse { 0%, 60%, 100% { opacity: .3; } 30% { opacity: 1; } }
@media (prefers-reduced-motion: reduce) { .dots i { animation: none; } }

.jump { position: absolute; inset-block-end: 12px; inset-inline-end: 20px; display: inline-flex; align-items: center; justify-content: center; gap: 6px;
  min-width: 36px; min-height: 36px; padding: 4px 10px; border: 1px solid var(--edge); border-radius: 22px; background: var(--surface); box-shadow: var(--shadow); font-size: .8125rem; }
@media (pointer: coarse) { .jump { min-width: 44px; min-height: 44px; } }

.rating { display: grid; gap: 12px; margin-block-start: 12px; padding: 16px; border: 1px solid var(--line); border-radius: var(--radius-card); background: var(--surface); }
.rating h3 { margin: 0; font-size: 1rem; font-weight: 600; }
.rating small { color: var(--text-3); font-size: .8125rem; }
.scores { display: flex; gap: 6px; }
.score { position: relative; display: grid; place-items: center; width: 44px; height: 44px; border: 1px solid var(--edge); border-radius: var(--radius); cursor: pointer; }
.score input { position: absolute; inset: 0; margin: 0; opacity: 0; cursor: pointer; }
.score:has(:checked) { border-color: var(--accent); background: var(--accent); color: var(--on-accent); font-weight: 600; }
.score:has(:focus-visible) { outline: 2px solid var(--accent); outline-offset: 2px; }
.rating textarea { width: 100%; min-height: 60px; padding: 8px 12px; border: 1px solid var(--edge); border-radius: var(--radius); background: var(--surface); resize: vertical; font-size: 1rem; }
.actions { display: flex; flex-wrap: wrap; gap: 8px; }
@media (forced-colors: active) {
  .visitor .bubble, .note, .jump { border: 1px solid; }
  .score:has(:checked), .thumb[aria-pressed="true"], .choice[data-chosen] { outline: 2px solid Highlight; }
  .dots i { background: CanvasText; }
}
`);
