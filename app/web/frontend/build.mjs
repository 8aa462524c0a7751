// Builds what the pages bring along into ../static: bundles, icons, the font, their compressed twins, the manifest by
// which the templates name them, and the notices of everything that is in them.

import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, "..", "static");
const modules = join(here, "node_modules");
const font = join(modules, "@fontsource-variable/plus-jakarta-sans/files/plus-jakarta-sans-latin-wght-normal.woff2");

const names = {}; // plain name -> name with its hash
const files = []; // what may be served
const used = new Set(["@fontsource-variable/plus-jakarta-sans", "lucide-static"]);

async function put(name, content) {
  const bytes = Buffer.from(content);
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 10);
  const hashed = `${basename(name, extname(name))}-${hash}${extname(name)}`;
  await write(hashed, bytes);
  names[name] = hashed;
  return hashed;
}

async function write(name, bytes) {
  await writeFile(join(target, name), bytes);
  files.push(name);
  if (extname(name) === ".woff2") return; // compressed by nature
  await writeFile(join(target, `${name}.gz`), gzipSync(bytes, { level: 9 }));
  const quality = { [constants.BROTLI_PARAM_QUALITY]: 11 };
  await writeFile(join(target, `${name}.br`), brotliCompressSync(bytes, { params: quality }));
}

async function bundle(entries) {
  const result = await build({
    entryPoints: entries.map((entry) => join(here, entry)),
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: "esm",
    target: ["chrome100", "firefox100", "safari15"],
    outdir: target,
    loader: { ".woff": "empty", ".woff2": "empty", ".ttf": "empty", ".eot": "empty", ".svg": "empty" },
    external: ["/static/*"],
    legalComments: "none",
    logLevel: "warning",
  });
  for (const input of Object.keys(result.metafile.inputs)) {
    const at = input.lastIndexOf("node_modules/");
    if (at < 0) continue;
    const parts = input.slice(at + "node_modules/".length).split("/");
    used.add(parts[0].startsWith("@") ? `${parts[0]}/${parts[1]}` : parts[0]);
  }
  for (const file of result.outputFiles) await put(basename(file.path), file.contents);
}

// The icons that the templates name, in one file of symbols.
async function icons() {
  const wanted = new Set();
  for (const templates of [join(here, "..", "templates"), join(here, "..", "..", "demo", "templates")]) {
    for (const path of await readdir(templates, { recursive: true })) {
      if (!path.endsWith(".html")) continue;
      const text = await readFile(join(templates, path), "utf8");
      for (const call of text.matchAll(/\{[{%][^}]*[}%]\}/g)) {
        for (const word of call[0].matchAll(/"([a-z][a-z0-9-]+)"/g)) wanted.add(word[1]);
      }
    }
  }
  const menu = await readFile(join(here, "..", "menu.py"), "utf8");
  for (const word of menu.matchAll(/"([a-z][a-z0-9-]+)"/g)) wanted.add(word[1]);
  const symbols = [];
  for (const name of [...wanted].sort()) {
    let text;
    try {
      text = await readFile(join(modules, "lucide-static/icons", `${name}.svg`), "utf8");
    } catch {
      continue; // a word of a template that is no icon
    }
    const inside = text.slice(text.indexOf(">", text.indexOf("<svg")) + 1, text.lastIndexOf("</svg>"));
    symbols.push(`<symbol id="${name}" viewBox="0 0 24 24">${inside.replace(/\s+/g, " ").trim()}</symbol>`);
  }
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`;
}

async function notices() {
  const parts = ["What Alur's pages are made of, beside Alur itself. Each part stands under its own licence.\n"];
  for (const name of [...used].sort()) {
    const about = JSON.parse(await readFile(join(modules, name, "package.json"), "utf8"));
    const licences = (await readdir(join(modules, name))).filter((file) => /^(licen[cs]e|notice)/i.test(file));
    parts.push(`${"=".repeat(80)}\n${name} ${about.version} (${about.license})\n`);
    for (const file of licences.sort()) parts.push(await readFile(join(modules, name, file), "utf8"));
  }
  return parts.join("\n");
}

await rm(target, { recursive: true, force: true });
await mkdir(target, { recursive: true });
const sans = await put("sans.woff2", await readFile(font));
await put("mark.svg", await readFile(join(here, "src/mark.svg")));
await put("icons.svg", await icons());
await bundle(["src/pages.js", "src/diagram.js", "src/docs.js", "css/diagram.css", "css/docs.css"]);
const styles = await build({
  entryPoints: [join(here, "css/pages.css")],
  bundle: true,
  minify: true,
  write: false,
  target: ["chrome100", "firefox100", "safari15"],
  external: ["/static/*"],
  logLevel: "warning",
});
await put("pages.css", styles.outputFiles[0].text.replaceAll("/static/sans.woff2", `/static/${sans}`));
await put("NOTICES.txt", await notices());
await writeFile(join(target, "manifest.json"), JSON.stringify({ names, files: files.sort() }, null, 1));
