"use strict";
(() => {
  const content = JSON.parse(document.getElementById("figure-data").textContent);
  const style = content.style.layout.template;
  const touch = matchMedia("(pointer: coarse), (max-width: 60rem)").matches;
  const options = {
    responsive: true,
    displaylogo: false,
    displayModeBar: touch ? false : "hover",
    modeBarButtons: [["toImage", "zoom2d", "pan2d", "resetScale2d"]],
  };
  const palette = ["#0b5cad", "#c2570c", "#1b7f5c", "#b5338a", "#a08400", "#5a4fcf", "#2b8fa3",
    "#8c4a2f", "#3f9ae0", "#6b7280"];
  const symbols = ["circle", "diamond", "square"];
  const paper = { full: 630, half: 300, shrink: 0.82 };

  function plot(name) {
    return document.querySelector(`.plot[data-figure="${name}"]`);
  }

  function draw(element, data, { height, ...layout }) {
    // The height belongs to the box: Plotly forgets its own when the window changes.
    element.style.height = `${height}px`;
    // A finger on a figure scrolls the page; a mouse zooms.
    layout = { ...layout, autosize: true, template: style, dragmode: touch ? false : "zoom" };
    // The label of the box says what is seen; its drawing would be read out number by number.
    return Plotly.react(element, data, layout, options).then(() => {
      for (const svg of element.querySelectorAll("svg.main-svg")) svg.setAttribute("aria-hidden", "true");
    });
  }

  function drawFigure(name, choice) {
    const { data, layout } = content.figures[name][choice];
    return draw(plot(name), data, layout);
  }

  function scatter(name, indices, extra) {
    const { id, components } = content.figures.pca;
    const across = components[document.getElementById("pca-x").value];
    const up = components[document.getElementById("pca-y").value];
    return {
      type: "scatter", mode: "markers", name,
      x: indices.map((i) => across[i]),
      y: indices.map((i) => up[i]),
      text: indices.map((i) => id[i]),
      ...extra,
    };
  }

  function drawComponents() {
    const colour = document.getElementById("pca-colour").value;
    const { levels, codes, numbers } = content.figures.pca.covariates[colour];
    const all = content.figures.pca.id.map((_, i) => i);
    let data;
    if (numbers) {
      data = [scatter(colour, all, {
        marker: {
          size: 5, opacity: 0.75, color: numbers, colorscale: "Viridis", showscale: true,
          colorbar: { title: { text: colour }, thickness: 12 },
        },
        customdata: numbers,
        hovertemplate: `%{text}<br>${colour} %{customdata}<extra></extra>`,
      })];
    } else {
      data = levels.map((level, k) => scatter(level, all.filter((i) => codes[i] === k), {
        marker: {
          size: 5, opacity: 0.65, color: palette[k % palette.length],
          symbol: symbols[Math.floor(k / palette.length) % symbols.length],
        },
        hovertemplate: "%{text}<br>%{fullData.name}<extra></extra>",
      }));
    }
    return draw(plot("pca"), data, {
      height: 480,
      xaxis: { title: { text: document.getElementById("pca-x").value } },
      yaxis: { title: { text: document.getElementById("pca-y").value } },
      showlegend: !numbers,
      legend: { itemsizing: "constant" },
    });
  }

  function drawPlot(element) {
    const name = element.dataset.figure;
    return name === "pca" ? drawComponents() : drawFigure(name, 0);
  }

  // A figure that is folded away has no width to be drawn to; it is drawn when it is unfolded.
  function drawSeen(within) {
    for (const element of within.querySelectorAll(".plot:not(.js-plotly-plot)")) {
      if (!element.closest("details:not([open])")) drawPlot(element);
    }
  }

  function reveal(hash) {
    const target = hash.length > 1 && document.getElementById(decodeURIComponent(hash.slice(1)));
    if (!target) return;
    const own = target.matches("details") ? target : target.querySelector(":scope > details");
    const outer = [];
    for (let one = own ?? target; one; one = one.parentElement) {
      if (one.matches("details:not([open])")) outer.push(one);
    }
    for (const one of outer) one.open = true;
    if (outer.length) target.scrollIntoView({ behavior: "instant" });
  }

  function folding() {
    const button = document.getElementById("fold-button");
    const all = () => [...document.querySelectorAll("main details")];
    document.addEventListener("toggle", ({ target }) => target.open && drawSeen(target), true);
    button.addEventListener("click", () => {
      const unfold = button.getAttribute("aria-pressed") !== "true";
      for (const one of all()) one.open = unfold;
      button.setAttribute("aria-pressed", String(unfold));
    });
    document.addEventListener("click", ({ target }) => {
      const link = target.closest("a[href^='#']");
      if (link) reveal(link.hash);
    });
    addEventListener("hashchange", () => reveal(location.hash));
    reveal(location.hash);
  }

  function navigation() {
    const button = document.getElementById("nav-button");
    const links = [...document.querySelectorAll("#nav-list a")];
    const toggle = (open) => button.setAttribute("aria-expanded", String(open));
    button.addEventListener("click", () => toggle(button.getAttribute("aria-expanded") !== "true"));
    links.forEach((link) => link.addEventListener("click", () => toggle(false)));
    function mark(here) {
      links.forEach((link) => link.removeAttribute("aria-current"));
      here.setAttribute("aria-current", "true");
      document.getElementById("nav-here").textContent = here.textContent;
    }
    const observer = new IntersectionObserver((entries) => {
      const entry = entries.findLast(({ isIntersecting }) => isIntersecting);
      if (entry) mark(links.find((link) => link.hash === `#${entry.target.id}`));
    }, { rootMargin: "-20% 0px -75% 0px" });
    document.querySelectorAll("main > section").forEach((section) => observer.observe(section));
    mark(links[0]);
  }

  function resize(forPaper) {
    for (const element of document.querySelectorAll(".js-plotly-plot")) {
      const width = element.closest(".pair") ? paper.half : paper.full;
      const height = parseFloat(element.style.height) * (forPaper ? paper.shrink : 1 / paper.shrink);
      element.style.height = `${height}px`;
      Plotly.relayout(element, forPaper ? { width, height } : { width: null, height: null, autosize: true });
    }
  }

  // On paper everything is unfolded; afterwards it is as it was.
  let folded = [];
  function toPaper() {
    folded = [...document.querySelectorAll("main details:not([open])")];
    for (const one of folded) one.open = true;
    drawSeen(document);
    resize(true);
  }

  function fromPaper() {
    resize(false);
    for (const one of folded) one.open = false;
  }

  navigation();
  folding();
  drawSeen(document);
  for (const select of document.querySelectorAll("[data-choose]")) {
    select.addEventListener("change", () => drawFigure(select.dataset.choose, Number(select.value)));
  }
  for (const id of ["pca-colour", "pca-x", "pca-y"]) {
    document.getElementById(id)?.addEventListener("change", drawComponents);
  }
  addEventListener("beforeprint", toPaper);
  addEventListener("afterprint", fromPaper);
  document.documentElement.dataset.drawn = "yes";
})();
