// Figures follow the scheme of the page, and are light and narrow on paper.
(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  let printing = false;
  const template = () => templates[dark.matches && !printing ? "dark" : "light"];
  if (typeof templates !== "undefined") window.intercomKitTemplate = template;

  const redraw = () => {
    for (const figure of document.querySelectorAll(".intercom-kit-figure.js-plotly-plot")) {
      const width = printing ? figure.parentElement.clientWidth : undefined;
      const themed = figure.intercomKitThemed ? { template: template() } : {};
      window.Plotly.relayout(figure, { ...themed, width, autosize: !printing });
    }
  };
  dark.addEventListener("change", redraw);
  for (const [event, now] of [["beforeprint", true], ["afterprint", false]]) {
    addEventListener(event, () => {
      printing = now;
      document.documentElement.classList.toggle("printing", now);
      redraw();
    });
  }

  // A click on the head of a column sorts by it, by number where its cells are numbers.
  const value = (row, column) => row.children[column].dataset.value ?? row.children[column].textContent.trim();
  const sort = (table, head) => {
    const column = [...head.parentElement.children].indexOf(head);
    const up = head.getAttribute("aria-sort") !== "ascending";
    for (const each of head.parentElement.children) each.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    const body = table.tBodies[0];
    const numbers = head.classList.contains("number");
    const compare = (one, other) => {
      const [a, b] = [value(one, column), value(other, column)];
      if (!a || !b) return !a - !b;  // what is missing stands last
      return (up ? 1 : -1) * (numbers ? a - b : a.localeCompare(b, undefined, { numeric: true }));
    };
    body.append(...[...body.rows].sort(compare));
  };
  addEventListener("DOMContentLoaded", () => {
    for (const button of document.querySelectorAll("table .sort")) {
      button.addEventListener("click", () => sort(button.closest("table"), button.closest("th")));
    }
  });
})();
