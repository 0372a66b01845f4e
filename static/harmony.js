// Small comforts on top of pages that work without any script.
"use strict";

// "Characters left: 20": the line below a field says how many it takes, and counts along.
for (const line of document.querySelectorAll("[data-counts]")) {
  const field = document.getElementById(line.dataset.counts);
  const most = Number(line.dataset.most);
  if (!field || !most) continue;
  const spoken = document.createElement("p");
  spoken.className = "visually-hidden";
  spoken.setAttribute("role", "status");
  line.after(spoken);
  let pause;
  const tell = () => {
    const left = most - [...field.value].length;
    line.textContent = (left < 0 ? line.dataset.over : line.dataset.left).replace("{n}", Math.abs(left));
    line.classList.toggle("character-count--over", left < 0);
  };
  field.addEventListener("input", () => {
    tell();
    clearTimeout(pause);
    pause = setTimeout(() => (spoken.textContent = line.textContent), 1000);
  });
  tell();
}

// "3 of 7 scored" on the voting page: the element holds the sentence with {n} in it.
for (const line of document.querySelectorAll("[data-scored]")) {
  const form = line.closest("form") ?? document;
  const tell = () => {
    line.textContent = line.dataset.scored.replace("{n}", form.querySelectorAll(".score-tile input:checked").length);
  };
  form.addEventListener("change", tell);
  tell();
  line.hidden = false;
}
