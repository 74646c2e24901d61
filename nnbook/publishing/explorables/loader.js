/* Explorables are loaded when they come near: until then, and without scripts, their figure is seen. */
(() => {
  const boxes = document.querySelectorAll("[data-explorable]");
  const loads = new Map();

  /* Leave the figure as it is, and say why. */
  function stay(box) {
    box.dataset.failed = "";
    const words = document.createElement("p");
    words.textContent =
      "This browser could not load what makes this figure interactive, or lacks a feature that it needs.";
    box.append(words);
  }

  function load(address) {
    if (loads.has(address)) return loads.get(address);
    const isStyle = /\.css(\?|$)/.test(address);
    const element = document.createElement(isStyle ? "link" : "script");
    if (isStyle) element.rel = "stylesheet";
    element[isStyle ? "href" : "src"] = address;
    const loaded = new Promise((done, failed) => {
      element.onload = done;
      element.onerror = failed;
    });
    loads.set(address, loaded);
    document.head.append(element);
    return loaded;
  }

  async function bring(box) {
    const [style, shared, ...own] = box.dataset.files.split(" ");
    try {
      await Promise.all([load(style), load(shared)]);
      await Promise.all(own.map(load));
      window.nnbookExplorables.mount(box);
    } catch (problem) {
      stay(box);
      console.error(problem);
    }
  }

  if (
    !window.IntersectionObserver || !window.CSS?.supports?.("container-type", "inline-size")
  ) return boxes.forEach(stay);
  const near = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) {
        near.unobserve(target);
        bring(target);
      }
    }
  }, { rootMargin: "800px" });
  for (const box of boxes) {
    if (location.search.includes(`${box.id}.`) || location.hash === `#${box.id}`) bring(box); // the reader comes for it
    else near.observe(box);
  }
})();
