// Shows times in the visitor's own zone and says how old the page is; without it everything stands in UTC.
(() => {
  "use strict";
  const lang = document.documentElement.lang || "en";
  const own = navigator.language || lang;
  const locale = own.split("-")[0] === lang ? own : lang;
  const clock = { hour: "2-digit", minute: "2-digit", timeZoneName: "short" };
  const shapes = {
    clock,
    moment: { day: "numeric", month: "long", year: "numeric", ...clock },
    when: { day: "numeric", month: "short", ...clock },
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
    el.textContent = new Intl.DateTimeFormat(locale, shape).format(at);
    before = day;
  }
  const age = document.getElementById("age"), stale = document.getElementById("stale");
  if (!stale) return;
  const words = new Intl.RelativeTimeFormat(locale, { numeric: "always" });
  const tell = () => {
    const minutes = Math.max(0, Math.round((Date.now() - new Date(stale.dataset.at)) / 60000));
    const said =
      minutes < 90 ? words.format(-minutes, "minute")
      : minutes < 2880 ? words.format(-Math.round(minutes / 60), "hour")
      : words.format(-Math.round(minutes / 1440), "day");
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
