rockspec_format = "3.0"
package = "patchbay"
version = "dev-1"

-- For `luarocks make` in a checkout, which does not look at it; bin/rockspec --release names a repository.
source = {
  url = "git+file://.",
}

description = {
  summary = "Telephony APIs as Lua tables: the keys you assign become the partial update",
  detailed = [[
Shows the voice routes, phone numbers and SIP trunks of telephony vendors as Lua tables. The keys a
script assigns become the partial update; nothing else is sent, nothing else is touched. HTTP, JSON
and validation are in C on libcurl.]],
  license = "MIT",
  labels = { "telephony", "sip", "http", "rest" },
}

dependencies = {
  "lua >= 5.1",
  "lua-cjson >= 2.1.0",
}

test_dependencies = {
  "busted",
  "dkjson",
}

-- libcurl is asked for by src/curl_include.h, which names the package to install: LuaRocks' own
-- check does not look into the folders where Debian keeps curl/curl.h.
build = {
  type = "builtin",
  modules = {
    ["patchbay.core"] = {
      defines = { "_POSIX_C_SOURCE=200809L" },
      libraries = { "curl", "m" },
      sources = {
        -- the tree's sources
        "src/append_file.c",
        "src/buffer.c",
        "src/codepoint.c",
        "src/core.c",
        "src/datetime.c",
        "src/entropy.c",
        "src/format.c",
        "src/format_address.c",
        "src/format_hint.c",
        "src/format_uri.c",
        "src/http_error.c",
        "src/http_headers.c",
        "src/http_pool.c",
        "src/http_sockets.c",
        "src/http_transfer.c",
        "src/json_find.c",
        "src/json_number.c",
        "src/json_reader.c",
        "src/json_writer.c",
        "src/lua_assign.c",
        "src/lua_buffer.c",
        "src/lua_changes.c",
        "src/lua_check.c",
        "src/lua_commit.c",
        "src/lua_description.c",
        "src/lua_http.c",
        "src/lua_http_headers.c",
        "src/lua_http_transfer.c",
        "src/lua_journal.c",
        "src/lua_json.c",
        "src/lua_json_decode.c",
        "src/lua_json_encode.c",
        "src/lua_node.c",
        "src/lua_number.c",
        "src/lua_payload.c",
        "src/lua_plain.c",
        "src/lua_read.c",
        "src/lua_record.c",
        "src/lua_schema.c",
        "src/lua_settle.c",
        "src/lua_system.c",
        "src/lua_text.c",
        "src/lua_view.c",
        "src/lua_wire.c",
        "src/lua_wrong.c",
        "src/memory.c",
        "src/pattern.c",
        "src/pattern_class.c",
        "src/pattern_match.c",
        "src/retry.c",
        "src/schema.c",
        "src/sha256.c",
        "src/show.c",
        "src/suggest.c",
        "src/utf8.c",
        -- end of sources
      },
    },
    -- the tree's modules
    ["patchbay.addresses"] = "lua/patchbay/addresses.lua",
    ["patchbay.any_call"] = "lua/patchbay/any_call.lua",
    ["patchbay.apis.convirza"] = "lua/patchbay/apis/convirza.lua",
    ["patchbay.apis.crazytel"] = "lua/patchbay/apis/crazytel.lua",
    ["patchbay.apis.telegent"] = "lua/patchbay/apis/telegent.lua",
    ["patchbay.auth.header"] = "lua/patchbay/auth/header.lua",
    ["patchbay.auth"] = "lua/patchbay/auth/init.lua",
    ["patchbay.auth.login"] = "lua/patchbay/auth/login.lua",
    ["patchbay.call_options"] = "lua/patchbay/call_options.lua",
    ["patchbay.change"] = "lua/patchbay/change.lua",
    ["patchbay.client"] = "lua/patchbay/client.lua",
    ["patchbay.collection"] = "lua/patchbay/collection.lua",
    ["patchbay.comparison"] = "lua/patchbay/comparison.lua",
    ["patchbay.csv"] = "lua/patchbay/csv.lua",
    ["patchbay.describe"] = "lua/patchbay/describe/init.lua",
    ["patchbay.describe.text"] = "lua/patchbay/describe/text.lua",
    ["patchbay.describe.wording"] = "lua/patchbay/describe/wording.lua",
    ["patchbay.differences"] = "lua/patchbay/differences.lua",
    ["patchbay.digest"] = "lua/patchbay/digest.lua",
    ["patchbay.each"] = "lua/patchbay/each.lua",
    ["patchbay.errors"] = "lua/patchbay/errors.lua",
    ["patchbay.escapes"] = "lua/patchbay/escapes.lua",
    ["patchbay.exchange"] = "lua/patchbay/exchange.lua",
    ["patchbay.failures"] = "lua/patchbay/failures.lua",
    ["patchbay.hosts.given"] = "lua/patchbay/hosts/given.lua",
    ["patchbay.hosts.haproxy"] = "lua/patchbay/hosts/haproxy.lua",
    ["patchbay.hosts.haproxy.place"] = "lua/patchbay/hosts/haproxy/place.lua",
    ["patchbay.hosts.haproxy.tasks"] = "lua/patchbay/hosts/haproxy/tasks.lua",
    ["patchbay.hosts.haproxy.wire"] = "lua/patchbay/hosts/haproxy/wire.lua",
    ["patchbay.hosts.nginx"] = "lua/patchbay/hosts/nginx.lua",
    ["patchbay.hosts.nginx.flights"] = "lua/patchbay/hosts/nginx/flights.lua",
    ["patchbay.hosts.nginx.phase"] = "lua/patchbay/hosts/nginx/phase.lua",
    ["patchbay.hosts.nginx.resty_http"] = "lua/patchbay/hosts/nginx/resty_http.lua",
    ["patchbay.hosts.nginx.shared"] = "lua/patchbay/hosts/nginx/shared.lua",
    ["patchbay.hosts.nginx.shared_pace"] = "lua/patchbay/hosts/nginx/shared_pace.lua",
    ["patchbay.hosts.nginx.states"] = "lua/patchbay/hosts/nginx/states.lua",
    ["patchbay.hosts.nginx.tasks"] = "lua/patchbay/hosts/nginx/tasks.lua",
    ["patchbay.hosts.nginx.threads"] = "lua/patchbay/hosts/nginx/threads.lua",
    ["patchbay.hosts.nginx.worker"] = "lua/patchbay/hosts/nginx/worker.lua",
    ["patchbay.hosts.standard"] = "lua/patchbay/hosts/standard.lua",
    ["patchbay"] = "lua/patchbay/init.lua",
    ["patchbay.journal"] = "lua/patchbay/journal.lua",
    ["patchbay.listing"] = "lua/patchbay/listing.lua",
    ["patchbay.lookups"] = "lua/patchbay/lookups.lua",
    ["patchbay.metrics"] = "lua/patchbay/metrics.lua",
    ["patchbay.options"] = "lua/patchbay/options.lua",
    ["patchbay.pace"] = "lua/patchbay/pace.lua",
    ["patchbay.patience"] = "lua/patchbay/patience.lua",
    ["patchbay.progress"] = "lua/patchbay/progress.lua",
    ["patchbay.record"] = "lua/patchbay/record.lua",
    ["patchbay.redact"] = "lua/patchbay/redact.lua",
    ["patchbay.replace"] = "lua/patchbay/replace.lua",
    ["patchbay.report"] = "lua/patchbay/report.lua",
    ["patchbay.resource"] = "lua/patchbay/resource.lua",
    ["patchbay.retry"] = "lua/patchbay/retry.lua",
    ["patchbay.sandbox.account"] = "lua/patchbay/sandbox/account.lua",
    ["patchbay.sandbox.check"] = "lua/patchbay/sandbox/check.lua",
    ["patchbay.sandbox.control"] = "lua/patchbay/sandbox/control.lua",
    ["patchbay.sandbox.convirza.auth"] = "lua/patchbay/sandbox/convirza/auth.lua",
    ["patchbay.sandbox.convirza"] = "lua/patchbay/sandbox/convirza/init.lua",
    ["patchbay.sandbox.convirza.routes"] = "lua/patchbay/sandbox/convirza/routes.lua",
    ["patchbay.sandbox.convirza.schema"] = "lua/patchbay/sandbox/convirza/schema.lua",
    ["patchbay.sandbox.convirza.seeds"] = "lua/patchbay/sandbox/convirza/seeds.lua",
    ["patchbay.sandbox.crazytel"] = "lua/patchbay/sandbox/crazytel/init.lua",
    ["patchbay.sandbox.crazytel.numbers"] = "lua/patchbay/sandbox/crazytel/numbers.lua",
    ["patchbay.sandbox.crazytel.portal"] = "lua/patchbay/sandbox/crazytel/portal.lua",
    ["patchbay.sandbox.crazytel.schema"] = "lua/patchbay/sandbox/crazytel/schema.lua",
    ["patchbay.sandbox.crazytel.seeds"] = "lua/patchbay/sandbox/crazytel/seeds.lua",
    ["patchbay.sandbox.crazytel.shapes"] = "lua/patchbay/sandbox/crazytel/shapes.lua",
    ["patchbay.sandbox.crazytel.trunks"] = "lua/patchbay/sandbox/crazytel/trunks.lua",
    ["patchbay.sandbox.engine"] = "lua/patchbay/sandbox/engine.lua",
    ["patchbay.sandbox.errors"] = "lua/patchbay/sandbox/errors.lua",
    ["patchbay.sandbox.faults"] = "lua/patchbay/sandbox/faults.lua",
    ["patchbay.sandbox.fields"] = "lua/patchbay/sandbox/fields.lua",
    ["patchbay.sandbox.http"] = "lua/patchbay/sandbox/http.lua",
    ["patchbay.sandbox"] = "lua/patchbay/sandbox/init.lua",
    ["patchbay.sandbox.json"] = "lua/patchbay/sandbox/json.lua",
    ["patchbay.sandbox.options"] = "lua/patchbay/sandbox/options.lua",
    ["patchbay.sandbox.random"] = "lua/patchbay/sandbox/random.lua",
    ["patchbay.sandbox.router"] = "lua/patchbay/sandbox/router.lua",
    ["patchbay.sandbox.server"] = "lua/patchbay/sandbox/server.lua",
    ["patchbay.sandbox.store"] = "lua/patchbay/sandbox/store.lua",
    ["patchbay.sandbox.telegent.auth"] = "lua/patchbay/sandbox/telegent/auth.lua",
    ["patchbay.sandbox.telegent.dates"] = "lua/patchbay/sandbox/telegent/dates.lua",
    ["patchbay.sandbox.telegent.errors"] = "lua/patchbay/sandbox/telegent/errors.lua",
    ["patchbay.sandbox.telegent"] = "lua/patchbay/sandbox/telegent/init.lua",
    ["patchbay.sandbox.telegent.messages"] = "lua/patchbay/sandbox/telegent/messages.lua",
    ["patchbay.sandbox.telegent.numbers"] = "lua/patchbay/sandbox/telegent/numbers.lua",
    ["patchbay.sandbox.telegent.routes"] = "lua/patchbay/sandbox/telegent/routes.lua",
    ["patchbay.sandbox.telegent.schema"] = "lua/patchbay/sandbox/telegent/schema.lua",
    ["patchbay.sandbox.telegent.seeds"] = "lua/patchbay/sandbox/telegent/seeds.lua",
    ["patchbay.sandbox.telegent.voice"] = "lua/patchbay/sandbox/telegent/voice.lua",
    ["patchbay.sandbox.vendors"] = "lua/patchbay/sandbox/vendors.lua",
    ["patchbay.sandbox.window"] = "lua/patchbay/sandbox/window.lua",
    ["patchbay.scheduler"] = "lua/patchbay/scheduler.lua",
    ["patchbay.surroundings"] = "lua/patchbay/surroundings.lua",
    ["patchbay.url"] = "lua/patchbay/url.lua",
    ["patchbay.watch"] = "lua/patchbay/watch.lua",
    ["patchbay.yieldable"] = "lua/patchbay/yieldable.lua",
    -- end of modules
  },
  install = {
    bin = {
      -- the tree's programs
      "bin/patchbay-sandbox",
      -- end of programs
    },
  },
  -- What editors are told: the language server's workspace.library is given this folder.
  copy_directories = { "types" },
}

-- The programs are shell scripts; LuaRocks would take them for Lua and wrap them.
deploy = {
  wrap_bin_scripts = false,
}

test = {
  type = "command",
  script = "spec/support/luarocks.lua",
}
