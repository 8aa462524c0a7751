// The interactive page of the API.
import SwaggerUI from "swagger-ui-dist/swagger-ui-es-bundle.js";

const place = document.getElementById("api");
const dark = matchMedia("(prefers-color-scheme: dark)");

function follow() {
  document.documentElement.classList.toggle("dark-mode", dark.matches);
}

follow();
dark.addEventListener("change", follow);
SwaggerUI({ domNode: place, url: place.dataset.description, deepLinking: true, docExpansion: "list", validatorUrl: null });
