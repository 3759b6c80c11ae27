// Play, pause, next, previous: buttons, a slider and keys.

function makeControls(count, { go, unpin }) {
  const element = (id) => document.getElementById(id);
  const slider = element("slider");
  slider.max = count - 1;
  let now = 0;
  let timer = null;
  const to = (step) => go(Math.max(0, Math.min(count - 1, step)));
  const pause = () => {
    clearInterval(timer);
    timer = null;
    element("play").textContent = "Play";
  };
  const play = () => {
    if (now === count - 1) to(0);
    element("play").textContent = "Pause";
    timer = setInterval(() => (now < count - 1 ? to(now + 1) : pause()), 1500);
  };
  const actions = {
    first: () => to(0),
    previous: () => to(now - 1),
    play: () => (timer ? pause() : play()),
    next: () => to(now + 1),
    last: () => to(count - 1),
  };
  for (const [id, action] of Object.entries(actions)) {
    element(id).addEventListener("click", () => {
      if (id !== "play") pause();
      action();
    });
  }
  slider.addEventListener("input", () => {
    pause();
    to(slider.valueAsNumber);
  });
  const keys = {
    ArrowLeft: "previous",
    ArrowRight: "next",
    Home: "first",
    End: "last",
    " ": "play",
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") return unpin();
    if (event.ctrlKey || event.metaKey || event.altKey) return; // the browser's own
    const own = event.target.closest("input, select, textarea, [data-keys]");
    const isButton = event.key === " " && event.target.closest("button, summary, a");
    if (own || isButton || !(event.key in keys)) return;
    event.preventDefault();
    element(keys[event.key]).click();
  });
  return function showMoment(t, text) {
    now = t;
    slider.value = t;
    slider.setAttribute("aria-valuetext", text);
    element("moment").textContent = text;
    for (const id of ["first", "previous"]) element(id).disabled = t === 0;
    for (const id of ["next", "last"]) element(id).disabled = t === count - 1;
  };
}
