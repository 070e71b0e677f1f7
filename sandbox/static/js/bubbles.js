// Draws one message. Links that the account writes are read here and become buttons or safe anchors; all else is text.
import { avatar, el, icon } from "./dom.js";
import { at } from "./wire.js";

const ANCHOR = /<a\s+[^>]*?href\s*=\s*["']([^"']*)["'][^>]*>([\s\S]*?)<\/a>|(https?:\/\/[^\s<>"'，。；！？）]+)/gi;
const LABELS = { thing: "事项", time: "时间", date: "日期", phrase: "状态", character_string: "编号", number: "数量", name: "姓名", amount: "金额", phone_number: "电话", const: "类型", car_number: "车牌", first: "", remark: "", keyword: "内容", keyword1: "编号", keyword2: "事项", keyword3: "时间" };
const TITLES = { task: "工单提醒", notice: "物业通知", order: "订单进度", visit: "回访提醒", bill: "缴费提醒" };

export function drawRow(message, person, tap) {
  if (message.side === "system") return el("p", { class: "line", data: { id: message.id } }, message.body.text);
  const mine = message.side === "me";
  const face = mine ? avatar(person.name) : el("span", { class: "avatar house", "aria-hidden": "true" });
  const bubble = (DRAW[message.kind] || unknown)(message.body, tap);
  bubble.classList.add("bubble");
  Object.assign(bubble.dataset, { id: message.id, side: message.side, kind: message.kind, source: message.source });
  const heard = mine && message.kind === "voice" && message.body.text ? el("span", { class: "heard" }, message.body.text) : "";
  return el("div", { class: `row ${message.side}` }, face, bubble, heard);
}

export function drawTime(seconds) {
  const then = new Date(seconds * 1000);
  const time = then.toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit" });
  const today = then.toDateString() === new Date().toDateString();
  return el("p", { class: "time" }, today ? time : `${then.getMonth() + 1}月${then.getDate()}日 ${time}`);
}

export function linked(text, tap) {
  const parts = [];
  let from = 0;
  for (const found of text.matchAll(ANCHOR)) {
    parts.push(text.slice(from, found.index));
    parts.push(link(found[1] || found[3], found[2] || found[3], tap));
    from = found.index + found[0].length;
  }
  return [...parts, text.slice(from)];
}

function link(href, label, tap) {
  if (href.startsWith("weixin://bizmsgmenu")) {
    const query = new URLSearchParams(href.slice(href.indexOf("?") + 1).replaceAll("&amp;", "&"));
    return tapped(query.get("msgmenucontent") || label, query.get("msgmenuid") || "", label, tap);
  }
  if (/^https?:\/\//i.test(href)) return el("a", { href: href.replaceAll("&amp;", "&"), target: "_blank", rel: "noopener noreferrer" }, label);
  return label;
}

function tapped(content, id, label, tap) {
  return el("button", { type: "button", class: "tap", data: { content, menuid: id }, onclick: () => tap(content, id) }, label);
}

function picture(mediaId, alt) { return el("img", { src: at(`api/media/${mediaId}`), alt, loading: "lazy" }); }
function cardHolder(card) { return el("div", { class: "bare card-holder" }, card); }
function unknown() { return el("div", {}, "[暂不支持的消息]"); }

function template(body) {
  const rows = body.fields.flatMap((field) => {
    const label = LABELS[field.key] ?? LABELS[field.key.replace(/\.?(DATA)?\d*$/i, "")] ?? field.key;
    return [el("dt", {}, label), el("dd", {}, field.value)];
  });
  const foot = /^https?:\/\//i.test(body.url) ? el("a", { class: "foot", href: body.url, target: "_blank", rel: "noopener noreferrer" }, "查看详情") : "";
  return cardHolder(el("div", { class: "card template" }, el("div", { class: "head" }, "服务通知"), el("h2", {}, TITLES[body.template] || body.template), el("dl", {}, ...rows), foot));
}

function news(body) {
  return cardHolder(el("div", {}, ...body.articles.map((article) => {
    const safe = /^https?:\/\//i.test(article.url);
    const image = /^https?:\/\//i.test(article.picture) ? el("img", { src: article.picture, alt: "" }) : "";
    const inside = [image, el("h2", {}, article.title), article.description ? el("p", {}, article.description) : ""];
    return el(safe ? "a" : "div", { class: "card news", href: safe ? article.url : undefined, target: safe ? "_blank" : undefined, rel: safe ? "noopener noreferrer" : undefined }, ...inside);
  })));
}

const DRAW = {
  text: (body, tap) => el("div", {}, ...linked(body.text, tap)),
  image: (body) => el("div", { class: "bare" }, picture(body.media_id, "图片")),
  voice: (body) => el("div", { class: "voice" }, icon("voice"), `${body.seconds || 3}″`),
  video: (body) => cardHolder(el("div", { class: "card" }, el("span", { class: "shot" }, icon("play")), body.title ? el("h2", {}, body.title) : "")),
  location: (body) => cardHolder(el("div", { class: "card place" }, el("b", {}, body.label), el("small", {}, `${body.lat}, ${body.lon}`), el("span", { class: "map" }))),
  file: (body) => cardHolder(el("div", { class: "card file" }, el("b", {}, body.name), el("small", {}, "20 KB"))),
  link: (body) => cardHolder(el("div", { class: "card file" }, el("b", {}, body.title), el("small", {}, body.url))),
  msgmenu: (body, tap) => el("div", {}, ...linked(body.head, tap), el("span", { class: "items" }, ...body.items.map((item) => tapped(item.content, item.id, item.content, tap))), body.tail ? el("span", { class: "tail" }, ...linked(body.tail, tap)) : ""),
  music: (body) => el("div", {}, `♪ ${body.title}`),
  miniprogrampage: (body) => cardHolder(el("div", { class: "card file" }, el("b", {}, body.title), el("small", {}, "小程序"))),
  wxcard: () => el("div", {}, "[卡券]"),
  template,
  news,
};
DRAW.shortvideo = DRAW.video;
