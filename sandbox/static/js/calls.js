// The view of the wire: newest first, live, filtered, older ones on demand; and the knobs above it.
import { el, find } from "./dom.js";
import { get, post, toast } from "./wire.js";

const EVERY_MS = 1200;
const PAGE = 50;
let newest = 0;
let oldest = 0;
let asked = 0;

function wanted() {
  return { kind: find("#kind").value, q: find("#q").value.trim(), failed: find("#failed").checked ? 1 : 0, limit: PAGE };
}

function pretty(text) {
  if (!text) return "(空)";
  try { return JSON.stringify(JSON.parse(text), null, 2); } catch { /* not JSON: XML or plain words */ }
  return text.replace(/>(?=<[A-Za-z])|>(?=<\/xml>)/g, ">\n");
}

function gist(call) {
  const pushed = call.decoded.split("\n← ")[0];
  const inside = (name) => (pushed.match(new RegExp(`<${name}>(?:<!\\[CDATA\\[)?([^\\]<]*)`)) || [])[1];
  const said = inside("Content") || inside("Recognition") || inside("EventKey");
  return [inside("Event") || inside("MsgType"), said].filter(Boolean).join(" ");
}

function part(title, text) { return text ? el("div", {}, el("h2", {}, title), el("pre", {}, pretty(text))) : ""; }

function draw(call) {
  const push = call.kind === "webhook";
  const bad = call.status !== 200 || call.errcode > 0 || call.errcode < 0;
  const path = push ? call.path.split("?")[0].replace(/^https?:\/\/[^/]+/, "") : call.path.replace(/[?&]access_token=[^&]*/, "");
  const state = call.status === 0 ? "没有应答" : call.status !== 200 ? `HTTP ${call.status}` : call.errcode ? String(call.errcode) : "好";
  const summary = el("summary", {},
    el("time", {}, new Date(call.at * 1000).toLocaleTimeString("zh-CN", { hour12: false })),
    el("span", { class: `way ${call.kind}` }, push ? "推送 →" : "← 调用"),
    el("span", { class: "path" }, push ? `${call.method} ${path}  ${gist(call)}` : `${call.method} ${path}`),
    el("span", { class: "who" }, call.openid),
    el("span", { class: "ms" }, `${Math.round(call.ms)} ms`),
    el("span", { class: `state${bad ? " bad" : ""}` }, state));
  const details = el("details", {}, summary);
  details.addEventListener("toggle", () => {
    if (details.children.length > 1) return;
    details.append(el("div", { class: "inside" }, part("解密后", call.decoded), part("地址", call.path), part("送出", call.sent), part("应答", call.answer)));
  });
  return el("li", { data: { id: call.id, kind: call.kind } }, details);
}

async function reload() {
  const round = ++asked;
  const { calls } = await get("calls", wanted());
  if (round !== asked) return;
  const shown = new Map([...find("#calls").children].map((row) => [row.dataset.id, row])); // who has opened one goes on reading
  find("#calls").replaceChildren(...calls.map((call) => shown.get(String(call.id)) || draw(call)));
  newest = calls.length ? calls[0].id : 0;
  oldest = calls.length ? calls.at(-1).id : 0;
  find("#older").hidden = calls.length < PAGE;
  find("#empty").hidden = calls.length > 0;
}

async function news() {
  const round = asked;
  const { calls } = await get("calls", { ...wanted(), after: newest });
  if (round !== asked || !calls.length) return;
  newest = calls[0].id;
  oldest = oldest || calls.at(-1).id;
  find("#empty").hidden = true;
  find("#calls").prepend(...calls.map((call) => { const row = draw(call); row.classList.add("fresh"); return row; }));
}

async function older() {
  const { calls } = await get("calls", { ...wanted(), before: oldest });
  find("#calls").append(...calls.map(draw));
  if (calls.length) oldest = calls.at(-1).id;
  find("#older").hidden = calls.length < PAGE;
}

find("#filter").addEventListener("input", () => reload().catch((error) => toast(error.message)));
find("#filter").addEventListener("submit", (event) => event.preventDefault());
find("#older").addEventListener("click", () => older().catch((error) => toast(error.message)));
for (const button of document.querySelectorAll("[data-knob]")) {
  button.addEventListener("click", () => post("knobs", JSON.parse(button.dataset.knob)).then(() => toast("好了"), (error) => toast(error.message)));
}
find("#verify").addEventListener("click", async () => {
  const answer = await post("verify", {});
  toast(answer.ok ? "回调地址验证通过" : `验证没有通过:${answer.status} ${answer.answer.slice(0, 40)}`);
});
await reload();
for (;;) {
  await new Promise((done) => { setTimeout(done, EVERY_MS); });
  await news().catch(() => {});
}
