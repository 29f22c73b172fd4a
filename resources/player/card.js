// The card of a step, the listing and the values, all as text in the page.

const SIZES = [25, 23, 23]; // pixels of an em: symbols, numbers, result

const byId = (id) => document.getElementById(id);

function setText(id, words) {
  byId(id).textContent = words;
  byId(id).hidden = !words;
}

// The lines of a formula: symbols, and an equals sign before numbers and result. A click on an operand asks for it.
function formulaLines(blocks, operands, onNumber) {
  const numbers = new Map(operands);
  return blocks.flatMap(([rows, equals, ink, inks], at) => {
    const paints = new Map(inks.map(([operand, place]) => [operand, paint(place)]));
    return rows.map((row, index) => {
      const size = SIZES[Math.min(at, 2)];
      const picture = formulaPicture(row, size, paints);
      picture.style.fill = picture.style.color = paint(ink);
      for (const glyph of picture.querySelectorAll("[data-operand]")) {
        const place = numbers.get(Number(glyph.dataset.operand));
        if (place) {
          glyph.dataset.number = place;
          glyph.classList.add("number");
          glyph.addEventListener("click", () => onNumber(place));
        }
      }
      const line = make("div", { class: "line" });
      if (equals) {
        line.append(make("span", { class: index ? "equals unseen-sign" : "equals" }, "="));
      }
      line.append(picture);
      return line;
    });
  });
}

function showCard(at, onNumber) {
  const one = frame(at);
  const phase = text(at, "phase") || "forward";
  byId("card").style.setProperty("--phase", `var(--${phase})`);
  byId("where").textContent = text(at, "where");
  byId("title").textContent = text(at, "title");
  byId("formula").replaceChildren(...formulaLines(one[FRAME.blocks], one[FRAME.operands], onNumber));
  const chips = one[FRAME.chips].map(([words, state]) => make("li", { class: `chip ${state}` }, words));
  byId("chips").replaceChildren(...chips);
  byId("chips").hidden = !chips.length;
  setText("sentence", text(at, "text"));
  setText("note", text(at, "note"));
}

const codeOf = sequence(DATA.code);
const valuesOf = sequence(DATA.values);

// Whether a list differs from the one that an element showed last; most steps change neither code nor all values.
const listed = new Map();
function isOther(id, list) {
  const key = list.join();
  const differs = listed.get(id) !== key;
  listed.set(id, key);
  return differs;
}

function showCode(at) {
  const current = frame(at)[FRAME.line];
  const room = byId("listing");
  if (!isOther("listing", [...codeOf(at), "at", current])) {
    return;
  }
  const lines = codeOf(at).map((place, index) => {
    const line = make("span", { class: "code" }, DATA.lines[place] || " ");
    if (index === current) {
      line.setAttribute("aria-current", "step");
    }
    return line;
  });
  room.replaceChildren(...lines);
  const shown = room.querySelector("[aria-current]");
  if (shown) {
    room.scrollTop = Math.max(0, shown.offsetTop - room.offsetTop - room.clientHeight / 2);
  }
}

function showValues(at) {
  if (!isOther("rows", valuesOf(at))) {
    return;
  }
  const rows = valuesOf(at).map((place) => {
    const [name, shape, words, active] = DATA.rows[place];
    const row = make("tr", {}, make("th", { scope: "row" }, name), make("td", {}, shape), make("td", {}, words));
    if (active) {
      row.setAttribute("aria-current", "step");
    }
    return row;
  });
  byId("rows").replaceChildren(...rows);
}

// What a screen reader says after a step.
function said(at) {
  const formulas = frame(at)[FRAME.blocks].flatMap(([rows]) => rows.map((row) => DATA.formulas[row][3]));
  const parts = [text(at, "caption"), text(at, "where"), text(at, "title"), formulas.join(" equals "), text(at, "text")];
  return parts.filter(Boolean).join(". ");
}
