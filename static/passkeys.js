// Shows what needs passkeys where the browser knows them, and says in words when one did not work.
"use strict";

if (window.PublicKeyCredential) {
  for (const part of document.querySelectorAll("[data-needs-passkeys]")) part.hidden = false;
}

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  for (const line of document.querySelectorAll("[data-passkey-error]")) {
    line.hidden = false;
    line.setAttribute("role", "alert");
  }
});
