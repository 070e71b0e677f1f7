// Builds elements. Text goes in as text, never as HTML, so nothing that anyone writes can become markup.
export function el(name, given = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(given)) {
    if (key === "class") node.className = value;
    else if (key === "data") Object.assign(node.dataset, value);
    else if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (value !== undefined && value !== false) node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

export function avatar(name) {
  let sum = 0;
  for (const letter of name) sum += letter.codePointAt(0);
  return el("span", { class: `avatar c${sum % 8}`, "aria-hidden": "true" }, name.slice(-2));
}

export const find = (selector) => document.querySelector(selector);
