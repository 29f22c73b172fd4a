// Why: what a number was computed from, followed from number to number, with rings on the canvas.

const asked = []; // the numbers followed so far, the shown one last

function ringAround(canvas, place, kind) {
  for (const drawn of canvas.of(place)) {
    if (drawn.tagName === "path") {
      const line = draw("path", { d: drawn.getAttribute("d"), class: `edge ${kind}` });
      canvas.rings.append(line);
    } else {
      const { x, y, width, height } = drawn.getBBox();
      canvas.rings.append(
        draw("rect", { x: x - 4, y: y - 3, width: width + 8, height: height + 6, rx: 6, class: kind }),
      );
    }
  }
}

// Ring a number and what it was computed from on a canvas.
function ring(canvas) {
  canvas.rings.replaceChildren();
  const shown = asked.at(-1);
  if (!shown) {
    return;
  }
  for (const part of number(shown)[NUMBER.parts]) {
    if (typeof part === "number") {
      ringAround(canvas, part, "part");
    }
  }
  ringAround(canvas, shown, "asked");
}

function valueOf(one, at) {
  return isKnown(one, at) ? one[NUMBER.value] : "\u2014";
}

// Write what the last number was computed from; `turn` shows other numbers, `go` goes to a frame.
function showWhy(at, turn, go) {
  const panel = byId("why");
  panel.hidden = !asked.length;
  if (!asked.length) {
    panel.replaceChildren();
    return;
  }
  const one = number(asked.at(-1));
  const known = isKnown(one, at);
  const crumbs = make("p", { class: "crumbs" });
  asked.slice(0, -1).forEach((place, index) => {
    const back = make("button", { type: "button" }, number(place)[NUMBER.symbol]);
    back.addEventListener("click", () => turn(asked.slice(0, index + 1)));
    crumbs.append(back, " ← ");
  });
  const close = make("button", { type: "button", class: "close", "aria-label": "Close (Escape)" }, "×");
  close.addEventListener("click", () => turn([]));
  const title = make("h2", {}, one[NUMBER.title]);
  const value = make("p", { class: "value" }, `${one[NUMBER.symbol]} = `, make("b", { title: known ? one[NUMBER.exact] : "" }, valueOf(one, at)));
  panel.replaceChildren(close, crumbs, title, value);
  const there = frameOf(one);
  if (one[NUMBER.at] < 0) {
    panel.append(make("p", {}, one[NUMBER.text]));
    return;
  }
  if (there >= 0) {
    const link = make("button", { type: "button", class: "go" }, known ? `Go to its step (${there})` : `Not known yet: step ${there}`);
    link.addEventListener("click", () => go(there));
    panel.append(link);
  }
  const parts = make("ul", { class: "parts" });
  for (const part of one[NUMBER.parts]) {
    const item = make("li", {});
    if (typeof part === "number") {
      const of = number(part);
      const link = make("button", { type: "button", "data-number": part }, `${of[NUMBER.symbol]} = ${valueOf(of, at)}`);
      link.addEventListener("click", () => turn([...asked, part]));
      item.append(link);
    } else {
      item.append(part);
    }
    parts.append(item);
  }
  if (one[NUMBER.more]) {
    parts.append(make("li", {}, one[NUMBER.more]));
  }
  panel.append(make("p", {}, one[NUMBER.text]), parts);
}
