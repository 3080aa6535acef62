--- Measures how the work of a call grows with its input, as a ratio of CPU times, which neither the speed of
-- the machine nor other processes change much.

local growth = {}

-- The least CPU seconds of one measurement, and the number of measurements, of which the shortest counts.
local LEAST, TIMES = 0.002, 3

-- Linear work may appear to grow this many times faster than its input: caches, fixed costs, the collector.
local TOLERANCE = 6

-- CPU seconds of one call of `work(input)`.
local function cost(work, input)
  local shortest = math.huge
  local calls = 1
  for _ = 1, TIMES do
    local seconds
    repeat
      collectgarbage()
      local before = os.clock()
      for _ = 1, calls do work(input) end
      seconds = os.clock() - before
      if seconds < LEAST then calls = calls * 4 end
    until seconds >= LEAST
    shortest = math.min(shortest, seconds / calls)
  end
  return shortest
end

--- Raises unless `work(input_of(size))` grows at most linearly from each of `sizes` to the next. A step of 16
-- or more reveals quadratic work; a small step before it reveals exponential work while that still ends.
function growth.assert_linear(sizes, input_of, work, what)
  local before
  for i, size in ipairs(sizes) do
    local now = cost(work, input_of(size))
    if before then
      local input_ratio, ratio = size / sizes[i - 1], now / before
      if ratio > TOLERANCE * input_ratio then
        error(("%s: %.0f times the input (%d) takes %.0f times as long"):format(what, input_ratio, size,
          ratio), 2)
      end
    end
    before = now
  end
end

return growth
