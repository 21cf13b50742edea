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
  const now = Date.now();
  const today = new Date(now).toDateString();
  for (const el of document.querySelectorAll("time[data-f]")) {
    const at = new Date(el.dateTime);
    if (isNaN(at)) continue;
    const shape = el.dataset.f === "when" && at.toDateString() === today ? "clock" : el.dataset.f;
    el.title = el.textContent;
    el.textContent = new Intl.DateTimeFormat(locale, shapes[shape]).format(at);
  }
  const age = document.getElementById("age");
  if (!age) return;
  const tell = () => {
    const minutes = Math.max(0, Math.round((Date.now() - new Date(age.dataset.at)) / 60000));
    const words = new Intl.RelativeTimeFormat(locale, { numeric: "always" });
    const said =
      minutes < 90 ? words.format(-minutes, "minute")
      : minutes < 2880 ? words.format(-Math.round(minutes / 60), "hour")
      : words.format(-Math.round(minutes / 1440), "day");
    age.textContent = `(${said})`;
    age.hidden = false;
    const stale = document.getElementById("stale");
    if (stale) stale.hidden = minutes < Number(stale.dataset.minutes);
  };
  tell();
  setInterval(tell, 60000);
})();
