// Talks to the sandbox's own JSON. Everything on the pages goes through these few functions.
const root = document.body.dataset.root;

async function read(response) {
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(body.error || `出错了(${response.status})`);
  return body;
}

export function at(path) { return root + path; }

export async function get(path, query = {}) {
  return read(await fetch(`${root}api/${path}?${new URLSearchParams(query)}`, { cache: "no-store" }));
}

export async function post(path, body) {
  const form = body instanceof FormData;
  const headers = form ? {} : { "Content-Type": "application/json" };
  return read(await fetch(`${root}api/${path}`, { method: "POST", headers, body: form ? body : JSON.stringify(body) }));
}

let hiding;
export function toast(text) {
  const box = document.querySelector("#toast");
  box.textContent = text;
  box.hidden = false;
  clearTimeout(hiding);
  hiding = setTimeout(() => { box.hidden = true; }, 1900);
}
