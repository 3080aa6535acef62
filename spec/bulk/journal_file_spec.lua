-- A journal that an object of the script's keeps, in place of a file.

local patchbay = require "patchbay"
local journals = require "patchbay.bulk.journal"

-- An object that keeps its text in memory. `failing`: the method that fails.
local function memory(text, failing)
  local object = { text = text, appended = 0 }
  function object:read()
    if failing == "read" then return nil, "no connection" end
    return self.text
  end
  function object:append(more)
    if failing == "append" then return nil, "no connection" end
    self.text, self.appended = (self.text or "") .. more, self.appended + 1
    return true
  end
  function object:replace(new)
    if failing == "replace" then return nil, "no connection" end
    self.text = new
    return true
  end
  return object
end

local function new_client(seen)
  return patchbay.telegent { token = "t", retries = 0, transport = function(request)
    local key = request.body:match "CRID%-%d+"
    seen[#seen + 1] = key
    if seen.refuse == key then return { status = 400, body = '{"Message":"no"}' } end
    return { status = 200, body = request.body }
  end }
end

local KEYS = { "CRID-1", "CRID-2", "CRID-3" }

local function run(client, object, options)
  options = options or {}
  options.journal, options.job, options.concurrency = object, "job", 1
  return patchbay.each(KEYS, options, function(key)
    return client.voice_routes:update(key, { RouteName = "name of " .. key })
  end)
end

describe("a journal in an object", function()
  it("has what a file would have, and the next run skips what is done", function()
    local seen, object = { refuse = "CRID-2" }, memory()
    local client = new_client(seen)
    local report = run(client, object)
    assert.same({ 2, 1, 0 }, { report.done, report.failed, report.skipped })
    assert.truthy(object.text:find '^{"patchbay_journal":2,"job":"job"')
    assert.equal(7, select(2, object.text:gsub("\n", "\n")))
    seen.refuse = nil
    report = run(client, object)
    assert.same({ 1, 0, 2 }, { report.done, report.failed, report.skipped })
    assert.same({ "CRID-1", "CRID-2", "CRID-3", "CRID-2" }, { seen[1], seen[2], seen[3], seen[4] })
    assert.is_nil(object.text:find("name of", 1, true))
  end)

  it("that lets other bodies run while it works is opened once, and has one header", function()
    local seen, object = {}, memory()
    for _, name in ipairs { "read", "append" } do
      local work = object[name]
      object[name] = function(...)
        patchbay.sleep(0.002)
        return work(...)
      end
    end
    local report = patchbay.each(KEYS, { journal = object, job = "job", concurrency = 3 }, function(key)
      return new_client(seen).voice_routes:update(key, { RouteName = "name of " .. key })
    end)
    assert.equal(3, report.done)
    assert.equal(1, select(2, object.text:gsub("patchbay_journal", "")))
    assert.truthy(object.text:find '^{"patchbay_journal":2,"job":"job"')
    assert.equal(7, select(2, object.text:gsub("\n", "\n")))
  end)

  it("that ends within a line goes on behind its last whole one", function()
    local seen, object = {}, memory()
    local client = new_client(seen)
    run(client, object)
    local whole = object.text
    object.text = whole:sub(1, -20) -- the end of CRID-3 is not known
    local report = run(client, object)
    assert.same({ 1, 2 }, { report.done, report.skipped })
    assert.equal(whole:match "^(.*\n)[^\n]+\n$", object.text:sub(1, #whole:match "^(.*\n)[^\n]+\n$"))
    assert.equal("CRID-3", seen[4])
  end)

  it("is neither written nor replaced under dry_run", function()
    local object = memory()
    local client = patchbay.telegent { token = "t", dry_run = true, log = function() end,
      transport = function() error "sent" end }
    run(client, object)
    assert.is_nil(object.text)
  end)

  it("of another job is refused, and stays", function()
    local object = memory()
    run(new_client {}, object)
    local before = object.text
    local options = { journal = object, job = "another" }
    local ok, problem = pcall(patchbay.each, KEYS, options, function() return true end)
    assert.is_false(ok)
    assert.truthy(tostring(problem):find('the journal object', 1, true), problem)
    assert.equal(before, object.text)
  end)

  it("is used by one run of a process at a time, and is free when that ends", function()
    local object = memory()
    local first = assert(journals.open(object, { job = "job" }))
    local second, problem = journals.open(object, { job = "job" })
    assert.is_nil(second)
    assert.truthy(problem:find("in use by another run of this process", 1, true))
    first:close()
    assert(journals.open(object, { job = "job" })):begin("k", nil) -- by a run that never ends
    assert(journals.open(object, { job = "job" })):close()
  end)

  it("that cannot be read or written ends the run, and nothing more is sent", function()
    for _, failing in ipairs { "read", "append" } do
      local seen = {}
      local ok, problem = pcall(run, new_client(seen), memory(nil, failing))
      assert.is_false(ok)
      assert.truthy(tostring(problem):find("the journal object: ", 1, true), problem)
      assert.truthy(tostring(problem):find("no connection", 1, true), problem)
      assert.equal(0, #seen)
    end
    local seen, object = {}, memory()
    local client = new_client(seen)
    run(client, object)
    local torn = memory(object.text:sub(1, -20), "replace")
    assert.is_false(pcall(run, client, torn))
    assert.equal(3, #seen)
  end)

  it("has to be an object with these methods, whose results are what they should be", function()
    for problem, object in pairs {
      ["expected a path, or an object with read, append and replace, got 1"] = 1,
      ['it has no function "replace"'] = { read = print, append = print },
    } do
      local ok, said = pcall(run, new_client {}, object)
      assert.is_false(ok)
      assert.truthy(tostring(said):find(problem, 1, true), said)
    end
    local odd = memory()
    function odd.read() return 5 end
    local _, said = pcall(run, new_client {}, odd)
    assert.truthy(tostring(said):find("its read() gave 5, not text", 1, true), said)
  end)

  it("keeps the journal of a plan, and is emptied for another plan", function()
    local sandbox = patchbay.sandbox()
    local client = patchbay.telegent { transport = sandbox }
    local object, key = memory(), next(sandbox:state().telegent.voice_routes)
    local options = { state = false, undo = false }
    for _, name in ipairs { "one", "other" } do
      local plan = assert(patchbay.plan({ telegent = client },
        { ["telegent.voice_routes"] = { [key] = { RouteName = name } } }, options))
      local report = assert(plan:apply { journal = object })
      assert.equal(1, report.done)
      assert.truthy(object.text:find('"job":"plan ' .. plan.id .. '"', 1, true), object.text)
      assert.equal(3, select(2, object.text:gsub("\n", "\n")))
    end
  end)
end)
