// Shows times in the visitor's own zone and says how old the page is; without it everything stands in UTC.
(() => {
  "use strict";
  const lang = document.documentElement.lang || "en";
  const own = navigator.language || lang;
  const locale = own.split("-")[0] === lang ? own : lang;
  const clock = { hour: "2-digit", minute: "2-digit", timeZoneName: zoneName() };
  const shapes = {
    clock,
    moment: { day: "numeric", month: "long", year: "numeric", ...clock },
    when: { day: "numeric", month: "short", ...clock },
  };
  // Zones whose clocks never change have a name where people use one; for all others only the offset is exact.
  function zoneName() {
    const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
    const named = ["Europe/Istanbul", "Asia/Tehran", "Asia/Kabul"];
    if (!["tr", "fa"].includes(lang) || !named.includes(zone)) return "short";
    try {
      new Intl.DateTimeFormat(lang, { timeZoneName: "shortGeneric" });
      return "shortGeneric";
    } catch {
      return "short"; // a browser from before 2022
    }
  }
  const words = (at, shape) => {
    const parts = new Intl.DateTimeFormat(locale, shape).formatToParts(at);
    return parts.map(({ type, value }) => (type === "timeZoneName" ? value.replace(/ /g, "\u00a0") : value)).join("");
  };
  const today = new Date().toDateString();
  let before = today;
  for (const el of document.querySelectorAll("time[data-f]")) {
    const at = new Date(el.dateTime), day = at.toDateString();
    if (isNaN(at)) continue;
    const wanted = el.dataset.f;
    const brief = (wanted === "when" && day === today) || (wanted === "until" && day === before);
    const shape = brief ? clock : shapes[wanted] || shapes.moment;
    el.title = el.textContent;
    el.textContent = words(at, shape);
    before = day;
  }
  const age = document.getElementById("age"), stale = document.getElementById("stale");
  if (!stale) return;
  const ages = new Intl.RelativeTimeFormat(locale, { numeric: "always" });
  const tell = () => {
    const minutes = Math.max(0, Math.round((Date.now() - new Date(stale.dataset.at)) / 60000));
    const said =
      minutes < 90 ? ages.format(-minutes, "minute")
      : minutes < 2880 ? ages.format(-Math.round(minutes / 60), "hour")
      : ages.format(-Math.round(minutes / 1440), "day");
    if (age) {
      age.textContent = `(${said})`;
      age.hidden = false;
    }
    const old = minutes >= Number(stale.dataset.minutes);
    stale.hidden = !old;
    document.body.classList.toggle("old", old);
  };
  tell();
  setInterval(tell, 60000);
})();
