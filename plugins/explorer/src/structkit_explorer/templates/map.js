"use strict";
// The map: spots that are coloured, chosen, hidden by class, zoomed and moved. Every word becomes text, never HTML.
const NS = "http://www.w3.org/2000/svg", SHAPES = [
  "M-4.6 0a4.6 4.6 0 1 0 9.2 0a4.6 4.6 0 1 0 -9.2 0", "M-4.1 -4.1h8.2v8.2h-8.2z", "M0 -5.4L5 4H-5z",
  "M0 -5.8L5.8 0L0 5.8L-5.8 0z", "M0 5.4L5 -4H-5z", "M-1.7 -5.2h3.4v3.5h3.5v3.4h-3.5v3.5h-3.4v-3.5h-3.5v-3.4h3.5z"];
const COLOURS = 7, MARGIN = 34, RAMP = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]],
  SIGNED = [[5, 48, 97], [67, 147, 195], [200, 200, 200], [214, 96, 77], [103, 0, 31]];

function node(name, attributes, text) {
  const made = document.createElementNS(NS, name);
  for (const key in attributes) made.setAttribute(key, attributes[key]);
  if (text !== undefined) made.textContent = text;
  return made;
}

function ramp(share, shades) {
  const place = Math.min(Math.max(share, 0), 1) * (shades.length - 1), low = Math.min(Math.floor(place), shades.length - 2);
  return `rgb(${shades[low].map((from, i) => Math.round(from + (place - low) * (shades[low + 1][i] - from)))})`;
}

// Round numbers along an axis, at most six.
function ticks(low, high) {
  const rough = (high - low) / 5, power = 10 ** Math.floor(Math.log10(rough)), step = power * [1, 2, 5, 10].find((one) => power * one >= rough);
  const first = Math.ceil(low / step), count = Math.floor(high / step) - first + 1;
  return Array.from({length: count}, (_, n) => Number(((first + n) * step).toPrecision(6)));
}

class FeatureMap {
  constructor(svg, data, chosen) {
    this.svg = svg; this.data = data; this.places = data.places; this.axes = data.axes; this.diagonal = false; this.chosen = chosen; this.row = 0; this.shown = () => true;
    this.spots = data.places.map((_, row) => {
      const title = data.told[0].values[row], spot = node("path", {class: "spot", "data-row": row});
      spot.append(node("title", {}, title));
      return spot;
    });
    this.ring = node("circle", {class: "ring", r: 9});
    this.frame = node("g", {});
    const layer = node("g", {});
    layer.append(...this.spots, this.ring);
    svg.append(this.frame, layer);
    this.home();
    this.listen();
    new ResizeObserver(() => this.draw()).observe(svg);
  }

  lay({places, axes, diagonal}) {
    this.places = places; this.axes = axes; this.diagonal = Boolean(diagonal);
    this.home();
  }

  home() {
    const known = this.places.filter(([a, b]) => a !== null && b !== null);
    let [x, y] = [0, 1].map((axis) => known.map((place) => place[axis]));
    if (this.diagonal) x = y = [...x, ...y];
    const ends = (values) => values.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [Infinity, -Infinity]);
    const wide = ([a, b]) => [a - 0.04 * (b - a || 1), b + 0.04 * (b - a || 1)];
    this.view = [wide(ends(x)), wide(ends(y))];
    this.draw();
  }

  // A row of which something is not known lies nowhere.
  place([x, y]) {
    if (x === null || y === null) return [NaN, NaN];
    const [across, up] = this.view;
    return [MARGIN + (x - across[0]) / (across[1] - across[0]) * (this.width - MARGIN - 8),
            8 + (up[1] - y) / (up[1] - up[0]) * (this.height - MARGIN - 8)];
  }

  draw() {
    ({width: this.width, height: this.height} = this.svg.getBoundingClientRect());
    if (!this.width) return;
    this.places.forEach((place, row) => {
      const [x, y] = this.place(place), inside = x >= MARGIN && x <= this.width - 4 && y >= 4 && y <= this.height - MARGIN;
      this.spots[row].setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
      this.spots[row].style.display = inside ? "" : "none";
    });
    const [x, y] = this.place(this.places[this.row]);
    this.ring.style.display = Number.isFinite(x) ? "" : "none";
    if (Number.isFinite(x)) { this.ring.setAttribute("cx", x); this.ring.setAttribute("cy", y); }
    const bottom = this.height - MARGIN, middle = (this.height - MARGIN) / 2;
    this.frame.replaceChildren(...(this.diagonal ? this.scales(bottom) : []),
      node("path", {class: "axis", fill: "none", d: `M${MARGIN} 4V${bottom}H${this.width - 4}`}),
      node("text", {x: (this.width + MARGIN) / 2, y: bottom + 27, "text-anchor": "middle"}, this.axes[0]),
      node("text", {transform: `translate(16 ${middle}) rotate(-90)`, "text-anchor": "middle"}, this.axes[1]));
  }

  // Numbers along both sides, and the line on which both are equal.
  scales(bottom) {
    const [across, up] = this.view, low = Math.max(across[0], up[0]), high = Math.min(across[1], up[1]);
    const marks = [
      ...ticks(...across).map((value) => node("text", {x: this.place([value, up[0]])[0], y: bottom + 11, "text-anchor": "middle", class: "tick"}, String(value).replace("-", "−"))),
      ...ticks(...up).map((value) => node("text", {x: MARGIN + 4, y: this.place([across[0], value])[1] + 4, class: "tick"}, String(value).replace("-", "−")))];
    if (low >= high) return marks;
    const [[a, b], [c, d]] = [this.place([low, low]), this.place([high, high])];
    return [node("path", {class: "axis", fill: "none", d: `M${a} ${b}L${c} ${d}`, "stroke-dasharray": "4 3"}), ...marks];
  }

  words(column) {
    column.codes.forEach((code, row) => this.paint(row, code % COLOURS, Math.floor(code / COLOURS)));
  }

  numbers(column, [low, high], shades) {
    column.values.forEach((value, row) => {
      this.paint(row, null, 0);
      if (value !== null) this.spots[row].style.fill = ramp((value - low) / (high - low || 1), shades);
    });
  }

  paint(row, colour, shape) {
    const spot = this.spots[row];
    spot.setAttribute("class", `spot ${colour === null ? "unknown" : "c" + colour}`);
    spot.setAttribute("d", SHAPES[shape % SHAPES.length]);
    spot.style.fill = "";
    spot.classList.toggle("dim", !this.shown(row));
  }

  filter(shown) {
    this.shown = shown;
    this.spots.forEach((spot, row) => spot.classList.toggle("dim", !shown(row)));
  }

  select(row) { this.row = row; this.draw(); }

  listen() {
    const point = (event) => { const box = this.svg.getBoundingClientRect(); return [event.clientX - box.left, event.clientY - box.top]; };
    let from = null, moved = 0;
    this.svg.addEventListener("wheel", (event) => { event.preventDefault(); this.zoom(point(event), Math.exp(0.0015 * event.deltaY)); }, {passive: false});
    this.svg.addEventListener("pointerdown", (event) => { from = point(event); moved = 0; });
    window.addEventListener("pointerup", () => { from = null; });
    this.svg.addEventListener("pointermove", (event) => {
      if (!from) return;
      const to = point(event), step = [to[0] - from[0], to[1] - from[1]];
      moved += Math.abs(step[0]) + Math.abs(step[1]);
      if (moved > 6) { this.move(step); from = to; }
    });
    this.svg.addEventListener("click", (event) => { if (moved <= 6) this.nearest(point(event)); });
  }

  move([x, y]) {
    const [across, up] = this.view;
    const right = x / (this.width - MARGIN - 8) * (across[1] - across[0]), down = y / (this.height - MARGIN - 8) * (up[1] - up[0]);
    this.view = [across.map((end) => end - right), up.map((end) => end + down)];
    this.draw();
  }

  zoom([x, y], factor) {
    const [across, up] = this.view, fx = (x - MARGIN) / (this.width - MARGIN - 8), fy = 1 - (y - 8) / (this.height - MARGIN - 8);
    const about = ([a, b], share) => { const still = a + share * (b - a); return [still + (a - still) * factor, still + (b - still) * factor]; };
    this.view = [about(across, fx), about(up, fy)];
    this.draw();
  }

  nearest([x, y]) {
    let best = 20, row = null;
    this.places.forEach((place, index) => {
      if (!this.shown(index)) return;
      const [a, b] = this.place(place), far = Math.hypot(a - x, b - y);
      if (far < best) { best = far; row = index; }
    });
    if (row !== null) this.chosen(row);
  }
}
