// What opens under the input: the plus panel with its pages, the faces, and the custom menu.
import { el, find, icon } from "./dom.js";
import { at, get, toast } from "./wire.js";

const FACES = [..."😀😄😂😊😍🤔😅😭😤🙏👍👏💪🌹❤️🎉🏠🔧🐶🚗".match(/\p{Extended_Pictographic}\uFE0F?/gu)];
let perform = () => {};

export function setUp(onAct) { perform = onAct; }

export function close() { find("#panel").hidden = true; }

function open(...nodes) {
  find("#panel").replaceChildren(...nodes);
  find("#panel").hidden = false;
}

async function go(kind, fields) {
  close();
  await perform(kind, fields);
}

export function toggle() {
  if (!find("#panel").hidden) { close(); return; }
  const tools = [["picture", "图片", pictures], ["mic", "语音", voice], ["place", "位置", place], ["scan", "扫一扫", scan], ["video", "视频", () => go("video", {})], ["file", "文件", file], ["link", "链接", () => go("link", {})], ["bell", "订阅通知", notices]];
  open(el("div", { class: "grid" }, ...tools.map(([name, label, run]) => el("button", { type: "button", data: { tool: name }, onclick: run }, el("span", {}, icon(name)), label))));
}

export function faces(write) {
  open(el("div", { class: "grid faces" }, ...FACES.map((face) => el("button", { type: "button", onclick: () => write(face) }, face))));
}

async function pictures() {
  const { samples } = await get("choices");
  const upload = el("input", { type: "file", accept: "image/*", hidden: true, onchange: (event) => { if (event.target.files[0]) go("image", { picture: event.target.files[0] }); } });
  const heading = el("h3", {}, "选一张图片发送", el("button", { type: "button", class: "tap", onclick: () => upload.click() }, "从电脑上传"), upload);
  const each = ({ name, label }) => el("button", { type: "button", data: { sample: name }, onclick: () => go("image", { sample: name }) }, el("img", { src: at(`static/samples/${name}.png`), alt: "" }), label);
  open(heading, el("div", { class: "grid pictures" }, ...samples.map(each)));
}

function asking(title, fields, submit, button = "发送") {
  const inputs = fields.map(([name, value, placeholder]) => el("input", { name, value, placeholder, "aria-label": placeholder }));
  const run = () => submit(Object.fromEntries(inputs.map((input) => [input.name, input.value])));
  inputs.forEach((input) => input.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); run(); } }));
  open(el("h3", {}, title), el("div", { class: "fields" }, ...inputs, el("button", { type: "button", class: "go", onclick: run }, button)));
  inputs[0].focus();
}

function voice() { asking("说一句话(识别结果)", [["text", "", "例如:厨房水管漏水了"]], (given) => go("voice", given)); }
function place() { asking("发送位置", [["label", "阳光花园东门", "地点"]], (given) => go("location", given)); }
function file() { asking("发送文件", [["name", "装修申请.pdf", "文件名"]], (given) => go("file", given)); }

export async function scan() {
  const { codes } = await get("choices");
  asking("扫一扫:填二维码的场景值,或选一个公众号做过的码", [["scene", "", "场景值"]], (given) => go("scan", given), "扫码");
  const each = ({ scene, action }) => el("button", { type: "button", class: "choice", data: { scene }, onclick: () => go("scan", { scene }) }, scene, el("small", {}, action.includes("LIMIT") ? "永久" : "临时"));
  find("#panel").append(...codes.map(each));
}

async function notices() {
  const { templates } = await get("choices");
  if (!templates.length) { toast("公众号还没有模板"); return; }
  const each = ({ name, template_id }) => el("div", { class: "choice" }, name, el("span", {}, el("button", { type: "button", class: "tap", onclick: () => go("subscribe_popup", { template_id, accept: true }) }, "允许一次"), "　", el("button", { type: "button", class: "tap", onclick: () => go("subscribe_popup", { template_id, accept: false }) }, "拒绝")));
  open(el("h3", {}, "公众号想给您发通知"), ...templates.map(each));
}

export function drawMenu(buttons) {
  const closeSubs = () => document.querySelectorAll("#menu .subs").forEach((subs) => { subs.hidden = true; });
  const press = (button) => {
    closeSubs();
    perform("menu", { key: button.key || button.url || button.name });
    if (button.type === "view") window.open(button.url, "_blank", "noopener");
  };
  const cell = (button) => {
    const subs = button.sub_button || [];
    if (!subs.length) return el("div", {}, el("button", { type: "button", data: { key: button.key || button.url || "" }, onclick: () => press(button) }, button.name));
    const box = el("div", { class: "subs", hidden: true }, ...subs.map((sub) => el("button", { type: "button", data: { key: sub.key || sub.url || "" }, onclick: () => press(sub) }, sub.name)));
    const flip = (event) => { event.stopPropagation(); const hidden = box.hidden; closeSubs(); box.hidden = !hidden; };
    return el("div", {}, box, el("button", { type: "button", class: "has-sub", onclick: flip }, button.name));
  };
  find("#menu").replaceChildren(...buttons.map(cell));
  document.addEventListener("click", closeSubs);
}
