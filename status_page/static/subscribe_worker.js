// Shows what we push, and opens the page of it.
"use strict";
self.addEventListener("push", (event) => {
  const told = event.data ? event.data.json() : {};
  event.waitUntil(
    self.registration.showNotification(told.title || "", {
      body: told.body || "", lang: told.lang || "", dir: told.dir || "auto", tag: told.tag || "", renotify: !!told.tag,
      data: { url: told.url, manage: told.manage },
      actions: told.manage ? [{ action: "manage", title: told.settings || "" }] : [],
    })
  );
});
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const { url, manage } = event.notification.data || {};
  const wanted = event.action === "manage" ? manage : url;
  if (wanted && /^https?:/.test(wanted)) event.waitUntil(self.clients.openWindow(wanted));
});
