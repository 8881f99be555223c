// The process list of a mode, for the ecosystem files: made by standalone/pm2_apps.py from
// scrapers/bookmakers.json and the settings, so that nobody keeps a second list.
const { execFileSync } = require("node:child_process");
const { existsSync } = require("node:fs");
const path = require("node:path");

const root = path.dirname(__dirname);
const python = path.join(root, ".venv", "bin", "python");

module.exports = (mode) => {
  if (!existsSync(python)) {
    throw new Error("odds fleet: rode primeiro / run first: make install");
  }
  const json = execFileSync(python, ["-m", "standalone.pm2_apps", mode], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  return JSON.parse(json);
};
