"use strict";
// What is around the map: colours with their legend, the chosen row with its structure and all that is known of it.
const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);
const hidden = new Set();
let viewer = null, coloured = null, sought = "";

function trouble(text) { byId("trouble").hidden = false; byId("trouble").textContent = text; }

function element(name, text, attributes) {
  const made = document.createElement(name);
  made.textContent = text;
  for (const key in attributes) made.setAttribute(key, attributes[key]);
  return made;
}

function colour() {
  const name = byId("by").value, kind = name.slice(0, 1), place = Number(name.slice(1));
  hidden.clear();
  coloured = kind === "w" ? data.words[place] : null;
  filter();
  if (coloured) { map.words(coloured); byId("legend").replaceChildren(...coloured.names.map(entry)); return; }
  const column = data.numbers[place], known = column.values.filter((value) => value !== null);
  const signed = column.name.startsWith("error"), shades = signed ? SIGNED : RAMP;
  let ends = known.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [Infinity, -Infinity]);
  if (signed) { const top = Math.max(-ends[0], ends[1]); ends = [-top, top]; }
  map.numbers(column, ends, shades);
  const bar = element("span", "", {class: "ramp"});
  bar.style.background = `linear-gradient(to right, ${[0, 0.25, 0.5, 0.75, 1].map((share) => ramp(share, shades))})`;
  const marks = known.length ? [ends[0], bar, ends[1]] : ["not known of any row"];
  byId("legend").replaceChildren(element("span", column.name), ...marks.map((mark) => mark instanceof Node ? mark : element("span", shown(mark))));
}

// Numbers in four digits, with a minus sign.
function shown(value) { return typeof value === "number" ? String(Number(value.toPrecision(4))).replace("-", "−") : value; }

function entry(name, code) {
  const button = element("button", "", {type: "button", "aria-pressed": "true"}), count = coloured.codes.filter((one) => one === code).length;
  const mark = node("svg", {viewBox: "-6.5 -6.5 13 13", "aria-hidden": "true"});
  mark.append(node("path", {class: `c${code % COLOURS}`, d: SHAPES[Math.floor(code / COLOURS) % SHAPES.length]}));
  button.append(mark, element("span", `${name} (${count})`));
  button.addEventListener("click", () => {
    if (hidden.has(code)) hidden.delete(code); else hidden.add(code);
    button.setAttribute("aria-pressed", String(!hidden.has(code)));
    filter();
  });
  return button;
}

function filter() {
  const texts = [...data.told.slice(0, 2).map((column) => (row) => column.values[row]), ...data.words.map((column) => (row) => column.names[column.codes[row]])];
  const fits = (row) => !sought || texts.some((text) => text(row).toLowerCase().includes(sought));
  map.filter((row) => !(coloured && hidden.has(coloured.codes[row])) && fits(row));
}

function known(row) {
  const words = data.words.map((column) => [column.name, column.names[column.codes[row]]]);
  const numbers = data.numbers.filter((column) => column.values[row] !== null).map((column) => [column.name, shown(column.values[row])]);
  const told = data.told.slice(1).filter((column) => column.values[row] !== "").map((column) => [column.name, column.values[row]]);
  return [...words, ...told, ...numbers];
}

function select(row) {
  map.select(row);
  byId("who").textContent = data.told[0].values[row];
  byId("facts").replaceChildren(...known(row).flatMap(([name, text]) => [element("dt", name), element("dd", text)]));
  history.replaceState(null, "", "#" + encodeURIComponent(address(row)));
  document.body.dataset.row = row;
  draw(row);
}

function address(row) {
  const origin = data.words.find((column) => column.name === "origin");
  return `${origin.names[origin.codes[row]]}/${data.told[0].values[row]}`;
}

// Rows without a structure have no place in the viewer.
const drawn = data.shapes.map((shape, row) => [shape, row]).filter(([shape]) => shape).map(([, row]) => row);

function draw(row) {
  if (!drawn.length) return;
  const place = drawn.indexOf(row);
  byId("none").hidden = place >= 0;
  byId("shape").style.visibility = place >= 0 ? "" : "hidden";
  if (viewer && place >= 0) viewer.select({environment: place, structure: place});
}

// The viewer's colours of atoms by class; its scale has two entries for each of the ten.
const TAB10 = ["#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22", "#17becf"], SCALE = 9.5;

function atomColours(structures, dataset) {
  if (!data.atoms.length) return;
  dataset.properties["predicted class"] = {target: "atom", values: structures.flatMap((one) => one.classes)};
  dataset.environments = structures.flatMap((one, structure) => one.classes.map((_, center) => ({structure, center, cutoff: 3})));
  dataset.settings.target = "structure";
  dataset.settings.structure[0].color = {property: "predicted class", min: 0, max: SCALE, transform: "linear", palette: "tab10"};
  byId("atoms").hidden = false;
  byId("atoms").append("atoms said to be", ...data.atoms.map((name, place) => {
    const entry = element("span", name), dot = element("i", "");
    dot.style.background = TAB10[place];
    entry.prepend(dot);
    return entry;
  }));
}

async function load() {
  if (!drawn.length) return;
  const warnings = new Chemiscope.Warnings();
  warnings.addHandler((message) => trouble(`the 3-D view says: ${message}`));
  const structures = drawn.map((row) => data.shapes[row]);
  const dataset = {meta: {name: "structures"}, structures, properties: {number: {target: "structure", values: structures.map((_, i) => i)}},
    settings: {structure: [{unitCell: true, spaceFilling: false, bonds: structures.every((one) => one.size <= 1500)}]}};
  atomColours(structures, dataset);
  viewer = await Chemiscope.StructureVisualizer.load({meta: "meta", info: "info", structure: "shape"}, dataset, warnings);
  document.body.dataset.viewer = "ready";
}

function step(by) {
  const count = data.places.length;
  for (let turn = 1, row = map.row; turn <= count; turn += 1) {
    row = (row + by + count) % count;
    if (map.shown(row)) { select(row); return; }
  }
}

function first() {
  const asked = decodeURIComponent(location.hash.slice(1)), found = data.places.findIndex((_, row) => address(row) === asked);
  if (asked && found < 0) trouble(`This page does not show ${asked}: write it with more --rows.`);
  return Math.max(found, 0);
}

// Where rows lie: by their features, or the predicted number above the true one.
function layouts() {
  const find = (start) => data.numbers.find((column) => column.name.startsWith(start));
  const all = [{name: "features", places: data.places, axes: data.axes}], [truth, said] = [find("true "), find("predicted ")];
  if (truth && said) all.push({name: "true and predicted", places: truth.values.map((value, row) => [value, said.values[row]]), axes: [truth.name, said.name], diagonal: true});
  return all;
}

const map = new FeatureMap(byId("map"), data, select);
const options = (columns, sort) => columns.map((column, place) => element("option", column.name, {value: sort + place}));
byId("by").append(...options(data.words, "w"), ...options(data.numbers, "n"));
const told = data.words.findIndex((column) => ["class", "most atoms"].includes(column.name));
byId("by").value = told >= 0 ? "w" + told : data.numbers.length ? "n0" : "w0";
byId("by").addEventListener("change", colour);
const laid = layouts();
byId("layouts").hidden = laid.length < 2;
byId("layout").append(...laid.map((one, place) => element("option", one.name, {value: place})));
byId("layout").addEventListener("change", () => map.lay(laid[Number(byId("layout").value)]));
byId("find").addEventListener("input", () => { sought = byId("find").value.trim().toLowerCase(); filter(); });
byId("home").addEventListener("click", () => map.home());
byId("before").addEventListener("click", () => step(-1));
byId("after").addEventListener("click", () => step(1));
colour();
load().catch((error) => trouble(`The structures cannot be drawn in 3-D: ${error.message}. A browser with WebGL is needed; the map works without.`)).then(() => select(first()));
window.addEventListener("hashchange", () => select(first()));
