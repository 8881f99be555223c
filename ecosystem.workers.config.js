// Workers mode: cycles as jobs, on any number of machines (docs/scaling.md). `make install` once on each, then
// `pm2 start ecosystem.workers.config.js`.
module.exports = require("./scripts/pm2_apps.js")("workers");
