// The list of people: groups, search, unread dots.
import { avatar, el, find } from "./dom.js";
import { get } from "./wire.js";

const STAFF = new Set(["管家", "客服", "维修", "主管", "运营", "财务", "商家"]);
const PINNED = ["业主", "管家", "维修", "客服", "主管", "路人"];
let everyone = [];
let chosen = "";
let choose = () => {};

export function person(openid) { return everyone.find((each) => each.openid === openid); }
export function firstPerson() { return (everyone.find((each) => each.role === "业主") || everyone[0] || {}).openid; }

export async function load(onChoose) {
  choose = onChoose;
  everyone = (await get("people")).people;
  find("#search").addEventListener("input", draw);
  draw();
}

function groups() {
  const pinned = PINNED.map((role) => everyone.find((each) => each.role === role)).filter(Boolean);
  const found = new Map([["常用", pinned]]);
  for (const each of everyone) {
    if (pinned.includes(each)) continue;
    if (!found.has(each.grouping)) found.set(each.grouping, []);
    found.get(each.grouping).push(each);
  }
  return found;
}

function draw() {
  const wanted = find("#search").value.trim().toLowerCase();
  const open = new Set([...document.querySelectorAll("#list details[open]")].map((group) => group.dataset.group));
  const list = find("#list");
  list.replaceChildren();
  for (const [name, people] of groups()) {
    const shown = people.filter((each) => matches(each, name, wanted));
    if (!shown.length) continue;
    const summary = el("summary", {}, `${name} · ${shown.length}`, dot(0));
    const group = el("details", { data: { group: name } }, summary, ...shown.map(row));
    group.addEventListener("toggle", showDots);
    group.open = Boolean(wanted) || open.has(name) || name === "常用" || shown.some((each) => each.openid === chosen);
    list.append(group);
  }
  if (!list.children.length) list.append(el("p", { class: "nobody" }, "没有找到这个人"));
  showDots();
}

function matches(each, group, wanted) {
  if (!wanted) return true;
  const text = `${each.name} ${each.role} ${each.detail} ${each.grouping} ${group} ${each.openid}`.toLowerCase();
  return wanted.split(/\s+/).every((word) => text.includes(word));
}

function dot(count) { return el("span", { class: "dot", hidden: !count }, String(count || "")); }

function row(each) {
  const role = el("span", { class: `badge${STAFF.has(each.role) ? " staff" : ""}` }, each.role);
  const away = el("span", { class: "badge away", hidden: each.following }, "未关注");
  const detail = [each.grouping === "陌生人" ? "" : each.grouping, each.detail].filter(Boolean).join(" ");
  const who = el("span", { class: "who" }, el("span", { class: "name" }, each.name, role, away), el("span", { class: "detail" }, detail));
  return el("button", { type: "button", class: "person", data: { openid: each.openid }, "aria-current": String(each.openid === chosen), onclick: () => choose(each.openid) }, avatar(each.name), who, dot(each.unread));
}

export function mark(openid) {
  chosen = openid;
  for (const button of document.querySelectorAll(".person")) button.setAttribute("aria-current", String(button.dataset.openid === openid));
}

export function update(openid, unread, following) {
  for (const each of everyone) each.unread = unread[each.openid] || 0;
  const current = person(openid);
  if (current && current.following !== following) {
    current.following = following;
    draw();
  } else showDots();
}

function showDots() {
  for (const group of document.querySelectorAll("#list details")) {
    let sum = 0;
    for (const button of group.querySelectorAll(".person")) {
      const count = person(button.dataset.openid)?.unread || 0;
      sum += count;
      setDot(button.querySelector(".dot"), count);
    }
    setDot(group.querySelector("summary .dot"), group.open ? 0 : sum);
  }
}

function setDot(node, count) {
  node.hidden = !count;
  node.textContent = count > 99 ? "99+" : String(count || "");
}
