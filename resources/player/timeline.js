// The timeline: the phases of the pass in their colors, or the scenes of a walk, and the place in it.

function spans() {
  const made = [];
  DATA.frames.forEach((each, at) => {
    const key = DATA.scenes.length ? each[FRAME.scene] : text(at, "phase");
    const last = made.at(-1);
    if (at && last && last.key === key) {
      last.end = at;
    } else if (at) {
      made.push({ key, end: at, start: at - 1 });
    }
  });
  return made;
}

// A gradient with a hard edge between spans.
function gradient(suffix) {
  const total = Math.max(1, DATA.frames.length - 1);
  const stops = spans().map(({ key, start, end }) => {
    const phase = DATA.scenes.length ? (key % 2 ? "backward" : "forward") : key || "forward";
    return `var(--${phase}${suffix}) ${(100 * start) / total}% ${(100 * end) / total}%`;
  });
  return stops.length ? `linear-gradient(to right, ${stops.join(", ")})` : "none";
}

function makeTimeline(go) {
  const line = byId("timeline");
  const done = line.querySelector(".done");
  const knob = line.querySelector(".knob");
  const last = DATA.frames.length - 1;
  line.style.backgroundImage = gradient("_soft");
  done.style.backgroundImage = gradient("");
  line.setAttribute("aria-valuemax", last);
  const follow = (event) => {
    const { left, width } = line.getBoundingClientRect();
    go(Math.round(Math.min(1, Math.max(0, (event.clientX - left) / width)) * last));
  };
  line.addEventListener("pointerdown", (event) => {
    line.setPointerCapture(event.pointerId);
    follow(event);
  });
  line.addEventListener("pointermove", (event) => {
    if (event.buttons) {
      follow(event);
    }
  });
  return function (at) {
    const share = last ? (100 * at) / last : 100;
    done.style.clipPath = `inset(0 ${100 - share}% 0 0)`;
    knob.style.left = `${share}%`;
    line.setAttribute("aria-valuenow", at);
    line.setAttribute("aria-valuetext", text(at, "where") || `${at} of ${last}`);
  };
}
