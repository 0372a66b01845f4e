// The receipt of a vote: copy the tracker, print the page. Without this script the code is selected by one click.
"use strict";

const tools = document.querySelector("[data-receipt]");
if (tools) {
  tools.querySelector("[data-print]").addEventListener("click", () => window.print());
  const copy = tools.querySelector("[data-copy]");
  if (navigator.clipboard) {
    copy.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(copy.dataset.copy).textContent.trim());
      copy.textContent = copy.dataset.done;
    });
  } else {
    copy.hidden = true;
  }
  tools.hidden = false;
}
