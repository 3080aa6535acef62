-- patchbay list and patchbay get: records of the vendors, and of one that a description describes.

local command = require "spec.support.command"
local system = require "spec.support.system"
local wait = require "spec.support.wait"

describe("patchbay list", function()
  if command.lacks() then
    pending(command.lacks())
    return
  end

  local server, folder, environment

  setup(function()
    folder, environment = command.accounts [[return { lab = { vendor = "telnyx.lua",
      api_key = { env = "TELNYX_API_KEY" }, base_url = { env = "PATCHBAY_BASE_URL" } } }]]
    os.execute("cp examples/vendors/telnyx.lua " .. folder .. "/patchbay")
    server = command.start(nil, folder .. "/patchbay/telnyx.lua")
  end)
  teardown(function()
    if server then server:stop() end
    if folder then os.execute("rm -rf " .. folder) end
  end)
  before_each(function() server:reset() end)

  local function run(words)
    local out, err, status = server:run(words, environment)
    assert.equal("", err)
    assert.equal(0, status)
    return out
  end

  local PAGES = "list lab.phone_numbers --query 'page[size]=1' "

  local function lists()
    local count = 0
    for _, request in ipairs(server:control("GET", "requests")) do
      if request.path:find "phone_numbers" then count = count + 1 end
    end
    return count
  end

  it("reads all pages", function()
    local _, count = run(PAGES .. "-o jsonl"):gsub("\n", "")
    assert.equal(3, count)
    assert.truthy(lists() >= 3)
  end)

  it("reads no page behind its limit", function()
    local _, count = run(PAGES .. "--limit 1 -o jsonl"):gsub("\n", "")
    assert.equal(1, count)
    assert.equal(1, lists())
  end)

  it("shows a page while the next one is awaited", function()
    for _, form in ipairs { "table", "json", "jsonl", "csv" } do
      server:reset()
      server:fail { delay = 60, after = 1, match = "/phone_numbers*" }
      local shown = os.tmpname()
      local words = ("%s -o %s >%s 2>/dev/null &\necho $!"):format(PAGES, form, shown)
      local pid = system.line((server:command(words, environment)))
      local ok, problem = pcall(wait.until_true, function()
        return (system.read(shown) or ""):find("+1", 1, true)
      end, "the first record as " .. form)
      local _, records = (system.read(shown) or ""):gsub("%+1", "")
      os.execute("kill " .. pid)
      os.remove(shown)
      assert.truthy(ok, problem)
      assert.equal(1, records)
    end
  end)

  it("fails where a page fails, and shows what came before it; JSON stays open", function()
    local fault = { status = 404, after = 1, match = "/phone_numbers*" }
    server:fail(fault)
    local out, err, status = server:run(PAGES .. "-o json", environment)
    assert.equal(1, status)
    assert.truthy(err:find("^patchbay: telnyx phone_numbers.list: not found"), err)
    assert.truthy(out:find("^%[\n{[^\n]+}$"), out)
    server:fail(fault)
    out, err, status = server:run(PAGES, environment)
    assert.truthy(err:find("^patchbay: telnyx phone_numbers.list: not found"), err)
    assert.equal(1, status)
    assert.truthy(out:find "^id +phone_number.*\n%d+ +%+1", out)
  end)

  it("writes an empty list as one", function()
    server:fail { body = '{"data":[],"meta":{"total_results":0}}', content_type = "application/json",
      times = "always" }
    assert.equal("[]\n", run "list lab.phone_numbers -o json")
    assert.equal("", run "list lab.phone_numbers -o jsonl")
    assert.equal("", run "list lab.phone_numbers")
    assert.equal("id,phone_number\n", run "list lab.phone_numbers -o csv --fields id,phone_number")
  end)

  it("refuses a limit that is none", function()
    for _, limit in ipairs { "0", "x", "1.5" } do
      local _, err, status = server:run("list lab.phone_numbers --limit " .. limit, environment)
      assert.equal(("patchbay: --limit %s: expected a number of records, such as --limit 10\n"):format(limit),
        err)
      assert.equal(64, status)
    end
  end)

  it("counts the records for a person, and says where the other fields are", function()
    local out = server:terminal("list lab.phone_numbers", { environment = environment })
    assert.truthy(out:find("\n3 records; %d+ fields are not shown: %-%-fields A,B chooses, %-o json shows "
      .. "all\n$"), out)
  end)
end)

describe("patchbay get", function()
  if command.lacks() then
    pending(command.lacks())
    return
  end

  local server
  setup(function() server = command.start() end)
  teardown(function() if server then server:stop() end end)

  it("shows the fields of a record, below each other", function()
    local out, err = server:run "get telegent.voice_routes CRID-509de94f-79cc-429b-a317-2102654dabbb"
    assert.equal("", err)
    assert.truthy(out:find "^CallRouteId +CRID%-509de94f%-79cc%-429b%-a317%-2102654dabbb\n", out)
    assert.truthy(out:find "\nRouteName +Main SIP Trunk\n", out)
    assert.truthy(out:find "\nTrunkEnabled2 +true\n", out)
  end)

  it("needs a key", function()
    local _, err, status = server:run "get telegent.numbers"
    assert.equal("patchbay: telegent.numbers: which record? Give its Number\n", err)
    assert.equal(64, status)
  end)
end)
