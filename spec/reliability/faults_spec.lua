-- Every fault of spec/support/faults, over real sockets: what the script sees of it, what arrived at the
-- server, and that all goes on afterwards. docs/reliability.md has the table.

local core = require "patchbay.core"
local fault_table = require "spec.support.fault_table"
local faults = require "spec.support.faults"
local matrix = require "spec.support.fault_matrix"
local patchbay = require "patchbay"
local system = require "spec.support.system"

-- The concurrency; and the seconds that a slow machine may add to the time of the attempts.
local CONCURRENCY, SLACK = 32, 100

-- The longest pause before a second and a third try.
local PAUSES = 0.5 + 1

-- Faults whose tries take long by themselves, those whose answers are long, and the others go together: who
-- reads a large answer keeps the others waiting.
local function takes_time(row) return (row.timeout or row.connect_timeout) ~= nil end

local function sort_of(row) return takes_time(row) and "slow" or row.heavy and "heavy" or "quick" end

-- The expected and the actual result of a row, each in one line.
local function expected_line(row, operation)
  local e = faults.expected(row, operation)
  return ("%s, %s, %s tries, %d requests"):format(e.kind or "success", e.outcome or "done",
    e.kind and tostring(e.tries) or "-", e.arrives)
end

local function actual_line(result)
  return ("%s, %s, %s tries, %d requests"):format(result.kind or "success", result.outcome or "done",
    result.kind and tostring(result.tries) or "-", result.arrived)
end

local function is_said(says, message)
  if type(says) ~= "table" then return says == message end
  for _, one in ipairs(says) do
    if one == message then return true end
  end
  return false
end

local function check(row, operation, result)
  assert.is_table(result, "it did not end")
  if row.races then
    assert.equal(row.kind, result.kind, result.raw)
    assert.is_true(result.outcome == row.outcome or result.outcome == "not_sent", result.raw)
  else
    assert.equal(expected_line(row, operation), actual_line(result), result.raw)
  end
  local e = faults.expected(row, operation)
  if e.kind then e.outcome = result.outcome end
  if operation == faults.operations_of(row)[1] and e.kind then
    local message = result.message:gsub("; whether the change was applied is not known$", "")
      :gsub("; whether an earlier attempt was applied is not known$", "")
    assert.is_true(is_said(row.says, message), "it says: " .. message)
    assert.equal(e.outcome == "unknown", message ~= result.message)
  end
  assert.is_true(result.kept, "assignments are lost")
  assert.is_false(result.foreign or false, "it took an answer that is not its own")
  if row.heals ~= false then assert.is_true(result.next, "the next call: " .. tostring(result.next)) end
  for _, secret in ipairs(matrix.secrets_of(operation)) do
    assert.is_nil(result.raw:find(secret:sub(1, -3), 1, true), "a secret is shown")
  end
  local bound = (row.timeout or row.connect_timeout or 0) * (row.tries or 1) + PAUSES + SLACK
  assert.is_true(result.seconds < bound, ("it took %.1f s"):format(result.seconds))
end

local function plays(row) return not row.needs or matrix.libcurl_has(row.needs) end

describe("A fault", function()
  setup(matrix.start)
  teardown(matrix.stop)

  local random = core.system.random
  before_each(function() core.system.random = function() return 0 end end)
  after_each(function() core.system.random = random end)

  -- Without a pause before further tries. Those under `each` below have it.
  local function try(name, operation)
    for number, row in ipairs(faults.rows) do
      if row.name == name and plays(row) then check(row, operation, matrix.attempt(number, operation)) end
    end
  end

  for _, name in ipairs { "nobody listens", "reset after the request", "closed within the body",
    "endless headers", "two Content-Lengths that differ", "Content-Length and Transfer-Encoding",
    "a gzip bomb",
    "a kept connection closed as the next request arrives", "a second response right after the first",
    "a second response right after the first, then closed",
    "GOAWAY instead of a response, the request not processed",
    "RST_STREAM: refused" } do
    it("to a script that does one thing after the other: " .. name, function() try(name, "update") end)
  end

  it("that is an answer left on a kept connection is not taken for the next one's, over TLS", function()
    try("a second response right after the first", "secure")
  end)
end)

describe("The matrix of faults #slow #once", function()
  local results = {}

  local function run_within_each(sort, concurrency)
    local items = {}
    for number, row in ipairs(faults.rows) do
      if plays(row) and not row.alone and sort == sort_of(row) then
        for _, operation in ipairs(faults.operations_of(row)) do
          items[#items + 1] = { number = number, operation = operation }
        end
      end
    end
    local report = patchbay.each(items, { concurrency = concurrency,
      key = function(item) return item.number .. " " .. item.operation end }, function(item)
      results[item.number .. item.operation] = matrix.attempt(item.number, item.operation)
      return true
    end)
    assert(report.failed == 0, tostring(report))
  end

  local function run_one_by_one()
    local random = core.system.random
    core.system.random = function() return 0 end
    for number, row in ipairs(faults.rows) do
      for _, place in ipairs(faults.places_of(row)) do
        if (place == "blocking" or row.alone) and plays(row) then
          results[number .. place] = matrix.attempt(number, place)
        end
      end
    end
    core.system.random = random
  end

  setup(function()
    matrix.start()
    run_within_each("slow", 100)
    run_within_each("heavy", CONCURRENCY)
    run_within_each("quick", CONCURRENCY)
    run_one_by_one()
  end)
  teardown(matrix.stop)

  for number, row in ipairs(faults.rows) do
    for _, operation in ipairs(faults.operations_of(row)) do
      it(("holds for %s: %s"):format(operation, row.name), function()
        if not plays(row) then return pending("libcurl has no " .. row.needs) end
        check(row, operation, results[number .. operation])
        local blocking = operation == "update" and results[number .. "blocking"]
        if blocking then check(row, operation, blocking) end
      end)
    end
  end

  it("sends nothing to the host that redirects and Alt-Svc name", function()
    assert.equal("", matrix.elsewhere())
  end)

  it("is played by a server that does not fail itself", function()
    assert.equal("", matrix.server_errors())
  end)

  it("keeps the answers of many at once apart", function()
    local items = {}
    for number, row in ipairs(faults.rows) do
      -- A 429 is for the whole client, and time is for the others.
      if row.serve and not row.own and not row.warm and not takes_time(row) and row.kind ~= "rate_limited"
        and plays(row) and not row.large then
        items[#items + 1] = { number = number }
        items[#items + 1] = { number = 0, key = #items }
      end
    end
    local client = matrix.client("plain", "shared", { retries = faults.RETRIES })
    local report = patchbay.each(items, { concurrency = CONCURRENCY }, function(item)
      local key = item.number == 0 and ("00000000-0000-0000-%04x-000000000000"):format(item.key)
        or ("00000000-0000-0000-0000-%012d"):format(item.number)
      local trunk = client.sip_trunks[key]
      trunk.area_code = "02"
      item.done, item.err = trunk:update()
      item.right = item.done and trunk.id == key and trunk.description
      return true
    end)
    assert.equal(0, report.failed, tostring(report))
    for _, item in ipairs(items) do
      if item.number == 0 then
        assert.equal("good", item.right, tostring(item.err))
      else
        local row = faults.rows[item.number]
        assert.equal(row.kind or "success", item.err and item.err.kind or "success",
          row.name .. ": " .. tostring(item.err))
      end
    end
  end)

  local names = {}
  for name in pairs(faults.sweeps) do names[#names + 1] = name end
  table.sort(names)

  for _, name in ipairs(names) do
    for _, listener in ipairs { "plain", "tls" } do
      it(("holds at every byte: %s, %s"):format(name, listener), function()
        local sweep = faults.sweeps[name]
        local client = matrix.client(listener, "sweep-" .. name, { retries = 0, timeout = 20 })
        local wrong = {}
        -- Over TLS a connection costs more: every fifth byte, unless all are wanted.
        local step = listener == "tls" and not os.getenv "PB_THOROUGH" and 5 or 1
        local places = {}
        for at = 0, sweep.length - 1, step do places[#places + 1] = at end
        patchbay.each(places, { concurrency = CONCURRENCY }, function(at)
          local trunk = client.sip_trunks[("00000000-0000-0000-0000-%012d"):format(at)]
          trunk.area_code = "02"
          local done, err = trunk:update()
          local fine
          if done then
            fine = sweep.harmless and trunk.description == "good"
          else
            fine = sweep.kinds[err.kind] and trunk:changes().area_code == "02" and err.attempts == 1
          end
          if not fine then wrong[#wrong + 1] = at .. ": " .. tostring(err or "a success") end
          return true
        end)
        assert.equal("", table.concat(wrong, "\n"))
      end)
    end
  end
end)

describe("docs/reliability.md", function()
  it("has the table of faults as it is checked here", function()
    local document = assert(system.read("docs/reliability.md"))
    assert.is_true(fault_table.put_into(document) == document, "run: make reliability")
  end)
end)
