// The stand-in's page: keeps the cards true, presses their buttons, shows the modals. No dependency, no inline code.
"use strict";

const body = document.body;
const list = document.getElementById("messages");
const modal = document.getElementById("modal");
const status = document.getElementById("state");
const typed = document.getElementById("typed");
const newer = document.querySelector(".newer");
const token = document.querySelector("meta[name=stand-in-token]").content;
const place = { channel: body.dataset.channel, user: body.dataset.user };
let revision = Number(body.dataset.revision);
let thread = null;

async function act(what, asked) {
  try {
    const answer = await fetch(`ui/${what}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Stand-In-Token": token },
      body: JSON.stringify({ ...asked, user: place.user }),
    });
    return await answer.json();
  } catch {
    return { ok: false, error: "the stand-in cannot be reached" };
  }
}

function tell(words) {
  status.textContent = words;
  if (words) setTimeout(() => { if (status.textContent === words) status.textContent = ""; }, 6000);
}

function reason(answer) {
  return [answer.error, ...(Array.isArray(answer.errors) ? answer.errors : [])].filter(Boolean).join(": ") || "that did not work";
}

// --- what the reader sees in their own time zone and words ---

const FORMATS = {
  time: { hour: "2-digit", minute: "2-digit" },
  time_secs: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
  date: { day: "numeric", month: "long", year: "numeric" },
  date_short: { day: "numeric", month: "short", year: "numeric" },
  date_short_pretty: { day: "numeric", month: "short" },
  date_long: { weekday: "long", day: "numeric", month: "long", year: "numeric" },
  date_num: { year: "numeric", month: "2-digit", day: "2-digit" },
};

function localize(root) {
  for (const time of root.querySelectorAll("time[data-format]")) {
    const at = new Date(time.dateTime);
    time.textContent = time.dataset.format.replace(/\{(\w+)\}/g, (all, name) =>
      FORMATS[name.replace(/_pretty$/, "")] || FORMATS[name]
        ? at.toLocaleString([], { hour12: false, ...(FORMATS[name] || FORMATS[name.replace(/_pretty$/, "")]) })
        : all);
    time.title = at.toLocaleString();
  }
}

function markDays() {
  let last = "";
  for (const old of list.querySelectorAll(".day")) old.remove();
  for (const card of list.querySelectorAll("article")) {
    const day = new Date(Number(card.dataset.ts) * 1000).toLocaleDateString([], { weekday: "long", day: "numeric", month: "long" });
    if (day !== last) {
      const mark = document.createElement("div");
      mark.className = "day";
      mark.append(Object.assign(document.createElement("span"), { textContent: day }));
      card.before(mark);
    }
    last = day;
  }
}

// --- live, without flicker: only changed cards are exchanged, and none under an open menu ---

const held = new Map();
const atBottom = () => list.scrollHeight - list.scrollTop - list.clientHeight < 120;
const toBottom = () => { list.scrollTop = list.scrollHeight; newer.hidden = true; };

function show({ ts, html }) {
  const old = document.getElementById(`m-${ts}`);
  const focus = document.activeElement;
  if (old && old.contains(focus) && focus.tagName === "SELECT" && !focus.classList.contains("busy")) {
    held.set(ts, html);
    return;
  }
  if (!html) { old?.remove(); return; }
  const holder = document.createElement("template");
  holder.innerHTML = html.trim();
  const card = holder.content.firstElementChild;
  localize(card);
  if (!old) {
    card.classList.add("fresh");
    const after = [...list.querySelectorAll("article")].find((other) => Number(other.dataset.ts) > Number(ts));
    list.insertBefore(card, after || list.querySelector(".empty"));
    return;
  }
  const action = old.contains(focus) ? focus.dataset.action : null;
  card.querySelectorAll("details").forEach((each, i) => { each.open = old.querySelectorAll("details")[i]?.open ?? false; });
  old.replaceWith(card);
  if (action) (card.querySelector(`[data-action="${CSS.escape(action)}"]`) || card).focus({ preventScroll: true });
}

function count(counts) {
  for (const link of document.querySelectorAll("[data-room]")) {
    const total = counts[link.dataset.room];
    if (total === undefined) continue;
    const fresh = link.dataset.room === place.channel ? 0 : total - Number(link.dataset.count);
    link.querySelector(".new").textContent = fresh > 0 ? String(fresh) : "";
  }
}

async function look() {
  const query = new URLSearchParams({ channel: place.channel, as: place.user, seen: String(revision) });
  const answer = await fetch(`ui/state?${query}`);
  if (answer.status !== 200) return;
  const news = await answer.json();
  const stay = atBottom();
  const before = list.querySelectorAll("article").length;
  news.changed.forEach(show);
  revision = news.revision;
  count(news.counts);
  markDays();
  if (stay) toBottom();
  else if (list.querySelectorAll("article").length > before) newer.hidden = false;
}

async function watch() {
  for (;;) {
    try {
      if (!document.hidden) await look();
      if (status.dataset.away) { delete status.dataset.away; status.textContent = ""; }
    } catch {
      status.dataset.away = "1";
      status.textContent = "hubbub is not running; waiting for it";
    }
    await new Promise((go) => setTimeout(go, 700));
  }
}

list.addEventListener("focusout", () => setTimeout(() => {
  for (const [ts, html] of held) { held.delete(ts); show({ ts, html }); }
  markDays();
}));
list.addEventListener("scroll", () => { if (atBottom()) newer.hidden = true; }, { passive: true });
newer.addEventListener("click", toBottom);

// --- buttons and menus ---

function sure(element) {
  const dialog = document.getElementById("sure");
  if (!element.dataset.confirm) return Promise.resolve(true);
  document.getElementById("sure-title").textContent = element.dataset.confirmTitle;
  document.getElementById("sure-text").textContent = element.dataset.confirm;
  document.getElementById("sure-yes").textContent = element.dataset.confirmYes;
  document.getElementById("sure-no").textContent = element.dataset.confirmNo;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((done) => dialog.addEventListener("close", () => done(dialog.returnValue === "yes"), { once: true }));
}

async function press(element, value) {
  if (!(await sure(element))) return false;
  const ts = element.closest("[data-ts]").dataset.ts;
  element.classList.add("busy");
  const answer = await act("press", { channel: place.channel, ts, action_id: element.dataset.action, ...(value === undefined ? {} : { value }) });
  element.classList.remove("busy");
  if (answer.view) open(answer.view);
  if (!answer.ok) tell(reason(answer));
  return answer.ok;
}

list.addEventListener("click", (event) => {
  const reply = event.target.closest("[data-reply]");
  if (reply) { replyTo(reply.closest("article").dataset.ts); return; }
  const element = event.target.closest("button[data-action], a[data-action]");
  if (element && !element.classList.contains("busy")) press(element);
});

list.addEventListener("change", async (event) => {
  const element = event.target.closest("select[data-action]");
  if (!element || !element.value) return;
  await press(element, element.value);
  element.value = "";
});

// --- modals ---

function open(view) {
  modal.innerHTML = view.html;
  for (const input of modal.querySelectorAll("[data-epoch]")) {
    if (!input.dataset.epoch) continue;
    const at = new Date(Number(input.dataset.epoch) * 1000);
    input.value = new Date(at - at.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
  }
  localize(modal);
  if (!modal.open) modal.showModal();
  modal.querySelector(".field input, .field textarea, .field select")?.focus();
}

function answers() {
  const values = {};
  for (const field of modal.querySelectorAll("[data-field]")) {
    const ticked = [...field.querySelectorAll("input:checked")].map((input) => input.value);
    const input = field.querySelector("input, textarea, select");
    let value = input ? input.value : "";
    if (field.matches("fieldset")) value = field.dataset.kind === "radio_buttons" ? ticked[0] || "" : ticked;
    if (field.dataset.kind === "datetimepicker") value = value ? Math.floor(new Date(value) / 1000) : null;
    (values[field.dataset.block] ||= {})[field.dataset.field] = value;
  }
  return values;
}

function showFaults(answer) {
  const known = answer.errors && !Array.isArray(answer.errors) ? answer.errors : {};
  let first = null;
  for (const field of modal.querySelectorAll("[data-field]")) {
    const fault = known[field.dataset.block] || "";
    field.querySelector(".error").textContent = fault;
    const input = field.querySelector("input, textarea, select");
    input?.toggleAttribute("aria-invalid", Boolean(fault));
    if (fault && !first) first = input;
  }
  modal.querySelector(".whole").textContent = Object.keys(known).length ? "" : reason(answer);
  first?.focus();
}

modal.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = modal.querySelector("[type=submit]");
  button.disabled = true;
  const answer = await act("submit", { view_id: event.target.dataset.view, values: answers() });
  button.disabled = false;
  if (answer.view) open(answer.view);
  else if (answer.ok) modal.close();
  else showFaults(answer);
});
function dismiss() {
  act("close", { view_id: modal.querySelector("form").dataset.view });
  modal.close();
}
modal.addEventListener("click", (event) => { if (event.target.closest("[data-close]")) dismiss(); });
modal.addEventListener("cancel", (event) => { event.preventDefault(); dismiss(); });

// --- the line at the bottom ---

function replyTo(ts) {
  thread = ts;
  document.querySelector(".composer .to").hidden = !ts;
  typed.focus();
}

document.querySelector("[data-unreply]").addEventListener("click", () => replyTo(null));
document.getElementById("composer").addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = typed.value.trim();
  if (!text) return;
  typed.value = "";
  const what = text.startsWith("/") ? "command" : "say";
  const answer = await act(what, { text, channel: place.channel, ...(thread ? { thread_ts: thread } : {}) });
  if (answer.view) open(answer.view);
  if (!answer.ok) { tell(reason(answer)); typed.value = text; return; }
  if (thread) replyTo(null);
});
document.getElementById("as").addEventListener("change", (event) => event.target.form.submit());

localize(document);
markDays();
toBottom();
watch();
