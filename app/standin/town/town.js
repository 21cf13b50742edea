// The town's page: shows what is new, and changes only the cards that have changed.
"use strict";

const list = document.getElementById("timeline");
const state = document.getElementById("state");
const show = document.body.dataset.show;
const known = new Map();
let revision = document.body.dataset.revision;

function localize(root) {
  for (const time of root.querySelectorAll("time")) {
    const at = new Date(time.dateTime);
    time.textContent = at.toLocaleString([], { weekday: "short", hour: "2-digit", minute: "2-digit", hour12: false });
    time.title = at.toLocaleString();
  }
}

function draw(cards) {
  const keys = new Set(cards.map((card) => card.key));
  for (const [key, old] of known) if (!keys.has(key)) { old.node.remove(); known.delete(key); }
  let before = list.querySelector(".empty");
  for (const { key, html } of [...cards].reverse()) {
    let entry = known.get(key);
    if (!entry || entry.html !== html) {
      const holder = document.createElement("template");
      holder.innerHTML = html.trim();
      const node = holder.content.firstElementChild;
      localize(node);
      if (entry) entry.node.replaceWith(node);
      entry = { html, node };
      known.set(key, entry);
    }
    if (entry.node.nextElementSibling !== before) list.insertBefore(entry.node, before);
    before = entry.node;
  }
}

async function look(seen) {
  const answer = await fetch(`ui/timeline?show=${show}&seen=${seen}`);
  if (answer.status !== 200) return;
  const news = await answer.json();
  revision = news.revision;
  // What the server drew first is taken over once, so that no card is drawn twice.
  if (!known.size) for (const card of [...list.querySelectorAll(".thread")]) card.remove();
  draw(news.cards);
}

async function watch() {
  await look("").catch(() => {});
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
  for (;;) {
    await new Promise((go) => setTimeout(go, 1000));
    try {
      if (!document.hidden) await look(revision);
      state.textContent = "";
    } catch {
      state.textContent = "hubbub is not running; waiting for it";
    }
  }
}

localize(document);
watch();
