// The interactive page of the API.
import SwaggerUI from "swagger-ui-dist/swagger-ui-es-bundle.js";

const place = document.getElementById("api");
const dark = matchMedia("(prefers-color-scheme: dark)");

function follow() {
  document.documentElement.classList.toggle("dark-mode", dark.matches);
}

follow();
dark.addEventListener("change", follow);

// The library takes itself for a page of its own: on ours its title stands below our heading.
function fitIn() {
  place.querySelector("h1.title").setAttribute("aria-level", "2");
}

// Links into the list would lie inside its buttons, and its schemas are drawn only as one scrolls: neither is for a keyboard.
SwaggerUI({
  domNode: place,
  url: place.dataset.description,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
  onComplete: fitIn,
});
