/* Long tables of results are sorted by a column when its title is pressed: up, down, as it was.
   Of still longer ones only the rows are shown that have all the words typed above. */
(() => {
  const LONG = 6;  // rows
  const RAISED = "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079";
  const lowered = (digit) => digit === "\u207b" ? "-" : RAISED.indexOf(digit);
  const number = (text) => {
    const plain = text.replace(/\u2212/g, "-").replace(/[,\s%]/g, "")
      .replace(/(\d)\u00b710([\u207b\u2070\u00b9\u00b2\u00b3\u2074-\u2079]+)/, (all, digit, power) => `${digit}e${[...power].map(lowered).join("")}`);
    return /^[+-]?\.?\d/.test(plain) ? parseFloat(plain) : NaN;
  };
  const compare = (a, b) => {
    const [x, y] = [number(a), number(b)];
    if (Number.isNaN(x) || Number.isNaN(y))
      return Number.isNaN(x) - Number.isNaN(y) || a.localeCompare(b, "en", { numeric: true });
    return x - y;
  };
  for (const table of document.querySelectorAll(".bd-article .cell_output table")) {
    const body = table.tBodies[0], head = table.tHead?.rows[0];
    if (!head || body.rows.length < LONG || table.querySelector("[colspan], [rowspan], th .katex")) continue;
    const before = [...body.rows];
    [...head.cells].forEach((cell, column) => {
      if (!cell.textContent.trim()) return;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "nnb-sort";
      button.append(...cell.childNodes);
      cell.append(button);
      button.addEventListener("click", () => {
        const next = { ascending: "descending", descending: null }[cell.ariaSort ?? ""];
        const order = next === undefined ? "ascending" : next;
        for (const other of head.cells) other.ariaSort = null;
        cell.ariaSort = order;
        const text = (row) => row.cells[column]?.textContent.trim() ?? "";
        const rows = order ? [...before].sort((a, b) => compare(text(a), text(b))) : before;
        body.append(...(order === "descending" ? rows.reverse() : rows));
      });
    });
  }
  const plain = (text) => text.replace(/\u2212/g, "-").replace(/\s+/g, " ").toLowerCase();
  for (const line of document.querySelectorAll(".nnb-filter")) {
    const [input, said] = line.querySelectorAll("input, [role=status]");
    const body = line.nextElementSibling.querySelector("table").tBodies[0];
    const texts = [...body.rows].map((row) => [row, plain([...row.cells].map((cell) => cell.textContent).join(" "))]);
    input.addEventListener("input", () => {
      const words = plain(input.value).split(" ");
      for (const [row, text] of texts) row.hidden = !words.every((word) => text.includes(word));
      const shown = texts.filter(([row]) => !row.hidden).length;
      said.textContent = shown < texts.length ? `${shown} of ${texts.length} rows` : `${shown} rows`;
    });
  }
})();
