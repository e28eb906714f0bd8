/*
 * What the shop's pages do beyond links and forms, on Harbour.js.
 */
(function () {
  "use strict";

  /** Sends a filter form as soon as something in it changes. */
  function submitOnChange(form) {
    form.querySelectorAll("select, input[type=checkbox]").forEach(function (field) {
      field.addEventListener("change", function () {
        form.requestSubmit();
      });
    });
  }

  /** Shows a photo large while it is held down. */
  function zoom(photo) {
    photo.addEventListener("pointerdown", function () {
      photo.classList.add("zoomed");
    });
    ["pointerup", "pointerleave"].forEach(function (name) {
      photo.addEventListener(name, function () {
        photo.classList.remove("zoomed");
      });
    });
  }

  Harbour.ready(function () {
    document.querySelectorAll("form.filters").forEach(submitOnChange);
    document.querySelectorAll(".product > img").forEach(zoom);
    document.documentElement.dataset.components = String(Harbour.registry.size);
    document.documentElement.dataset.ready = "yes";
    Harbour.emit("ready", { page: document.title });
  });
})();
