-- Called by nginx.conf. The webhooks accept
--
--   POST /trunk-down          X-Webhook-Secret: <the environment's WEBHOOK_SECRET>
--   {"route":"CRID-…","trunk":1}
--
-- which disables that trunk of the voice route, prefers the other, and plans again to see that nothing is
-- left; and the same at /trunk-up, which puts back what /trunk-down has changed. Both respond with the
-- changes. nginx does not block meanwhile: requests to the vendor wait in its threads, and the undo plan is
-- kept in its memory. Telegent's credentials are in the environment: TELEGENT_ACCOUNT_KEY and _SECRET.

local patchbay = require "patchbay"

local failover = {}

-- For this many seconds after a trunk was reported down, there is no failover to it.
local DOWN = 300
local OTHER = { 2, 1 }

local telegent, secret, key

--- Reads the environment and creates the client. If something is missing, it raises, and nginx does not
-- start.
function failover.start()
  secret = os.getenv "WEBHOOK_SECRET"
  if not secret or #secret < 16 then error("WEBHOOK_SECRET: at least 16 characters are needed", 0) end
  local random = assert(io.open("/dev/urandom", "rb"))
  key = random:read(20)
  random:close()
  -- A caller waits, so the timeouts are short.
  telegent = patchbay.telegent {
    base_url = os.getenv "PATCHBAY_BASE_URL", shared = "patchbay", metrics = true,
    timeout = 5, connect_timeout = 2, deadline = 15,
  }
  return failover
end

-- Takes the same time for every text, because it compares digests that nobody can predict.
local function is_secret(text)
  return ngx.hmac_sha1(key, text) == ngx.hmac_sha1(key, secret)
end

local function answer(status, body)
  ngx.status = status
  ngx.header["Content-Type"] = "application/json"
  ngx.say(patchbay.json.encode(body))
end

local function refuse(status, text) return answer(status, { error = text }) end

-- Responds with an error of Patchbay. 504 means that the outcome of the change is unknown.
local function failed(err)
  ngx.log(ngx.ERR, tostring(err))
  ngx.shared.failover:incr("failed", 1, 0)
  answer(err.outcome == "unknown" and 504 or err.kind == "not_found" and 404 or 502,
    { error = tostring(err), kind = err.kind, outcome = err.outcome })
end

-- The event of a request; or nil, the status of the response and the problem.
local function read_event()
  if ngx.req.get_method() ~= "POST" then
    ngx.header["Allow"] = "POST"
    return nil, 405, "expected POST"
  end
  if not is_secret(ngx.var.http_x_webhook_secret or "") then
    return nil, 401, "X-Webhook-Secret is missing or wrong"
  end
  ngx.req.read_body()
  local event = patchbay.json.decode(ngx.req.get_body_data() or "")
  if type(event) ~= "table" then return nil, 400, "expected a JSON object" end
  if type(event.route) ~= "string" or not event.route:find "^CRID%-[%w-]+$" then
    return nil, 400, "route: expected a CallRouteId, CRID-…"
  end
  if not OTHER[event.trunk] then return nil, 400, "trunk: expected 1 or 2" end
  return event
end

-- Where the undo plan of a route is kept: in the memory that nginx's workers share.
local function undo_of(route)
  local name, dict = "undo " .. route, ngx.shared.failover
  return {
    read = function() return dict:get(name) or "" end,
    append = function(_, text) return dict:safe_set(name, (dict:get(name) or "") .. text) end,
    replace = function(_, text) return dict:safe_set(name, text) end,
    forget = function() dict:delete(name) end,
  }
end

-- The changes of a plan for one route, as the responses have them.
local function changes_of(plan)
  local changes = patchbay.array {}
  for _, field in ipairs(plan.changes[1] and plan.changes[1].fields or {}) do
    changes[#changes + 1] = { field = field.field, from = field.from, to = field.to }
  end
  return changes
end

function failover.trunk_down()
  local event, status, why = read_event()
  if not event then return refuse(status, why) end
  local down, up = event.trunk, OTHER[event.trunk]
  local reported = ngx.shared.failover
  reported:set(event.route .. " " .. down, true, DOWN)
  if reported:get(event.route .. " " .. up) then
    return refuse(409, ("trunk %d was reported down as well; nothing is changed"):format(up))
  end

  local route, err = telegent.voice_routes:get(event.route)
  if not route then return failed(err) end
  if (route["TrunkIp" .. up] or "") == "" then
    return refuse(409, ("the route has no trunk %d"):format(up))
  end
  -- Calls fail meanwhile: it does not count the numbers that use the route.
  local function plan_failover()
    return patchbay.plan({ telegent = telegent }, { ["telegent.voice_routes"] = { [event.route] = {
      -- The lower priority is preferred. The vendor spells the field like this.
      ["TrunkEnabled" .. down] = false, ["TrunkEnabled" .. up] = true,
      [("Trunk%dPriortiy"):format(down)] = 2, [("Trunk%dPriortiy"):format(up)] = 1,
    } } }, { undo = undo_of(event.route), blast = false })
  end
  local plan
  plan, err = plan_failover()
  if not plan then return failed(err) end
  if plan.empty then return answer(200, { route = event.route, changes = changes_of(plan) }) end

  local report
  report, err = plan:apply()
  if not report then return failed(err) end
  local problem = report.failures[1] and report.failures[1].err
  if problem and problem.outcome ~= "unknown" then return failed(problem) end
  -- The change was accepted, or may have been: in both cases, look at what is left of it.
  local left
  left, err = plan_failover()
  if not left then return failed(problem or err) end
  reported:incr("done", 1, 0)
  answer(left.empty and 200 or 502, { route = event.route, changes = changes_of(plan),
    left = not left.empty and changes_of(left) or nil })
end

function failover.trunk_up()
  local event, status, why = read_event()
  if not event then return refuse(status, why) end
  ngx.shared.failover:delete(event.route .. " " .. event.trunk)
  local undo = undo_of(event.route)
  if undo.read() == "" then return answer(200, { route = event.route, changes = patchbay.array {} }) end
  local plan, err = patchbay.plan.load(undo, { telegent = telegent }, { undo = false })
  if not plan then return failed(err) end
  -- This compares the route with the plan first: a field that somebody has changed since is left alone.
  local report
  report, err = plan:apply()
  if not report then return failed(err) end
  if not report.complete then return failed(report.failures[1].err) end
  undo.forget()
  ngx.shared.failover:incr("done", 1, 0)
  answer(200, { route = event.route, changes = changes_of(plan) })
end

--- Responds at once, whatever the vendor does.
function failover.health()
  local counts = ngx.shared.failover
  answer(200, { status = "ok", done = counts:get "done" or 0, failed = counts:get "failed" or 0 })
end

--- The counts and latencies of the calls to the vendor, from all workers, for Prometheus.
function failover.metrics()
  ngx.header["Content-Type"] = "text/plain; version=0.0.4; charset=utf-8"
  ngx.print(patchbay.metrics_text())
end

return failover
