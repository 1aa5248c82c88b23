"use strict";
// The map: spots that are coloured, chosen, hidden by class, zoomed and moved. Every word becomes text, never HTML.
const NS = "http://www.w3.org/2000/svg", SHAPES = [
  "M-4.6 0a4.6 4.6 0 1 0 9.2 0a4.6 4.6 0 1 0 -9.2 0", "M-4.1 -4.1h8.2v8.2h-8.2z", "M0 -5.4L5 4H-5z",
  "M0 -5.8L5.8 0L0 5.8L-5.8 0z", "M0 5.4L5 -4H-5z", "M-1.7 -5.2h3.4v3.5h3.5v3.4h-3.5v3.5h-3.4v-3.5h-3.5v-3.4h3.5z"];
const COLOURS = 7, MARGIN = 34, RAMP = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]];

function node(name, attributes, text) {
  const made = document.createElementNS(NS, name);
  for (const key in attributes) made.setAttribute(key, attributes[key]);
  if (text !== undefined) made.textContent = text;
  return made;
}

function ramp(share) {
  const place = Math.min(Math.max(share, 0), 1) * (RAMP.length - 1), low = Math.min(Math.floor(place), RAMP.length - 2);
  return `rgb(${RAMP[low].map((from, i) => Math.round(from + (place - low) * (RAMP[low + 1][i] - from)))})`;
}

class FeatureMap {
  constructor(svg, data, chosen) {
    this.svg = svg; this.data = data; this.chosen = chosen; this.row = 0; this.shown = () => true;
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

  home() {
    const [x, y] = [0, 1].map((axis) => this.data.places.map((place) => place[axis] || 0));
    const ends = (values) => values.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [Infinity, -Infinity]);
    const wide = ([a, b]) => [a - 0.04 * (b - a || 1), b + 0.04 * (b - a || 1)];
    this.view = [wide(ends(x)), wide(ends(y))];
    this.draw();
  }

  place([x, y]) {
    const [across, up] = this.view;
    return [MARGIN + (x - across[0]) / (across[1] - across[0]) * (this.width - MARGIN - 8),
            8 + (up[1] - y) / (up[1] - up[0]) * (this.height - MARGIN - 8)];
  }

  draw() {
    ({width: this.width, height: this.height} = this.svg.getBoundingClientRect());
    if (!this.width) return;
    this.data.places.forEach((place, row) => {
      const [x, y] = this.place(place), inside = x >= MARGIN && x <= this.width - 4 && y >= 4 && y <= this.height - MARGIN;
      this.spots[row].setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
      this.spots[row].style.display = inside ? "" : "none";
    });
    const [x, y] = this.place(this.data.places[this.row]);
    this.ring.setAttribute("cx", x); this.ring.setAttribute("cy", y);
    const bottom = this.height - MARGIN, middle = (this.height - MARGIN) / 2;
    this.frame.replaceChildren(
      node("path", {class: "axis", fill: "none", d: `M${MARGIN} 4V${bottom}H${this.width - 4}`}),
      node("text", {x: (this.width + MARGIN) / 2, y: bottom + 22, "text-anchor": "middle"}, this.data.axes[0]),
      node("text", {transform: `translate(16 ${middle}) rotate(-90)`, "text-anchor": "middle"}, this.data.axes[1]));
  }

  words(column) {
    column.codes.forEach((code, row) => this.paint(row, code % COLOURS, Math.floor(code / COLOURS)));
  }

  numbers(column, [low, high]) {
    column.values.forEach((value, row) => {
      this.paint(row, null, 0);
      if (value !== null) this.spots[row].style.fill = ramp((value - low) / (high - low || 1));
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
    this.data.places.forEach((place, index) => {
      if (!this.shown(index)) return;
      const [a, b] = this.place(place), far = Math.hypot(a - x, b - y);
      if (far < best) { best = far; row = index; }
    });
    if (row !== null) this.chosen(row);
  }
}
