// The player: the place in the pass, and what moves it: keys, buttons, timeline, touch and the address.

const LAST = DATA.frames.length - 1;
const GRAINS = ["neuron", "layer", "pass"];
const GRAIN_WORDS = { neuron: "step", layer: "layer", pass: "phase" };
const SWIPE = 40; // pixels
const HASH = /^#step=(\d+)$/;
const KEYS = [
  ["→ ←", "next step, back"], ["Home End", "before the first step, last step"], ["Space", "play or pause"],
  ["↑ ↓", "longer or shorter steps"], ["G", "network or computation graph"], ["/", "find"],
  ["Esc", "close what is open"], ["L", "dark or light"],
];

const canvases = {};
let at = 0;
let shown = "";
let timer = 0;
let naming = 0;
let grain = 0;
const narrow = matchMedia("(max-width: 620px)");
const WIDEST = 480; // of a canvas that is shown whole on a narrow screen

glyphs();

function canvasOf(name) {
  canvases[name] = canvases[name] || makeCanvas(name);
  return canvases[name];
}

// The canvas of a tab: on a narrow screen the network has a layout of its own.
function variant(name) {
  return name === "network" && narrow.matches ? "narrow" : name;
}

function showCanvas(name) {
  const canvas = canvasOf(variant(name));
  const room = byId("canvas");
  if (shown !== name || room.firstChild !== canvas.picture) {
    shown = name;
    room.replaceChildren(canvas.picture);
    canvas.picture.style.minWidth = narrow.matches && canvas.size[0] > WIDEST ? `${0.9 * canvas.size[0]}px` : "";
    for (const tab of document.querySelectorAll("[data-canvas]")) {
      tab.setAttribute("aria-pressed", String(tab.dataset.canvas === name));
    }
  }
  canvas.show(at);
  ring(canvas);
  if (canvas.picture.style.minWidth) { // else it fits, and no layout is needed to know it
    room.scrollLeft = scrollFor(canvas, room);
  }
}

// How far a canvas that is wider than the screen is scrolled, so that what the step computes is in sight.
function scrollFor(canvas, room) {
  const place = frame(at)[FRAME.number];
  const drawn = place ? canvas.of(place)[0] : null;
  if (!drawn) {
    return at ? room.scrollLeft : 0;
  }
  const { x, width } = drawn.getBBox();
  return ((x + width / 2) / canvas.size[0]) * room.scrollWidth - room.clientWidth / 2;
}

// The canvas that a layout of a walk shows.
function layoutCanvas(name) {
  if (name === "graph") {
    return "graph";
  }
  return DATA.canvases.plots && name.includes("plots") ? "plots" : "network";
}

function turn(numbers) {
  asked.splice(0, asked.length, ...numbers);
  showWhy(at, turn, go);
  ring(canvasOf(variant(shown)));
}

const onNumber = (place) => turn([place]);

function go(wanted) {
  const next = Math.min(LAST, Math.max(0, wanted));
  const before = at;
  at = next;
  const scene = frame(at)[FRAME.scene];
  const isOther = DATA.scenes.length && frame(before)[FRAME.layout] !== frame(at)[FRAME.layout];
  showCanvas(isOther || !shown ? layoutCanvas(text(at, "layout")) : shown);
  showCard(at, onNumber);
  showCode(at);
  showValues(at);
  moveTimeline(at);
  showWhy(at, turn, go);
  setText("caption", text(at, "caption"));
  byId("place").textContent = DATA.scenes.length
    ? `Scene ${scene + 1} of ${DATA.scenes.length}: ${DATA.scenes[scene]}`
    : at ? `Step ${at} of ${LAST}` : `${LAST} steps`;
  showScene(scene);
  byId("said").textContent = said(at);
  document.body.dataset.at = at;
  clearTimeout(naming);
  naming = setTimeout(nameStep);
}

// Put the step into the address, after it has been drawn: to change the address takes as long as a step.
function nameStep() {
  const hash = `#step=${at}`;
  if (location.hash !== hash && (at || location.hash)) {
    try {
      history.replaceState(null, "", hash);
    } catch {
      // a page in a frame without an address keeps none
    }
  }
}

// Mark a scene in the list, and scroll the list to it.
function showScene(scene) {
  const list = byId("scenes");
  for (const link of list.querySelectorAll("[data-scene]")) {
    const isShown = Number(link.dataset.scene) === scene;
    link.setAttribute("aria-current", String(isShown));
    if (isShown) {
      list.scrollLeft = link.offsetLeft - list.offsetLeft - (list.clientWidth - link.offsetWidth) / 2;
    }
  }
}

// The next place in a direction, at the chosen length of steps.
function neighbour(direction) {
  const stops = DATA.stops[GRAINS[grain]];
  if (!stops) {
    return at + direction;
  }
  const all = [0, ...stops];
  return direction > 0 ? all.find((stop) => stop > at) ?? LAST : all.filter((stop) => stop < at).at(-1) ?? 0;
}

function setGrain(wanted) {
  grain = Math.min(Object.keys(DATA.stops).length, Math.max(0, wanted));
  const words = grain ? `a ${GRAIN_WORDS[GRAINS[grain]]} at a time` : "";
  byId("grain").textContent = words;
}

function pause() {
  clearTimeout(timer);
  timer = 0;
  document.querySelector("[data-go=play]").classList.remove("playing");
}

// Play: each frame for its seconds. A question waits for a key.
function play() {
  if (timer) {
    pause();
    return;
  }
  if (at === LAST) {
    go(0);
  }
  const next = () => {
    timer = setTimeout(() => {
      go(neighbour(1));
      if (at === LAST || text(at, "question")) {
        pause();
      } else {
        next();
      }
    }, 1000 * frame(at)[FRAME.seconds]);
  };
  next();
  document.querySelector("[data-go=play]").classList.add("playing");
}

const MOVES = {
  first: () => go(0), back: () => go(neighbour(-1)), next: () => go(neighbour(1)), last: () => go(LAST),
};

function move(name) {
  if (name === "play") {
    play();
  } else {
    pause();
    MOVES[name]();
  }
}

function setTheme(name) {
  document.documentElement.dataset.theme = name;
  byId("theme").textContent = name === "dark" ? "Light" : "Dark";
}

function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function close() {
  byId("keys").hidden = true;
  byId("help").setAttribute("aria-expanded", "false");
  turn([]);
}

function help() {
  byId("keys").hidden = !byId("keys").hidden;
  byId("help").setAttribute("aria-expanded", String(!byId("keys").hidden));
}

const KEY_MOVES = {
  ArrowRight: () => move("next"), ArrowLeft: () => move("back"), PageDown: () => move("next"), PageUp: () => move("back"),
  Home: () => move("first"), End: () => move("last"), " ": () => move("play"),
  ArrowUp: () => setGrain(grain + 1), ArrowDown: () => setGrain(grain - 1),
  g: () => showCanvas(shown === "graph" ? "network" : "graph"), l: () => setTheme(isDark() ? "light" : "dark"),
  "/": () => byId("find").focus(), "?": help, Escape: close,
};

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.tagName === "INPUT";
  const isButton = event.target.tagName === "BUTTON" && event.key === " ";
  const act = KEY_MOVES[event.key] || KEY_MOVES[event.key.toLowerCase()];
  if (act && !isTyping && !isButton && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    act();
  }
});
for (const button of document.querySelectorAll("[data-go]")) {
  button.addEventListener("click", () => move(button.dataset.go));
}
for (const tab of document.querySelectorAll("[data-canvas]")) {
  tab.addEventListener("click", () => showCanvas(tab.dataset.canvas));
  tab.hidden = !DATA.canvases[tab.dataset.canvas];
}
byId("canvas").addEventListener("click", (event) => {
  const drawn = event.target.closest("[data-number]");
  turn(drawn ? [Number(drawn.dataset.number)] : []);
});
byId("theme").addEventListener("click", () => setTheme(isDark() ? "light" : "dark"));
byId("help").addEventListener("click", help);
byId("keys").append(make("dl", {}, ...KEYS.flatMap(([keys, words]) => [make("dt", {}, keys), make("dd", {}, words)])));

let touch = null;
byId("stage").addEventListener("touchstart", (event) => {
  const [one] = event.touches;
  const room = byId("canvas");
  const isOther = event.target.closest("#timeline") || (room.contains(event.target) && room.scrollWidth > room.clientWidth);
  touch = event.touches.length === 1 && !isOther ? [one.clientX, one.clientY] : null;
}, { passive: true });
byId("stage").addEventListener("touchend", (event) => {
  const [one] = event.changedTouches;
  if (touch && Math.abs(one.clientX - touch[0]) > SWIPE && Math.abs(one.clientX - touch[0]) > 2 * Math.abs(one.clientY - touch[1])) {
    move(one.clientX < touch[0] ? "next" : "back");
  }
  touch = null;
}, { passive: true });

if (DATA.scenes.length) {
  const starts = DATA.scenes.map((_, scene) => DATA.frames.findIndex((each) => each[FRAME.scene] === scene));
  const links = DATA.scenes.map((title, scene) => {
    const link = make("button", { type: "button", "data-scene": scene }, title || `Scene ${scene + 1}`);
    link.addEventListener("click", () => {
      pause();
      go(starts[scene]);
    });
    return link;
  });
  byId("scenes").append(...links);
  byId("scenes").hidden = false;
}

const moveTimeline = makeTimeline((wanted) => {
  pause();
  go(wanted);
});
makeSearch((place, there) => {
  pause();
  go(Math.max(at, there));
  turn([place]);
});
setGrain(0);
const nameTheme = () => {
  byId("theme").textContent = isDark() ? "Light" : "Dark";
};
nameTheme();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", nameTheme);
narrow.addEventListener("change", () => showCanvas(shown));
addEventListener("hashchange", () => {
  const found = HASH.exec(location.hash);
  if (found && Number(found[1]) !== at) {
    go(Number(found[1]));
  }
});
const start = HASH.exec(location.hash);
go(start ? Number(start[1]) : 0);
