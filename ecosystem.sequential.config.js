// PM2 file of the sequential mode. The process list comes from scrapers/bookmakers.json and the settings
// (standalone/pm2_apps.py); run `make install` once before `pm2 start ecosystem.sequential.config.js`.
const { execFileSync } = require("node:child_process");
const path = require("node:path");

module.exports = JSON.parse(
  execFileSync(path.join(__dirname, ".venv/bin/python"), ["-m", "standalone.pm2_apps", "sequential"], {
    cwd: __dirname,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  }),
);
