// Scrolls the list from its first row to its last, one step a frame, and notes long tasks and late frames.
// Arguments: the selector of a row, the number of steps, and what to call at the end.
const [row, steps, done] = arguments;
let list = document.querySelector(row);
while (list && !(list.scrollHeight > list.clientHeight + 1 && /auto|scroll/.test(getComputedStyle(list).overflowY))) {
  list = list.parentElement;
}
list ??= document.scrollingElement;

const tasks = [];
const note = (entries) => tasks.push(...entries.map((entry) => entry.duration));
const observer = new PerformanceObserver((records) => note(records.getEntries()));
observer.observe({ type: "longtask" });

const frames = [];
const distance = list.scrollHeight - list.clientHeight;
let step = 0;
let last = performance.now();
const move = () => {
  const now = performance.now();
  frames.push(now - last);
  last = now;
  if (step === steps) {
    // The last tasks are reported a little later.
    setTimeout(() => {
      note(observer.takeRecords());
      observer.disconnect();
      frames.shift();
      done({ distance, tasks, frames, end: list.scrollTop, last: [...document.querySelectorAll(row)].at(-1)?.innerText });
    }, 300);
    return;
  }
  step += 1;
  list.scrollTop = Math.round((distance * step) / steps);
  requestAnimationFrame(move);
};
requestAnimationFrame(move);
