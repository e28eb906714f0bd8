/* The site does without a service worker: this one takes the place of the one before and is gone. */
"use strict";
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith("freshet-")) await caches.delete(name);
    }
    await self.registration.unregister();
  })());
});
