// The interactive page of the API.
import SwaggerUI from "swagger-ui-dist/swagger-ui-es-bundle.js";

const place = document.getElementById("api");
SwaggerUI({ domNode: place, url: place.dataset.description, deepLinking: true, docExpansion: "list", validatorUrl: null });
