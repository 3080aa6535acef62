-- A journal: its lines, its keys, and what it says of each item after a restart.

local files = require "spec.support.files"
local journal = require "patchbay.bulk.journal"
local journals = require "spec.support.journals"
local system = require "spec.support.system"

local read, shell = system.read, system.output
local new_path, script = files.new_path, files.script
local A, B, count_lines = journals.A, journals.B, journals.count_lines
local known, open, with = journals.known, journals.open, journals.with

after_each(files.remove_all)

describe("a journal", function()
  it("is one JSON object a line: whose it is, then what was begun and how it ended", function()
    local path = new_path()
    with(path, function(j)
      assert.is_false(j.resumed)
      j:begin("k1", A)
      j:finish("k1", A, "failed", "rejected")
      j:begin(2)
    end)
    local text = read(path):gsub("%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%dZ", "TIME")
    assert.equal('{"patchbay_journal":2,"job":"move","first":"k1","count":3,"started":"TIME"}\n'
      .. '{"key":"k1","change":"' .. A .. '","at":"TIME","outcome":"begun"}\n'
      .. '{"key":"k1","change":"' .. A .. '","at":"TIME","outcome":"failed","kind":"rejected"}\n'
      .. '{"key":2,"at":"TIME","outcome":"begun"}\n', text)
  end)

  it("is for its user's eyes alone, whatever the umask", function()
    local path = new_path()
    os.remove(path)
    shell(([[umask 0; "$lua" %s %s]]):format(script [[
      assert(require "patchbay.bulk.journal".open((...), { job = "x" })):begin "k1"]], path))
    assert.equal("-rw-------", shell("ls -l " .. path):sub(1, 10))
  end)

  it("holds nothing of an item but its key and a digest", function()
    local path = new_path()
    local item = { number = "k1", password = "correct horse" }
    with(path, function(j) j:begin(item.number, journal.digest(item)) end)
    assert.is_nil(read(path):find("horse", 1, true))
  end)

  it("knows after a restart how every item ended", function()
    local path = new_path()
    with(path, function(j)
      for _, outcome in ipairs { "done", "failed", "unknown", "open" } do
        j:begin(outcome, A)
        j:finish(outcome, A, outcome)
      end
      j:begin("killed", A)
    end)
    with(path, function(j)
      assert.is_true(j.resumed)
      assert.equal("done", j:known("done", A))
      assert.equal("changed", j:known("done", B))
      assert.equal("changed", j:known("done"))
      assert.equal("failed", j:known("failed", A))
      assert.equal("open", j:known("open", A))
      assert.equal("unknown", j:known("unknown", A))
      assert.equal("unknown", j:known("killed", A))
      assert.is_nil(j:known("new", A))
    end)
  end)

  it("takes the last line of a key as what holds", function()
    local path = new_path()
    with(path, function(j)
      j:finish("k1", A, "failed")
      j:begin("k1", A)
    end)
    assert.equal("unknown", known(path, "k1", A))
    with(path, function(j)
      j:finish("k1", A, "done")
      assert.equal("done", j:known("k1", A))
      j:begin("k1", B)
      assert.equal("unknown", j:known("k1", A))
      j:finish("k1", B, "done")
    end)
    assert.equal("done", known(path, "k1", B))
    assert.equal("changed", known(path, "k1", A))
  end)

  it("knows an item without a digest by its key", function()
    local path = new_path()
    with(path, function(j) j:finish("k1", nil, "done") end)
    assert.equal("done", known(path, "k1"))
    assert.equal("changed", known(path, "k1", A))
  end)

  it("may be the file that mktemp made", function()
    local path = new_path()
    assert.equal("", read(path))
    assert.is_false(with(path, function(j) return j.resumed end))
  end)

  it("may be written with each line flushed to the disk", function()
    local path = new_path()
    with(path, function(j) j:finish("k1", A, "done") end, { sync = true })
    assert.equal("done", known(path, "k1", A))
  end)

  it("is not made before there is something to write, unless it is to be taken at once", function()
    local path = new_path()
    os.remove(path)
    assert(open(path)):close()
    assert.is_nil(read(path))
    local j = assert(open(path, { create = true }))
    assert.equal("", read(path))
    j:close()
    assert.is_nil(read(path))
    with(path, function(other) other:begin "k1" end, { create = true })
    assert.equal(2, count_lines(read(path)))
  end)

  it("keeps apart the items of one name by their place", function()
    local path = new_path()
    with(path, function(j)
      assert.same({ 1, 2, 1, 3 }, { j:place "k1", j:place "k1", j:place "k2", j:place "k1" })
      j:finish("k1", A, "done", nil, 1)
      j:finish("k1", B, "failed", nil, 2)
    end)
    with(path, function(j)
      assert.same({ "done", "done", "failed" },
        { j:known("k1", A), j:known("k1", A, 1), j:known("k1", B, 2) })
      assert.is_nil(j:known("k1", A, 3))
    end)
    assert.truthy(read(path):find('{"key":"k1","place":2,"change"', 1, true))
  end)

  it("says whose changes it has, and adds those of further accounts", function()
    local path = new_path()
    local one = { vendor = "telegent", address = "https://api.telegent.com", account = "0123456789abcdef" }
    local other = { vendor = "crazytel", address = "https://crazytel.io", account = "fedcba9876543210" }
    with(path, function(j)
      assert.is_false(j:has_accounts())
      j:begin("k1", A, 1, one)
      j:begin("k2", A, 1, other)
      j:finish("k1", A, "done", nil, 1, one)
    end)
    assert.equal(5, count_lines(read(path)))
    assert.truthy(read(path):find('^{"patchbay_journal":2,"job":"move","vendor":"telegent",'
      .. '"address":"https://api.telegent.com","account":"0123456789abcdef","first":"k1",'))
    with(path, function(j)
      assert.is_true(j:is_of(one) and j:is_of(other))
      local third = { vendor = one.vendor, address = one.address, account = "1111111111111111" }
      assert.is_false(j:is_of(third))
      assert.equal(path .. ": the journal of telegent at https://api.telegent.com, account 0123456789abcdef; "
        .. "this run uses telegent at https://api.telegent.com, account 1111111111111111; use the account "
        .. "that it was written with, or another file", j:refusal(third))
    end)
  end)

  it("is closed as often as one likes, and then takes nothing more", function()
    local j = assert(open(new_path()))
    j:close()
    j:close()
    local good, message = pcall(j.begin, j, "k1")
    assert.is_false(good)
    assert.matches(": the journal is closed$", message)
  end)

  it("raises mistakes of its caller at the caller's line", function()
    local j = assert(open(new_path()))
    local function raises(text, body)
      local good, message = pcall(body)
      assert.is_false(good)
      assert.matches("^spec/bulk/journal_spec.lua:%d+: ", (message:gsub("^.*/spec/", "spec/")))
      assert.equal(text, message:match ":%d+: (.*)")
    end
    raises("key of an item: expected a string or a number, got nil", function() j:begin(nil, A) end)
    raises("key of an item: expected a finite number, got inf", function() j:known(math.huge) end)
    raises("key of an item: 5000 bytes are more than 4096; use a shorter name", function()
      j:begin(("k"):rep(5000))
    end)
    raises("change: expected what digest() gives, got xyz", function() j:begin("k1", "xyz") end)
    raises('outcome: expected "done", "failed", "unknown" or "open", got begun', function()
      j:finish("k1", A, "begun")
    end)
    raises("kind: expected a string, got table", function() j:finish("k1", A, "failed", {}) end)
    raises("job: expected a string, got nil", function()
      return (journal.open(new_path(), {}))
    end)
    raises("job: expected a string, got number", function()
      return (journal.open(new_path(), { job = 7 }))
    end)
    j:close()
  end)
end)

describe("a key of a journal", function()
  it("may be a string or a number, which are never the same key", function()
    local path = new_path()
    with(path, function(j)
      j:finish("1", A, "done")
      j:finish(2, A, "done")
      j:finish(0.5, A, "done")
    end)
    assert.equal("done", known(path, "1", A))
    assert.equal("nothing", known(path, 1, A))
    assert.equal("done", known(path, 2, A))
    assert.equal("done", known(path, 2.0, A))
    assert.equal("nothing", known(path, "2", A))
    assert.equal("done", known(path, 0.5, A))
  end)

  it("may be any bytes", function()
    local path = new_path()
    local keys = { "", " ", '"', "\\", "\n", "a\nb", "\0", "é", "\255", "\195", "ff", '{"hex":"ff"}',
      ',"change":"', ("\255"):rep(4096), ("\1"):rep(4096) }
    for i = 1, #keys do with(path, function(j) j:finish(keys[i], journal.digest(i), "done") end) end
    with(path, function(j)
      for i = 1, #keys do assert.equal("done", j:known(keys[i], journal.digest(i)), i) end
    end)
    assert.equal(#keys + 1, count_lines(read(path)))
  end)

  it("that is not UTF-8 is written as its bytes in hexadecimal", function()
    local path = new_path()
    with(path, function(j) j:begin("M\252ller") end)
    assert.is_truthy(read(path):find('{"key":{"hex":"4dfc6c6c6572"},', 1, true))
  end)
end)
