/**
 * A module that is loaded before a service: the host's wall clock jumps an hour on each SIGUSR2, forwards and
 * then back.
 */
const hourMs = 3_600_000;
const realNow = Date.now;
let jumpMs = 0;
process.on('SIGUSR2', () => {
  jumpMs = jumpMs > 0 ? -hourMs : hourMs;
});
Date.now = () => realNow() + jumpMs;
