local system = require("patchbay.core").system
local text = require "patchbay.core".text

local function near(expected, actual)
  assert.is_true(math.abs(expected - actual) < 1e-6, ("%.9f expected, not %.9f"):format(expected, actual))
end

describe("the delay before a retry", function()
  it("has an upper bound that doubles with each failed attempt", function()
    for attempt, ceiling in ipairs{ 0.5, 1, 2, 4, 8, 16 } do
      assert.equal(ceiling, text.retry_delay(attempt, 0.5, 60, 1))
    end
  end)

  it("is random below that bound", function()
    assert.equal(0, text.retry_delay(3, 1, 60, 0))
    assert.equal(1, text.retry_delay(3, 1, 60, 0.25))
  end)

  it("never exceeds the cap, however many attempts failed", function()
    for _, attempt in ipairs{ 7, 8, 64, 1000, 1025, 4e9, 1e300 } do
      assert.equal(30, text.retry_delay(attempt, 0.5, 30, 1))
    end
    assert.equal(1, text.retry_delay(1, 5, 1, 1))
    assert.equal(0, text.retry_delay(5, 0, 10, 1))
  end)

  it("raises for senseless arguments", function()
    assert.has_error(function() text.retry_delay(0, 1, 1, 1) end)
    assert.has_error(function() text.retry_delay(1, -1, 1, 1) end)
    assert.has_error(function() text.retry_delay(1, 1, 0 / 0, 1) end)
    assert.has_error(function() text.retry_delay(1, 1, 1, 1.5) end)
  end)
end)

describe("Retry-After", function()
  local now = 784111777 -- Sun, 06 Nov 1994 08:49:37 GMT

  it("may be a number of seconds", function()
    assert.equal(120, text.retry_after("120", now, 3600))
    assert.equal(0, text.retry_after("0", now, 3600))
    assert.equal(5, text.retry_after(" 5\t", now, 3600))
    near(1.25, text.retry_after("1.25", now, 3600))
  end)

  it("may be a date in any of HTTP's forms", function()
    assert.equal(60, text.retry_after("Sun, 06 Nov 1994 08:50:37 GMT", now, 3600))
    assert.equal(60, text.retry_after("Sunday, 06-Nov-94 08:50:37 GMT", now, 3600))
    assert.equal(60, text.retry_after("Sun Nov  6 08:50:37 1994", now, 3600))
    assert.equal(59.5, text.retry_after("Sun, 06 Nov 1994 08:50:37 GMT", now + 0.5, 3600))
  end)

  it("is bounded", function()
    assert.equal(3600, text.retry_after("86400", now, 3600))
    for digits = 13, 400 do assert.equal(3600, text.retry_after(("9"):rep(digits), now, 3600)) end
    assert.equal(3600, text.retry_after("Sun, 06 Nov 1999 08:50:37 GMT", now, 3600))
  end)

  it("is 0 when it lies in the past", function()
    assert.equal(0, text.retry_after("Sun, 06 Nov 1994 08:49:36 GMT", now, 3600))
    assert.equal(0, text.retry_after("-5", now, 3600))
  end)

  it("counts as absent when it is neither", function()
    for _, header in ipairs{ "", " ", "soon", "12x", "1e3", "0x10", "1,5", "1.", ".5", "+5", "--5", "-",
      "inf", "nan",
      "2026-01-01", "5 5", "Sun, 06 Nov 1994 08:49:37 XYZT" } do
      assert.is_nil(text.retry_after(header, now, 3600), header)
    end
    assert.is_nil(text.retry_after(nil, now, 3600))
  end)
end)

describe("the random number", function()
  it("lies from 0 up to 1 and does not repeat itself", function()
    local seen, sum = {}, 0
    for _ = 1, 1000 do
      local value = system.random()
      assert.is_true(value >= 0 and value < 1)
      assert.is_nil(seen[value])
      seen[value], sum = true, sum + value
    end
    assert.is_true(sum > 400 and sum < 600)
  end)
end)

describe("the clocks", function()
  it("tell Unix seconds, and seconds that only go forward", function()
    local earliest, now, latest = os.time(), system.now(), os.time()
    assert.is_true(now >= earliest and now < latest + 1, now)
    local before = system.clock()
    assert.is_true(system.clock() >= before)
  end)
end)

describe("percent encoding", function()
  it("keeps the unreserved characters and nothing else", function()
    assert.equal("%2B18018018011", text.percent_encode("+18018018011"))
    assert.equal("AZaz09-._~", text.percent_encode("AZaz09-._~"))
    assert.equal("%20%2F%3F%25%00%FF%C3%A9", text.percent_encode(" /?%\0\255\195\169"))
    assert.equal("", text.percent_encode(""))
    assert.equal(("%21"):rep(10000), text.percent_encode(("!"):rep(10000)))
  end)
end)
