local progress = require "patchbay.bulk.progress"
local report = require "patchbay.bulk.report"

-- A run with a clock of its own and a stream that keeps what is written.
local function run(option, total, terminal, columns)
  local made = { now = 1000, text = "", writes = 0 }
  function made.clock() return made.now end
  made.stream = { write = function(self, text)
    made.text, made.writes = made.text .. text, made.writes + 1
    return self
  end }
  made.report = report.new { clock = made.clock }
  made.progress = progress.new(option, { total = total, clock = made.clock, stream = made.stream,
    terminal = terminal, pause_left = function() return made.pause end,
    columns = function() return columns end })
  -- Completes `items` items in `seconds` seconds, with the progress shown after every step. A step is an
  -- eighth of a second by default, which adds up exactly and is always due on a terminal.
  function made.work(items, seconds, steps)
    steps = steps or seconds * 8
    for step = 1, steps do
      made.now = made.now + seconds / steps
      for _ = 1, math.floor(step * items / steps) - math.floor((step - 1) * items / steps) do
        made.report:succeed()
      end
      made.progress:update(made.report)
    end
  end
  function made.taken()
    local text = made.text
    made.text = ""
    return text
  end
  return made
end

-- The line a terminal shows at the end of what was written to it, and whether the cursor stands in a new one.
local function on_screen(text)
  local line = text:match "([^\r\n]*)\n?$"
  return (line:gsub("\27%[K", "")), text:sub(-1) == "\n"
end

describe("progress on a terminal", function()
  it("is one line, redrawn in place and cleared to its end", function()
    local it = run(true, 1000, true)
    it.progress:update(it.report)
    assert.equal("\r[>                       ]   0% 0 of 1,000\27[K", it.taken())
    it.work(500, 5)
    local text = it.taken()
    assert.is_nil(text:find("\n", 1, true))
    assert.equal("[============>           ]  50% 500 of 1,000, 100/s, 5 s left", (on_screen(text)))
    for line in text:gmatch "\r([^\r]*)" do assert.matches("\27%[K$", line) end
  end)

  it("is drawn at most ten times a second, however many items there are", function()
    local it = run(true, 10000, true)
    it.work(10000, 2, 10000)
    assert.is_true(it.writes >= 15 and it.writes <= 21, it.writes)
  end)

  it("says how long a pause still is that the vendor has asked for", function()
    local it = run(true, nil, true)
    it.work(1, 1)
    it.pause = 2999.5
    it.work(0, 1)
    assert.equal("1, vendor's pause, 50 min of it left, 29.8/min", (on_screen(it.taken())))
  end)

  it("says what failed, what is tried again and what waits for the rate limit", function()
    local it = run(true, 1000, true)
    for _ = 1, 2 do it.report:fail("k", 1, "no") end
    it.report.retries, it.report.waited = 3, 12
    it.work(98, 10)
    assert.equal("[=>             ]  10% 100 of 1,000, 2 failed, 10/s, 1 min 30 s left, 3 retries",
      (on_screen(it.taken())))
    it = run(true, nil, true)
    it.report.retries, it.report.waited = 1, 12
    it.report:skip()
    it.progress:update(it.report)
    assert.equal("1, 1 retry, rate limit 12 s, 1 skipped", (on_screen(it.taken())))
  end)

  it("fits 79 columns, whatever the numbers", function()
    for _, total in ipairs { 0, 1, 10, 12345, 1234567, 1234567890, false } do
      for _, count in ipairs { 0, 1, 10, 12345, 1234567 } do
        local it = run(true, total or nil, true)
        it.report.failed, it.report.skipped, it.report.retries = count, count, count
        it.report.waited = count * 10
        it.now = it.now + 7
        it.progress:update(it.report)
        local line = on_screen(it.text)
        assert.is_true(#line <= 79, line)
      end
    end
  end)

  it("fits a terminal that is narrower, at last without a bar", function()
    local function line(columns, total)
      local it = run(true, total, true, columns)
      it.work(500, 5)
      return (on_screen(it.taken()))
    end
    assert.equal("[============>           ]  50% 500 of 1,000, 100/s, 5 s left", line(80, 1000))
    assert.equal("[======>     ]  50% 500 of 1,000, 100/s", line(40, 1000))
    assert.equal("[======>     ]  50% 500 of 1,000", line(33, 1000))
    assert.equal(" 50% 500 of 1,000", line(30, 1000))
    assert.equal(" 50% 500", line(9, 1000))
    assert.equal("500, 100/s", line(11))
    assert.equal("", line(1, 1000))
  end)

  it("reaches 100% with the last item and not before", function()
    local it = run(true, 1000, true)
    it.work(999, 1)
    assert.matches("=>%]  99%% 999 of 1,000", (on_screen(it.taken())))
    it.work(1, 1)
    assert.matches("==%] 100%% 1,000 of 1,000, %d+/s$", (on_screen(it.taken())))
  end)

  it("tells the time left by the rate of late, without what an earlier run had done", function()
    local it = run(true, 100000, true)
    for _ = 1, 50000 do it.report:skip() end
    it.work(10000, 100)
    assert.matches("60%% 60,000 of 100,000, 100/s, 6 min 40 s left", (on_screen(it.taken())))
    it.work(500, 50) -- the vendor slows down
    assert.matches(", 1[01]/s, ", (on_screen(it.taken())))
  end)

  it("gives slow rates by the minute", function()
    local it = run(true, nil, true)
    it.work(30, 60)
    assert.matches("^30, [23]%d%.%d/min$", (on_screen(it.text)))
  end)

  it("ends with the whole run in a line of its own, and is silent then", function()
    local it = run(true, 10, true)
    it.work(10, 4)
    it.taken()
    it.progress:finish(it.report)
    local line, ended = on_screen(it.taken())
    assert.equal("[========================] 100% 10 of 10, 2.5/s, in 4 s", line)
    assert.is_true(ended)
    it.progress:finish(it.report)
    it.work(10, 10)
    assert.equal("", it.taken())
  end)
end)

describe("progress elsewhere", function()
  it("is a plain line every five seconds, and one at the end", function()
    local it = run(true, 1000, false)
    it.progress:update(it.report)
    it.work(96, 4.875)
    assert.equal("", it.taken())
    it.work(154, 7.625)
    assert.equal("98 of 1,000 (9%), 20/s, 46 s left\n199 of 1,000 (19%), 20/s, 40 s left\n", it.taken())
    it.report:fail("k", 1, "no")
    it.progress:finish(it.report)
    assert.equal("251 of 1,000 (25%), 1 failed, 20/s, in 13 s\n", it.taken())
  end)

  it("is taken to be so where nothing is known of the stream", function()
    local it = run(true, 10)
    it.work(10, 10)
    assert.is_nil(it.text:find("[\r\27]"))
  end)

  it("does without a total", function()
    local it = run(true, nil, false)
    it.work(60, 6)
    assert.equal("50, 10/s\n", it.text)
  end)
end)

describe("progress for a function", function()
  it("gets the numbers, as often as a terminal would", function()
    local seen = {}
    local it = run(function(numbers) seen[#seen + 1] = numbers end, 200)
    it.work(100, 10, 1000)
    assert.is_true(#seen >= 80 and #seen <= 101, #seen)
    it.report:fail("k", 1, "no")
    it.report:skip()
    it.report:again()
    it.report.retries, it.report.waited = 1, 3
    it.now = it.now + 0.1
    it.progress:update(it.report)
    local last = seen[#seen]
    assert.is_true(math.abs(last.left - 98 / last.rate) < 1e-9)
    assert.is_true(math.abs(last.rate - 10) < 0.1)
    assert.is_true(math.abs(last.seconds - 10.1) < 1e-9)
    last.left, last.rate, last.seconds = nil, nil, nil
    assert.same({ total = 200, done = 100, failed = 1, skipped = 1, repeated = 1, retries = 1, waited = 3,
      finished = false }, last)
    it.progress:finish(it.report)
    assert.is_true(seen[#seen].finished)
    assert.equal("", it.text)
  end)

  it("lets its errors through, which are the script's", function()
    local it = run(function() error("mine", 0) end, 10)
    assert.has_error(function() it.progress:update(it.report) end, "mine")
    assert.has_error(function() it.progress:finish(it.report) end, "mine")
  end)

  it("may be any value that can be called", function()
    local called = 0
    local it = run(setmetatable({}, { __call = function() called = called + 1 end }))
    it.progress:update(it.report)
    assert.equal(1, called)
  end)
end)

describe("progress that is not wanted, or cannot be shown", function()
  it("is nothing for false and nil", function()
    for _, option in ipairs { { false }, {} } do
      local it = run(option[1], 10, true)
      it.work(10, 10)
      it.progress:finish(it.report)
      assert.equal(0, it.writes)
    end
  end)

  it("ends without an error when writing fails", function()
    local it = run(true, 10, true)
    function it.stream.write()
      it.writes = it.writes + 1
      return nil, "Broken pipe", 32
    end
    it.work(10, 10)
    it.progress:finish(it.report)
    assert.equal(1, it.writes)
  end)

  it("ends without an error on a file that is closed or cannot be written", function()
    local path = os.tmpname()
    finally(function() os.remove(path) end)
    for _, close in ipairs { true, false } do
      for _, terminal in ipairs { true, false } do
        local stream = assert(io.open(path, "r"))
        if close then stream:close() end
        local now = 0
        local shown = progress.new(true, { clock = function() return now end, stream = stream,
          terminal = terminal })
        local counts = report.new { clock = function() return now end }
        now = 10
        shown:update(counts)
        shown:finish(counts)
      end
    end
  end)

  it("is refused for any other option, at the caller's line", function()
    local good, why = pcall(function() progress.new "yes" end)
    assert.is_false(good)
    assert.matches("^spec/bulk/progress_spec.lua:%d+: progress: expected true, false or a function, "
      .. "got a string$", why)
  end)
end)
