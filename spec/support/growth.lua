--- Measures how the work of a call grows with its input, as a ratio of CPU times, which neither the speed of
-- the machine nor other processes change much.

local growth = {}

-- The least CPU seconds of one measurement, and the number of measurements, of which the shortest counts.
local LEAST, TIMES = 0.002, 3

-- Linear work may appear to grow this many times faster than its input: caches, fixed costs, the collector.
local TOLERANCE = 6

-- CPU seconds of one call of `work(input)`.
local function cost(work, input)
  local calls = 1
  local function measure()
    local before = os.clock()
    for _ = 1, calls do work(input) end
    return os.clock() - before
  end
  -- Once: it takes long in the large heap of a whole run of specs.
  collectgarbage()
  local shortest = measure()
  while shortest < LEAST do
    calls = calls * 4
    shortest = measure()
  end
  for _ = 2, TIMES do shortest = math.min(shortest, measure()) end
  return shortest / calls
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
