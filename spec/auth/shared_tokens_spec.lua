-- Tokens that several processes of one machine share, each of which is played by a client of its own here;
-- what lies between them is a table.

local account = require "spec.support.convirza_login"
local scripted = require "spec.support.scripted"
local hosts = require "patchbay.hosts"

local new, sent, update = account.new, account.sent, account.update
local DAY = account.DAY

describe("tokens that processes share", function()
  local kept, before, identities

  before_each(function()
    kept, before, identities = {}, {}, {}
    for _, name in ipairs { "share", "problem_of", "name" } do before[name] = hosts[name] or false end
    hosts.problem_of, hosts.name = function() end, "nginx"
    hosts.share = function(_, identity)
      identities[#identities + 1] = identity
      local shared = {}
      function shared:get(name) return kept[identity .. name] end
      function shared:put(name, text, seconds) kept[identity .. name], kept.seconds = text, seconds end
      function shared:alone(_, work) return work(0) end
      return shared
    end
  end)

  after_each(function()
    for name, value in pairs(before) do hosts[name] = value or nil end
  end)

  local function make(on, options)
    local given = account.with_account { shared = "patchbay" }
    for name, value in pairs(options or {}) do given[name] = value end
    return new(given, on)
  end

  it("are obtained by one client and used by the others", function()
    local first, first_sent = make()
    local second, second_sent = make()
    assert(update(first))
    assert(update(second))
    assert.same({ "login", "call access-login1" }, sent(first_sent))
    assert.same({ "call access-login1" }, sent(second_sent))
    assert.equal(identities[1], identities[2])
    assert.truthy(kept.seconds > 6 * DAY and kept.seconds < 7 * DAY, kept.seconds)
  end)

  it("are refreshed by one, and taken by the others", function()
    local first, first_sent = make()
    local second, second_sent = make()
    assert(update(first))
    assert(update(second))
    first_sent.time, second_sent.time = scripted.NOON + 8 * DAY, scripted.NOON + 8 * DAY
    assert(update(first))
    -- The scripted vendor's new token has expired on arrival, which makes no sense: it is used all the same.
    assert(update(second))
    assert.same({ "login", "call access-login1", "refresh refresh-login1", "call access-refresh2" },
      sent(first_sent))
    assert.same({ "call access-login1", "call access-refresh2" }, sent(second_sent))
  end)

  it("that the vendor refuses are not taken again", function()
    local first = make()
    assert(update(first))
    local second, second_sent = make { call = account.refuse_token "access-login1" }
    second_sent.time = scripted.NOON + 61
    assert(update(second))
    assert.same({ "call access-login1", "refresh refresh-login1", "call access-refresh1" }, sent(second_sent))
    -- The first client gets the renewed token too, once its own is refused.
    local third, third_sent = make()
    assert(update(third))
    assert.same({ "call access-refresh1" }, sent(third_sent))
  end)

  it("and are new start no login where they are refused, whichever client obtained them", function()
    local first = make()
    assert(update(first))
    local second, second_sent = make { call = account.refuse(401) }
    second_sent.time = scripted.NOON + 30
    assert.is_nil((update(second)))
    assert.same({ "call access-login1" }, sent(second_sent))
  end)

  it("are not those of another account, or of another address", function()
    local first = make()
    assert(update(first))
    for _, options in ipairs { { email = "they@example.com" }, { base_url = "https://other.example" },
      { password = "other" } } do
      local other, other_sent = make(nil, options)
      assert(update(other))
      assert.equal("login", sent(other_sent)[1])
    end
  end)

  it("are no matter of a client that nothing identifies", function()
    assert.equal("convirza: option shared: without credentials nothing tells which account it is for; give "
      .. "the account's own, or leave shared out",
      account.mistake { shared = "patchbay", tokens = account.tokens "stored" })
  end)
end)
