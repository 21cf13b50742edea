// The desk's own script: keys, times in the reader's zone, and never losing what somebody is typing.
(function () {
  "use strict";
  const TEXT = "textarea, select, input:not([type=hidden]):not([type=search])";
  const trouble = document.getElementById("trouble");
  let sender = null;

  function isTouched(field) {
    if (field.tagName === "SELECT") {
      const usual = Array.from(field.options).findIndex((o) => o.defaultSelected);
      return field.selectedIndex !== Math.max(usual, 0);
    }
    if (field.type === "checkbox") return field.checked !== field.defaultChecked;
    return field.value !== field.defaultValue;
  }

  // A part is busy while somebody writes in it; news must wait until they are done.
  function isBusy(part) {
    if (part.querySelector("[data-kept]")) return true;
    const active = document.activeElement;
    if (part.contains(active) && active.matches(TEXT)) return true;
    return Array.from(part.querySelectorAll(TEXT)).some(isTouched);
  }

  function say(words) {
    trouble.textContent = words;
    trouble.hidden = !words;
  }

  document.addEventListener("htmx:beforeSwap", (event) => { sender = event.detail.elt; });
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const { target, fragment } = event.detail;
    if (sender && sender.tagName === "FORM" && target.contains(sender)) return;
    if (isBusy(target)) { event.detail.shouldSwap = false; return; }
    target.querySelectorAll("details[id][open]").forEach((open) => {
      const twin = fragment.querySelector("#" + CSS.escape(open.id));
      if (twin) twin.open = true;
    });
  });
  document.addEventListener("htmx:oobErrorNoTarget", (event) => event.stopPropagation());
  document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.successful) say(""); });
  document.addEventListener("htmx:sendError", () => say("No connection to hubbub. What you wrote is still here; try again in a moment."));
  document.addEventListener("htmx:responseError", (event) => {
    const status = event.detail.xhr.status;
    if (status === 401 || status === 403) say("Not done: you are signed out, or this page is too old. What you wrote is still here: sign in again in another tab, then copy it over.");
    else if (status !== 404) say("Not done: hubbub answered with an error (" + status + "). What you wrote is still here.");
  });
  document.addEventListener("htmx:sseError", () => document.body.classList.add("offline"));
  document.addEventListener("htmx:sseOpen", () => document.body.classList.remove("offline"));
  document.addEventListener("htmx:afterSettle", dress);

  window.addEventListener("beforeunload", (event) => {
    const typed = Array.from(document.querySelectorAll("main textarea")).some((t) => !t.readOnly && isTouched(t));
    if (typed && !leaving) event.preventDefault();
  });
  let leaving = false;
  document.addEventListener("submit", () => { leaving = true; setTimeout(() => { leaving = false; }, 3000); });

  // A browser opens six connections to one address: pages nobody looks at give theirs back.
  let rest = 0;
  document.addEventListener("visibilitychange", () => {
    const live = document.getElementById("live");
    if (!live) return;
    clearTimeout(rest);
    if (document.hidden) {
      rest = setTimeout(() => { htmx.trigger(live, "htmx:beforeCleanupElement"); live.dataset.rests = "1"; }, 20000);
    } else if (live.dataset.rests) {
      delete live.dataset.rests;
      htmx.trigger(live, "htmx:afterProcessNode");
      const fetcher = document.getElementById("fetch");
      htmx.trigger(fetcher, "htmx:afterProcessNode");
      htmx.trigger(fetcher, "news");
    }
  });

  // Times are written in UTC; with a script they stand in the reader's own zone.
  const clock = new Intl.DateTimeFormat([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const day = new Intl.DateTimeFormat([], { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  function dress() {
    document.querySelectorAll("time[data-form]").forEach((time) => {
      time.textContent = (time.dataset.form === "day" ? day : clock).format(new Date(time.dateTime));
      delete time.dataset.form;
    });
    document.querySelectorAll("[data-left]").forEach(count);
    document.querySelectorAll("[data-utc-of]").forEach(inOwnZone);
  }

  // Plans are typed in UTC; beside the field stands the same moment in the reader's zone.
  function inOwnZone(where) {
    const field = document.getElementById(where.dataset.utcOf);
    const at = new Date((field && field.value ? field.value : "?") + "Z");
    where.textContent = isNaN(at) ? "" : "For you: " + day.format(at);
  }

  function count(where) {
    const field = document.getElementById(where.dataset.left);
    if (field && field.maxLength > 0 && field.maxLength < 3000) {
      const left = field.maxLength - field.value.length;
      where.textContent = left < 100 ? left + " left." : "";
    }
  }
  document.addEventListener("input", () => {
    document.querySelectorAll("[data-left]").forEach(count);
    document.querySelectorAll("[data-utc-of]").forEach(inOwnZone);
  });

  function isSeen(element) { return element.getClientRects().length > 0; }

  function move(step) {
    const rows = Array.from(document.querySelectorAll("a[data-row]")).filter(isSeen);
    if (!rows.length) return;
    const here = rows.findIndex((row) => row === document.activeElement);
    const open = rows.findIndex((row) => row.hasAttribute("aria-current"));
    if (open >= 0) {
      const next = rows[open + step];
      if (next) location.assign(next.href);
      return;
    }
    const next = rows[Math.min(Math.max(here + step, 0), rows.length - 1)];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }

  function press(key) {
    const wanted = Array.from(document.querySelectorAll('[data-key="' + CSS.escape(key) + '"]')).find(isSeen);
    if (!wanted) return false;
    if (wanted.matches(TEXT + ", input[type=search]")) {
      wanted.focus();
      wanted.scrollIntoView({ block: "center" });
    } else {
      wanted.click();
    }
    return true;
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const typing = event.target.matches("textarea, select, input, [contenteditable]");
    if (event.key === "Escape" && typing) { event.target.blur(); return; }
    if (typing || document.querySelector("dialog[open]")) return;
    if (event.key === "j" || event.key === "k") { move(event.key === "j" ? 1 : -1); event.preventDefault(); return; }
    if ("crnse?/".includes(event.key) && press(event.key)) event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-show]");
    if (opener) document.getElementById(opener.dataset.show).showModal();
  });
  document.documentElement.classList.add("js");
  const zone = document.getElementById("zone");
  if (zone) {
    const named = new Intl.DateTimeFormat("en", { timeZoneName: "short" }).formatToParts(new Date());
    zone.textContent = "Times are in your own zone, " + named.find((part) => part.type === "timeZoneName").value + ".";
  }
  document.querySelectorAll(".keys-hint[hidden]").forEach((button) => { button.hidden = false; });
  dress();
})();
