-- A machine that is cut off from the store, while another is not: network namespaces, which need root and
-- Linux. And TLS, which nginx has everywhere.

local machines = require "spec.support.machines"
local nginx_host = require "spec.support.nginx_host"
local redis = require "spec.support.redis"
local server = require "spec.support.server"
local system = require "spec.support.system"
local vendor = require "spec.support.vendor"

local RATE, WINDOW = 10, 1

-- Prints the times at which it sends, by the clock that all processes of a machine have in common.
local SCRIPT = [[
  io.stdout:setvbuf "line"
  local url, rate, seconds = ...
  local addresses = require "patchbay.shared.address"
  local clock = require("patchbay.core").system.clock
  local host = require("patchbay.hosts").time
  local store = assert(require("patchbay.shared.store").new(addresses.parse(url), "test",
    "it goes on with its share"))
  local pace = require("patchbay.shared.pace").new(store, "patchbay:1:{test}:", host, tonumber(rate), 1, 0.5)
  local stop = clock() + tonumber(seconds)
  while clock() < stop do
    local ticket = assert(pace:wait(math.huge))
    print(("%.6f %s"):format(clock(), ticket.alone and "alone" or "shared"))
    pace:finished(ticket)
  end
]]

describe("a machine that is cut off #slow", function()
  local name = ("pb%d"):format(math.random(1, 9999))
  local net = ("10.%d.%d."):format(math.random(100, 250), math.random(0, 250))

  local function ip(words) return select(3, system.run("ip " .. words)) == 0 end

  local function clean()
    ip("netns del " .. name)
    ip("link del " .. name .. "a")
  end

  after_each(function()
    machines.stop_all()
    redis.stop_all()
    clean()
  end)

  local function connect()
    return ip("netns add " .. name) and ip(("link add %sa type veth peer name %sb netns %s"):format(name,
      name, name))
      and ip(("addr add %s1/24 dev %sa"):format(net, name)) and ip(("link set %sa up"):format(name))
      and ip(("-n %s addr add %s2/24 dev %sb"):format(name, net, name))
        and ip(("-n %s link set %sb up"):format(name, name))
  end

  redis.on_one_lua(it)("goes on with its share, which the others leave to it, and comes back", function()
    if not connect() then return pending "needs network namespaces" end
    local store = redis.start("--protected-mode no --bind 127.0.0.1 " .. net .. "1")
    local near = machines.start(SCRIPT, store.url, RATE, 16)
    machines.before = "ip netns exec " .. name
    local far = machines.start(SCRIPT, ("redis://%s1:%d"):format(net, store.port), RATE, 16)
    machines.before = nil
    far:says "shared\n.-shared\n"
    near:says "shared\n.-shared\n"
    ip(("link set %sa down"):format(name))
    far:says "alone\n.-alone\n.-alone\n"
    ip(("link set %sa up"):format(name))
    far:says "is back after"
    local times = {}
    for _, machine in ipairs { near, far } do
      local said, status = machine:finish()
      assert.equal(0, status, said)
      for time in said:gmatch "([%d.]+) %a+\n" do times[#times + 1] = tonumber(time) end
    end
    assert.truthy(far:output():find "alone.-shared", far:output())
    table.sort(times)
    local most, first = 0, 1
    for last = 1, #times do
      while times[last] - times[first] >= WINDOW - 0.005 do first = first + 1 end
      most = math.max(most, last - first + 1)
    end
    assert.is_true(most <= RATE, most .. " in a window")
  end)
end)

describe("a store behind TLS #slow", function()
  after_each(function()
    redis.stop_all()
    server.stop_all()
  end)

  redis.on_one_lua(it)("is reached within nginx, where its certificate is verified", function()
    if not nginx_host.available() then return pending(nginx_host.NEEDS) end
    local folder = system.line "mktemp -d"
    system.run(("cd %s && openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 "
      .. "-subj /CN=127.0.0.1 -addext subjectAltName=DNS:127.0.0.1"):format(folder))
    local port = math.random(15000, 32000)
    local store = redis.start(("--tls-port %d --tls-cert-file %s/cert.pem --tls-key-file %s/key.pem "
      .. "--tls-auth-clients no --tls-ca-cert-file %s/cert.pem"):format(port, folder, folder, folder))
    assert.truthy(store.pid)
    local v = vendor.start()
    for trusted, expected in pairs { [folder .. "/cert.pem"] = "done",
      ["/etc/ssl/certs/ca-certificates.crt"] =
        "certificate" } do
      local host = nginx_host.start { vendor = v,
        client = ('shared = "rediss://127.0.0.1:%d", shared_required = true, rate = "50/s"'):format(port),
        http = (' lua_ssl_trusted_certificate %s; lua_ssl_verify_depth 2;'):format(trusted),
        locations = { ["/update"] = "local ok, err = update() ngx.say(ok and 'done' or tostring(err))" } }
      local said = host:get "/update"
      assert.truthy(said:find(expected, 1, true), said .. host:log())
      host:stop()
    end
    system.run("rm -rf " .. folder)
  end)
end)
