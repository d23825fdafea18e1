
// The rest of the module: it comes after the first part has started, or at once when the first part calls into it.
const REST = new URL("NAME_rest.wasm", import.meta.url);
let isRestThere = false;

function attachRest(module) {
    if (isRestThere) return;
    isRestThere = true;
    new WebAssembly.Instance(module, { first: wasm });
    wasm.$there.value = 1;
}

// Called by the first part; has to be done when it returns, so it cannot wait for anything.
function loadRest() {
    const request = new XMLHttpRequest();
    request.open("GET", REST, false);
    // The only way to bytes that a page has without waiting: text whose every character holds one.
    request.overrideMimeType("text/plain; charset=x-user-defined");
    request.send();
    if (request.status !== 200) throw new Error(`${REST.pathname} answered ${request.status}`);
    attachRest(new WebAssembly.Module(Uint8Array.from(request.responseText, (letter) => letter.charCodeAt(0))));
}

async function prefetchRest() {
    try {
        attachRest(await WebAssembly.compileStreaming(fetch(REST)));
    } catch {
        // Offline for a moment, or a host that sends the module as something else: it is asked for again when needed.
    }
}

async function initAndPrefetch(options) {
    const exports = await __wbg_init(options);
    prefetchRest();
    return exports;
}
