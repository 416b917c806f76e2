/**
 * A module that is loaded before a service: the host's wall clock jumps an hour on each SIGUSR2, forwards and
 * then back. `CLOCK_JUMP_MS` makes it another jump, and `CLOCK_OFFSET_MS` a clock that is wrong from the start.
 */
const { CLOCK_JUMP_MS: jump = '3600000', CLOCK_OFFSET_MS: offset = '0' } = process.env;
const realNow = Date.now;
let jumpMs = 0;
process.on('SIGUSR2', () => {
  jumpMs = jumpMs > 0 ? -Number(jump) : Number(jump);
});
Date.now = () => realNow() + Number(offset) + jumpMs;
