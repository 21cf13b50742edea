// Shows the way by browser notifications where the browser can; the form itself is sent as any other form.
(() => {
  "use strict";
  const way = document.getElementById("push");
  if (!way || !("serviceWorker" in navigator) || !("PushManager" in window) || !("Notification" in window)) return;
  way.hidden = false;
  const form = way.querySelector("form");
  const note = form.querySelector(".note");
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    note.hidden = true;
    try {
      if ((await Notification.requestPermission()) !== "granted") throw new Error("not allowed");
      const worker = await navigator.serviceWorker.register(form.dataset.worker);
      const key = bytes(form.dataset.key);
      const found = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
      const { endpoint, keys } = found.toJSON();
      form.elements.address.value = endpoint;
      form.elements.p256dh.value = keys.p256dh;
      form.elements.auth.value = keys.auth;
      form.submit();
    } catch {
      note.hidden = false;
    }
  });
})();
