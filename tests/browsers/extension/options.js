// Shows all settings as JSON, once there are any.
const api = globalThis.browser ?? chrome;
const show = () =>
  api.storage.local.get(null, (all) => {
    if (!("large" in all)) return setTimeout(show, 50);
    document.getElementById("all").textContent = JSON.stringify(all);
  });
show();
