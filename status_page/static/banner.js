/* hubbub: shows a line on your own site while something is wrong, nothing while all is well. Asks only the status page. */
(() => {
  "use strict";
  const me = document.currentScript;
  const page = new URL("../", me.src);
  const all = WORDS;
  const wanted = [me.dataset.lang, document.documentElement.lang].map((tag) => (tag || "").toLowerCase().split("-")[0]);
  const lang = wanted.find((tag) => Object.keys(all).includes(tag)) || Object.keys(all)[0];
  const words = all[lang];
  const colours = { maintenance: ["#e2edfb", "#1f5aa8"], minor: ["#fdf1d3", "#7a4d00"], major: ["#fde7d8", "#9c3c00"], critical: ["#fce3e4", "#a51c28"] };
  let box, shown;

  function draw(level) {
    if (level === shown) return;
    shown = level;
    box.textContent = "";
    const text = Object.keys(colours).includes(level) ? words[level] : "";
    if (!text) return;
    const line = document.createElement("div"), link = document.createElement("a");
    Object.assign(line.style, { padding: "10px 16px", background: colours[level][0], color: colours[level][1], font: "600 16px/1.5 system-ui, sans-serif", textAlign: "center" });
    Object.assign(link.style, { color: "inherit", textDecoration: "underline" });
    link.href = new URL(lang + "/index.html", page).href;
    link.textContent = words.more;
    line.append(text + " ", link);
    box.append(line);
  }

  async function look() {
    if (document.hidden) return;
    try {
      const answer = await fetch(new URL("api/v2/status.json", page), { cache: "no-cache" });
      if (answer.ok) draw((await answer.json()).status.indicator);
    } catch { /* the status page does not answer: what was shown stays, and we ask again */ }
  }

  function begin() {
    box = document.createElement("div");
    box.lang = lang;
    box.dir = words.dir;
    box.setAttribute("role", "status");
    box.setAttribute("aria-live", "polite");
    (document.querySelector(me.dataset.into || "body") || document.body).prepend(box);
    look();
    setInterval(look, 60000);
    document.addEventListener("visibilitychange", look);
  }
  if (document.body) begin(); else document.addEventListener("DOMContentLoaded", begin);
})();
