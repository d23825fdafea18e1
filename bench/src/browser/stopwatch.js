// Notes when an event starts the work, when each of `conditions` first holds, and when a frame has shown that.
// The lines before this one define `conditions` and `observed`; the arguments are an event and the selector of its target.
const [event, selector] = arguments;
window.benchWatch?.stop();
const watch = { start: null, seen: {}, shown: {} };
window.benchWatch = watch;

const look = () => {
  if (watch.start === null) return;
  for (const [name, holds] of Object.entries(conditions)) {
    if (name in watch.seen || !holds()) continue;
    watch.seen[name] = performance.now() - watch.start;
    // The frame's callbacks run before it is drawn, a timeout set there after it.
    requestAnimationFrame(() => setTimeout(() => {
      watch.shown[name] = performance.now() - watch.start;
    }));
  }
};

const begin = (e) => {
  if (watch.start === null && e.target.closest(selector)) watch.start = e.timeStamp;
};

const observer = new MutationObserver(look);
observer.observe(...observed);
window.addEventListener(event, begin, true);
watch.stop = () => {
  observer.disconnect();
  window.removeEventListener(event, begin, true);
};
