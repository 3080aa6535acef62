-- How items of a bulk run end: done, failed, pending, unchanged, or only shown; and what the journal says.

local json = require "patchbay.sandbox.json"
local patchbay = require "patchbay"
local support = require "spec.support.telegent_client"
local system = require "spec.support.system"

local each = patchbay.each
local NUMBER, OTHER = "+18018018011", "+18018018012"

local path

before_each(function()
  path = os.tmpname()
  os.remove(path)
end)
after_each(function() os.remove(path) end)

local function lines()
  local list = {}
  for line in (system.read(path) or ""):gmatch "[^\n]+" do list[#list + 1] = json.decode(line) end
  return list
end

local function updates(transport) return #support.paths(transport) end

describe("an item", function()
  it("has failed when its body returns nothing and the last change of a record failed", function()
    local client = support.new()
    local report = each({ NUMBER }, function(number)
      client.numbers:update(number, { VoiceRouteId = "CRID-none" })
    end)
    assert.same({ 0, 1, "not_found" }, { report.done, report.failed, report.failures[1].err.kind })
  end)

  it("is done when a later change of the same record went well, or its body says true", function()
    local client = support.new()
    local report = each({ NUMBER }, function(number)
      client.numbers:update(number, { VoiceRouteId = "CRID-none" })
      client.numbers:update(number, { VoiceEnabled = false })
    end)
    assert.same({ 1, 0 }, { report.done, report.failed })
    report = each({ NUMBER }, function(number)
      client.numbers:update(number, { VoiceRouteId = "CRID-none" })
      return true
    end)
    assert.same({ 1, 0 }, { report.done, report.failed })
  end)

  it("has failed when another record's change went well afterwards", function()
    local client = support.new()
    local report = each({ 1 }, function()
      client.numbers:update(NUMBER, { VoiceRouteId = "CRID-none" })
      client.numbers:update(OTHER, { VoiceEnabled = false })
    end)
    assert.equal(1, report.failed)
  end)

  it("has failed with the error of a create or delete that its body ignores", function()
    local client = support.scripted { { 404, "" } }
    local report = each({ 1, 2 }, function(i)
      if i == 1 then client.voice_routes:delete "CRID-1" end
      if i == 2 then client.voice_routes:create { RouteName = "x", RouteType = "Trunk" } end
    end)
    assert.equal(2, report.failed)
  end)

  it("is told of changes that are made in a coroutine of its body", function()
    local client = support.new()
    local report = each({ 1 }, function()
      coroutine.wrap(function() client.numbers:update(NUMBER, { VoiceRouteId = "CRID-none" }) end)()
    end)
    assert.equal(1, report.failed)
  end)

  it("is done and unchanged when no change had to be sent", function()
    local client = support.new()
    local report = each({ NUMBER, OTHER }, function(number)
      local record = client.numbers[number]
      if number == NUMBER then record.VoiceEnabled = false end
      return record:update()
    end)
    assert.same({ 2, 1 }, { report.done, report.unchanged })
    assert.truthy(tostring(report):find "\n1 of those done is unchanged: no change had to be sent\n")
  end)

  it("is pending while its order is open, which the next run reads back", function()
    local client, transport = support.new(nil, { update_status = "Pending", pending_reads = 0 })
    local function run()
      return each({ NUMBER }, { journal = path, job = "x" }, function(number)
        return client.numbers:update(number, { VoiceEnabled = false, MessageType = "p2p" })
      end)
    end
    local report = run()
    assert.same({ 0, 1, 0 }, { report.done, report.pending, report.failed })
    assert.equal("open", lines()[3].outcome)
    report = run() -- the vendor has carried it out
    assert.same({ 1, 0, 1 }, { report.done, report.pending, report.unchanged })
    assert.same({ "POST /v1.0/numbers/update", "GET /v1.0/numbers" }, support.paths(transport))
    report = run()
    assert.equal(1, report.skipped)
  end)

  it("sends only what the read contradicts where an earlier run left its order open", function()
    local client, transport = support.new(nil, { update_status = "Pending", pending_reads = 0 })
    local function run(fields)
      return each({ NUMBER }, { journal = path, job = "x" }, function(number)
        return client.numbers:update(number, fields)
      end)
    end
    run { VoiceEnabled = false }
    transport:set { telegent = { update_status = "Complete" } }
    local report = run { VoiceEnabled = false, AssignedSubscriberId = "TSUID-1" }
    assert.same({ 1, 0 }, { report.done, report.unchanged })
    assert.same({ "Number", "AssignedSubscriberId" }, support.order(support.last(transport).body))
  end)

  it("stays open where it cannot be read back, and nothing is sent", function()
    local open = '{"Number":"+18018018011","UpdateOrderStatus":"Pending"}'
    local client, seen = support.scripted({ { 200, open }, { 500, "" } }, { retries = 0 })
    local function run()
      return each({ NUMBER }, { journal = path, job = "x" }, function(number)
        return client.numbers:update(number, { VoiceEnabled = false })
      end)
    end
    run()
    local report = run()
    assert.equal(2, #seen)
    assert.same({ 1, "not_sent" }, { report.failed, report.failures[1].err.outcome })
    local all = lines()
    assert.equal("open", all[#all].outcome)
  end)
end)

describe("a dry run", function()
  it("is said, counts what would be sent, and writes no journal", function()
    local client, transport = support.new { dry_run = true }
    local report = each({ NUMBER, OTHER }, { journal = path, job = "x" }, function(number)
      return client.numbers:update(number, { VoiceEnabled = false })
    end)
    assert.same({ true, 2, 0, 0 }, { report.dry_run, report.would_send, report.done, updates(transport) })
    assert.is_nil(system.read(path))
  end)

  it("reads the journal, and leaves it as it is", function()
    local client = support.new()
    local dry = support.new { dry_run = true }
    local function run(numbers, by)
      return each(numbers, { journal = path, job = "x", total = 2 }, function(number)
        return by.numbers:update(number, { VoiceEnabled = false })
      end)
    end
    local function source(list)
      local i = 0
      return function() i = i + 1 return list[i] end
    end
    run(source { NUMBER }, client)
    local before = system.read(path)
    local report = run(source { NUMBER, OTHER }, dry)
    assert.same({ 1, 1 }, { report.skipped, report.would_send })
    assert.equal(before, system.read(path))
    report = run(source { NUMBER, OTHER }, client)
    assert.same({ 1, 1 }, { report.skipped, report.done })
  end)

  it("has no journal of items that only read, or use no client", function()
    local client = support.new { dry_run = true }
    each({ 1, 2 }, { journal = path, job = "x" }, function(i)
      if i == 1 then return client.numbers:get(NUMBER) end
      return client ~= nil
    end)
    assert.is_nil(system.read(path))
  end)
end)

describe("a journal", function()
  local function run(client, items)
    return each(items or { NUMBER }, { journal = path, job = "x" }, function(number)
      return client.numbers:update(number, { VoiceEnabled = false })
    end)
  end

  it("names vendor, address, account and job, and no secret", function()
    run((support.new()))
    local header = lines()[1]
    assert.same({ 2, "telegent", "https://api.telegent.com", "x" },
      { header.patchbay_journal, header.vendor, header.address, header.job })
    assert.truthy(header.account:find "^%x+$" and #header.account == 16)
  end)

  it("of another account or server is refused, also where all its items are done", function()
    local client, transport = support.new()
    run(client)
    local function other(options)
      options.transport = transport
      local good, problem = pcall(run, patchbay.telegent(options))
      assert.is_false(good)
      return problem
    end
    local before = system.read(path)
    assert.matches("each: .*: the journal of telegent at https://api.telegent.com, account %x+; this "
      .. "run uses telegent at https://api.telegent.com, account %x+; use the account that it was written "
      .. "with, or another file$", other { account_key = "DID-other", account_secret = "another secret" })
    assert.matches("this run uses telegent at https://proxy.example.com, account",
      other { base_url = "https://proxy.example.com" })
    assert.equal(before, system.read(path))
  end)

  it("of another account is refused before anything is sent, where the body makes its client", function()
    run((support.new()), { NUMBER, OTHER })
    local transport = patchbay.sandbox()
    local sent = 0
    local items = { NUMBER, "+18018018013" }
    local good, problem = pcall(each, items, { journal = path, job = "x" }, function(number)
      local module = require "patchbay"
      local client = module.telegent { account_key = "DID-2", account_secret = "secretsecret",
        transport = function(request)
          sent = sent + 1
          return transport:send(request)
        end }
      return client.numbers:update(number, { VoiceEnabled = true })
    end)
    assert.is_false(good)
    assert.matches("the journal of telegent", problem)
    assert.equal(0, sent)
  end)

  it("knows items of one name by their place, and skips both when both are done", function()
    local client, transport = support.new()
    run(client, { NUMBER, NUMBER })
    assert.equal(2, updates(transport))
    assert.equal(2, run(client, { NUMBER, NUMBER }).skipped)
  end)

  it("is another one's for the second each of a script, unless they share a job", function()
    local client = support.new()
    each({ NUMBER }, { journal = path }, function(n)
      return client.numbers:update(n, { VoiceEnabled = false })
    end)
    local good, problem = pcall(each, { NUMBER }, { journal = path }, function(n)
      return client.numbers:update(n, { VoiceEnabled = true })
    end)
    assert.is_false(good)
    assert.matches("the journal of another job", problem)
  end)
end)

describe("converting a journal of format 1", function()
  local upgrade = require "patchbay.bulk.journal_upgrade"

  it("keeps what is done, and tells items of one name apart by their content", function()
    local a, b = ("a"):rep(16), ("b"):rep(16)
    system.write(path, '{"patchbay_journal":1,"job":"x","first":"k","count":3,'
      .. '"started":"2026-01-01T00:00:00Z"}\n'
      .. ('{"key":"k","change":"%s","at":"T","outcome":"begun"}\n'):format(a)
      .. ('{"key":"k","change":"%s","at":"T","outcome":"done"}\n'):format(a)
      .. ('{"key":"k","change":"%s","at":"T","outcome":"begun"}\n'):format(b)
      .. ('{"key":"k","change":"%s","at":"T","outcome":"refused","kind":"rejected"}\n'):format(b)
      .. '{"key":"torn","cha')
    assert.is_true(upgrade.convert(path))
    local journal = require "patchbay.bulk.journal"
    local j = assert(journal.open(path, { job = "x", first = "k", count = 3 }))
    assert.same({ "done", "failed" }, { j:known("k", a, 1), j:known("k", b, 2) })
    assert.is_nil(j:known("torn"))
    j:close()
  end)

  it("refuses what is none, and leaves it as it is", function()
    for _, text in ipairs { "", "x\n", '{"patchbay_journal":2,"job":"x"}\n',
      '{"patchbay_journal":1,"job":"x"}\nbroken\n{"key":"k","outcome":"done"}\n' } do
      system.write(path, text)
      local ok, problem = upgrade.convert(path)
      assert.is_nil(ok)
      assert.equal(path .. ": not converted: ", problem:sub(1, #path + 17))
      assert.equal(text, system.read(path))
      assert.is_nil(system.read(path .. ".part"))
    end
    assert.is_nil((upgrade.convert(path .. ".none")))
  end)
end)
