-- The addresses of stores.

local address = require "patchbay.shared.address"
local patchbay = require "patchbay"

local function parsed(text)
  local made = assert(address.parse(text))
  return { made.host or made.path, made.port or "-", made.tls or false, made.user or "-", made.password
    or "-",
    made.database, made.shown }
end

describe("the address of a store", function()
  it("names a host, and may name credentials, a port and a database", function()
    assert.same({ "127.0.0.1", 6379, false, "-", "-", 0, "redis://127.0.0.1:6379" },
      parsed "redis://127.0.0.1")
    assert.same({ "store.example", 7000, false, "me", "p@ss:w/rd", 3, "redis://store.example:7000/3" },
      parsed "redis://me:p%40ss:w%2Frd@store.example:7000/3")
    assert.same({ "::1", 6379, true, "-", "secret", 0, "rediss://[::1]:6379" },
      parsed "rediss://:secret@[::1]/")
    assert.same({ "h", 6379, true, "-", "s", 0, "rediss://h:6379" },
      parsed "rediss://s@h?ca_file=/etc/ca.pem")
    assert.equal("/etc/ca.pem", address.parse "rediss://h?ca_file=/etc/ca.pem".ca_file)
    assert.same({ "/run/redis.sock", "-", false, "-", "-", 2, "unix:///run/redis.sock" },
      parsed "unix:///run/redis.sock?db=2")
    assert.same({ "/run/r.sock", "-", false, "me", "pw", 0, "unix:///run/r.sock" },
      parsed "unix://me:pw@/run/r.sock")
  end)

  it("is refused where it is none, and never quoted", function()
    for _, text in ipairs { "redis://", "redis://:very-secret@", "http://very-secret@h",
      "redis://h/very-secret",
      "redis://very-secret@h:0", "redis://very-secret@h:70000", "redis://me:@h", "unix://very-secret",
        "redis://h?x=1",
      "redis://h very-secret", "redis://h?ca_file=/x", "unix:///s?very-secret", "redis://h/99999999999" } do
      local made, problem = address.parse(text)
      assert.is_nil(made, text)
      assert.is_nil(problem:find "very%-secret", problem)
    end
  end)

  it("never shows its password in a client, its errors and its reports", function()
    local given = { account_key = "DID-1", account_secret = "s",
      shared = "redis://me:very-secret@127.0.0.1:1" }
    local client = patchbay.telegent(given)
    assert.is_nil(tostring(client):find "very%-secret")
    given.shared = "redis://me:very-secret@127.0.0.1:1/x"
    local ok, problem = pcall(patchbay.telegent, given)
    assert.is_false(ok)
    assert.is_nil(problem:find "very%-secret", problem)
    assert.truthy(problem:find("telegent: option shared: the address names no database", 1, true), problem)
  end)

  it("is the address of the each option, too, and comes with the name of the run", function()
    local function mistake(options)
      return (select(2, pcall(patchbay.each, {}, options, function() end)):gsub("^.-: ", ""))
    end
    assert.truthy(mistake { shared = "redis://h" }:find("give the option run", 1, true))
    assert.truthy(mistake { run = "x" }:find("the address of a store", 1, true) or mistake { run = "x" })
    assert.truthy(mistake { shared = "redis://h", run = "x", journal = "y" }:find("leave out the option "
      .. "journal", 1,
      true))
    assert.truthy(mistake { shared = "h", run = "x" }:find("expected the address of a store", 1, true))
  end)
end)
