// Drawing: shapes and formulas as elements of SVG. An element is made once and shown wherever its shape is.

const SVG = "http://www.w3.org/2000/svg";
const ANCHORS = ["start", "middle", "end"];

function draw(tag, attributes, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== "") {
      made.setAttribute(name, value);
    }
  }
  made.append(...children);
  return made;
}

// The color of a paint: a color of the theme, or one mixed with a percentage of another.
function paint(place) {
  if (!place) {
    return "none";
  }
  const [ground, color, share] = DATA.paints[place].split(" ");
  return color ? `color-mix(in srgb, var(--${ground}), var(--${color}) ${share}%)` : `var(--${ground})`;
}

// The outlines of all glyphs, to which formulas refer.
function glyphs() {
  const outlines = DATA.glyphs.map((glyph, place) => {
    const [d, width] = Array.isArray(glyph) ? glyph : [glyph, 0];
    const made = draw("path", { id: `g${place}`, d });
    if (width) {
      made.setAttribute("stroke-width", width);
      made.setAttribute("stroke-linecap", "round");
      made.setAttribute("fill", "none");
    }
    return made;
  });
  const holder = draw("svg", { width: 0, height: 0, "aria-hidden": "true", class: "unseen" }, draw("defs", {}, ...outlines));
  document.body.append(holder);
}

// The glyphs of a formula, in 1/1000 em from the left end of its baseline; `inks` are paints of operands.
function formulaGlyphs(place, inks) {
  const [, , , speech, plain, ...runs] = DATA.formulas[place];
  if (!runs.length) {
    return [draw("text", { "font-size": 1000, class: "mono" }, plain || speech)];
  }
  const made = [];
  for (const [operand, a, d, y, ...glyphsAt] of runs) {
    for (let at = 0; at < glyphsAt.length; at += 2) {
      const use = draw("use", {
        href: `#g${glyphsAt[at]}`,
        transform: `matrix(${a / 1000} 0 0 ${d / 1000} ${glyphsAt[at + 1]} ${y})`,
      });
      const isStroke = Array.isArray(DATA.glyphs[glyphsAt[at]]);
      if (operand && inks && inks.has(operand)) {
        use.style.fill = inks.get(operand);
      }
      if (operand) {
        use.dataset.operand = operand;
      }
      if (isStroke) {
        use.style.stroke = "currentColor";
      }
      made.push(use);
    }
  }
  return made;
}

// A formula as a picture of its own; screen readers say its speech.
function formulaPicture(place, size, inks) {
  const [width, ascent, descent, speech] = DATA.formulas[place];
  const [above, below] = [Math.max(ascent, 750), Math.max(descent, 300)];
  const made = draw(
    "svg",
    { viewBox: `0 ${-above} ${width} ${above + below}`, role: "img", "aria-label": speech, class: "formula" },
    ...formulaGlyphs(place, inks),
  );
  made.style.width = `${(width / 1000) * size}px`;
  made.style.height = "auto";
  return made;
}

const DRAWERS = [
  ([, x, y, width, height, rx, fill, stroke, line, , dash]) => inked(draw("rect", { x, y, width, height, rx }), fill, stroke, line, dash),
  ([, cx, cy, r, fill, stroke, line, , dash]) => inked(draw("circle", { cx, cy, r }), fill, stroke, line, dash),
  ([, d, fill, stroke, line, , dash]) => inked(draw("path", { d }), fill, stroke, line, dash),
  ([, words, x, y, size, color, style, anchor]) => {
    const made = draw("text", { x, y, "font-size": size, "text-anchor": ANCHORS[anchor || 0] }, words);
    made.style.fill = paint(color);
    made.setAttribute("font-weight", (style % 10) * 100);
    made.setAttribute("class", style < 10 ? "mono" : "ui");
    return made;
  },
  ([, place, x, y, size, color]) => {
    const scale = size / 1000;
    const title = draw("title", {}, DATA.formulas[place][3]);
    const made = draw("g", { transform: `translate(${x} ${y}) scale(${scale})` }, title, ...formulaGlyphs(place, null));
    made.style.fill = paint(color);
    made.style.color = paint(color);
    return made;
  },
];
const NUMBER_AT = [9, 7, 5, 8, 6]; // the place of a shape's number in its list, by kind

function inked(made, fill, stroke, width, dash) {
  made.style.fill = paint(fill);
  if (stroke) {
    made.style.stroke = paint(stroke);
    made.setAttribute("stroke-width", width);
  }
  if (dash) {
    made.setAttribute("stroke-dasharray", dash);
  }
  return made;
}

// Show other children of an element. Those that stay are left alone, so that only what changes is drawn again.
function exchange(parent, wanted) {
  const kept = new Set(wanted);
  for (const child of [...parent.children]) {
    if (!kept.has(child)) {
      child.remove();
    }
  }
  let next = parent.firstChild;
  for (const child of wanted) {
    if (child === next) {
      next = next.nextSibling;
    } else {
      parent.insertBefore(child, next);
    }
  }
}

// A canvas: shows the shapes of a frame, and finds those of a number.
function makeCanvas(name) {
  const { size, frames } = DATA.canvases[name];
  const list = sequence(frames);
  const rings = draw("g", { class: "rings" });
  const shapes = draw("g", {});
  const picture = draw("svg", { viewBox: `0 0 ${size[0]} ${size[1]}`, class: "picture" }, shapes, rings);
  const made = new Map();
  // The element of a shape; one that is shown several times has an element for each time.
  const element = (place, time) => {
    const key = time ? `${place}:${time}` : place;
    if (!made.has(key)) {
      const shape = DATA.shapes[place];
      const drawn = DRAWERS[shape[0]](shape);
      const of = shape[NUMBER_AT[shape[0]]];
      if (of) {
        drawn.dataset.number = of;
        drawn.classList.add("number");
      }
      made.set(key, drawn);
    }
    return made.get(key);
  };
  return {
    picture,
    rings,
    size,
    show(at) {
      const times = new Map();
      const wanted = list(at).map((place) => {
        const time = times.get(place) || 0;
        times.set(place, time + 1);
        return element(place, time);
      });
      exchange(shapes, wanted);
    },
    of(place) {
      return [...shapes.querySelectorAll(`[data-number="${place}"]`)];
    },
  };
}
