// Sequential mode: every bookmaker in two processes. `make install` once, then `pm2 start ecosystem.sequential.config.js`.
module.exports = require("./scripts/pm2_apps.js")("sequential");
