// Search: a number or a name among the steps and the numbers of the page.

const MOST_FOUND = 12;

// One way to write a number: a plain minus, a point, no spaces between digits.
function plain(words) {
  return words.toLowerCase().replace(/[\u2212\u2013]/g, "-").replace(/(\d),(\d)/g, "$1.$2").replace(/[\s\u202f\u00a0]+/g, "").replace(/[₀-₉]/g, (digit) => digit.charCodeAt(0) - 0x2080);
}

// Whether a number is what is looked for: its first digits, or the number rounded to as many.
function isValue(one, wanted) {
  if (!/^-?\d*\.?\d+$/.test(wanted)) {
    return false;
  }
  const decimals = wanted.includes(".") ? wanted.length - wanted.indexOf(".") - 1 : 0;
  const exact = Number(plain(one[NUMBER.exact]));
  return plain(one[NUMBER.value]).startsWith(wanted) || exact.toFixed(Math.min(decimals, 20)) === wanted;
}

function found(words) {
  const wanted = plain(words);
  if (!wanted) {
    return [];
  }
  const made = [];
  DATA.numbers.forEach((one, index) => {
    const there = frameOf(one);
    const name = plain(one[NUMBER.symbol]);
    const hasValue = isValue(one, wanted);
    const isName = name === wanted || plain(one[NUMBER.title]).includes(wanted) || name.startsWith(wanted);
    if (there >= 0 && (isName || hasValue)) {
      const rank = name === wanted ? 0 : hasValue ? 1 : 2;
      made.push({ rank, there, place: index + 1, words: `${one[NUMBER.title]} = ${one[NUMBER.value]}` });
    }
  });
  return made.sort((a, b) => a.rank - b.rank || a.there - b.there).slice(0, MOST_FOUND);
}

function makeSearch(onNumber) {
  const field = byId("find");
  const list = byId("found");
  const close = () => {
    list.hidden = true;
    list.replaceChildren();
  };
  const choose = (one) => {
    close();
    field.value = "";
    field.blur();
    onNumber(one.place, one.there);
  };
  const show = () => {
    const all = found(field.value);
    const rows = all.map((one) => {
      const link = make("button", { type: "button" }, one.words, make("small", {}, one.there ? ` · step ${one.there}` : " · given"));
      link.addEventListener("click", () => choose(one));
      return make("li", {}, link);
    });
    const none = field.value.trim() && !rows.length ? [make("li", { class: "none" }, "Nothing found")] : [];
    list.replaceChildren(...rows, ...none);
    list.hidden = !list.children.length;
  };
  field.addEventListener("input", show);
  field.addEventListener("keydown", (event) => {
    const all = found(field.value);
    if (event.key === "Enter" && all.length) {
      choose(all[0]);
    } else if (event.key === "Escape") {
      field.value = "";
      field.blur();
      close();
    } else {
      return;
    }
    event.preventDefault();
  });
}
