-- How items of a bulk run end: done, failed, pending, unchanged, or only shown; and what the journal says.

local json = require "patchbay.sandbox.json"
local patchbay = require "patchbay"
local subjects = require "spec.support.subjects"
local system = require "spec.support.system"

local each = patchbay.each

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

-- The suite for one vendor.
local function suite(subject)
  local NUMBER, OTHER, THIRD = subject.keys[1], subject.keys[2], subject.keys[3]

  local function paths(transport) return subjects.paths(subject, transport) end

  -- Bodies refer to these alone: each searches what its body refers to for clients.
  local rows, change, more = subject.rows, subject.change, subject.more
  local both, impossible = subjects.both(change, more), subject.impossible

  local function update(client, number, fields) return client[rows]:update(number, fields or change) end

  describe("an item", function()
    it("has failed when its body returns nothing and the last change of a record failed", function()
      local client = subject.new()
      local report = each({ NUMBER }, function(number)
        update(client, number, impossible)
      end)
      assert.same({ 0, 1, "not_found" }, { report.done, report.failed, report.failures[1].err.kind })
    end)

    it("is done when a later change of the same record went well, or its body says true", function()
      local client = subject.new()
      local report = each({ NUMBER }, function(number)
        update(client, number, impossible)
        update(client, number)
      end)
      assert.same({ 1, 0 }, { report.done, report.failed })
      report = each({ NUMBER }, function(number)
        update(client, number, impossible)
        return true
      end)
      assert.same({ 1, 0 }, { report.done, report.failed })
    end)

    it("has failed when another record's change went well afterwards", function()
      local client = subject.new()
      local report = each({ 1 }, function()
        update(client, NUMBER, impossible)
        update(client, OTHER)
      end)
      assert.equal(1, report.failed)
    end)

    it("has failed with the error of a create or delete that its body ignores", function()
      local client, transport = subject.new()
      transport:fail { status = 404, times = "always", after = 1 } -- behind the login
      local report = each({ 1, 2 }, { concurrency = 1 }, function(i)
        if i == 1 then client[subject.others]:delete(subject.no_key) end
        if i == 2 then client[subject.others]:create(subject.made) end
      end)
      assert.equal(2, report.failed)
    end)

    it("is told of changes that are made in a coroutine of its body", function()
      local client = subject.new()
      local report = each({ 1 }, function()
        coroutine.wrap(function() update(client, NUMBER, impossible) end)()
      end)
      assert.equal(1, report.failed)
    end)

    it("is done and unchanged when no change had to be sent", function()
      local client = subject.new()
      local report = each({ NUMBER, OTHER }, function(number)
        local record = client[rows][number]
        for name, value in pairs(number == NUMBER and change or {}) do record[name] = value end
        return record:update()
      end)
      assert.same({ 2, 1 }, { report.done, report.unchanged })
      assert.truthy(tostring(report):find "\n1 of those done is unchanged: no change had to be sent\n")
    end)

    it("is pending while its order is open, which the next run reads back", function()
      local client, transport = subject.new(nil, { orders = "open", pending_reads = 0 })
      local function run()
        return each({ NUMBER }, { journal = path, job = "x" }, function(number)
          return update(client, number, both)
        end)
      end
      local report = run()
      assert.same({ 0, 1, 0 }, { report.done, report.pending, report.failed })
      assert.equal("open", lines()[3].outcome)
      report = run() -- the vendor has carried it out
      assert.same({ 1, 0, 1 }, { report.done, report.pending, report.unchanged })
      assert.same({ subject.update, subject.read }, paths(transport))
      report = run()
      assert.equal(1, report.skipped)
    end)

    it("sends only what the read contradicts where an earlier run left its order open", function()
      local client, transport = subject.new(nil, { orders = "open", pending_reads = 0 })
      local function run(fields)
        return each({ NUMBER }, { journal = path, job = "x" }, function(number)
          return update(client, number, fields)
        end)
      end
      run(change)
      subject.set_orders(transport, "complete")
      local report = run(subjects.both(change, subject.last))
      assert.same({ 1, 0 }, { report.done, report.unchanged })
      local calls = subjects.calls(subject, transport)
      assert.same(subjects.both({ [subject.key] = NUMBER }, subject.last), (json.decode(calls[#calls].body)))
    end)

    it("stays open where it cannot be read back, and nothing is sent", function()
      local client, transport = subject.new({ retries = 0 }, { orders = "open" })
      transport:fail { status = 500, method = "GET", times = "always" }
      local function run()
        return each({ NUMBER }, { journal = path, job = "x" }, function(number)
          return update(client, number)
        end)
      end
      run()
      local report = run()
      assert.same({ subject.update, subject.read }, paths(transport))
      assert.same({ 1, "not_sent" }, { report.failed, report.failures[1].err.outcome })
      local all = lines()
      assert.equal("open", all[#all].outcome)
    end)
  end)

  describe("a dry run", function()
    it("is said, counts what would be sent, and writes no journal", function()
      local client, transport = subject.new { dry_run = true }
      local report = each({ NUMBER, OTHER }, { journal = path, job = "x" }, function(number)
        return update(client, number)
      end)
      assert.same({ true, 2, 0, 0 }, { report.dry_run, report.would_send, report.done, #paths(transport) })
      assert.is_nil(system.read(path))
    end)

    it("reads the journal, and leaves it as it is", function()
      local client = subject.new()
      local dry = subject.new { dry_run = true }
      local function run(numbers, by)
        return each(numbers, { journal = path, job = "x", total = 2 }, function(number)
          return update(by, number)
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
      local client = subject.new { dry_run = true }
      each({ 1, 2 }, { journal = path, job = "x" }, function(i)
        if i == 1 then return client[rows]:get(NUMBER) end
        return client ~= nil
      end)
      assert.is_nil(system.read(path))
    end)
  end)

  describe("a journal", function()
    local function run(client, items)
      return each(items or { NUMBER }, { journal = path, job = "x" }, function(number)
        return update(client, number)
      end)
    end

    it("names vendor, address, account and job, and no secret", function()
      run((subject.new()))
      local header = lines()[1]
      assert.same({ 2, subject.name, subject.address, "x" },
        { header.patchbay_journal, header.vendor, header.address, header.job })
      assert.truthy(header.account:find "^%x+$" and #header.account == 16)
    end)

    it("of another account or server is refused, also where all its items are done", function()
      local client, transport = subject.new()
      run(client)
      local function other(options)
        options.transport = transport
        local good, problem = pcall(run, subject.other(options))
        assert.is_false(good)
        return problem
      end
      local before = system.read(path)
      local place = ("%s at %s, account %%x+; "):format(subject.name, subject.address)
      assert.matches("each: .*: the journal of " .. place .. "this run uses " .. place
        .. "use the account that it was written with, or another file$", other {})
      assert.matches("this run uses " .. subject.name .. " at https://proxy.example.com, account",
        other { base_url = "https://proxy.example.com" })
      assert.equal(before, system.read(path))
    end)

    it("of another account is refused before anything is sent, where the body makes its client", function()
      run((subject.new()), { NUMBER, OTHER })
      local _, transport = subject.new()
      local sent = 0
      local items = { NUMBER, THIRD }
      local good, problem = pcall(each, items, { journal = path, job = "x" }, function(number)
        local client = subject.other { transport = function(request)
          sent = sent + 1
          return transport:send(request)
        end }
        return update(client, number, more)
      end)
      assert.is_false(good)
      assert.matches("the journal of " .. subject.name, problem)
      assert.equal(0, sent)
    end)

    it("knows items of one name by their place, and skips both when both are done", function()
      local client, transport = subject.new()
      run(client, { NUMBER, NUMBER })
      assert.equal(2, #paths(transport))
      assert.equal(2, run(client, { NUMBER, NUMBER }).skipped)
    end)

    it("is another one's for the second each of a script, unless they share a job", function()
      local client = subject.new()
      each({ NUMBER }, { journal = path }, function(n)
        return update(client, n)
      end)
      local good, problem = pcall(each, { NUMBER }, { journal = path }, function(n)
        return update(client, n, more)
      end)
      assert.is_false(good)
      assert.matches("the journal of another job", problem)
    end)
  end)
end

for _, subject in ipairs(subjects.all) do
  describe("with " .. subject.name .. ",", function() suite(subject) end)
end

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

  it("removes what it has begun before another process may convert it", function()
    local core = require "patchbay.core"
    local open, seen = core.journal.open, nil
    system.write(path, "x\n")
    finally(function() core.journal.open = open end)
    core.journal.open = function(...)
      local lock = assert(open(...))
      return { close = function()
        seen = system.exists(path .. ".part")
        lock:close()
      end }
    end
    assert.is_nil((upgrade.convert(path)))
    assert.is_false(seen)
  end)
end)
