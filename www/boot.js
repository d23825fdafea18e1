// Starts the page: the only script the HTML names. What it imports is renamed by `cargo xtask dist`.
import init from "./app.js";

const notice = document.getElementById("boot");

try {
  await init();
  notice?.remove();
} catch (cause) {
  // The likely reasons are an old browser and a cut download; either way an empty page would say nothing.
  if (notice) {
    notice.textContent =
      "Weighbridge could not start: " +
      (cause?.message ?? cause) +
      ". It needs a browser from 2023 or later with WebAssembly allowed; reload to try again.";
  }
  throw cause;
}

// Offline use, for built sites only: during development a cache would serve yesterday's code.
const build = document.querySelector('meta[name="build"]')?.content;
if ("serviceWorker" in navigator && build && build !== "dev") {
  navigator.serviceWorker
    .register("./sw.js", { updateViaCache: "none" })
    // Browsers look for a new version in their own time; this looks on every visit.
    .then((registration) => registration.update())
    .catch(() => {
      // Offline, or a private window or plain-http host that refuses it; the page works without.
    });
}
