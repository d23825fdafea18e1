// Offline use. `cargo xtask dist` fills in the two constants: a version that changes with any file, and the files.
//
// One cache holds one version, is written once while installing and never changed, so a page never meets files of
// another version. A new version waits until the last page of the old one is closed, then removes the old cache.
// Requests to other origins, and to anything not in the list, are none of its business.
const VERSION = "dev";
const FILES = [];

const SCOPE = new URL("./", self.location.href);
// Caches are shared by a whole origin, and several copies may live under one.
const PREFIX = `weighbridge ${SCOPE.pathname} `;
const CACHE = PREFIX + VERSION;
const PAGE = SCOPE.href;
const HASHED = /-[0-9a-f]{16}\.(js|wasm|css)$/;
const KNOWN = new Set(FILES.map((file) => new URL(file, SCOPE).href));
const PATIENCE_MS = 4000;
// Where the page saves files from.
const SAVES = PAGE + "save/";
const saves = new Map();

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== SCOPE.origin) return;
  const address = url.origin + url.pathname;
  if (address.startsWith(SAVES)) {
    event.respondWith(saved(address.slice(SAVES.length)));
    return;
  }
  if (address === PAGE || address === PAGE + "index.html") {
    event.respondWith(page(request));
  } else if (KNOWN.has(address)) {
    event.respondWith(file(request, address));
  }
});

// The page is about to save a file and hands over its pieces through a port. Any other message keeps this worker alive.
self.addEventListener("message", (event) => {
  const { save, name, size } = event.data ?? {};
  const [port] = event.ports;
  if (typeof save !== "string" || !port) return;
  saves.set(save, { port, name: String(name), size });
  port.postMessage("ready");
});

function saved(id) {
  const save = saves.get(id);
  saves.delete(id);
  if (!save) return new Response("this download is over", { status: 410 });
  const { port, name, size } = save;
  // A buffer goes back to the page when the browser asks for the next: garbage of this size is collected late.
  let last = null;
  const body = new ReadableStream(
    {
      start(controller) {
        port.onmessage = ({ data }) => {
          if (data.piece) {
            last = data.piece.buffer;
            return controller.enqueue(data.piece);
          }
          port.onmessage = null;
          if (data.end) controller.close();
          else controller.error(new Error("the page broke it off"));
          port.postMessage("over");
        };
      },
      pull() {
        if (last) port.postMessage(last, [last]);
        last = null;
        port.postMessage("more");
      },
      // Nothing can be added any more, nor closed; what the page has sent meanwhile is left where it is.
      cancel() {
        port.onmessage = null;
        port.postMessage("stopped");
      },
    },
    { highWaterMark: 0 },
  );
  const headers = {
    "Content-Type": "application/octet-stream",
    "Content-Disposition": `attachment; filename*=UTF-8''${encodeURIComponent(name).replace(/['()*]/g, escape)}`,
    "X-Content-Type-Options": "nosniff",
  };
  if (size !== null) headers["Content-Length"] = String(size);
  return new Response(body, { headers });
}

async function install() {
  const cache = await caches.open(CACHE);
  await Promise.all([...KNOWN].map((address) => store(cache, address)));
}

async function store(cache, address) {
  const hashed = HASHED.test(address);
  const held = hashed ? await caches.match(address) : undefined;
  const response = held ?? (await fetch(address, { cache: hashed ? "default" : "no-cache" }));
  if (!response.ok || response.redirected) throw new Error(`${address} answered ${response.status}`);
  if (address === PAGE && !(await response.clone().text()).includes(`content="${VERSION}"`)) {
    throw new Error("the page is of another version; the next visit tries again");
  }
  await cache.put(address, response);
}

async function activate() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

// Network first, so that a new version is seen on the first visit; the cache when there is no usable answer in time.
async function page(request) {
  const held = await caches.match(PAGE, { cacheName: CACHE });
  const fresh = fetch(request).then((response) => (response.status < 500 ? response : (held ?? response)));
  if (!held) return fresh;
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, held));
  return Promise.race([fresh, late]).catch(() => held);
}

async function file(request, address) {
  const held = await caches.match(address, { cacheName: CACHE });
  if (!held) return fetch(request);
  const range = request.headers.get("range");
  return range ? part(held, range) : held;
}

// A cache holds whole files; whoever asks for a part of the sample must get that part.
async function part(response, range) {
  const body = await response.blob();
  const [, from, to] = /^bytes=(\d*)-(\d*)$/.exec(range) ?? [];
  if (!from && !to) return new Response(body, { headers: response.headers });
  const start = from ? Number(from) : Math.max(0, body.size - Number(to));
  const end = from && to ? Math.min(Number(to) + 1, body.size) : body.size;
  if (start >= end) {
    return new Response(null, { status: 416, headers: { "Content-Range": `bytes */${body.size}` } });
  }
  return new Response(body.slice(start, end), {
    status: 206,
    headers: {
      "Accept-Ranges": "bytes",
      "Content-Range": `bytes ${start}-${end - 1}/${body.size}`,
      "Content-Type": response.headers.get("Content-Type") ?? "application/octet-stream",
    },
  });
}
