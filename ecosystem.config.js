// Parallel mode: one process per bookmaker. `make install` once, then `pm2 start ecosystem.config.js`.
module.exports = require("./scripts/pm2_apps.js")("parallel");
