/* What every htmx request of the studio carries: the CSRF token of the page, from <meta name="csrf-token">. */
document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = document.querySelector("meta[name=csrf-token]").content;
});
