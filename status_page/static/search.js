// Finds past incidents in a list that is loaded once; the page lists everything by month, too, so nothing depends on it.
(() => {
  "use strict";
  const form = document.getElementById("search"), answer = document.getElementById("answer");
  const input = document.getElementById("q"), list = answer.querySelector("ul"), said = answer.querySelector("span");
  const lang = document.documentElement.lang, most = 50;
  const same = { "ı": "i", "ي": "ی", "ى": "ی", "ك": "ک", "ة": "ه", "ۀ": "ه", "ە": "ه", "\u200c": "", "ـ": "" };
  // One form of Turkish and Persian letters and of digits, no accents: people type what their keyboard has.
  const fold = (text) =>
    text.replace(/[İI]/g, "i").toLowerCase().replace(/[ıيىكةۀە\u200cـ]/g, (char) => same[char])
      .normalize("NFKD").replace(/\p{M}/gu, "")
      .replace(/[۰-۹٠-٩]/g, (digit) => digit.charCodeAt(0) & 15);
  let stories;
  const load = async () => {
    const got = await (await fetch(form.dataset.index)).json();
    return got.map((story) => ({ ...story, all: fold(`${story.t} ${story.s} ${story.x}`) }));
  };
  const row = (story) => {
    const item = document.createElement("li"), link = document.createElement("a"), line = document.createElement("p");
    link.href = story.u;
    link.textContent = story.t;
    link.dir = "auto";
    if (story.l) link.lang = story.l;
    line.className = "soft small";
    line.textContent = story.s;
    item.append(link, line);
    return item;
  };
  const show = async () => {
    const words = fold(input.value).split(/\s+/).filter(Boolean);
    answer.hidden = !words.length;
    if (!words.length) return;
    try {
      stories ??= await load();
    } catch {
      said.textContent = form.dataset.failed;
      list.hidden = true;
      return;
    }
    const found = stories.filter((story) => words.every((word) => story.all.includes(word)));
    const count = said.dataset.found.replace(/[0۰]/, new Intl.NumberFormat(lang).format(found.length));
    said.textContent = !found.length ? said.dataset.none : found.length > most ? `${count}. ${said.dataset.more}` : count;
    list.replaceChildren(...found.slice(0, most).map(row));
    list.hidden = !found.length;
  };
  let wait;
  input.addEventListener("input", () => {
    clearTimeout(wait);
    wait = setTimeout(show, 150);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    history.replaceState(null, "", `?q=${encodeURIComponent(input.value)}`);
    show();
  });
  document.getElementById("scriptless").hidden = true;
  form.hidden = false;
  input.value = new URLSearchParams(location.search).get("q") || "";
  show();
})();
