// PM2 file of the parallel mode. The process list comes from scrapers/bookmakers.json and the settings
// (standalone/pm2_apps.py); run `make install` once before `pm2 start ecosystem.config.js`.
const { execFileSync } = require("node:child_process");
const path = require("node:path");

module.exports = JSON.parse(
  execFileSync(path.join(__dirname, ".venv/bin/python"), ["-m", "standalone.pm2_apps", "parallel"], {
    cwd: __dirname,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  }),
);
