// The phone: whom we are, what is on the screen, and asking for news every 0.7 seconds.
import { drawRow, drawTime } from "./bubbles.js";
import { el, find, icon } from "./dom.js";
import * as panel from "./panel.js";
import * as people from "./people.js";
import { get, post, toast } from "./wire.js";

const EVERY_MS = 700;
const now = { openid: "", after: 0, shownAt: 0, menu: "", following: true, refuses: false };

async function act(kind, fields = {}) {
  const openid = now.openid;
  let body = { openid, kind, ...fields };
  if (fields.picture) {
    body = new FormData();
    for (const [key, value] of Object.entries({ openid, kind, picture: fields.picture })) body.append(key, value);
  }
  try {
    await post("send", body);
  } catch (error) {
    toast(error.message);
    return false;
  }
  await refresh().catch(() => {}); // the next round asks again
  toEnd();
  return true;
}

const tap = (content, id) => act("text", { text: content, bizmsgmenuid: id || "0" });

async function refresh() {
  const openid = now.openid;
  if (!openid) return;
  const seen = document.visibilityState === "visible" && (matchMedia("(min-width: 721px)").matches || document.body.classList.contains("chatting"));
  const news = await get("messages", { openid, after: now.after, ...(seen ? { seen: 1 } : {}) });
  if (openid !== now.openid) return;
  append(news.messages);
  if (seen) delete news.unread[openid];
  people.update(openid, news.unread, news.following);
  Object.assign(now, { following: news.following, refuses: news.refuses });
  showFollowing(news.following);
  find("#typing").hidden = !news.pending;
  showWindow(news.window, news.following);
}

function showFollowing(following) {
  find("#strip").hidden = following;
  find("#phone").classList.toggle("stranger", !following);
}

function append(messages) {
  const chat = find("#chat");
  const near = chat.scrollHeight - chat.scrollTop - chat.clientHeight < 90;
  const first = now.after === 0;
  for (const message of messages) {
    if (message.id <= now.after) continue;
    if (message.at - now.shownAt > 300) chat.append(drawTime(message.at));
    now.shownAt = message.at;
    now.after = message.id;
    const row = drawRow(message, people.person(now.openid), tap);
    if (!first) row.classList.add("arriving");
    row.querySelectorAll("img").forEach((image) => image.addEventListener("load", () => { if (near || first) toEnd(); }));
    chat.append(row);
  }
  if (messages.length && (near || first)) toEnd();
}

function toEnd() { find("#chat").scrollTop = find("#chat").scrollHeight; }

function showWindow(left, following) {
  const hours = Math.ceil(left.seconds / 3600);
  const until = left.seconds > 3600 ? `${hours} 小时` : `${Math.ceil(left.seconds / 60)} 分钟`;
  find("#window").textContent = !following ? "还没有关注:公众号发不了消息" : left.seconds ? `公众号还可以主动发 ${left.remaining} 条客服消息,${until}内有效` : "客服消息窗口未打开:公众号现在只能发模板消息";
}

async function refreshMenu(arriving = false) {
  const openid = now.openid;
  const { button } = await get("menu", { openid });
  if (openid !== now.openid) return; // somebody else has the phone by now
  const drawn = JSON.stringify(button);
  if (drawn !== now.menu) panel.drawMenu(button);
  now.menu = drawn;
  find("#to-menu").hidden = !button.length;
  if (!button.length && find("#composer").hidden) showKeys(true);
  if (button.length && arriving && document.activeElement !== find("#text")) showKeys(false); // who has begun to type goes on
}

function showKeys(keys) {
  find("#menubar").hidden = keys;
  find("#composer").hidden = !keys;
  panel.close();
}

async function choose(openid) {
  Object.assign(now, { openid, after: 0, shownAt: 0, menu: "" });
  find("#phone").dataset.openid = openid;
  find("#phone").ariaBusy = "true";
  showFollowing(people.person(openid)?.following ?? true);
  find("#chat").replaceChildren();
  find("#sheet").hidden = true;
  document.body.classList.add("chatting");
  history.replaceState(null, "", `#${openid}`);
  people.mark(openid);
  showKeys(true);
  await Promise.all([refresh(), refreshMenu(true)]).catch((error) => toast(error.message));
  toEnd();
  if (openid === now.openid) find("#phone").ariaBusy = "false";
}

function showSheet() {
  const sheet = find("#sheet");
  if (!sheet.hidden) { sheet.hidden = true; return; }
  const entry = (label, kind, fields) => el("button", { type: "button", data: { act: kind }, onclick: () => { sheet.hidden = true; act(kind, fields); } }, label);
  const scan = el("button", { type: "button", data: { act: "scan" }, onclick: () => { sheet.hidden = true; panel.scan(); } }, "扫二维码");
  const more = [entry("上报位置", "report_location"), entry(now.refuses ? "恢复模板消息" : "拒收模板消息", "refuse", { on: !now.refuses }), entry("取消关注", "unfollow")];
  sheet.replaceChildren(scan, ...(now.following ? more : [entry("关注", "follow")]));
  sheet.hidden = false;
}

function setUpComposer() {
  const text = find("#text");
  const form = find("#composer");
  const shape = () => {
    find("#send").hidden = !text.value.trim();
    find("#plus").hidden = Boolean(text.value.trim());
    text.style.height = "38px";
    text.style.height = `${Math.min(110, text.scrollHeight)}px`;
  };
  text.addEventListener("input", shape);
  text.addEventListener("focus", panel.close);
  text.addEventListener("keydown", (event) => { if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); form.requestSubmit(); } });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const [said, openid] = [text.value, now.openid];
    if (!said.trim()) return;
    text.value = "";
    shape();
    const isGone = await act(form.classList.contains("speaking") ? "voice" : "text", { text: said });
    if (isGone || text.value || openid !== now.openid) return;
    text.value = said; // it is there to be sent again
    shape();
  });
  find("#to-voice").addEventListener("click", () => {
    const speaking = form.classList.toggle("speaking");
    find("#to-voice").replaceChildren(icon(speaking ? "keyboard" : "voice"));
    text.placeholder = speaking ? "说的话(识别结果)" : "";
    text.focus();
  });
  find("#emoji").addEventListener("click", () => panel.faces((face) => { text.value += face; shape(); }));
  find("#plus").addEventListener("click", panel.toggle);
}

function setUp() {
  panel.setUp(act);
  setUpComposer();
  find("#to-keys").addEventListener("click", () => { showKeys(true); find("#text").focus(); });
  find("#to-menu").addEventListener("click", () => showKeys(false));
  find("#more").addEventListener("click", (event) => { event.stopPropagation(); showSheet(); });
  document.addEventListener("click", (event) => { if (!find("#sheet").contains(event.target)) find("#sheet").hidden = true; });
  find("#follow").addEventListener("click", () => act("follow"));
  find("#back").addEventListener("click", () => document.body.classList.remove("chatting"));
}

async function loop() {
  let rounds = 0;
  for (;;) {
    await new Promise((done) => { setTimeout(done, EVERY_MS); });
    await refresh().catch(() => {});
    rounds += 1;
    if (rounds % 8 === 0) await refreshMenu().catch(() => {});
  }
}

setUp();
await people.load(choose);
const wanted = decodeURIComponent(location.hash.slice(1));
await choose(people.person(wanted) ? wanted : people.firstPerson());
if (!wanted && matchMedia("(max-width: 720px)").matches) document.body.classList.remove("chatting");
loop();
