// The data of the page: tables, and sequences that are written as changes from frame to frame.

const DATA = JSON.parse(document.getElementById("data").textContent);

// The places of a frame's parts in its list, and of a number's in its own.
const FRAME = {
  where: 0, title: 1, phase: 2, text: 3, note: 4, blocks: 5, operands: 6, chips: 7, number: 8, line: 9,
  pass: 10, position: 11, scene: 12, caption: 13, layout: 14, question: 15, seconds: 16,
};
const NUMBER = { title: 0, symbol: 1, value: 2, at: 3, text: 4, parts: 5, more: 6, pass: 7, exact: 8 };
const KEPT = 32; // after this number of frames the whole sequence is kept

function frame(at) {
  return DATA.frames[at];
}

// A text of a frame.
function text(at, name) {
  return DATA.texts[frame(at)[FRAME[name]]] || "";
}

function number(place) {
  return DATA.numbers[place - 1];
}

// A function that returns the sequence of a frame; changes are [start, removed, inserted …], the last place first.
function sequence(changes) {
  const kept = new Map();
  let at = -1;
  let list = [];
  return function (wanted) {
    if (wanted < at) {
      at = Math.floor(wanted / KEPT) * KEPT;
      list = kept.get(at).slice();
    }
    while (at < wanted) {
      at += 1;
      for (const [start, removed, ...inserted] of changes[at]) {
        list.splice(start, removed, ...inserted);
      }
      if (at % KEPT === 0 && !kept.has(at)) {
        kept.set(at, list.slice());
      }
    }
    return list;
  };
}

// Whether a number is known at a frame.
function isKnown(one, at) {
  return one[NUMBER.at] < 0 || (frame(at)[FRAME.pass] === one[NUMBER.pass] && one[NUMBER.at] <= frame(at)[FRAME.position]);
}

// The first frame at which a number is known; -1 if there is none.
function frameOf(one) {
  return DATA.frames.findIndex(
    (each) => each[FRAME.pass] === one[NUMBER.pass] && each[FRAME.position] >= Math.max(0, one[NUMBER.at]),
  );
}

// An element with attributes and children.
function make(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}
