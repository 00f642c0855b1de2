import { sheet } from "./zk-dom.js";

export const chatSheet = sheet(`
:host { display: block; height: 100%; min-height: 0; font-size: 1rem; line-height: 1.6; --leading: 1.6; }
.chat { position: relative; display: flex; flex-direction: column; height: 100%; min-height: 0; background: var(--bg); }
.head { display: flex; align-items: center; gap: 10px; padding: 10px 12px 10px 16px; padding-block-start: max(10px, env(safe-area-inset-top));
  border-block-end: 1px solid var(--line); background: var(--surface); }
.avatar { display: grid; place-items: center; width: 36px; height: 36px; flex: none; border-radius: 10px; background: var(--accent); color: var(--on-accent); }
.names { flex: 1; min-width: 0; }
.names h2 { overflow: hidden; font-size: 1rem; font-weight: 600; line-height: 1.4; text-overflow: ellipsis; white-space: nowrap; }
.names p { color: var(--text-3); font-size: .75rem; line-height: 1.4; }
.menu-place { position: relative; }
.menu { position: absolute; inset-block-start: calc(100% + 4px); inset-inline-end: 0; z-index: 3; display: grid; min-width: 200px; padding: 6px;
  border: 1px solid var(--line); border-radius: var(--radius-card); background: var(--surface); box-shadow: var(--shadow); }
.menu button { display: flex; align-items: center; gap: 10px; min-height: var(--target); padding: 4px 12px; border: 0; border-radius: var(--radius); background: none; font-size: .875rem; text-align: start; white-space: nowrap; }
.menu button:hover, .menu button:focus-visible { background: var(--sunken); }
.menu button:focus-visible { outline-offset: -2px; }
.banner { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 8px; padding: 8px 16px; background: var(--info-soft); color: var(--info); font-size: .875rem; }
.banner[data-tone="warn"] { background: var(--warn-soft); color: var(--warn); }
.banner[data-tone="ok"] { background: var(--ok-soft); color: var(--ok); }
.banner[data-tone="calm"] { background: var(--sunken); color: var(--text-2); }
.banner span { flex: 1; min-width: 12em; }
.banner small { display: block; font-size: .8125rem; }
.banner button { min-height: 32px; padding: 2px 12px; border: 1px solid currentColor; border-radius: var(--radius); background: none; color: inherit; font-size: .8125rem; }
.toast { position: absolute; inset-inline: 12px; max-width: 480px; margin-inline: auto; inset-block-end: 76px; z-index: 2; display: flex; align-items: center; justify-content: space-between; gap: 12px;
  padding: 8px 8px 8px 16px; border-radius: var(--radius-card); background: var(--text); color: var(--bg); font-size: .875rem; box-shadow: var(--shadow); }
.toast button { min-height: 36px; padding: 0 12px; border: 0; border-radius: var(--radius); background: none; color: inherit; font-weight: 600; text-decoration: underline; }
.state-page { display: grid; flex: 1; place-content: center; justify-items: center; gap: 12px; padding: 24px; color: var(--text-2); text-align: center; }
.bones { display: grid; gap: 12px; padding: 16px; opacity: 0; animation: appear 0s 150ms forwards; }
.bones i { height: 42px; border-radius: 14px; background: var(--sunken); }
.bones i:nth-child(1) { width: 76%; } .bones i:nth-child(2) { width: 52%; } .bones i:nth-child(3) { width: 64%; }
@keyframes appear { to { opacity: 1; } }
dialog { max-width: min(340px, calc(100% - 32px)); padding: 20px; border: 1px solid var(--line); border-radius: var(--radius-panel); background: var(--surface); color: var(--text); box-shadow: var(--shadow); }
dialog::backdrop { background: var(--backdrop); }
dialog h3 { font-size: 1rem; font-weight: 600; }
dialog p { margin-block: 8px 16px; color: var(--text-2); font-size: .875rem; }
.actions { display: flex; flex-wrap: wrap; gap: 8px; }
.danger { border-color: var(--danger); background: var(--danger); color: var(--surface); }
:host([wide]) zk-conversation, :host([wide]) zk-composer { width: 100%; max-width: 760px; margin-inline: auto; }
:host([wide]) zk-composer { border-inline: 1px solid var(--line); border-start-start-radius: 16px; border-start-end-radius: 16px; }
@media (max-width: 792px) { :host([wide]) zk-composer { border-inline: 0; border-radius: 0; } }
@media (forced-colors: active) { .banner, .toast, .avatar { border: 1px solid; } }
`);
